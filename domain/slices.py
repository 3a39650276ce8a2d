"""The pieces in which a run's orders go to the broker, and what became of each."""

from __future__ import annotations

import base64
import hashlib
from decimal import Decimal
from enum import StrEnum

from domain.book import OrderStatus, OrderType
from domain.contract import Contract, Side
from domain.value import Value

TAG_LENGTH = 20


class Phase(StrEnum):
    """Buys before sells, both ways: hedges then shorts in, shorts then hedges out."""

    ENTRY_BUY = "ENTRY_BUY"
    ENTRY_SELL = "ENTRY_SELL"
    EXIT_BUY = "EXIT_BUY"
    EXIT_SELL = "EXIT_SELL"

    @property
    def is_entry(self) -> bool:
        return self in (Phase.ENTRY_BUY, Phase.ENTRY_SELL)

    @property
    def side(self) -> Side:
        return Side.BUY if self in (Phase.ENTRY_BUY, Phase.EXIT_BUY) else Side.SELL

    @property
    def order(self) -> str:
        """The order these slices belong to: `{run}-ENTRY-1` or `{run}-EXIT-1`."""
        return "ENTRY-1" if self.is_entry else "EXIT-1"


class SliceStatus(StrEnum):
    RELEASED = "RELEASED"  # the intent is stored; whether it was sent only its worker knows
    OPEN = "OPEN"  # at the broker
    UNKNOWN = "UNKNOWN"  # may be at the broker
    COMPLETE = "COMPLETE"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    UNSENT = "UNSENT"  # the broker cannot have it, by the word of who would have sent it
    ABSENT = "ABSENT"  # was UNKNOWN, and the evidence says the broker never had it

    @property
    def live(self) -> bool:
        """Whether it may still fill."""
        return self in (SliceStatus.RELEASED, SliceStatus.OPEN, SliceStatus.UNKNOWN)


FROM_BOOK = {
    OrderStatus.OPEN: SliceStatus.OPEN,
    OrderStatus.COMPLETE: SliceStatus.COMPLETE,
    OrderStatus.CANCELLED: SliceStatus.CANCELLED,
    OrderStatus.REJECTED: SliceStatus.REJECTED,
}


class Leg(Value, frozen=True):
    """One leg as the run trades it: quantity in units, multiplier included."""

    contract: Contract
    side: Side
    quantity: int


class Slice(Value, frozen=True):
    """One order of at most the freeze quantity, as intended: price in ₹."""

    tag: str
    phase: Phase
    leg: int
    number: int
    attempt: int
    side: Side
    quantity: int
    order_type: OrderType
    price: Decimal


def tag_of(install: str, run_id: str, phase: Phase, leg: int, number: int, attempt: int) -> str:
    """Twenty alphanumerics that name this slice and attempt, and no other, for ever."""
    name = f"{install}|{run_id}|{phase}|{leg}|{number}|{attempt}".encode()
    return base64.b32encode(hashlib.sha256(name).digest()).decode()[:TAG_LENGTH]
