"""What every broker that can be made to fail keeps to: errors mean what the core takes them for."""

from __future__ import annotations

from typing import Protocol

import pytest

from adapters.brokers.paper.faults import Fault, FaultKind
from domain.book import (
    NotSent,
    OrderStatus,
    Rejected,
    SessionExpired,
    Unavailable,
    Unknown,
)
from domain.contract import Side
from tests.contracts.broker_contract import BrokerVenue, await_order, by_tag, ticket


class FaultyVenue(BrokerVenue, Protocol):
    """A venue at which things go wrong to order."""

    def inject(self, fault: Fault) -> None:
        """Let the next call of that method go wrong."""
        ...

    def expire_session(self) -> None:
        """Refuse everything until somebody logs in."""
        ...

    def log_in(self) -> str:
        """The trader logs in: the request token that the login returns."""
        ...


class BrokerFaultContract:
    """Rejected, NotSent, Unknown, SessionExpired, Unavailable."""

    def test_a_lost_answer_leaves_the_order_to_be_found_by_its_tag(
        self, venue: FaultyVenue
    ) -> None:
        venue.inject(Fault(kind=FaultKind.DROP_ANSWER))

        with pytest.raises(Unknown):
            venue.broker.place(ticket(venue, Side.BUY, "B1"))

        assert await_order(venue, "B1").status is OrderStatus.COMPLETE

    def test_a_lost_request_is_just_as_unknown_and_placed_nothing(self, venue: FaultyVenue) -> None:
        venue.inject(Fault(kind=FaultKind.DROP_REQUEST))

        with pytest.raises(Unknown):
            venue.broker.place(ticket(venue, Side.BUY, "B1"))
        venue.pass_time(3)

        assert by_tag(venue.broker, "B1") is None

    def test_an_order_may_surface_long_after_its_answer_was_lost(self, venue: FaultyVenue) -> None:
        venue.inject(Fault(kind=FaultKind.LATE, seconds=60))

        with pytest.raises(Unknown):
            venue.broker.place(ticket(venue, Side.BUY, "B1", rests=True))
        at_first = by_tag(venue.broker, "B1")
        venue.pass_time(61)

        assert at_first is None
        assert by_tag(venue.broker, "B1") is not None

    def test_an_accepted_order_may_be_missing_from_the_book_for_a_while(
        self, venue: FaultyVenue
    ) -> None:
        venue.inject(Fault(kind=FaultKind.HIDE, seconds=60))

        order_id = venue.broker.place(ticket(venue, Side.BUY, "B1"))
        at_first = by_tag(venue.broker, "B1")
        venue.pass_time(61)
        row = await_order(venue, "B1")

        assert at_first is None
        assert row.broker_order_id == order_id

    def test_a_throttled_order_was_not_sent_and_may_be_sent_again(self, venue: FaultyVenue) -> None:
        venue.inject(Fault(kind=FaultKind.THROTTLE))
        order = ticket(venue, Side.BUY, "B1", rests=True)

        with pytest.raises(NotSent):
            venue.broker.place(order)
        placed_at_first = by_tag(venue.broker, "B1")
        venue.broker.place(order)

        assert placed_at_first is None
        assert by_tag(venue.broker, "B1") is not None

    def test_a_refusal_at_the_door_says_why_and_places_nothing(self, venue: FaultyVenue) -> None:
        venue.inject(Fault(kind=FaultKind.REJECT, message="Not on a Friday."))

        with pytest.raises(Rejected, match="Not on a Friday"):
            venue.broker.place(ticket(venue, Side.BUY, "B1"))

        assert by_tag(venue.broker, "B1") is None

    def test_a_refusal_by_the_exchange_is_in_the_book(self, venue: FaultyVenue) -> None:
        venue.inject(Fault(kind=FaultKind.REFUSE, message="Not for you."))

        venue.broker.place(ticket(venue, Side.BUY, "B1"))

        row = await_order(venue, "B1")
        assert (row.status, row.filled, row.message) == (OrderStatus.REJECTED, 0, "Not for you.")

    def test_a_partly_filled_order_is_open(self, venue: FaultyVenue) -> None:
        venue.inject(Fault(kind=FaultKind.PARTIAL, quantity=venue.call.lot))
        order = ticket(venue, Side.BUY, "B1", lots=3)

        venue.broker.place(order)
        row = await_order(venue, "B1", lambda row: row.filled > 0)
        whole = await_order(venue, "B1")

        assert (row.status, row.filled) in {
            (OrderStatus.OPEN, venue.call.lot),
            (OrderStatus.COMPLETE, 3 * venue.call.lot),  # the rest may follow at the next tick
        }
        assert whole.filled == order.quantity

    @pytest.mark.parametrize("kind", [FaultKind.DROP_ANSWER, FaultKind.DROP_REQUEST])
    def test_a_lost_cancellation_is_unknown_until_the_book_tells(
        self, venue: FaultyVenue, kind: FaultKind
    ) -> None:
        order_id = venue.broker.place(ticket(venue, Side.BUY, "B1", rests=True))
        venue.pass_time(1)
        venue.inject(Fault(kind=kind, method="cancel"))

        with pytest.raises(Unknown):
            venue.broker.cancel(order_id)
        venue.pass_time(2)

        row = by_tag(venue.broker, "B1")
        assert row is not None
        done = kind is FaultKind.DROP_ANSWER
        assert row.status is (OrderStatus.CANCELLED if done else OrderStatus.OPEN)

    @pytest.mark.parametrize("kind", [FaultKind.FAIL, FaultKind.DROP_ANSWER, FaultKind.THROTTLE])
    def test_a_failed_look_at_the_book_is_no_empty_book(
        self, venue: FaultyVenue, kind: FaultKind
    ) -> None:
        venue.inject(Fault(kind=kind, method="orders"))

        with pytest.raises(Unavailable):
            venue.broker.orders()

        assert list(venue.broker.orders()) == []

    def test_an_expired_session_answers_nothing_until_the_trader_logs_in(
        self, venue: FaultyVenue
    ) -> None:
        order = ticket(venue, Side.BUY, "B1")
        venue.expire_session()

        with pytest.raises(SessionExpired):
            venue.broker.place(order)
        with pytest.raises(SessionExpired):
            venue.broker.orders()
        with pytest.raises(Rejected):
            venue.broker.exchange_token(" ")
        opened = venue.broker.exchange_token(venue.log_in())

        assert opened
        assert list(venue.broker.orders()) == []
