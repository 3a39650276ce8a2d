"""What a run does next: one pure, level-triggered decision over its state, the time and the facts.

Calling it again after its steps are recorded gives what follows; a lost trigger costs time, never
an order. It decides for one owner at a time: while another worker's lease runs, it only waits.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from domain import arming, entering, leaving, watching
from domain.alarms import EXIT_BLOCKED, exit_blocked
from domain.book import BookOrder, OrderStatus
from domain.calendar import IST, MARKET
from domain.ledger import find, flat, live, worst_uncovered
from domain.pacing import POLL, in_session
from domain.run import ALERT_AGAIN, Run
from domain.run_terms import Stage
from domain.slice_state import SliceState
from domain.slices import SliceStatus
from domain.steps import (
    Alert,
    Ask,
    CallAbsent,
    CallUnknown,
    ClearAlert,
    Facts,
    Leave,
    Need,
    See,
    Step,
    Steps,
    Wait,
)

BOOK_SETTLES = timedelta(minutes=5)
TROUBLE_POLL = timedelta(seconds=1)
CLOSED_POLL = timedelta(seconds=30)


def next_steps(run: Run, now: datetime, facts: Facts) -> Steps:
    """The steps to record and do next; empty when the run has ended."""
    if run.stage.ended:
        return ()
    if run.lease_until and now < run.lease_until and run.worker != facts.worker:
        return (Wait(run.lease_until),)
    if watched(run, now):
        if facts.trouble:
            return trouble(run, now, facts.trouble)
        if steps := look(run, now, facts):
            return steps
    if run.stage is Stage.PENDING:
        return arming.next_steps(run, now, facts)
    if run.stage is not Stage.EXITING and worst_uncovered(run) > run.allowed_uncovered:
        return (Leave("UNCOVERED", f"{worst_uncovered(run)} units are short without cover"),)
    if run.stage is Stage.ENTERING:
        return entering.next_steps(run, now, facts)
    if run.stage is Stage.OPEN:
        return watching.next_steps(run, now, facts)
    return leaving.next_steps(run, now, facts)


def watched(run: Run, now: datetime) -> list[SliceState]:
    """Slices that may still fill, and those of today that were declared away, but may surface."""
    lost = (s for s in run.slices.values() if s.status is SliceStatus.ABSENT or s.declared)
    return live(run) + [s for s in lost if s.of_today(now)]


def trouble(run: Run, now: datetime, why: str) -> Steps:
    """The broker cannot be asked: say so, and try again.

    While the market trades it is said every minute where an exit waits or something is held.
    """
    wait = Wait(now + (TROUBLE_POLL if in_session(now) else CLOSED_POLL))
    if run.stage is Stage.EXITING:
        loud = in_session(now) or EXIT_BLOCKED not in run.alerts
        return (*exit_blocked(run, why, now), wait) if loud else (wait,)
    said = run.alerts.get("BROKER_SILENT")
    again = said is not None and now >= said + ALERT_AGAIN and in_session(now) and not flat(run)
    return (Alert("BROKER_SILENT", why), wait) if said is None or again else (wait,)


def look(run: Run, now: datetime, facts: Facts) -> Steps:
    """Read the broker's book before anything else, and record what it tells of these slices."""
    if facts.book is None:
        return (Ask(frozenset({Need.BOOK})),)
    steps: list[Step] = []
    if "BROKER_SILENT" in run.alerts:
        steps.append(ClearAlert("BROKER_SILENT"))
    for state in watched(run, now):
        if state.of_today(now):
            steps += by_book(run, state, now, facts)
        else:
            steps += by_positions(run, state, now, facts)
    return tuple(steps)


def by_book(run: Run, state: SliceState, now: datetime, facts: Facts) -> Steps:
    tag = state.intent.tag
    row = find(state, facts.book or ())
    if row is not None:
        seen = See(tag, row)
        return (seen,) if run.slices[tag].told_more_by(row) else ()
    if state.status is SliceStatus.RELEASED:
        return (CallUnknown(tag, "released by a worker that ended, and not in the book"),)
    if state.status is not SliceStatus.UNKNOWN or state.unknown_since is None:
        return ()
    session = MARKET.session(now.astimezone(IST).date())
    if session is None or now >= session.close + BOOK_SETTLES:
        return (CallAbsent(tag, "not in the order book after the close"),)
    if "UNKNOWN_ORDER" not in state.alerts and past_window(run, state, now):
        return (Alert("UNKNOWN_ORDER", f"order {tag} may or may not be at the broker", tag),)
    return ()


def past_window(run: Run, state: SliceState, now: datetime) -> bool:
    """Whether the book has been searched for as long as an order was ever seen to be late."""
    window = timedelta(seconds=run.terms.unknown_window_s)
    return state.unknown_since is not None and now >= state.unknown_since + window


def by_positions(run: Run, state: SliceState, now: datetime, facts: Facts) -> Steps:
    """A day later only the broker's net can tell, and where it cannot, the trader."""
    tag = state.intent.tag
    if facts.drift is None:
        # Fills fell between the looks at book and positions: they have to be taken again.
        between = Need.DRIFT in facts.asked
        return (Wait(now + POLL),) if between else (Ask(frozenset({Need.DRIFT})),)
    drift = facts.drift.get(state.contract.key, 0)
    if drift == 0:
        return (CallAbsent(tag, "the next day's positions agree without it"),)
    if (gone := left_unseen(run, state, drift, now)) is not None:
        return (See(tag, gone),)
    why = f"{state.contract.key} differs by {drift} units after {tag}"
    if state.status is not SliceStatus.UNKNOWN:
        return (CallUnknown(tag, f"its day's book is gone, and {why}"),)
    return () if "DRIFT" in run.alerts else (Alert("DRIFT", why),)


def left_unseen(run: Run, state: SliceState, drift: int, now: datetime) -> BookOrder | None:
    """An exit that filled while nobody looked, where the broker's net is explained by it alone,
    or by all the orders that it was cut into.

    At its limit, for the price went with its day's book. An entry is left to the trader: what is
    held may be a trade by hand, and a run must not sell what is not its own.
    """
    intent, units = state.intent, state.intent.side.sign * drift
    there = [s for s in live(run) if s.contract.key == state.contract.key]
    if any(s.intent.phase is not intent.phase or s.of_today(now) for s in there):
        return None
    if len(there) > 1 and units == sum(s.remaining for s in there):
        units = state.remaining
    elif len(there) > 1:
        return None
    if intent.phase.is_entry or not 0 < units <= state.remaining:
        return None
    filled = state.filled + units
    paid = state.filled * state.average_price + units * state.price
    return BookOrder(
        broker_order_id=state.broker_order_id or "",
        tags=(intent.tag,),
        key=state.contract.key,
        side=intent.side,
        product=run.terms.product.value,
        quantity=intent.quantity,
        filled=filled,
        average_price=paid / filled,
        status=OrderStatus.COMPLETE if filled == intent.quantity else OrderStatus.CANCELLED,
        price=state.price,
        message="the next day's positions say so; counted at its limit",
    )
