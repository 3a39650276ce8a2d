"""Before the entry: waiting for the second, then going in, or saying why not."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.model import Refused
from domain.releasing import buys, release, sells, slices_for
from domain.run import Run
from domain.slices import Phase
from domain.steps import Adopt, Ask, Claim, Facts, Need, Plan, Skip, Steps, Wait

RETRY = timedelta(seconds=1)
#: Refusals that another second may lift; any other ends the run at once.
PASSING = frozenset({"stale-quote", "stale-spot", "no-quote", "no-listing", "broker-unavailable"})


def next_steps(run: Run, now: datetime, facts: Facts) -> Steps:
    if run.exit_reason is not None:
        return (Skip(run.exit_reason, "withdrawn before its time"),)
    if now < run.due_at:
        return (Wait(run.due_at),)
    grace = run.due_at + timedelta(seconds=run.terms.entry_grace_s)
    if now > grace:
        return (Skip("MISSED", f"due at {run.due_at:%H:%M:%S} UTC, noticed at {now:%H:%M:%S}"),)
    wanted = frozenset({Need.BLOCK, Need.PLAN})
    if not wanted <= facts.asked:
        return (Ask(wanted),)
    if facts.block is not None:
        return (Skip("BLOCKED", facts.block),)
    if isinstance(facts.plan, Plan):
        if facts.plan.exit_at is not None and now >= facts.plan.exit_at:
            return (Skip("EXIT_TIME_PASSED", f"it would leave at {facts.plan.exit_at:%H:%M} UTC"),)
        return fire(run, facts.plan, now, facts)
    return held_back(facts.plan, now, grace, facts)


def held_back(why: Refused | None, now: datetime, grace: datetime, facts: Facts) -> Steps:
    code = why.code if why else "no-plan"
    again = min(facts.next_tick or now + RETRY, now + RETRY)
    if code in PASSING and again <= grace:
        return (Wait(again),)
    return (Skip(code.upper().replace("-", "_"), why.message if why else "no plan was made"),)


def fire(run: Run, plan: Plan, now: datetime, facts: Facts) -> Steps:
    """The plan, the claim and the first phase, in one commit."""
    first = Phase.ENTRY_BUY if buys(plan.legs) else Phase.ENTRY_SELL
    numbers = buys(plan.legs) or sells(plan.legs)
    wanted = {n: plan.legs[n].quantity for n in numbers}
    slices = slices_for(run, first, wanted, plan.legs, facts, now)
    if slices is None:
        grace = run.due_at + timedelta(seconds=run.terms.entry_grace_s)
        return held_back(Refused("stale-quote", "a leg has no fresh price"), now, grace, facts)
    released = release(run, first, slices, facts, now)
    claimed = tuple(s for s in released if isinstance(s, Claim))
    rest = tuple(s for s in released if not isinstance(s, Claim))
    return (*claimed, Adopt(plan), *rest)
