"""What is known of one slice of an order, from its release to its last fill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Self  # Any: fields of an event

from domain.book import BookOrder
from domain.calendar import IST
from domain.contract import Contract
from domain.model import Refused
from domain.refusal import Conflict
from domain.slices import FROM_BOOK, Slice, SliceStatus

#: How often one order may be modified (Kite: 25); after that it is cancelled and placed anew.
MODIFICATIONS: Final = 25


def said_by(row: BookOrder) -> dict[str, Any]:
    """What a row of the broker's book says of a slice, in the fields of its event."""
    return {
        "broker_order_id": row.broker_order_id,
        "status": FROM_BOOK[row.status],
        "filled": row.filled,
        "average_price": row.average_price,
        "message": row.message,
    }


@dataclass(slots=True)
class SliceState:
    """What is known of one slice: `filled` is cumulative, in units, and never shrinks."""

    intent: Slice
    contract: Contract
    epoch: int
    released_at: datetime
    price: Decimal
    priced_at: datetime
    status: SliceStatus = SliceStatus.RELEASED
    broker_order_id: str | None = None
    filled: int = 0
    average_price: Decimal = Decimal(0)
    modifications: int = 0
    wished: Decimal | None = None
    cancel_asked_at: datetime | None = None
    unknown_since: datetime | None = None
    resolved_at: datetime | None = None
    message: str | None = None
    declared: tuple[int, Decimal] | None = None
    """Units and price in ₹ of fills that only the trader vouches for."""
    alerts: frozenset[str] = frozenset()

    @classmethod
    def released(cls, intent: Slice, contract: Contract, epoch: int, at: datetime) -> Self:
        """As it is when its intent is stored, before the first byte."""
        return cls(
            intent=intent,
            contract=contract,
            epoch=epoch,
            released_at=at,
            price=intent.price,
            priced_at=at,
        )

    @property
    def live(self) -> bool:
        return self.status.live

    def of_today(self, now: datetime) -> bool:
        """Whether it was sent on the present day: book evidence counts on its own day only."""
        return self.released_at.astimezone(IST).date() == now.astimezone(IST).date()

    @property
    def may_be_moved(self) -> bool:
        """Whether the broker would take another modification of it."""
        return self.modifications < MODIFICATIONS

    @property
    def remaining(self) -> int:
        """What may still fill, in units."""
        return self.intent.quantity - self.filled if self.live else 0

    @property
    def missing(self) -> int:
        """What was intended and did not fill, in units."""
        return self.intent.quantity - self.filled

    @property
    def value(self) -> Decimal:
        """Signed cash of its fills in ₹: sells bring, buys cost."""
        return -self.intent.side.sign * self.filled * self.average_price

    def told_more_by(self, row: BookOrder) -> bool:
        """Whether this row of the broker's book says more of the slice than is recorded."""
        ended = not self.live and self.broker_order_id is not None
        if row.filled < self.filled or (ended and row.filled == self.filled):
            return False  # quantity only grows, and what the book once called ended stays so
        known = (self.status, self.filled, self.broker_order_id)
        return (FROM_BOOK[row.status], row.filled, row.broker_order_id) != known

    def check_price(self, price: Decimal) -> None:
        """Refuse a limit, in ₹, that this order cannot be moved to."""
        if self.status is not SliceStatus.OPEN:
            raise Conflict("order-ended", f"the order is {self.status}, not OPEN")
        if not self.may_be_moved:
            why = f"it was moved {self.modifications} times, the broker allows {MODIFICATIONS}"
            raise Conflict("moved-too-often", why)
        if price <= 0 or price % self.contract.tick:
            why = f"a price is a positive multiple of the tick, {self.contract.tick}"
            raise Refused("not-a-tick-multiple", why, "price")

    def check_declared(self, quantity: int) -> None:
        """Refuse a number of filled units that this order cannot have."""
        lot, most = self.contract.lot, self.intent.quantity
        if quantity % lot:
            raise Refused("not-a-lot-multiple", f"lots are {lot} units", "quantity")
        if not max(self.filled, 1) <= quantity <= most:
            why = f"it is over {most} units, of which {self.filled} are known to have filled"
            raise Refused("not-in-the-order", why, "quantity")

    # ── what happens to it; called when events are applied, and refusing nothing ──────────

    def was_accepted(self, broker_order_id: str) -> None:
        self.broker_order_id = broker_order_id
        self.unknown_since = None
        if self.status in (SliceStatus.RELEASED, SliceStatus.UNKNOWN, SliceStatus.ABSENT):
            self.status = SliceStatus.OPEN
            self.resolved_at = None

    def was_seen(
        self,
        order_id: str,
        status: SliceStatus,
        filled: int,
        average: Decimal,
        message: str | None,
        at: datetime,
    ) -> None:
        self.broker_order_id = order_id
        self.message = message or self.message
        self.filled = filled
        self.average_price = average
        self.unknown_since = None
        self.declared = None
        self.status = status
        self.resolved_at = None if status.live else at

    def was_declared_filled(self, filled: int, average: Decimal, why: str, at: datetime) -> None:
        complete = filled == self.intent.quantity
        status = SliceStatus.COMPLETE if complete else SliceStatus.CANCELLED
        self.filled = filled
        self.average_price = average
        self.declared = (filled, average)
        self.was_resolved(status, why, at)
        self.unknown_since = None

    def was_resolved(self, status: SliceStatus, message: str, at: datetime) -> None:
        self.status = status
        self.message = message
        self.resolved_at = at

    def was_lost_sight_of(self, message: str, at: datetime) -> None:
        self.status = SliceStatus.UNKNOWN
        self.message = message
        self.unknown_since = at

    def was_repriced(self, price: Decimal, at: datetime) -> None:
        self.price = price
        self.priced_at = at
        self.modifications += 1
        self.wished = None
