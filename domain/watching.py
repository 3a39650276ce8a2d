"""In the market: the exit time, the risk limits on every tick, the night and the expiry."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.alarms import EXIT_BLOCKED, exit_blocked
from domain.calendar import IST, MARKET
from domain.ledger import flat, held
from domain.risk import breached
from domain.run import Run
from domain.settling import after_close
from domain.steps import Alert, Ask, ClearAlert, Facts, Leave, MarkDay, Need, Steps, Wait
from domain.valuation import run_mtm

TICK = timedelta(seconds=1)
INSTANT = timedelta(milliseconds=1)


def next_steps(run: Run, now: datetime, facts: Facts) -> Steps:
    if flat(run):
        return (Leave("FLAT", "nothing is held any more"),)
    if run.exit_at is not None and now >= run.exit_at:
        return (Leave("TIME", f"exit at {run.exit_at.astimezone(IST):%Y-%m-%d %H:%M:%S} IST"),)
    session = MARKET.session(now.astimezone(IST).date())
    if session is None or now < session.open or now >= session.close:
        return overnight(run, now, facts)
    if Need.QUOTES not in facts.asked:
        return (Ask(frozenset({Need.QUOTES})),)
    return (*blocked(run, now, facts), *by_price(run, now, facts))


def blocked(run: Run, now: datetime, facts: Facts) -> Steps:
    """Something is held and nobody is logged in: said every minute, before it has to be left."""
    if facts.logged_out is not None:
        return exit_blocked(run, facts.logged_out, now)
    return (ClearAlert(EXIT_BLOCKED),) if EXIT_BLOCKED in run.alerts else ()


def by_price(run: Run, now: datetime, facts: Facts) -> Steps:
    """The risk limits at these prices; none is judged by a stale one."""
    mtm = run_mtm(run, facts.quotes, now)
    if mtm is None:
        alert = Alert("STALE_QUOTES", "no fresh price, no decision")
        wake = Wait(next_look(run, now, facts))
        return (wake,) if "STALE_QUOTES" in run.alerts else (alert, wake)
    wake = Wait(min(next_look(run, now, facts), stale_from(run, facts)))
    if trigger := breached(
        run.terms.risk, run.terms.multiplier, mtm, run.net_premium, entry_complete=True
    ):
        return (Leave(trigger.value, f"MTM ₹{mtm:.2f}", mtm),)
    return (ClearAlert("STALE_QUOTES"), wake) if "STALE_QUOTES" in run.alerts else (wake,)


def next_look(run: Run, now: datetime, facts: Facts) -> datetime:
    tick = facts.next_tick or now + TICK
    return min(tick, run.exit_at) if run.exit_at else tick


def stale_from(run: Run, facts: Facts) -> datetime:
    """When the first of these marks may no longer be decided upon, should no price come."""
    keys = [leg.contract.key for number, leg in enumerate(run.legs) if held(run, number)]
    return min(facts.quotes[key].at + facts.quotes[key].valid_for for key in keys) + INSTANT


def overnight(run: Run, now: datetime, facts: Facts) -> Steps:
    """After the close: settle what expired, keep the day's mark, wait for the next session."""
    if steps := after_close(run, now, facts):
        return steps
    today = now.astimezone(IST).date()
    session = MARKET.session(today)
    if session is not None and now >= session.close and today.isoformat() not in run.marks:
        if Need.QUOTES not in facts.asked:
            return (Ask(frozenset({Need.QUOTES})),)
        mtm = run_mtm(run, facts.quotes, min(now, session.close))
        if mtm is not None:
            return (MarkDay(today.isoformat(), mtm),)
    morning = MARKET.session(MARKET.next_session(today))
    if session is not None and now < session.open:
        return (Wait(session.open),)
    return (Wait(morning.open if morning else now + timedelta(days=1)),)
