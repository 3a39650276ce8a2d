"""What became of every order, as Kite's statuses tell it: the sum of the ledger's lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from adapters.brokers.paper.entries import (
    Arrived,
    CancelAsked,
    Cancelled,
    Filled,
    Line,
    Modified,
    ModifyAsked,
    Placed,
    Refused,
)
from domain.calendar import ist_date

PUT: Final = "PUT ORDER REQ RECEIVED"
VALIDATION: Final = "VALIDATION PENDING"
OPEN_PENDING: Final = "OPEN PENDING"
OPEN: Final = "OPEN"
COMPLETE: Final = "COMPLETE"
CANCELLED: Final = "CANCELLED"
REJECTED: Final = "REJECTED"
UPDATE: Final = "UPDATE"
MODIFY_VALIDATION: Final = "MODIFY VALIDATION PENDING"
MODIFY_PENDING: Final = "MODIFY PENDING"
MODIFIED: Final = "MODIFIED"
CANCEL_PENDING: Final = "CANCEL PENDING"
ENDED: Final = (COMPLETE, CANCELLED, REJECTED)
PAISA: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """An order from one moment on; money in ₹, quantities in units."""

    at: datetime
    status: str
    price: Decimal
    requested_at: datetime
    """When the trader last asked something of this order."""
    exchange_at: datetime | None = None
    updated_at: datetime | None = None
    filled: int = 0
    value: Decimal = Decimal(0)
    modified: bool = False
    message: str | None = None

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def average(self) -> Decimal:
        return (self.value / self.filled).quantize(PAISA) if self.filled else Decimal(0)


@dataclass(slots=True)
class OrderHistory:
    """One order and all its states, oldest first; the last few may lie ahead."""

    placed: Placed
    states: list[State] = field(default_factory=list)
    shown: tuple[State, bytes] | None = None
    """Its row in the book as last shown, and the state that was."""

    def now(self, moment: datetime) -> State:
        """The state it is in at that moment."""
        for state in reversed(self.states):
            if state.at <= moment:
                return state
        return self.states[0]

    def until(self, moment: datetime) -> Sequence[State]:
        """Every state it has been in."""
        return [state for state in self.states if state.at <= moment]


#: Told of an order, its new state, and the status that news of it carry.
Watcher = Callable[[OrderHistory, State, str], None]


class Histories:
    """Every order of every account."""

    def __init__(self) -> None:
        self.by_id: dict[str, OrderHistory] = {}
        self._days: dict[tuple[str, date], list[OrderHistory]] = {}
        self._watchers: list[Watcher] = []

    def watch(self, watcher: Watcher) -> None:
        self._watchers.append(watcher)

    def of_day(self, account: str, day: date) -> Sequence[OrderHistory]:
        """Orders of that account and day, in the order of their placing."""
        return self._days.get((account, day), [])

    def apply(self, line: Line) -> None:
        """Let one line of the ledger count."""
        match line:
            case Placed():
                self._placed(line)
            case Arrived():
                at = line.at
                self._next(line.order_id, OPEN, at, exchange_at=at, updated_at=at)
            case Refused():
                self._next(line.order_id, REJECTED, line.at, message=line.message)
            case ModifyAsked():
                at = line.at
                self._next(line.order_id, MODIFY_VALIDATION, at, requested_at=at, news=None)
                self._next(line.order_id, MODIFY_PENDING, at, news=None)
            case Modified():
                self._modified(line)
            case CancelAsked():
                self._next(line.order_id, CANCEL_PENDING, line.at, requested_at=line.at, news=None)
            case Cancelled():
                if line.done:
                    self._next(line.order_id, CANCELLED, line.at, updated_at=line.at)
            case Filled():
                self._filled(line)

    def _placed(self, line: Placed) -> None:
        order = OrderHistory(line)
        price = line.ticket.price or Decimal(0)
        third = max(line.arrives_at - line.at, line.at - line.at) / 3
        order.states += [
            State(at=line.at + n * third, status=status, price=price, requested_at=line.at)
            for n, status in enumerate((PUT, VALIDATION, OPEN_PENDING))
        ]
        self.by_id[line.order_id] = order
        self._days.setdefault((line.account, ist_date(line.at)), []).append(order)

    def _modified(self, line: Modified) -> None:
        order = self.by_id[line.order_id]
        if line.price is None:
            self._next(line.order_id, OPEN, line.at, message=line.message)
            return
        on_exchange = order.states[-1].exchange_at is not None
        self._next(
            line.order_id,
            MODIFIED,
            line.at,
            price=line.price,
            modified=True,
            exchange_at=line.at if on_exchange else None,
            updated_at=line.at,
            message=None,
            news=UPDATE,
        )
        self._next(line.order_id, OPEN if on_exchange else OPEN_PENDING, line.at, news=None)

    def _filled(self, line: Filled) -> None:
        order = self.by_id[line.order_id]
        before = order.states[-1]
        filled = before.filled + line.quantity
        done = filled == order.placed.ticket.quantity
        self._next(
            line.order_id,
            COMPLETE if done else OPEN,
            line.at,
            filled=filled,
            value=before.value + line.quantity * line.price,
            updated_at=line.at,
            news=COMPLETE if done else UPDATE,
        )

    # object: whatever fields of State change.
    def _next(
        self, order_id: str, status: str, at: datetime, *, news: str | None = "", **changes: object
    ) -> None:
        """Another state, unless the order has ended; news None keeps it to the book."""
        order = self.by_id[order_id]
        if order.states[-1].ended:
            return
        state = replace(order.states[-1], at=at, status=status, **changes)  # type: ignore[arg-type]
        order.states.append(state)
        if news is not None:
            for watcher in self._watchers:
                watcher(order, state, news or status)
