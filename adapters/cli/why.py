"""From an event back to what caused it: to the request, or to the schedule and its tick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.markup import escape
from rich.tree import Tree

from adapters.cli.home import Home, every
from adapters.cli.showing import ist
from adapters.cli.telling import places, says, words
from domain.account import BrokerAccount
from domain.basket import Basket
from domain.calendar import IST
from domain.model import DomainEvent
from domain.run import Run
from domain.strategy import Strategy
from projections.orders import ORDERS, OrderRow, orders_of
from projections.why import FILLED

Events = Sequence[DomainEvent]


@dataclass(frozen=True, kw_only=True)
class Cause:
    """An event, or a tick of the clock, with what caused it."""

    event: str
    """STREAM@VERSION; a tick has none."""
    at: datetime
    actor: str
    what: str
    says: str
    correlation_id: str | None
    causation_id: str | None
    because: tuple[Cause, ...] = ()


def cause_of(home: Home, what: str) -> Cause | None:
    """The causes of what is named; None where nothing is called so."""
    named = event_named(home, what) or of_order(home, what) or of_tag(home, what)
    return None if named is None else explained(home, *named)


def tree(cause: Cause, above: Tree | None = None) -> Tree:
    """The same for people."""
    says_more = f": {escape(cause.says)}" if cause.says else ""
    told = f"[bold]{cause.what}[/]{says_more} [dim]{ist(cause.at, fine=True)} by {cause.actor}[/]"
    if cause.event:
        told += f" [dim]{cause.event}[/]"
    node = Tree(told) if above is None else above.add(told)
    for each in cause.because:
        tree(each, node)
    return node


# ── what is named ─────────────────────────────────────────────────────────────────────────


def event_named(home: Home, what: str) -> tuple[Events, DomainEvent] | None:
    """An event by stream and version, or the last one of a stream."""
    stream, mark, version = what.rpartition("@") if "@" in what else what.rpartition(":")
    if mark and version.isdigit():
        events = home.history(stream)
        return next(((events, e) for e in events if e.originator_version == int(version)), None)
    events = home.history(what)
    return (events, events[-1]) if events else None


def of_order(home: Home, what: str) -> tuple[Events, DomainEvent] | None:
    """The last news of `RUN-…-ENTRY-1` or `RUN-…-EXIT-1`."""
    run_id, mark, _ = what.rpartition("-ENTRY-") if "-ENTRY-" in what else what.rpartition("-EXIT-")
    events = home.history(run_id) if mark else ()
    _, slices = places(events)
    own = {tag for tag, each in slices.items() if f"{run_id}-{each.phase.order}" == what}
    return last_of(events, own)


def of_tag(home: Home, what: str) -> tuple[Events, DomainEvent] | None:
    """The last news of an order at the broker, by our tag or its id there."""
    for user in home.readers():
        for order in orders_sent(home, user.id):
            sent = [each for leg in order.legs for each in leg.slices]
            if tags := {each.tag for each in sent if what in (each.tag, each.broker_order_id)}:
                return last_of(home.history(order.run_id), tags)
    return None


def orders_sent(home: Home, user_id: str) -> list[OrderRow]:
    """A user's orders."""
    view = home.view(ORDERS)
    return every(lambda cursor: orders_of(view, user_id, cursor=cursor, limit=500))


def last_of(events: Events, tags: set[str]) -> tuple[Events, DomainEvent] | None:
    """The last event about one of these tags, fills before everything else."""
    own = [event for event in events if getattr(event, "tag", None) in tags]
    filled = [event for event in own if isinstance(event, FILLED) and event.filled]
    found = filled or own
    return (events, found[-1]) if found else None


# ── what caused it ────────────────────────────────────────────────────────────────────────


