"""The paper exchange: the life of an order, and the end of a day."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.brokers.paper.faults import Fault, FaultKind
from adapters.brokers.paper.ledger import ForeignLedger, Judge, PaperLedger
from domain.book import OrderStatus, OrderType, Rejected
from domain.contract import Side
from tests.adapters.brokers.paper.venue import ACCOUNT, CALL, KIND, LOT, PUT, Venue
from tests.adapters.market.recorded_days import Row, index_row, minute, minutes, row

DEPTH: Row = {"bid": 99.5, "ask": 100.5, "bid_qty": 10 * LOT, "ask_qty": 10 * LOT}


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    """A call at 99.5/100.5 from 09:20 on."""
    venue = Venue(tmp_path, [row(at) | DEPTH for at in minutes(30)])
    venue.at("09:20", 1)
    return venue


def test_a_new_order_is_in_the_book_at_once_and_open(venue: Venue) -> None:
    order = venue.buy(1, "101")

    row = venue.row(order)

    assert (row.status, row.filled, row.tags) == (OrderStatus.OPEN, 0, ("T1",))
    assert row.placed_at == venue.clock.now()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"quantity": 64}, "no multiple of the lot size 65"),
        ({"quantity": 0}, "no multiple of the lot"),
        ({"quantity": 28 * LOT}, r"1820 \(28 lots\) is higher than the maximum quantity of 1755"),
        ({"price": Decimal("100.03")}, "tick size"),
        ({"price": Decimal(0)}, "tick size"),
        ({"price": None}, "needs a price"),
        ({"price": None, "order_type": OrderType.MARKET}, "without market protection"),
        ({"tag": "T" * 21}, "letters and digits"),
        ({"tag": "T-1"}, "letters and digits"),
    ],
)
def test_what_no_exchange_would_take_is_refused_at_the_door(
    venue: Venue, change: dict[str, object], message: str
) -> None:
    ticket = replace(venue.ticket(Side.BUY), **change)  # type: ignore[arg-type]

    with pytest.raises(Rejected, match=message):
        venue.broker.place(ticket)

    assert list(venue.broker.orders()) == []


def test_an_unknown_contract_is_refused(venue: Venue) -> None:
    ticket = venue.ticket(Side.BUY)
    other = ticket.contract.model_copy(update={"tradingsymbol": "NIFTY2680499999CE"})

    with pytest.raises(Rejected, match="expired or does not exist"):
        venue.broker.place(replace(ticket, contract=other))


def test_outside_the_session_the_market_is_closed(tmp_path: Path) -> None:
    venue = Venue(tmp_path, [row("09:20")], at=minute("09:14:59"))

    with pytest.raises(Rejected, match="Markets are closed"):
        venue.buy()
    venue.at("09:15")
    venue.buy()
    venue.at("15:30")
    with pytest.raises(Rejected, match="Markets are closed"):
        venue.buy()


def test_a_market_order_is_a_limit_at_its_protection(venue: Venue) -> None:
    ticket = venue.ticket(Side.BUY, 11, "100.5", order_type=OrderType.MARKET)

    order = venue.broker.place(ticket)
    venue.at("09:20", 500)

    row = venue.row(order)
    assert (row.status, row.filled, row.price) == (OrderStatus.OPEN, 10 * LOT, Decimal("100.5"))


@pytest.mark.parametrize(
    ("last", "side", "price"),
    [(100, Side.BUY, "140.05"), (100, Side.SELL, "59.95"), (40, Side.BUY, "60.05")],
)
def test_a_price_beyond_the_band_is_refused_by_the_exchange(
    tmp_path: Path, last: float, side: Side, price: str
) -> None:
    venue = Venue(tmp_path, [row("09:20", price=last)])
    venue.at("09:20", 1)

    order = venue.broker.place(venue.ticket(side, 1, price))
    venue.at("09:20", 500)

    assert venue.row(order).status is OrderStatus.REJECTED
    assert "price band" in (venue.row(order).message or "")


def test_some_orders_are_refused_by_seed(tmp_path: Path) -> None:
    harsh = KIND.model_copy(update={"rejection_rate": 1.0})
    venue = Venue(tmp_path, [row("09:20")], harsh)
    venue.at("09:20", 1)

    order = venue.buy()
    venue.at("09:20", 500)

    assert venue.row(order).status is OrderStatus.REJECTED


def test_money_that_does_not_suffice_is_a_rejection_in_the_book(tmp_path: Path) -> None:
    poor = KIND.model_copy(update={"cash": Decimal(5000)})
    venue = Venue(tmp_path, [row("09:20") | DEPTH], poor)
    venue.at("09:20", 1)

    order = venue.buy(1, "101")
    venue.at("09:20", 500)

    assert venue.row(order).status is OrderStatus.REJECTED
    assert "Insufficient funds" in (venue.row(order).message or "")


def test_a_new_price_takes_the_touch_once_it_has_arrived(venue: Venue) -> None:
    order = venue.buy(1, "100")
    venue.at("09:20", 500)

    venue.broker.modify(order, Decimal(101))
    asked = venue.row(order)
    venue.at("09:20", 800)

    assert (asked.price, asked.filled) == (Decimal(100), 0)
    assert venue.row(order).price == Decimal(101)
    assert venue.row(order).average_price == Decimal("100.5")


def test_a_new_price_beyond_the_band_leaves_the_old_one(venue: Venue) -> None:
    order = venue.buy(1, "100")
    venue.at("09:20", 500)

    venue.broker.modify(order, Decimal(200))
    venue.at("09:20", 800)

    row = venue.row(order)
    assert (row.status, row.price) == (OrderStatus.OPEN, Decimal(100))
    assert "price band" in (row.message or "")


def test_an_order_can_be_modified_25_times(venue: Venue) -> None:
    order = venue.buy(1, "99")

    for n in range(25):
        venue.broker.modify(order, Decimal(90 + n % 2))

    with pytest.raises(Rejected, match="Maximum allowed order modifications exceeded"):
        venue.broker.modify(order, Decimal(95))


def test_a_cancelled_order_is_live_until_the_cancellation_arrives(venue: Venue) -> None:
    order = venue.buy(1, "99")
    venue.at("09:20", 500)

    venue.broker.cancel(order)
    asked = venue.row(order).status
    venue.at("09:20", 800)

    assert asked is OrderStatus.OPEN
    assert venue.row(order).status is OrderStatus.CANCELLED


def test_a_fill_may_overtake_a_cancellation_and_the_book_says_so(tmp_path: Path) -> None:
    cheap: Row = {"bid": 98.0, "ask": 98.5, "bid_qty": LOT, "ask_qty": LOT}
    venue = Venue(tmp_path, [row("09:20") | DEPTH, row("09:21", price=98) | cheap])
    venue.at("09:20", 1)
    order = venue.buy(1, "99")
    venue.at("09:21")

    venue.broker.cancel(order)  # the price of 09:21 is there a millisecond later
    venue.at("09:21", 500)

    assert venue.row(order).status is OrderStatus.COMPLETE
    with pytest.raises(Rejected, match="being processed"):
        venue.broker.cancel(order)
    with pytest.raises(Rejected, match="being processed"):
        venue.broker.modify(order, Decimal(100))


def test_a_partly_filled_order_keeps_what_it_got_when_it_is_cancelled(tmp_path: Path) -> None:
    thin = DEPTH | {"ask_qty": LOT}
    venue = Venue(tmp_path, [row("09:20") | thin])
    venue.at("09:20", 1)
    order = venue.buy(3, "101")
    venue.at("09:20", 500)

    venue.broker.cancel(order)
    venue.at("09:20", 800)

    row_ = venue.row(order)
    assert (row_.status, row_.filled) == (OrderStatus.CANCELLED, LOT)
    assert [position.quantity for position in venue.broker.positions()] == [LOT]


def test_an_order_of_somebody_else_is_not_found(venue: Venue) -> None:
    order = venue.buy(1, "99")
    venue.exchange.open_account("ACC-2")

    with pytest.raises(Rejected, match="Couldn't find"):
        venue.exchange.cancel("ACC-2", order)
    assert list(venue.exchange.orders("ACC-2")) == []


def test_a_round_trip_leaves_cash_less_spread_and_charges(venue: Venue) -> None:
    before = venue.broker.funds().cash
    venue.buy(1, "101")
    venue.at("09:20", 500)

    venue.sell(1, "99")
    venue.at("09:20", 900)

    spent = before - venue.broker.funds().cash
    assert list(venue.broker.positions()) == []
    assert 40 < spent - LOT < 70  # ₹1 a unit for the spread; two brokerages, taxes and fees


def test_brokerage_is_paid_once_an_order(tmp_path: Path) -> None:
    thin = DEPTH | {"ask_qty": LOT}
    venue = Venue(tmp_path, [row(at) | thin for at in minutes(3)])
    venue.at("09:20", 1)
    before = venue.broker.funds().cash

    venue.buy(3, "100.5")
    venue.at("09:23")

    assert len(venue.broker.trades()) == 3
    paid = before - venue.broker.funds().cash - 3 * LOT * Decimal("100.5")
    assert 20 < paid < 40


def test_averages_follow_the_positions(tmp_path: Path) -> None:
    rows = [row("09:20", bid=100.0, ask=100.0, bid_qty=650, ask_qty=650),
            row("09:21", bid=110.0, ask=110.0, bid_qty=650, ask_qty=650)]  # fmt: skip
    venue = Venue(tmp_path, rows)
    venue.at("09:20", 1)
    venue.buy(1, "100")
    venue.at("09:21", 1)
    venue.buy(1, "110")
    venue.at("09:21", 300)

    (long,) = venue.broker.positions()
    venue.sell(3, "110")
    venue.at("09:21", 600)
    (short,) = venue.broker.positions()

    assert (long.quantity, long.average_price) == (2 * LOT, Decimal(105))
    assert (short.quantity, short.average_price) == (-LOT, Decimal(110))


def test_what_is_open_at_the_close_is_cancelled(venue: Venue) -> None:
    order = venue.buy(1, "90")

    venue.at("15:30")

    assert venue.row(order).status is OrderStatus.CANCELLED
    assert "The day is over" in (venue.row(order).message or "")


def test_after_midnight_the_book_is_empty_and_positions_stay(tmp_path: Path) -> None:
    weekly = "NIFTY2681124500CE"
    rows = [row(at, weekly, expiry="2026-08-11") | DEPTH for at in minutes(2)]
    venue = Venue(tmp_path, rows)
    venue.at("09:20", 1)
    venue.buy(1, "101", f"NFO:{weekly}")

    venue.clock.advance_to(minute("23:59"))
    same_day = len(venue.broker.orders()), len(venue.broker.trades())
    venue.clock.sleep(60)

    assert same_day == (1, 1)
    assert (len(venue.broker.orders()), len(venue.broker.trades())) == (0, 0)
    assert [position.quantity for position in venue.broker.positions()] == [LOT]


def test_an_expired_position_is_settled_at_the_index_and_says_it_is_an_estimate(
    tmp_path: Path,
) -> None:
    rows: list[Row] = []
    for at in ("09:20", "15:29"):
        rows += [index_row(at, 24560.0), row(at) | DEPTH, row(at, "NIFTY2680424500PE") | DEPTH]
    venue = Venue(tmp_path, rows)
    venue.at("09:20", 1)
    venue.buy(1, "101")
    venue.sell(1, "99", PUT)
    venue.at("15:29", 500)
    before = venue.broker.funds().cash

    venue.at("15:31")

    assert list(venue.broker.positions()) == []
    call, put = sorted(venue.exchange.settled(ACCOUNT), key=lambda line: line.key)
    assert (call.key, call.price, call.estimated) == (CALL, Decimal(60), True)
    assert (put.key, put.price, put.charges) == (PUT, Decimal(0), Decimal(0))
    assert call.charges == Decimal("5.85")  # STT of 0.15 % of 65 × ₹60
    assert venue.broker.funds().cash == before + 65 * 60 - Decimal("5.85")


def test_without_an_index_expiry_settles_at_parity(tmp_path: Path) -> None:
    rows: list[Row] = []
    for at in ("09:20", "15:29"):
        for strike, call, put in ((24450, 105, 5), (24500, 60, 10), (24550, 25, 25)):
            rows.append(row(at, f"NIFTY26804{strike}CE", float(call)))
            rows.append(row(at, f"NIFTY26804{strike}PE", float(put)))
    venue = Venue(tmp_path, rows)
    venue.at("09:20", 1)
    venue.buy(1, "70")

    venue.at("15:31")

    assert list(venue.broker.positions()) == []
    (line,) = venue.exchange.settled(ACCOUNT)
    assert line.price == Decimal(50)


def test_the_next_event_is_when_something_may_change(venue: Venue) -> None:
    now = venue.clock.now()
    idle = venue.exchange.next_event(now)

    venue.buy(1, "90")
    arrival = venue.exchange.next_event(now)
    venue.at("09:20", 500)
    venue.exchange.step(venue.clock.now())
    tick = venue.exchange.next_event(venue.clock.now())

    assert idle is None
    assert arrival is not None
    assert timedelta(milliseconds=20) <= arrival - now <= timedelta(milliseconds=200)
    assert tick == minute("09:21") + timedelta(milliseconds=1)


def test_the_ledger_brings_a_restarted_broker_back_to_where_it_was(tmp_path: Path) -> None:
    rows = [row(at) | DEPTH for at in minutes(3)]
    path = tmp_path / "ledger.sqlite"
    first = Venue(tmp_path, rows, ledger=PaperLedger(path))
    first.at("09:20", 1)
    first.buy(2, "101")
    first.at("09:20", 500)
    first.sell(1, "105")
    waiting = first.buy(1, "90")
    first.broker.modify(waiting, Decimal(101))  # all three are still on their way

    second = Venue(tmp_path, rows, at=first.clock.now(), ledger=PaperLedger(path))
    was = (first.broker.orders(), first.broker.positions(), first.broker.funds())

    assert (second.broker.orders(), second.broker.positions(), second.broker.funds()) == was
    for venue in (first, second):
        venue.at("09:21")
        venue.at("09:22")
    assert second.broker.orders() == first.broker.orders()
    assert second.row(waiting).status is OrderStatus.COMPLETE


def test_a_broker_that_slept_through_the_close_ends_the_day_on_waking(tmp_path: Path) -> None:
    rows = [index_row("09:20", 24560.0), row("09:20") | DEPTH, index_row("15:29", 24570.0)]
    path = tmp_path / "ledger.sqlite"
    first = Venue(tmp_path, rows, ledger=PaperLedger(path))
    first.at("09:20", 1)
    first.buy(1, "101")
    first.at("09:20", 500)
    waiting = first.buy(1, "90")

    second = Venue(tmp_path, rows, at=minute("16:00"), ledger=PaperLedger(path))

    assert second.row(waiting).status is OrderStatus.CANCELLED
    assert [line.price for line in second.exchange.settled(ACCOUNT)] == [Decimal(70)]


def test_a_judge_sees_from_outside_what_was_sent_twice(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    venue = Venue(tmp_path, [row(at) | DEPTH for at in minutes(2)], ledger=PaperLedger(path))
    venue.at("09:20", 1)
    for tag in ("A1", "B1", "A1"):
        venue.broker.place(venue.ticket(Side.SELL, 1, "99", tag=tag))
    venue.at("09:20", 500)
    venue.broker.orders()

    judge = Judge(path)

    assert judge.sent_twice() == [(ACCOUNT, "A1")]
    assert [line.ticket.tag for line in judge.placed(ACCOUNT)] == ["A1", "B1", "A1"]
    assert [net for _, net in judge.nets(ACCOUNT)] == [{CALL: -65}, {CALL: -130}, {CALL: -195}]
    assert len(judge.fills()) == 3
    judge.close()


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are not the lines you are looking for " * 50)

    with pytest.raises(ForeignLedger, match="no ledger"):
        PaperLedger(path)


def test_a_ledger_of_a_newer_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version = 7")
    file.close()

    with pytest.raises(ForeignLedger, match="form 7"):
        PaperLedger(path)


def test_a_first_fill_can_be_ordered_to_be_small(venue: Venue) -> None:
    venue.desk.faults.inject(ACCOUNT, Fault(kind=FaultKind.PARTIAL, quantity=LOT))

    order = venue.buy(3, "101")
    venue.at("09:20", 500)

    assert venue.row(order).filled == LOT
