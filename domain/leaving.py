"""Coming out: reduce-only, shorts before the hedges that cover them, until flat and resolved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.alarms import EXIT_BLOCKED, exit_blocked
from domain.calendar import IST, MARKET
from domain.charging import run_charges
from domain.contract import Side
from domain.entering import UNSENT_RETRY, only_the_price
from domain.ledger import cash, flat, held, live, of_leg, of_phase, withheld
from domain.pacing import POLL, cancels, in_session, look_again, reprice_or_wait, stale_for
from domain.releasing import release, slices_for
from domain.run import Run
from domain.settling import after_close
from domain.slice_state import SliceState
from domain.slices import Phase, SliceStatus
from domain.steps import Alert, Ask, ClearAlert, Close, Facts, Need, Release, Step, Steps, Wait

REFUSED_AGAIN = timedelta(seconds=60)
UNSENT_AT_MOST = timedelta(seconds=5)
#: Shorter pauses than this are part of the trade, and no reason to call the trader.
LONG = timedelta(seconds=2)


def next_steps(run: Run, now: datetime, facts: Facts) -> Steps:
    if steps := after_close(run, now, facts):
        return steps
    entries = [s for s in of_phase(run, Phase.ENTRY_BUY, Phase.ENTRY_SELL) if s.live]
    # An order of yesterday is no longer there to be cancelled: positions say what it did.
    at_broker = [s for s in entries if s.status is SliceStatus.OPEN and s.of_today(now)]
    if (at_broker or not flat(run)) and (late := slow(run, now)):
        return late
    if at_broker and in_session(now):
        return cancels(run, at_broker, now, facts) or (Wait(now + POLL),)
    if flat(run):
        return ended(run, now, facts)
    if not in_session(now):
        return (Wait(min(next_open(now), look_again(run, now)) if live(run) else next_open(now)),)
    # Where nothing may be sent, only what covers an order of unknown outcome is left: search on.
    buying = leave_by(run, Phase.EXIT_BUY, shorts(run, now), now, facts)
    return (
        buying
        or leave_by(run, Phase.EXIT_SELL, longs(run), now, facts)
        or (Wait(look_again(run, now)),)
    )


def ended(run: Run, now: datetime, facts: Facts) -> Steps:
    """Flat: cancel what is left, wait until every tag is resolved, then close."""
    rest = live(run)
    if not rest:
        return (Close(run.exit_reason or "EXPIRED", cash(run), run_charges(run)),)
    if in_session(now) and (steps := cancels(run, rest, now, facts)):
        return steps
    return (Wait(look_again(run, now)),)


def slow(run: Run, now: datetime) -> Steps:
    asked = run.exit_requested_at
    if "EXIT_SLOW" in run.alerts or asked is None:
        return ()
    if now < asked + timedelta(seconds=run.terms.exit_alert_s):
        return ()
    return (Alert("EXIT_SLOW", f"not flat {run.terms.exit_alert_s} s after the exit began"),)


def next_open(now: datetime) -> datetime:
    today = now.astimezone(IST).date()
    session = MARKET.session(today)
    if session is not None and now < session.open:
        return session.open
    following = MARKET.session(MARKET.next_session(today))
    return following.open if following else now + timedelta(days=1)


def shorts(run: Run, now: datetime) -> dict[int, int]:
    """Units to buy back by leg, beyond what live purchases may still bring.

    A purchase of unknown outcome counts as live for the search window only: repeating it risks an
    extra long at worst, which is then sold; not repeating it leaves a short.
    """
    owed: dict[int, int] = {}
    window = timedelta(seconds=run.terms.unknown_window_s)
    for number in range(len(run.legs)):
        coming = sum(
            s.remaining
            for s in of_leg(run, number)
            if s.intent.side is Side.BUY
            and not (s.unknown_since is not None and now >= s.unknown_since + window)
        )
        owed[number] = max(0, -held(run, number) - coming)
    return owed


def longs(run: Run) -> dict[int, int]:
    """Units to sell by leg: never what covers a short that is held, live or unknown."""
    if any(held(run, n) < 0 for n in range(len(run.legs))):
        return {}
    keep = dict(withheld(run))
    owed: dict[int, int] = {}
    for number, leg in enumerate(run.legs):
        going = sum(s.remaining for s in of_leg(run, number) if s.intent.side is Side.SELL)
        units = max(0, held(run, number) - going)
        kept = min(units, keep[leg.contract.option_type])
        keep[leg.contract.option_type] -= kept
        owed[number] = units - kept
    return owed


def capped(
    run: Run, phase: Phase, owed: Mapping[int, int], drift: Mapping[str, int]
) -> dict[int, int]:
    """No more than the broker's net leaves of it, should somebody have traded our contracts."""
    wanted = {}
    for number, units in owed.items():
        beyond = drift.get(run.legs[number].contract.key, 0) * phase.side.sign
        wanted[number] = max(0, units - max(0, beyond))
    return {n: units for n, units in wanted.items() if units > 0}


