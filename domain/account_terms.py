"""The words of a broker account: its limits, its block, and what is held there."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from pydantic import Field

from domain.model import Refused
from domain.value import Value

PAPER = "paper"
#: ₹ or pieces; a limit beyond this is a slip, and with a million digits an attack.
MOST = 1_000_000_000_000


class AccountStatus(StrEnum):
    CONNECTED = "CONNECTED"
    EXPIRED = "EXPIRED"  # the broker's session is over: log in again
    DISCONNECTED = "DISCONNECTED"
    UNLINKED = "UNLINKED"


def status_when_linked(broker: str) -> AccountStatus:
    """A paper account is connected at once; at any other broker somebody has to log in."""
    return AccountStatus.CONNECTED if broker == PAPER else AccountStatus.DISCONNECTED


def no_secret_on_paper(broker: str, secrets_ref: str | None) -> None:
    """Raise Refused for a secret where nothing is secret."""
    if broker == PAPER and secrets_ref is not None:
        raise Refused("paper-has-no-secret", "a paper account has no secret", "secrets_ref")


class FlattenScope(StrEnum):
    """What the kill switch closes: the positions of runs, or everything in the account."""

    OWN = "own"
    ALL = "all"


class Limits(Value, frozen=True, extra="forbid"):
    """Pre-trade limits, each off when absent: counts, and rupees for notional and loss."""

    max_lots: int | None = Field(default=None, gt=0, le=MOST)
    max_notional: Decimal | None = Field(default=None, gt=0, le=MOST)
    max_orders_per_day: int | None = Field(default=None, gt=0, le=MOST)
    max_open_runs: int | None = Field(default=None, gt=0, le=MOST)
    max_daily_loss: Decimal | None = Field(default=None, gt=0, le=MOST)


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


class DriftKind(StrEnum):
    """In what the broker and the platform differ."""

    NET = "NET"  # the net position is not what runs, adopted and external positions add up to
    TRADES = "TRADES"  # the executions of an order are not what the book says it filled
    ORDER = "ORDER"  # an order that no run knows: ours by its tag, or in a contract of ours


class Drift(Value, frozen=True):
    """Where the broker's units are not what they should be; `order` is the broker's id of one."""

    key: str
    product: str
    expected: int
    found: int
    kind: DriftKind = DriftKind.NET
    order: str | None = None

    @property
    def where(self) -> Where:
        """What tells it from any other; its quantities may change."""
        return Where(self.kind, self.key, self.product, self.order)

    @property
    def units(self) -> int:
        """What is there beyond what should be, signed."""
        return self.found - self.expected

    @property
    def text(self) -> str:
        """What a trader reads of it."""
        of = f"{self.key} ({self.product})"
        match self.kind:
            case DriftKind.TRADES:
                return (
                    f"order {self.order} of {of} filled {self.expected} by the book, "
                    f"{self.found} by its trades"
                )
            case DriftKind.ORDER:
                return f"no run knows order {self.order} over {self.found} of {of}"
        return f"the broker has {self.found} of {of}, we expected {self.expected}"


class Where(NamedTuple):
    """The place of a drift."""

    kind: DriftKind
    key: str
    product: str
    order: str | None = None
