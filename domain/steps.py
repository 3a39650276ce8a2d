"""What a run may do next, and what must be known to decide it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from domain.book import BookOrder
from domain.model import Refused
from domain.quote import Quote
from domain.run_terms import Reference
from domain.slices import Leg, Phase, Slice


class Need(StrEnum):
    """Something to be looked up before a decision."""

    BOOK = "BOOK"
    QUOTES = "QUOTES"
    BLOCK = "BLOCK"
    PLAN = "PLAN"
    DRIFT = "DRIFT"
    SETTLEMENT = "SETTLEMENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The strategy in listed contracts, and what its worst stage may leave uncovered, in units."""

    legs: tuple[Leg, ...]
    reference: Reference
    allowed_uncovered: int
    exit_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What one unit of an expired contract pays, in ₹; estimated where no official price is."""

    price: Decimal
    estimated: bool


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was looked up for one decision; what was not is None, and has to be asked for.

    `drift` is the broker's net minus what runs, adoptions and hand trades explain, by contract key.
    """

    worker: str
    install: str = ""
    asked: frozenset[Need] = frozenset()
    book: tuple[BookOrder, ...] | None = None
    quotes: Mapping[str, Quote] = field(default_factory=dict)
    block: str | None = None
    plan: Plan | Refused | None = None
    drift: Mapping[str, int] | None = None
    settlement: Mapping[str, Settlement] = field(default_factory=dict)
    next_tick: datetime | None = None
    trouble: str | None = None
    """Why the broker cannot be asked now: session expired, or no answer."""
    logged_out: str | None = None
    """Why no order could be sent for the account, where it has no session."""


@dataclass(frozen=True, slots=True)
class Ask:
    needs: frozenset[Need]


@dataclass(frozen=True, slots=True)
class Wait:
    until: datetime


@dataclass(frozen=True, slots=True)
class Skip:
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Claim:
    epoch: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Adopt:
    """Take the plan as this run's own."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Release:
    phase: Phase
    slices: tuple[Slice, ...]


@dataclass(frozen=True, slots=True)
class Reprice:
    tag: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class Cancel:
    tag: str


@dataclass(frozen=True, slots=True)
class See:
    tag: str
    row: BookOrder


@dataclass(frozen=True, slots=True)
class CallUnknown:
    tag: str
    why: str


@dataclass(frozen=True, slots=True)
class CallAbsent:
    tag: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Enter:
    net_premium: Decimal


@dataclass(frozen=True, slots=True)
class Leave:
    reason: str
    detail: str
    mtm: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """`tag`: the order it is about, of which it is said once."""

    kind: str
    detail: str
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class ClearAlert:
    kind: str


@dataclass(frozen=True, slots=True)
class Settle:
    leg: int
    quantity: int
    settlement: Settlement


@dataclass(frozen=True, slots=True)
class MarkDay:
    day: str
    mtm: Decimal


@dataclass(frozen=True, slots=True)
class Close:
    outcome: str
    realised: Decimal
    charges: Decimal


Step = (
    Ask | Wait | Skip | Claim | Adopt | Release | Reprice | Cancel | See | CallUnknown
    | CallAbsent | Enter | Leave | Alert | ClearAlert | Settle | MarkDay | Close
)  # fmt: skip
Steps = tuple[Step, ...]
