"""The words of a broker account: its limits, its block, and what is held there."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from domain.value import Value

PAPER = "paper"


class AccountStatus(StrEnum):
    CONNECTED = "CONNECTED"
    EXPIRED = "EXPIRED"  # the broker's session is over: log in again
    DISCONNECTED = "DISCONNECTED"
    UNLINKED = "UNLINKED"


class FlattenScope(StrEnum):
    """What the kill switch closes: the positions of runs, or everything in the account."""

    OWN = "own"
    ALL = "all"


class Limits(Value, frozen=True, extra="forbid"):
    """Pre-trade limits, each off when absent: counts, and rupees for notional and loss."""

    max_lots: int | None = Field(default=None, gt=0)
    max_notional: Decimal | None = Field(default=None, gt=0)
    max_orders_per_day: int | None = Field(default=None, gt=0)
    max_open_runs: int | None = Field(default=None, gt=0)
    max_daily_loss: Decimal | None = Field(default=None, gt=0)


class Block(Value, frozen=True):
    """Why nothing new may be sent for the account, since when and by whom."""

    reason: str
    scope: FlattenScope
    actor: str
    since: datetime


class Held(Value, frozen=True):
    """A position in units (negative is short) at an average price in ₹; key is `NFO:SYMBOL`."""

    key: str
    product: str
    quantity: int
    average_price: Decimal


class Drift(Value, frozen=True):
    """Where the broker's net, in units, is not what runs and adopted positions add up to."""

    key: str
    product: str
    expected: int
    found: int
