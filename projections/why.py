"""Why an order went out: from a fill back to the clock, the price and the person that caused it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from domain.basket import Basket
from domain.model import DomainEvent
from domain.run import Run
from domain.slices import Phase
from domain.strategy import Strategy
from projections.notice_words import because

E = TypeVar("E", bound=DomainEvent)
History = Callable[[str], Sequence[DomainEvent]]


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One event on the way back, and what it says."""

    stream: str
    version: int
    topic: str
    at: datetime
    actor: str
    text: str


def why(history: History, run_id: str, version: int) -> list[Cause]:
    """The event and everything that led to it, newest first; empty if there is no such event."""
    events = [event for event in history(run_id) if event.originator_version <= version]
    if not events or events[-1].originator_version != version:
        return []
    led = {id(event): event for event in (events[-1], *_in_run(events), *_before(history, events))}
    return [_cause(event) for event in sorted(led.values(), key=_place, reverse=True)]


FILLED = Run.SliceSeen | Run.SliceDeclaredFilled


def last_of(events: Sequence[DomainEvent], tags: Sequence[str]) -> int | None:
    """The version of the last event that tells of one of these slices; fills come first."""
    about = [event for event in events if getattr(event, "tag", None) in tags]
    fills = [event for event in about if isinstance(event, FILLED) and event.filled]
    found = fills or about
    return found[-1].originator_version if found else None


def _place(event: DomainEvent) -> tuple[datetime, bool, int]:
    """Of what happened at the same moment, the run comes last."""
    return event.timestamp, event.originator_id.startswith("RUN-"), event.originator_version


def _in_run(events: Sequence[DomainEvent]) -> Iterator[DomainEvent]:
    """What of its own run led to the last of these events."""
    tag = getattr(events[-1], "tag", None)
    released = None
    for event in events:
        if isinstance(event, Run.PhaseReleased) and tag in [each.tag for each in event.slices]:
            released = event
            yield event
        elif tag is not None and getattr(event, "tag", None) == tag:
            yield event
    yield from (event for event in events if isinstance(event, Run.Opened | Run.Planned))
    phase = released.phase if released else None
    if phase in (None, Phase.EXIT_BUY, Phase.EXIT_SELL):
        yield from (event for event in events if isinstance(event, Run.ExitRequested | Run.Entered))


def _before(history: History, events: Sequence[DomainEvent]) -> Iterator[DomainEvent]:
    """What of strategy and basket the run was opened on: the version pinned, the activations."""
    opened = events[0]
    if not isinstance(opened, Run.Opened):
        return
    strategy = [e for e in history(opened.terms.strategy_id) if e.timestamp <= opened.timestamp]
    defined = [e for e in strategy if isinstance(e, Strategy.Drafted | Strategy.Edited)]
    yield from defined[opened.terms.strategy_edition - 1 : opened.terms.strategy_edition]
    yield from [e for e in strategy if isinstance(e, Strategy.Activated)][-1:]
    basket = [e for e in history(opened.terms.basket_id) if e.timestamp <= opened.timestamp]
    yield from [e for e in basket if isinstance(e, Basket.Activated)][-1:]


def _cause(event: DomainEvent) -> Cause:
    return Cause(
        stream=event.originator_id,
        version=event.originator_version,
        topic=str(event.TOPIC),  # type: ignore[attr-defined]  # every event class has one
        at=event.timestamp,
        actor=event.actor,
        text=_of_slice(event) or _of_plan(event) or type(event).__name__,
    )


def _of_slice(event: DomainEvent) -> str | None:
    match event:
        case Run.SliceSeen():
            return f"{event.status}: {event.filled} filled at ₹{event.average_price} on average"
        case Run.SliceAccepted():
            return f"the broker took it as order {event.broker_order_id}"
        case Run.SliceRejected() | Run.SliceUnsent() | Run.SliceUnknown():
            return event.message
        case Run.SliceDeclaredFilled():
            return f"declared: {event.filled} filled at ₹{event.average_price}, {event.why}"
        case Run.SliceAbsent():
            return f"the broker never had it: {event.evidence}"
        case Run.PriceWished():
            return f"the trader wanted it at ₹{event.price}"
        case Run.Repriced():
            return f"moved to ₹{event.price}"
        case Run.CancelAsked():
            return "to be cancelled"
        case Run.ChangeRefused():
            return f"the broker did not change it: {event.message}"
        case Run.PhaseReleased():
            return f"{event.phase} released: {len(event.slices)} order(s)"
    return None


def _of_plan(event: DomainEvent) -> str | None:
    match event:
        case Run.ExitRequested():
            at = "" if event.mtm is None else f", at a profit of ₹{event.mtm}"
            return because(f"leaving ({event.reason})", event.detail) + at
        case Run.Entered():
            return f"entered for ₹{event.net_premium} net"
        case Run.Planned():
            legs = ", ".join(f"{leg.side} {leg.contract.tradingsymbol}" for leg in event.legs)
            price, source = event.reference.price, event.reference.source
            at = source if price is None else f"{source} ₹{price}"
            return f"chosen at {at}: {legs}"
        case Run.Opened():
            return f"opened for slot {event.slot} at multiplier {event.terms.multiplier}"
        case Strategy.Drafted() | Strategy.Edited():
            return f"defined as {event.definition.type} {event.definition.name}"
        case Strategy.Activated():
            return "the strategy was activated"
        case Basket.Activated():
            return "the basket was activated"
    return None
