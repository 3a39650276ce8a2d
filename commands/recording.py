"""Steps become events: what a run decided is recorded by its own methods, in one commit."""

from __future__ import annotations

from collections.abc import Iterable

from domain import steps as s
from domain.run import Run


def record_all(run: Run, steps: Iterable[s.Step], worker: str) -> None:
    """Record the steps of one decision, in their order."""
    for step in steps:
        record(run, step, worker)


def record(run: Run, step: s.Step, worker: str) -> None:
    """Record one step; asking and waiting leave no trace."""
    match step:
        case s.Skip():
            run.skip(step.reason, step.detail)
        case s.Claim():
            run.claim(step.epoch, worker, step.until)
        case s.Adopt(plan):
            run.plan(plan.legs, plan.reference, plan.allowed_uncovered, plan.exit_at)
        case s.Enter():
            run.enter(step.net_premium)
        case s.Leave():
            run.request_exit(step.reason, step.detail, step.mtm)
        case s.Close():
            run.close(step.outcome, step.realised, step.charges)
        case _:
            record_order(run, step)


def record_order(run: Run, step: s.Step) -> None:
    """Record a step that concerns orders and what the broker said of them."""
    match step:
        case s.Release():
            run.release(step.phase, step.slices)
        case s.Reprice():
            run.reprice(step.tag, step.price)
        case s.Cancel():
            run.ask_cancel(step.tag)
        case s.See():
            run.see(step.tag, step.row)
        case s.CallUnknown():
            run.lose_sight(step.tag, step.why)
        case s.CallAbsent():
            run.absent(step.tag, step.evidence)
        case _:
            record_watch(run, step)


def record_watch(run: Run, step: s.Step) -> None:
    """Record alarms, marks and settlements."""
    match step:
        case s.Alert():
            run.alert(step.kind, step.detail, step.tag)
        case s.ClearAlert():
            run.clear_alert(step.kind)
        case s.Settle(leg, quantity, price):
            run.settle(leg, quantity, price.price, price.estimated)
        case s.MarkDay():
            run.mark(step.day, step.mtm)
