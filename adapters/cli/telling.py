"""What a run's events say, in a trader's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from adapters.cli.showing import ist, rupees
from domain.model import ENVELOPE, DomainEvent
from domain.run import Run
from domain.slices import Leg, Slice
from domain.strategy import Strategy
from projections.notice_words import because


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Something the platform decided or met, when, and by whom."""

    run_id: str
    strategy: str
    version: int
    at: datetime
    actor: str
    what: str
    says: str


@dataclass(frozen=True, kw_only=True)
class FillTold:
    """Units of one order that filled, at an average price in ₹."""

    run_id: str
    strategy: str
    version: int
    at: datetime
    tag: str
    broker_order_id: str
    contract: str
    side: str
    quantity: int
    price: Decimal


#: What the broker's book says is no decision; fills are told apart.
NO_DECISION = (Run.SliceAccepted, Run.SliceSeen, Run.Claimed, Run.Marked)


def decisions(events: Sequence[DomainEvent]) -> Iterator[Decision]:
    """What was decided, oldest first."""
    for event in events:
        if not isinstance(event, NO_DECISION):
            yield Decision(
                run_id=event.originator_id,
                strategy=strategy_of(events),
                version=event.originator_version,
                at=event.timestamp,
                actor=event.actor,
                what=words(event),
                says=says(event),
            )


def fills(events: Sequence[DomainEvent]) -> Iterator[FillTold]:
    """What filled, each time the broker's book showed more of it."""
    contracts, slices = places(events)
    known: dict[str, tuple[int, Decimal]] = {}
    for event in events:
        if not isinstance(event, Run.SliceSeen | Run.SliceDeclaredFilled):
            continue
        before, value = known.get(event.tag, (0, Decimal(0)))
        total = event.filled * event.average_price
        known[event.tag] = (event.filled, total)
        if event.filled <= before:
            continue
        intent = slices[event.tag]
        yield FillTold(
            run_id=event.originator_id,
            strategy=strategy_of(events),
            version=event.originator_version,
            at=event.timestamp,
            tag=event.tag,
            broker_order_id=getattr(event, "broker_order_id", ""),  # declared: nobody knows it
            contract=contracts[intent.leg].contract.key,
            side=intent.side,
            quantity=event.filled - before,
            price=(total - value) / (event.filled - before),
        )


def places(events: Iterable[DomainEvent]) -> tuple[tuple[Leg, ...], dict[str, Slice]]:
    """The legs of a run, and its slices by tag."""
    legs: tuple[Leg, ...] = ()
    slices: dict[str, Slice] = {}
    for event in events:
        if isinstance(event, Run.Planned):
            legs = event.legs
        elif isinstance(event, Run.PhaseReleased):
            slices |= {each.tag: each for each in event.slices}
    return legs, slices


def strategy_of(events: Sequence[DomainEvent]) -> str:
    """The name of the strategy a run is of; a flattening run has none."""
    opened = events[0] if events else None
    return str(opened.definition.get("name", "–")) if isinstance(opened, Run.Opened) else "–"


#: What an event is called where its own name would tell a trader nothing.
CALLED: Final[Mapping[type[DomainEvent], str]] = {
    Run.Opened: "run opened",
    Run.PhaseReleased: "intent stored",
    Run.SliceAccepted: "accepted by the broker",
    Run.SliceSeen: "in the broker's book",
    Run.SliceRejected: "rejected by the broker",
    Run.SliceUnsent: "not sent",
    Run.SliceUnknown: "outcome unknown",
    Run.SliceAbsent: "never at the broker",
    Run.SliceDeclaredFilled: "declared filled",
}


def words(event: DomainEvent) -> str:
    """`exit requested` for Run.ExitRequested, `basket activated` for Basket.Activated."""
    if type(event) in CALLED:
        return CALLED[type(event)]
    of, _, name = type(event).__qualname__.rpartition(".")
    return spaced(name if of == Run.__name__ else of + name)


def spaced(name: str) -> str:
    """`exit requested` for ExitRequested."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


def says(event: DomainEvent) -> str:
    """The event's own words; for those without, its fields."""
    match event:
        case Run.Opened():
            return f"for {ist(event.due_at)} IST, version {event.terms.strategy_edition}"
        case Run.Skipped() | Run.ExitRequested():
            return because(event.reason, event.detail)
        case Run.Planned():
            return _planned(event)
        case Run.PhaseReleased():
            sent = (
                f"{each.side} {each.quantity} of leg {each.leg + 1} at {rupees(each.price)} "
                f"({each.tag})"
                for each in event.slices
            )
            return f"{event.phase}: {'; '.join(sent)}"
        case Run.Entered():
            return f"net premium {rupees(event.net_premium)}"
        case Run.Closed():
            made = event.realised - event.charges
            return f"{event.outcome}: {rupees(made)} after charges of {rupees(event.charges)}"
        case Strategy.Drafted() | Strategy.Edited():
            return event.definition.name
        case Run.SliceSeen():
            return (
                f"{event.status}, {event.filled} filled at {rupees(event.average_price)} "
                f"({event.tag}, order {event.broker_order_id})"
            )
    return ", ".join(f"{name} {value}" for name, value in own_fields(event) if value is not None)


def own_fields(event: DomainEvent) -> Iterator[tuple[str, object]]:
    """What the event says besides who, when and why."""
    return ((name, value) for name, value in event if name not in ENVELOPE)


def _planned(event: Run.Planned) -> str:
    legs = ", ".join(
        f"{leg.side} {leg.quantity} {leg.contract.tradingsymbol}" for leg in event.legs
    )
    until = f", until {ist(event.exit_at)} IST" if event.exit_at else ""
    return f"on {rupees(event.reference.price)} ({event.reference.source}): {legs}{until}"
