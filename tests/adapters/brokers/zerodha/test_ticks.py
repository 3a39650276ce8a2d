"""The tick book: what is wanted is held, the newest counts, and nothing old looks fresh."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.brokers.zerodha.frames import Tick, parse_frame
from adapters.brokers.zerodha.ticks import TickBook
from domain.contract import Side
from domain.quote import Quote
from domain.risk import mark
from tests.adapters.brokers.zerodha.packing import Step, framed, full, index, ltp

unhurried = settings(deadline=None)

CALL, PUT, SPOT = "NFO:NIFTY2680424500CE", "NFO:NIFTY2680424500PE", "NSE:NIFTY 50"
TOKENS = {CALL: 0x00AB02, PUT: 0x00AC02, SPOT: 256265}
AT = datetime(2026, 8, 3, 3, 50, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
EMPTY: Step = (0, 0, 0)


def option(
    last: int = 12345,
    at: datetime = AT,
    traded_at: datetime | None = None,
    token: int = TOKENS[CALL],
) -> Tick:
    """A call at 123.40 – 123.55."""
    traded = int((traded_at or at).timestamp())
    bids, asks = [(75, 12340, 3), *[EMPTY] * 4], [(150, 12355, 1), *[EMPTY] * 4]
    packet = full(token, last, at=int(at.timestamp()), traded_at=traded, bids=bids, asks=asks)
    (tick,) = parse_frame(framed([packet]))
    return tick


def book() -> TickBook:
    made = TickBook()
    made.want(TOKENS)
    return made


def test_a_tick_shows_touch_last_price_and_interest_as_of_the_exchanges_time() -> None:
    ticks = book()

    ticks.put(option(), AT + SECOND)

    assert ticks.quote(CALL) == Quote(
        at=AT, last=Decimal("123.45"), bid=Decimal("123.4"), ask=Decimal("123.55"),
        bid_qty=75, ask_qty=150, oi=0,
    )  # fmt: skip
    assert ticks.age(CALL, AT + 3 * SECOND) == 3 * SECOND
    assert ticks.heard_at == AT + SECOND


def test_a_tick_that_was_long_on_its_way_is_as_old_as_the_exchange_says() -> None:
    ticks = book()

    ticks.put(option(), AT + 30 * SECOND)

    quote = ticks.quote(CALL)
    assert quote is not None
    assert not quote.fresh(AT + 30 * SECOND)


def test_an_exchange_whose_clock_is_ahead_makes_no_tick_fresh_for_longer() -> None:
    ticks = book()

    ticks.put(option(at=AT + 60 * SECOND), AT)
    kept = ticks.put(option(last=12400, at=AT + SECOND), AT + SECOND)

    assert kept
    assert ticks.age(CALL, AT + SECOND) == 0 * SECOND


def test_an_older_tick_changes_nothing() -> None:
    ticks = book()
    ticks.put(option(), AT + SECOND)

    kept = ticks.put(option(last=100, at=AT - SECOND), AT + 2 * SECOND)

    assert not kept
    held = ticks.tick(CALL)
    assert held is not None
    assert held.last == Decimal("123.45")


def test_of_two_ticks_of_the_same_second_the_later_counts() -> None:
    ticks = book()
    ticks.put(option(), AT)

    assert ticks.put(option(last=12400), AT)


def test_a_tick_without_the_exchanges_time_shows_nothing_for_it_may_be_hours_old() -> None:
    ticks = book()
    (undated,) = parse_frame(framed([ltp(TOKENS[CALL], 12345)]))

    assert not ticks.put(undated, AT)
    assert ticks.quote(CALL) is None


def test_a_last_price_of_an_hour_ago_does_not_hide_behind_a_fresh_touch() -> None:
    ticks = book()

    ticks.put(option(traded_at=AT - timedelta(hours=1)), AT)

    quote = ticks.quote(CALL)
    assert quote is not None
    assert (quote.last, quote.ask) == (None, Decimal("123.55"))


def test_a_last_price_grows_old_before_its_touch_does() -> None:
    ticks = book()

    ticks.put(option(traded_at=AT - 4 * SECOND), AT)

    now = AT + 2 * SECOND
    early, late = ticks.quote(CALL, AT), ticks.quote(CALL, now)
    assert early is not None
    assert early.last == Decimal("123.45")
    assert late is not None
    assert late.last is None
    assert late.fresh(now)


def test_an_index_is_as_old_as_its_tick_for_it_has_no_trades() -> None:
    ticks = book()
    packet = index(TOKENS[SPOT], 2450055, (0, 0, 0, 0), at=int(AT.timestamp()))

    ticks.put(parse_frame(framed([packet]))[0], AT)

    assert ticks.quote(SPOT, AT + SECOND) == Quote(at=AT, last=Decimal("24500.55"))


def test_an_empty_side_has_no_touch() -> None:
    ticks = book()
    packet = full(TOKENS[CALL], 0, at=int(AT.timestamp()), asks=[EMPTY, (75, 50, 1), *[EMPTY] * 3])

    ticks.put(parse_frame(framed([packet]))[0], AT)

    assert ticks.quote(CALL) == Quote(at=AT, ask=Decimal("0.5"), ask_qty=75, oi=0)


@unhurried
@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 40))
def test_no_decision_rests_on_a_tick_older_than_five_seconds(
    on_the_way: int, since_trade: int, later: int
) -> None:
    ticks = book()
    received = AT + on_the_way * SECOND
    now = received + later * SECOND

    ticks.put(option(traded_at=AT - since_trade * SECOND), received)

    quote = ticks.quote(CALL, now)
    assert quote is not None
    known = now - AT <= 5 * SECOND
    assert (mark(quote, Side.BUY, now) is not None) is known
    assert (quote.last is not None) is (now - AT + since_trade * SECOND <= 5 * SECOND)


# ── what is wanted ────────────────────────────────────────────────────────────────────────


def test_a_change_of_what_is_wanted_is_told_once_and_only_if_it_is_one() -> None:
    ticks, told = TickBook(), list[tuple[int, ...]]()
    ticks.watch(lambda: told.append(ticks.wanted()))

    ticks.want({CALL: 1, PUT: 2})
    ticks.want({CALL: 1})
    ticks.forget([PUT, "NFO:NOBODY"])
    ticks.forget([PUT])

    assert told == [(1, 2), (1,)]


def test_a_token_that_was_given_to_another_contract_shows_nothing_of_the_old_one() -> None:
    ticks = book()
    ticks.put(option(), AT)

    ticks.want({"NFO:NIFTY2681124500CE": TOKENS[CALL]})

    assert ticks.quote("NFO:NIFTY2681124500CE") is None
    assert ticks.quote(CALL) is None


def test_a_contract_with_a_new_token_forgets_what_the_old_one_told() -> None:
    ticks = book()
    ticks.put(option(), AT)

    ticks.want({CALL: 0x00AF02})

    assert ticks.quote(CALL) is None
    assert TOKENS[CALL] not in ticks.wanted()
    assert not ticks.put(option(), AT + SECOND)


def test_what_there_is_no_place_for_is_answered_and_has_to_be_polled() -> None:
    ticks = TickBook(capacity=2)

    left = ticks.want({CALL: 1, PUT: 2, SPOT: 3})

    assert left == (SPOT,)
    assert ticks.wanted() == (1, 2)


def test_many_threads_tell_and_ask_and_the_newest_tick_is_held() -> None:
    ticks = book()
    many = [option(last=n, at=AT + (n % 100) * SECOND) for n in range(1, 400)]

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda tick: ticks.put(tick, AT + 200 * SECOND), many))
        list(pool.map(lambda n: ticks.want({f"NFO:X{n % 20}": 1000 + n}), range(200)))

    assert any(told)
    assert ticks.age(CALL, AT + 99 * SECOND) == 0 * SECOND
    assert len(ticks.wanted()) == len(TOKENS) + 20
