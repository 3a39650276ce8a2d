"""The simulated exchange: anyone can run a day, and everyone sees the same one."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from adapters.clock import SteppedClock
from adapters.market.listing import BANKNIFTY, NIFTY, Underlying, expiries, listed, monthly
from adapters.market.scenario import Scenario, Shock, Silence
from adapters.market.simulated import SimulatedMarket
from domain.calendar import at_ist
from domain.contract import Contract, OptionType
from domain.parity import synthetic_spot

WEDNESDAY = date(2026, 11, 18)
EXPIRY = date(2026, 11, 23)
"""A Monday: that Tuesday is a holiday."""


def at(hour: int, minute: int = 0, day: date = WEDNESDAY) -> datetime:
    return at_ist(day, time(hour, minute))


def market(
    moment: datetime, seed: int = 1, scenario: Scenario | None = None
) -> tuple[SimulatedMarket, SteppedClock]:
    clock = SteppedClock(moment)
    return SimulatedMarket(clock, seed, scenario=scenario), clock


def option(
    shown: SimulatedMarket, strike: int, option_type: OptionType = OptionType.CE
) -> Contract:
    found = shown.chain(WEDNESDAY).option("NIFTY", EXPIRY, option_type, Decimal(strike))
    assert found is not None
    return found


def touch(shown: SimulatedMarket, contract: Contract) -> tuple[Decimal, Decimal]:
    quote = shown.quotes([contract.key])[contract.key]
    assert quote.bid is not None
    assert quote.ask is not None
    return quote.bid, quote.ask


def test_a_holiday_moves_an_expiry_to_the_session_before() -> None:
    assert expiries(NIFTY, WEDNESDAY)[0] == EXPIRY
    assert monthly(NIFTY, 2026, 11) == EXPIRY


@pytest.mark.parametrize(
    ("day", "weekday"), [(date(2026, 8, 3), 1), (date(2025, 6, 2), 3)], ids=["Tuesday", "Thursday"]
)
def test_nifty_weeklies_expire_on_the_weekday_of_their_time(day: date, weekday: int) -> None:
    assert {expiry.weekday() for expiry in expiries(NIFTY, day)[:3]} == {weekday}


def test_banknifty_lists_monthlies_only() -> None:
    chain = listed((NIFTY, BANKNIFTY), WEDNESDAY)

    assert chain.expiries("BANKNIFTY") == chain.monthlies("BANKNIFTY")
    assert chain.lists_weeklies("NIFTY")
    assert chain.monthlies("NIFTY") == [EXPIRY, date(2026, 12, 29), date(2027, 1, 25)]


@pytest.mark.parametrize(
    ("day", "expiry", "symbol"),
    [
        (WEDNESDAY, EXPIRY, "NIFTY26NOV24500CE"),
        (WEDNESDAY, date(2026, 12, 8), "NIFTY26D0824500CE"),
        (date(2026, 8, 3), date(2026, 8, 4), "NIFTY2680424500CE"),
    ],
)
def test_symbols_have_kites_form(day: date, expiry: date, symbol: str) -> None:
    chain = listed((NIFTY,), day)

    contract = chain.option("NIFTY", expiry, OptionType.CE, Decimal(24500))

    assert contract is not None
    assert contract.tradingsymbol == symbol
    assert (contract.lot, contract.tick, contract.freeze) == (65, Decimal("0.05"), 1800)


def test_an_underlying_without_a_known_lot_is_left_out_and_stops_nobody_else() -> None:
    unknown = Underlying(
        name="LIQUOR", index_symbol="LIQUOR", level=100, step=5, weekly=False, volatility=0.3
    )

    chain = listed((unknown, NIFTY), WEDNESDAY)

    assert chain.underlyings() == ["NIFTY"]
    refused = chain.underlying_refused("LIQUOR")
    assert refused is not None
    assert (refused.code, "LIQUOR" in refused.message) == ("unknown-lot", True)
    assert chain.symbol_refused(chain.left_out[0].key.removeprefix("NFO:")).code == "unknown-lot"


def test_bid_and_ask_are_on_ticks_around_the_last_price_in_whole_lots() -> None:
    shown, clock = market(at(9, 20))
    keys = [c.key for c in shown.chain(WEDNESDAY).contracts if c.expiry == EXPIRY]

    for quote in shown.quotes(keys).values():
        assert quote.at == clock.now()
        assert quote.ask is not None
        assert quote.last is not None
        assert (quote.bid or 0) < quote.ask
        assert (quote.bid or 0) <= quote.last <= quote.ask
        assert quote.ask % Decimal("0.05") == 0
        assert (quote.bid_qty or 0) % 5 == 0


def test_parity_holds_within_the_spread() -> None:
    shown, _ = market(at(11))
    chain = shown.chain(WEDNESDAY)
    forward = synthetic_spot(
        chain, "NIFTY", EXPIRY, shown.quotes(c.key for c in chain.contracts), at(11)
    )

    for strike in range(24300, 25300, 50):
        call = touch(shown, option(shown, strike))
        put = touch(shown, option(shown, strike, OptionType.PE))
        dearest = call[1] - put[0] + strike
        cheapest = call[0] - put[1] + strike
        assert cheapest - Decimal("0.5") <= forward <= dearest + Decimal("0.5")


def test_the_forward_is_a_little_above_the_spot() -> None:
    shown, _ = market(at(11))
    chain = shown.chain(WEDNESDAY)
    quotes = shown.quotes(c.key for c in chain.contracts)
    spot = shown.spot("NIFTY")
    assert spot is not None
    assert spot.last is not None

    away = synthetic_spot(chain, "NIFTY", EXPIRY, quotes, at(11)) - spot.last

    assert 0 < away < 40


def test_the_same_seed_shows_the_same_in_whatever_order_it_is_asked() -> None:
    one, clock = market(at(9, 20))
    key = option(one, 24800).key
    seen = []
    for _ in range(50):
        seen.append((one.quotes([key])[key], one.spot("NIFTY")))
        clock.sleep(7)

    other, _ = market(at(9, 20) + timedelta(seconds=49 * 7))

    assert (other.quotes([key])[key], other.spot("NIFTY")) == seen[-1]
    assert len({quote.last for quote, _ in seen}) > 10


def test_another_process_sees_the_same_market() -> None:
    program = (
        "from datetime import datetime, UTC\n"
        "from adapters.clock import SteppedClock\n"
        "from adapters.market.simulated import SimulatedMarket\n"
        f"clock = SteppedClock(datetime.fromisoformat('{at(13).isoformat()}'))\n"
        "market = SimulatedMarket(clock, 7)\n"
        "print(market.spot('NIFTY'), market.quotes(['NFO:NIFTY26NOV24800CE']))"
    )

    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    here, _ = market(at(13), seed=7)
    assert printed.strip() == f"{here.spot('NIFTY')} {here.quotes(['NFO:NIFTY26NOV24800CE'])}"


def test_another_seed_is_another_day() -> None:
    one, other = market(at(13), seed=1)[0], market(at(13), seed=2)[0]

    assert one.spot("NIFTY") != other.spot("NIFTY")


def test_prices_tick_each_second_of_the_session() -> None:
    shown, _ = market(at(9))

    assert shown.next_tick(at(9)) == at(9, 15)
    assert shown.next_tick(at(9, 15)) == at(9, 15) + timedelta(seconds=1)
    assert shown.next_tick(at(9, 15) + timedelta(seconds=1.3)) == at(9, 15) + timedelta(seconds=2)
    assert shown.next_tick(at(15, 30)) is None
    assert shown.next_tick(at(11, day=date(2026, 11, 24))) is None


def test_outside_of_the_session_there_is_nothing_new() -> None:
    shown, clock = market(at(9))
    key = option(shown, 24800).key

    before = shown.quotes([key])
    clock.advance_to(at(18))
    after = shown.quotes([key])[key]

    assert before == {}
    assert shown.spot("SENSEX") is None
    assert after.at == at(15, 30)
    assert not after.fresh(clock.now())


def test_a_holiday_has_no_chain_and_no_prices() -> None:
    shown, _ = market(at(11, day=date(2026, 11, 24)))

    assert shown.chain(date(2026, 11, 24)).contracts == ()
    assert shown.spot("NIFTY") is None
    assert list(shown.candles("NSE:NIFTY 50", at(11, day=date(2026, 11, 24)), at(12))) == []


def test_the_index_stands_still_in_the_closing_auction_and_prints_at_the_close() -> None:
    shown, clock = market(at(15, 14))

    clock.advance_to(at(15, 20))
    auction = shown.spot("NIFTY")
    clock.advance_to(at(15, 30))
    close = shown.spot("NIFTY")

    assert auction is not None
    assert close is not None
    assert (auction.at, close.at) == (at(15, 15), at(15, 30))


def test_a_shock_moves_spot_options_and_volatility() -> None:
    drop = Scenario(shocks=(Shock(at=time(11), move=-0.02, volatility=0.05),))
    shown, clock = market(at(11) - timedelta(seconds=1), scenario=drop)
    put = option(shown, 24500, OptionType.PE).key

    before = shown.spot("NIFTY"), shown.quotes([put])[put]
    clock.sleep(1)
    after = shown.spot("NIFTY"), shown.quotes([put])[put]

    assert before[0] is not None
    assert after[0] is not None
    assert before[0].last is not None
    assert after[0].last is not None
    assert Decimal("0.975") < after[0].last / before[0].last < Decimal("0.985")
    assert after[1].bid is not None
    assert before[1].ask is not None
    assert after[1].bid > 3 * before[1].ask


def test_a_silence_is_a_feed_that_tells_nothing() -> None:
    quiet = Scenario(silences=(Silence(since=time(11), until=time(11, 17)),))
    shown, clock = market(at(11, 5), scenario=quiet)
    key = option(shown, 24800).key

    quote = shown.quotes([key])[key]

    assert quote.at == at(11) - timedelta(seconds=1)
    assert not quote.fresh(clock.now())
    assert shown.next_tick(clock.now()) == at(11, 17)


def test_candles_are_of_finished_minutes() -> None:
    shown, clock = market(at(9, 25) + timedelta(seconds=30))
    key = option(shown, 24800).key

    candles = shown.candles(key, at(9, 20) + timedelta(seconds=1), at(15))

    assert [candle.at for candle in candles] == [at(9, minute) for minute in (21, 22, 23, 24)]
    for candle in candles:
        assert candle.low <= min(candle.open, candle.close)
        assert candle.high >= max(candle.open, candle.close)
    assert list(shown.candles("NFO:UNKNOWN", at(9, 15), clock.now())) == []


def test_levels_go_on_from_day_to_day() -> None:
    levels = []
    for day in (WEDNESDAY, date(2026, 11, 19), date(2026, 11, 20)):
        for moment in (at(9, 15, day), at(15, 30, day)):
            spot = market(moment)[0].spot("NIFTY")
            assert spot is not None
            assert spot.last is not None
            levels.append(spot.last)

    gaps = [abs(levels[2] / levels[1] - 1), abs(levels[4] / levels[3] - 1)]
    assert max(gaps) < Decimal("0.01")