def leave_by(run: Run, phase: Phase, owed: Mapping[int, int], now: datetime, facts: Facts) -> Steps:
    """Release what is owed in this phase, or keep its live orders at the touch."""
    owed = {n: units for n, units in owed.items() if units > 0}
    ready, why, again = may_send(run, phase, owed, now)
    if why is not None and (alarm := exit_blocked(run, why, now)):
        return alarm
    if ready and (steps := send(run, phase, ready, now, facts)):
        goes_out = any(isinstance(step, Release) for step in steps)
        over = goes_out and why is None and EXIT_BLOCKED in run.alerts
        return (ClearAlert(EXIT_BLOCKED), *steps) if over else steps
    open_slices = [s for s in of_phase(run, phase) if s.live]
    if open_slices:
        worn = [s for s in open_slices if worn_out(run, s, now)]
        return cancels(run, worn, now, facts) or reprice_or_wait(
            run, open_slices, run.terms.exit_reprices, None, now, facts
        )
    return (Wait(min(again, look_again(run, now))),) if owed else ()


def worn_out(run: Run, state: SliceState, now: datetime) -> bool:
    """Modified as often as is wise: cancel it, and after that replace only the remainder."""
    worn = state.modifications >= run.terms.exit_reprices or not state.may_be_moved
    return worn and now >= stale_for(run, state)


def may_send(
    run: Run, phase: Phase, owed: Mapping[int, int], now: datetime
) -> tuple[dict[int, int], str | None, datetime]:
    """Legs that may go out now; else why the last one did not, and when to try again."""
    ready: dict[int, int] = {}
    why: str | None = None
    again = now + REFUSED_AGAIN
    for number, units in owed.items():
        past = [s for s in of_leg(run, number) if s.intent.phase is phase]
        last = max(past, key=lambda s: (s.intent.attempt, s.intent.number), default=None)
        wait = timedelta() if last is None else pause(run, last)
        if last is None or last.resolved_at is None or now >= last.resolved_at + wait:
            ready[number] = units
            continue
        again = min(again, last.resolved_at + wait)
        if wait > LONG:
            why = f"{last.contract.key}: {last.message or last.status}"
    return ready, why, again


def pause(run: Run, last: SliceState) -> timedelta:
    """How long to leave it: a refusal for a minute, what did not get through for up to 5 s.

    None where the price alone was refused, or where we took the order back ourselves.
    """
    if last.status is SliceStatus.REJECTED:
        return timedelta() if only_the_price(run, last) else REFUSED_AGAIN
    through = last.status not in (SliceStatus.UNSENT, SliceStatus.CANCELLED)
    if through or last.cancel_asked_at is not None:
        return timedelta()
    doubled: int = 2 ** min(last.intent.attempt - 1, 8)
    return min(UNSENT_AT_MOST, UNSENT_RETRY * doubled)


def send(run: Run, phase: Phase, owed: Mapping[int, int], now: datetime, facts: Facts) -> Steps:
    wanted = frozenset({Need.QUOTES, Need.DRIFT})
    if facts.trouble:
        return blocked(run, facts.trouble, now)
    if not wanted <= facts.asked:
        return (Ask(wanted),)
    if facts.drift is None:
        return (Wait(now + POLL),)
    units = capped(run, phase, owed, facts.drift)
    if not units:
        return drifted(run, now)
    slices = slices_for(run, phase, units, run.legs, facts, now)
    if slices is None:
        return blocked(run, "no fresh price for a leg", now)
    return release(run, phase, slices, facts, now)


def blocked(run: Run, why: str, now: datetime) -> Steps:
    return (*exit_blocked(run, why, now), Wait(now + timedelta(seconds=1)))


def drifted(run: Run, now: datetime) -> Steps:
    """The broker's net says there is nothing to leave: the trader has to say whose trade it was."""
    wait: Step = Wait(now + timedelta(seconds=10))
    why = "the broker's net no longer holds what this run holds"
    return (wait,) if "DRIFT" in run.alerts else (Alert("DRIFT", why), wait)
