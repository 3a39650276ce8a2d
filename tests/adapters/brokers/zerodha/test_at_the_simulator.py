"""What only Kite does, seen through the adapter and the real client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from adapters.simulators.kite.faults import Fault, FaultKind
from adapters.simulators.kite.orders import HandTrade
from adapters.vault.vault import Vault
from domain.book import (
    AddressRefused,
    NotSent,
    OrderStatus,
    OrderType,
    Rejected,
    SessionExpired,
    Unavailable,
    Unknown,
)
from domain.contract import Product, Side
from domain.releasing import sliced
from tests.adapters.brokers.zerodha.venue import ACCOUNT, ZerodhaVenue
from tests.contracts.broker_contract import await_order, by_tag, ticket

ORDERS = {"method": "POST", "path": "/orders/*"}
MOST_MODIFICATIONS = 25


@pytest.fixture
def venue(vault: Vault) -> Iterator[ZerodhaVenue]:
    """Ten o'clock, an account with an empty book."""
    with closing(ZerodhaVenue(vault)) as venue:
        yield venue


def test_a_market_order_is_booked_as_a_limit_and_found_by_its_tag(venue: ZerodhaVenue) -> None:
    order = replace(ticket(venue, Side.BUY, "M1"), order_type=OrderType.MARKET)

    order_id = venue.broker.place(order)

    row = await_order(venue, "M1")
    assert (row.broker_order_id, row.status) == (order_id, OrderStatus.COMPLETE)
    assert row.price is not None


def test_order_ids_keep_all_their_digits(venue: ZerodhaVenue) -> None:
    order_id = venue.broker.place(ticket(venue, Side.BUY, "B1", rests=True))

    assert len(order_id) == 19
    assert int(order_id) > 2**53
    assert [row.broker_order_id for row in venue.broker.orders()] == [order_id]


@pytest.mark.parametrize("seconds", [8, 90])
def test_the_400_that_may_yet_come_is_unknown_and_comes(
    venue: ZerodhaVenue, seconds: float
) -> None:
    venue.simulator.inject(Fault(kind=FaultKind.TIMED_OUT, seconds=seconds, **ORDERS))

    with pytest.raises(Unknown, match="timed out"):
        venue.broker.place(ticket(venue, Side.BUY, "B1"))
    at_first = by_tag(venue.broker, "B1")
    venue.pass_time(seconds + 1)

    assert at_first is None
    assert by_tag(venue.broker, "B1") is not None


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize(
    "kind",
    [FaultKind.RESET, FaultKind.CUT, FaultKind.TRUNCATED, FaultKind.PAGE, FaultKind.NO_ERROR_TYPE,
     FaultKind.ERROR],
)  # fmt: skip
def test_after_a_fault_the_book_tells_and_nothing_is_sent_again(
    venue: ZerodhaVenue, kind: FaultKind, accepted: bool
) -> None:
    venue.simulator.inject(Fault(kind=kind, accepted=accepted, **ORDERS))

    with pytest.raises(Unknown):
        venue.broker.place(ticket(venue, Side.BUY, "B1", rests=True))
    venue.pass_time(2)

    assert len([row for row in venue.broker.orders() if "B1" in row.tags]) == int(accepted)


def test_an_answer_without_a_content_type_is_unknown(venue: ZerodhaVenue) -> None:
    venue.simulator.inject(Fault(kind=FaultKind.NO_CONTENT_TYPE, accepted=True, **ORDERS))

    with pytest.raises(Unknown):
        venue.broker.place(ticket(venue, Side.BUY, "B1", rests=True))

    assert by_tag(venue.broker, "B1") is not None


def test_too_many_modifications_are_final(venue: ZerodhaVenue) -> None:
    order_id = venue.broker.place(ticket(venue, Side.BUY, "B1", rests=True))
    price = venue.resting(venue.call, Side.BUY)
    for number in range(MOST_MODIFICATIONS):
        venue.pass_time(1)
        venue.broker.modify(order_id, price - venue.call.tick * (number + 1))
    venue.pass_time(1)

    with pytest.raises(Rejected, match="modifications exceeded"):
        venue.broker.modify(order_id, price)


def test_too_many_calls_were_not_sent(venue: ZerodhaVenue) -> None:
    for number in range(10):
        venue.broker.place(ticket(venue, Side.BUY, f"B{number}", rests=True))

    with pytest.raises(NotSent):
        venue.broker.place(ticket(venue, Side.BUY, "ONEMORE", rests=True))
    venue.pass_time(1)

    assert by_tag(venue.broker, "ONEMORE") is None


def test_a_foreign_address_places_nothing_and_reads_everything(venue: ZerodhaVenue) -> None:
    venue.simulator.inject(Fault(kind=FaultKind.ADDRESS, message="203.0.113.7", **ORDERS))

    with pytest.raises(AddressRefused, match=r"203\.0\.113\.7"):
        venue.broker.place(ticket(venue, Side.BUY, "B1"))

    assert list(venue.broker.orders()) == []


def test_a_session_ended_here_is_dead_there(venue: ZerodhaVenue, vault: Vault) -> None:
    kept = vault.read("zerodha/ACC-1/session")

    venue.zerodha.end_session()
    vault.write("zerodha/ACC-1/session", kept)

    with pytest.raises(SessionExpired):
        venue.broker.orders()


def test_what_the_trader_does_by_hand_is_in_the_book_without_a_tag_of_ours(
    venue: ZerodhaVenue,
) -> None:
    trade = HandTrade(
        key=venue.call.key, side=Side.BUY, quantity=venue.call.lot, product=Product.MIS
    )

    venue.simulator.hand_trade(ACCOUNT, trade)
    venue.pass_time(3)

    (row,) = venue.broker.orders()
    assert (row.tags, row.status) == ((), OrderStatus.COMPLETE)
    assert [(p.key, p.product, p.quantity) for p in venue.broker.positions()] == [
        (venue.call.key, "MIS", venue.call.lot)
    ]


def test_a_position_that_is_flat_again_is_none(venue: ZerodhaVenue) -> None:
    venue.broker.place(ticket(venue, Side.BUY, "B1"))
    await_order(venue, "B1")
    venue.broker.place(ticket(venue, Side.SELL, "S1"))
    await_order(venue, "S1")

    assert list(venue.broker.positions()) == []
    assert len(venue.broker.trades()) == 2


def test_a_large_order_goes_out_in_slices_of_the_usable_maximum(venue: ZerodhaVenue) -> None:
    whole = ticket(venue, Side.BUY, "B0", lots=60, rests=True)
    pieces = sliced(whole.quantity, whole.contract.order_maximum)

    with pytest.raises(Rejected, match="more than one order may hold"):
        venue.broker.place(whole)
    for number, units in enumerate(pieces, start=1):
        venue.broker.place(replace(whole, quantity=units, tag=f"B{number}"))

    assert pieces == [1755, 1755, 390]
    assert [row.quantity for row in venue.broker.orders()] == pieces


def test_while_kite_is_down_nothing_is_known(venue: ZerodhaVenue) -> None:
    venue.simulator.inject(Fault(kind=FaultKind.OUTAGE, seconds=600))

    with pytest.raises(Unknown):
        venue.broker.place(ticket(venue, Side.BUY, "B1"))
    with pytest.raises(Unavailable):
        venue.broker.orders()
    venue.pass_time(601)

    assert list(venue.broker.orders()) == []
