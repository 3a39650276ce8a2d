"""Whatever is asked of whatever market, no fill is too large, too dear or out of the bar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.brokers.paper.entries import Line
from adapters.brokers.paper.ledger import PaperLedger
from adapters.brokers.paper.settings import PaperSettings
from domain.book import OrderStatus, Rejected
from domain.contract import Side
from tests.adapters.brokers.paper.venue import ACCOUNT, CALL, LOT, Venue
from tests.adapters.market.recorded_days import Row, minute, minutes, row

MINUTES = 6
HARSH = PaperSettings(partial_rate=0.5, rejection_rate=0.1, cash=Decimal(100_000_000))


@dataclass(frozen=True)
class Wish:
    """Something asked of the broker `after_ms` after the wish before."""

    after_ms: int
    what: str
    side: Side
    lots: int
    price: Decimal
    which: int


PRICES = st.integers(1960, 2040).map(lambda ticks: ticks * 0.05)
WISHES = st.lists(
    st.builds(
        Wish,
        after_ms=st.integers(0, 90_000),
        what=st.sampled_from(["place", "place", "modify", "cancel"]),
        side=st.sampled_from(Side),
        lots=st.integers(1, 27),
        price=st.integers(1940, 2060).map(lambda ticks: ticks * Decimal("0.05")),
        which=st.integers(0, 9),
    ),
    min_size=1,
    max_size=12,
)


@st.composite
def market_minutes(draw: st.DrawFn) -> list[Row]:
    """Snapshots with or without depth and volume, true bars, and gaps."""
    rows: list[Row] = []
    for at in minutes(MINUTES):
        kind = draw(st.sampled_from(["gap", "bare", "volume", "depth", "bar"]))
        price = round(draw(PRICES), 2)
        volume = draw(st.integers(0, 500)) * LOT
        sizes = {
            "bid_qty": draw(st.integers(0, 20)) * LOT,
            "ask_qty": draw(st.integers(0, 20)) * LOT,
        }
        touch = {"bid": round(price - 0.1, 2), "ask": round(price + 0.1, 2)}
        ends = {"high": round(price + 0.3, 2), "low": round(price - 0.2, 2), "bar": "1m_ohlc"}
        more: dict[str, Row] = {
            "bare": {},
            "volume": {"volume": volume},
            "depth": {"volume": volume, **touch, **sizes},
            "bar": {"volume": volume, **ends},
        }
        if kind != "gap":
            rows.append(row(at, price=price) | more[kind])
    return rows or [row("09:20")]


def lived(folder: Path, rows: Sequence[Row], wishes: Sequence[Wish], *, often: bool) -> Venue:
    """A venue after these wishes; `often` lets every event be stepped to on its own."""
    venue = Venue(folder, rows, HARSH, at=minute("09:19:30"), ledger=PaperLedger())
    for wish in wishes:
        until = venue.clock.now() + timedelta(milliseconds=wish.after_ms)
        if often:
            _step_through(venue, until)
        venue.clock.advance_to(until)
        _ask(venue, wish)
    if often:
        _step_through(venue, minute("09:40"))
    venue.clock.advance_to(max(minute("09:40"), venue.clock.now()))
    venue.broker.orders()
    return venue


def _step_through(venue: Venue, until: datetime) -> None:
    venue.exchange.step(venue.clock.now())
    while (event := venue.exchange.next_event(venue.clock.now())) is not None:
        if event > until:
            return
        venue.clock.advance_to(event)
        venue.exchange.step(event)


def _ask(venue: Venue, wish: Wish) -> None:
    known = venue.broker.orders()
    try:
        if wish.what == "place" or not known:
            venue.broker.place(venue.ticket(wish.side, wish.lots, str(wish.price)))
        elif wish.what == "modify":
            venue.broker.modify(known[wish.which % len(known)].broker_order_id, wish.price)
        else:
            venue.broker.cancel(known[wish.which % len(known)].broker_order_id)
    except Rejected:
        return  # of an order that has ended


def ledger_of(venue: Venue) -> list[Line]:
    return list(venue.exchange.ledger.lines())


@settings(max_examples=60, deadline=None)
@given(market_minutes(), WISHES)
def test_fills_keep_within_the_order_the_limit_and_the_market(
    rows: list[Row], wishes: list[Wish]
) -> None:
    with TemporaryDirectory() as folder:
        venue = lived(Path(folder), rows, wishes, often=False)
    lines = ledger_of(venue)
    bars = {each["ts"]: each for each in rows}

    limits: dict[str, Decimal] = {}
    taken: Counter[object] = Counter()
    for line in lines:
        if line.kind == "placed":
            assert line.ticket.price is not None
            limits[line.order_id] = line.ticket.price
        if line.kind == "modified" and line.price is not None:
            limits[line.order_id] = line.price
        if line.kind == "filled":
            assert (line.price - limits[line.order_id]) * line.side.sign <= 0
            assert line.quantity > 0
            assert line.quantity % LOT == 0
            bar = bars[line.at.astimezone(minute("09:20").tzinfo).replace(second=0, microsecond=0)]
            _check_against(bar, line.side, line.quantity, line.price, taken)

    fills = Counter({CALL: 0})
    for trade in venue.broker.trades():
        fills[trade.key] += trade.side.sign * trade.quantity
    held = {position.key: position.quantity for position in venue.broker.positions()}
    assert held.get(CALL, 0) == fills[CALL]
    for order in venue.broker.orders():
        assert 0 <= order.filled <= order.quantity
        assert (order.filled == order.quantity) is (order.status is OrderStatus.COMPLETE)


def _check_against(
    bar: Row, side: Side, quantity: int, price: Decimal, taken: Counter[object]
) -> None:
    if bar["bar"] == "1m_ohlc":
        assert Decimal(str(bar["low"])) <= price <= Decimal(str(bar["high"]))
    shown = bar["ask_qty" if side is Side.BUY else "bid_qty"]
    if isinstance(shown, int):
        source = (bar["ts"], side)
        taken[source] += quantity
        assert taken[source] <= shown
    elif isinstance(bar["volume"], int):
        taken[bar["ts"]] += quantity
        assert taken[bar["ts"]] <= bar["volume"] * Decimal("0.2")


@settings(max_examples=30, deadline=None)
@given(market_minutes(), WISHES)
def test_the_same_requests_leave_the_same_ledger_however_often_time_is_looked_at(
    rows: list[Row], wishes: list[Wish]
) -> None:
    with TemporaryDirectory() as folder:
        seldom = lived(Path(folder), rows, wishes, often=False)
        again = lived(Path(folder), rows, wishes, often=False)
        often = lived(Path(folder), rows, wishes, often=True)

    assert ledger_of(seldom) == ledger_of(again)
    assert ledger_of(seldom) == ledger_of(often)


@settings(max_examples=30, deadline=None)
@given(market_minutes(), WISHES, st.integers(0, 11))
def test_a_broker_restarted_anywhere_ends_the_same(
    rows: list[Row], wishes: list[Wish], after: int
) -> None:
    with TemporaryDirectory() as folder:
        whole = lived(Path(folder), rows, wishes, often=False)
        ledger = PaperLedger()
        first = Venue(Path(folder), rows, HARSH, at=minute("09:19:30"), ledger=ledger)
        for wish in wishes[:after]:
            first.clock.sleep(wish.after_ms / 1000)
            _ask(first, wish)
        second = Venue(Path(folder), rows, HARSH, at=first.clock.now(), ledger=ledger)
        second.sent = first.sent
        for wish in wishes[after:]:
            second.clock.sleep(wish.after_ms / 1000)
            _ask(second, wish)
        second.clock.advance_to(max(minute("09:40"), second.clock.now()))

        assert second.broker.orders() == whole.broker.orders()
        assert second.broker.trades() == whole.broker.trades()
        assert second.exchange.funds(ACCOUNT).cash == whole.exchange.funds(ACCOUNT).cash
