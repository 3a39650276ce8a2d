"""The legs of an order and the slices they went out in: sums, mean prices and statuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from domain.contract import Side
from domain.model import DomainEvent
from domain.run import Run
from domain.slices import Slice, SliceStatus
from projections.evolve import evolve
from projections.view import State

ZERO = Decimal(0)
#: Worst first; PENDING is a leg whose turn has not come.
RANK = ("UNKNOWN", "OPEN", "PENDING", "PARTIAL", "REJECTED", "CANCELLED", "COMPLETE")
#: What the broker does not have.
REFUSED = (SliceStatus.REJECTED, SliceStatus.UNSENT, SliceStatus.ABSENT)


class OrderSlice(State, frozen=True, kw_only=True):
    """One order at the broker: units, prices in ₹."""

    tag: str
    number: int
    attempt: int
    qty: int
    filled_qty: int = 0
    order_type: str
    price: Decimal
    average_price: Decimal = ZERO
    status: SliceStatus = SliceStatus.RELEASED
    broker_order_id: str | None = None
    message: str | None = None
    released_at: datetime


class OrderLeg(State, frozen=True, kw_only=True):
    """One contract of the order; `price` is what was paid on average, before that what is asked."""

    leg: int
    symbol: str
    exchange: str
    action: Side
    qty: int
    price: Decimal | None = None
    filled_qty: int = 0
    status: str = "PENDING"
    slices: tuple[OrderSlice, ...] = ()


#: What tells of a slice.
SLICES: Final = (
    *(Run.SliceSeen, Run.SliceAccepted, Run.SliceRejected, Run.SliceUnsent, Run.SliceUnknown),
    *(Run.SliceAbsent, Run.SliceDeclaredFilled, Run.Repriced, Run.ChangeRefused),
)


def changed(event: DomainEvent) -> tuple[str, dict[str, Any]] | None:
    """The tag an event speaks of, and what is now true of that slice."""
    match event:
        case Run.SliceSeen():
            # Any, here and above: the fields of OrderSlice that the event speaks of.
            seen: dict[str, Any] = {
                "status": event.status,
                "filled_qty": event.filled,
                "average_price": event.average_price,
                "broker_order_id": event.broker_order_id,
            }
            return event.tag, seen if event.message is None else {**seen, "message": event.message}
        case Run.SliceAccepted():
            return event.tag, {"broker_order_id": event.broker_order_id}
        case Run.SliceRejected():
            return event.tag, {"status": SliceStatus.REJECTED, "message": event.message}
        case Run.SliceUnsent():
            return event.tag, {"status": SliceStatus.UNSENT, "message": event.message}
        case Run.SliceUnknown():
            return event.tag, {"status": SliceStatus.UNKNOWN, "message": event.message}
        case Run.SliceAbsent():
            return event.tag, {"status": SliceStatus.ABSENT, "message": event.evidence}
        case Run.SliceDeclaredFilled():
            # What did not fill of it is gone: its total is known when the order is counted.
            declared: dict[str, Any] = {
                "status": SliceStatus.COMPLETE,
                "filled_qty": event.filled,
                "average_price": event.average_price,
                "message": event.why,
            }
            return event.tag, declared
        case Run.Repriced():
            return event.tag, {"price": event.price}
        case Run.ChangeRefused():
            return event.tag, {"message": event.message}
    return None


def slice_of(intent: Slice, at: datetime) -> OrderSlice:
    """A slice as it was released."""
    return OrderSlice(
        tag=intent.tag,
        number=intent.number,
        attempt=intent.attempt,
        qty=intent.quantity,
        order_type=intent.order_type,
        price=intent.price,
        released_at=at,
    )


def told(each: OrderSlice, news: Mapping[str, Any]) -> OrderSlice:
    """The slice with what is now true of it."""
    after: OrderSlice = evolve(each, **news)
    if after.status is SliceStatus.COMPLETE and after.filled_qty < after.qty:
        return evolve(after, status=SliceStatus.CANCELLED)  # declared by hand: so much, no more
    waiting = after.status in (SliceStatus.RELEASED, SliceStatus.UNKNOWN)
    if "broker_order_id" in news and "status" not in news and waiting:
        return evolve(after, status=SliceStatus.OPEN)  # accepted: it is at the broker
    return after


def counted(
    leg: OrderLeg, slices: Sequence[OrderSlice], qty: int | None, entering: bool
) -> OrderLeg:
    """The leg with its slices, their sums, mean price and status.

    Without a planned quantity it is what was filled and what the last attempt left.
    """
    filled = sum(each.filled_qty for each in slices)
    last = max((each.attempt for each in slices), default=0)
    left = sum(each.qty - each.filled_qty for each in slices if each.attempt == last)
    value = sum((each.filled_qty * each.average_price for each in slices), ZERO)
    asked = slices[-1].price if slices else None
    wanted = filled + left if qty is None else qty
    return evolve(
        leg,
        qty=wanted,
        filled_qty=filled,
        price=value / filled if filled else asked,
        status=_status(slices, filled, wanted, entering),
        slices=tuple(slices),
    )


def worst(legs: Sequence[OrderLeg]) -> str:
    """The status of the order; while a leg waits for its turn, the order is open."""
    found = min((leg.status for leg in legs), key=RANK.index)
    if found == "PENDING":
        return "PARTIAL" if any(leg.filled_qty for leg in legs) else "OPEN"
    return found


def _status(slices: Sequence[OrderSlice], filled: int, qty: int, entering: bool) -> str:
    statuses = {each.status for each in slices}
    if not statuses:
        return "PENDING" if entering else "CANCELLED"
    if SliceStatus.UNKNOWN in statuses:
        return "UNKNOWN"
    if any(status.live for status in statuses):
        return "PARTIAL" if filled else "OPEN"
    if filled >= qty:
        return "COMPLETE"
    if filled or statuses == {SliceStatus.UNSENT}:
        return "CANCELLED"  # withdrawn by us: nobody refused it
    return "REJECTED" if statuses.issubset(REFUSED) else "CANCELLED"
