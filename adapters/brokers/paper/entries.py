"""What the paper broker writes down; all its state comes of it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter

from domain.book import Ticket
from domain.contract import Side


class Entry(BaseModel, frozen=True, extra="forbid"):
    """One line of the ledger; `at` is the time of the market, UTC."""

    at: datetime
    account: str


class Opened(Entry, frozen=True):
    """An account with its cash in ₹."""

    kind: Literal["opened"] = "opened"
    cash: Decimal


class Placed(Entry, frozen=True):
    """An order registered; it reaches the exchange at `arrives_at`."""

    kind: Literal["placed"] = "placed"
    order_id: str
    ticket: Ticket
    arrives_at: datetime
    shown_from: datetime
    """From when the book shows it: real books have been minutes late."""
    refusal: str | None = None
    """What the exchange will say to it, where that is settled beforehand."""
    first_fill: int
    """The most its first fill may give, in units."""


class Arrived(Entry, frozen=True):
    """The exchange has the order, and shows it to the market."""

    kind: Literal["arrived"] = "arrived"
    order_id: str


class Refused(Entry, frozen=True):
    """The exchange or the broker's risk check did not take the order."""

    kind: Literal["refused"] = "refused"
    order_id: str
    message: str


class ModifyAsked(Entry, frozen=True):
    kind: Literal["modify_asked"] = "modify_asked"
    order_id: str
    price: Decimal
    takes_effect_at: datetime


class Modified(Entry, frozen=True):
    """A new limit in ₹; None where the change was refused, for the reason in `message`."""

    kind: Literal["modified"] = "modified"
    order_id: str
    price: Decimal | None
    message: str | None = None


class CancelAsked(Entry, frozen=True):
    kind: Literal["cancel_asked"] = "cancel_asked"
    order_id: str
    takes_effect_at: datetime


class Cancelled(Entry, frozen=True):
    """The rest of the order is gone; `done` is False where it was too late for that."""

    kind: Literal["cancelled"] = "cancelled"
    order_id: str
    done: bool
    message: str


class Filled(Entry, frozen=True):
    """An execution: units, price and charges in ₹; `source` is the liquidity it took."""

    kind: Literal["filled"] = "filled"
    order_id: str
    trade_id: str
    key: str
    side: Side
    product: str
    quantity: int
    price: Decimal
    charges: Decimal
    source: tuple[str, str, datetime]


class Settled(Entry, frozen=True):
    """A position ended with its contract: signed units, ₹ a unit and exercise charges."""

    kind: Literal["settled"] = "settled"
    key: str
    product: str
    quantity: int
    price: Decimal
    charges: Decimal
    estimated: bool


Line = (
    Opened | Placed | Arrived | Refused | ModifyAsked | Modified | CancelAsked | Cancelled
    | Filled | Settled
)  # fmt: skip
LINE: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="kind")])