def explained(home: Home, events: Events, event: DomainEvent) -> Cause:
    """The event with its causes, as far back as there are any."""
    if isinstance(event, Run.Opened):
        return told(event, opened_by(home, event))
    if isinstance(event, Run.ExitRequested) and event.actor == "kill-switch":
        return told(event, blocked_by(home, events[0]))
    before = cause_within(events, event)
    return told(event, () if before is None else (explained(home, events, before),))


def told(event: DomainEvent, because: tuple[Cause, ...]) -> Cause:
    return Cause(
        event=f"{event.originator_id}@{event.originator_version}",
        at=event.timestamp,
        actor=event.actor,
        what=words(event),
        says=says(event),
        correlation_id=event.correlation_id,
        causation_id=event.causation_id,
        because=because,
    )


def cause_within(events: Events, event: DomainEvent) -> DomainEvent | None:
    """The event of the same stream that this one follows from; None for a request from outside."""
    earlier = [each for each in events if each.originator_version < event.originator_version]
    tag = getattr(event, "tag", None)
    if tag is not None:
        return last_where(earlier, lambda e: getattr(e, "tag", None) == tag or released(e, tag))
    if isinstance(event, Run.PhaseReleased):
        decided = Run.Planned if event.phase.is_entry else Run.ExitRequested
        return last_where(earlier, lambda e: isinstance(e, decided)) or recorded(earlier, event)
    if isinstance(event, Run.ExitRequested) and event.actor == "system":
        return last_where(earlier, lambda e: isinstance(e, Run.Entered)) or recorded(earlier, event)
    return recorded(earlier, event)


def recorded(earlier: Events, event: DomainEvent) -> DomainEvent | None:
    """The event that its causation id names: the state that its decision rested on."""
    _, _, version = (event.causation_id or "").rpartition(":")
    if not version.isdigit():
        return None
    return last_where(earlier, lambda each: each.originator_version == int(version))


def last_where(events: Events, fits: Callable[[DomainEvent], bool]) -> DomainEvent | None:
    return next((each for each in reversed(events) if fits(each)), None)


def released(event: DomainEvent, tag: str) -> bool:
    """Whether this is where the intent to send that order was stored."""
    return isinstance(event, Run.PhaseReleased) and any(each.tag == tag for each in event.slices)


def opened_by(home: Home, opened: Run.Opened) -> tuple[Cause, ...]:
    """The tick of the clock, and what made the strategy be due at it: or whoever asked."""
    strategy = home.history(opened.terms.strategy_id)
    defined = [e for e in strategy if isinstance(e, Strategy.Drafted | Strategy.Edited)]
    edition = opened.terms.strategy_edition
    versions = defined[edition - 1 : edition]
    active = [last_before(strategy, Strategy.Activated, opened)]
    active.append(last_before(home.history(opened.terms.basket_id), Basket.Activated, opened))
    grounds = [explained(home, (), each) for each in (*active, *versions) if each is not None]
    if opened.actor != "schedule":
        return tuple(grounds)
    tick = Cause(
        event="",
        at=opened.due_at,
        actor="schedule",
        what="tick of the clock",
        says=f"the slot {opened.due_at.astimezone(IST):%a %d %b %Y %H:%M:%S} IST was due",
        correlation_id=opened.correlation_id,
        causation_id=None,
        because=tuple(grounds),
    )
    return (tick,)


def blocked_by(home: Home, opened: DomainEvent) -> tuple[Cause, ...]:
    """The kill switch that made a run leave."""
    if not isinstance(opened, Run.Opened):
        return ()
    account = home.history(opened.terms.account_id)
    blocks = [each for each in account if isinstance(each, BrokerAccount.Blocked)]
    return tuple(told(each, ()) for each in blocks[-1:])


def last_before(events: Events, kind: type[DomainEvent], opened: DomainEvent) -> DomainEvent | None:
    """The last of its kind that was there when the run was opened."""
    return last_where(
        events, lambda each: isinstance(each, kind) and each.timestamp <= opened.timestamp
    )
