"""Going in: every hedge filled before the first short is released, or all of it undone."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.ledger import ZERO, cash, entry_premium, filled, of_phase
from domain.model import Refused
from domain.pacing import POLL, reprice_or_wait
from domain.releasing import buys, release, sells, slices_for
from domain.risk import breached
from domain.run import Run
from domain.slice_state import SliceState
from domain.slices import Phase, SliceStatus
from domain.steps import Ask, Enter, Facts, Leave, Need, Steps, Wait
from domain.valuation import run_mtm

UNSENT_RETRY = timedelta(milliseconds=250)


def next_steps(run: Run, now: datetime, facts: Facts) -> Steps:
    if run.exit_at is not None and now >= run.exit_at:
        return (Leave("TIME", "the exit time came before the entry was complete"),)
    for phase, numbers in ((Phase.ENTRY_BUY, buys(run.legs)), (Phase.ENTRY_SELL, sells(run.legs))):
        missing = {n: run.legs[n].quantity - filled(run, n, phase) for n in numbers}
        missing = {n: units for n, units in missing.items() if units > 0}
        if missing:
            return risk_first(run, now, facts) or complete(run, phase, missing, now, facts)
    net, _ = entry_premium(run)
    return (Enter(net),)


def risk_first(run: Run, now: datetime, facts: Facts) -> Steps:
    """While going in only max_loss counts, on what is filled."""
    if run.terms.risk.max_loss is None or cash(run) == ZERO:
        return ()
    if Need.QUOTES not in facts.asked:
        return (Ask(frozenset({Need.QUOTES})),)
    mtm = run_mtm(run, facts.quotes, now)
    if mtm is None:
        return ()
    trigger = breached(run.terms.risk, run.terms.multiplier, mtm, None, entry_complete=False)
    return (Leave(trigger.value, f"MTM ₹{mtm:.2f} while entering", mtm),) if trigger else ()


def complete(run: Run, phase: Phase, missing: dict[int, int], now: datetime, facts: Facts) -> Steps:
    sent = of_phase(run, phase)
    if not sent:
        return send(run, phase, missing, now, facts)
    deadline = min(s.released_at for s in sent) + allowance(run, phase)
    if now >= deadline:
        what = "HEDGE_TIMEOUT" if phase is Phase.ENTRY_BUY else "ENTRY_INCOMPLETE"
        return (Leave(what, f"{sum(missing.values())} units were not filled in time"),)
    for state in ended(sent, missing):
        if state.status is not SliceStatus.UNSENT and not only_the_price(run, state):
            why = state.message or state.status.value.lower()
            return (Leave(f"ENTRY_{state.status}", f"{state.contract.key}: {why}"),)
    open_slices = [s for s in sent if s.live]
    if open_slices:
        return reprice_or_wait(run, open_slices, run.terms.entry_reprices, deadline, now, facts)
    return again(run, phase, sent, missing, now, facts)


def allowance(run: Run, phase: Phase) -> timedelta:
    """How long a phase may take: the hedge timeout, or all its repricings."""
    if phase is Phase.ENTRY_BUY:
        return timedelta(seconds=run.terms.hedge_timeout_s)
    return timedelta(seconds=run.terms.reprice_after_s * (run.terms.entry_reprices + 1))


def again(
    run: Run, phase: Phase, sent: list[SliceState], missing: dict[int, int], now: datetime,
    facts: Facts,
) -> Steps:  # fmt: skip
    """Nothing is live and something is missing: once more, but not at once where nobody took it."""
    for state in ended(sent, missing):
        due = (state.resolved_at or now) + UNSENT_RETRY
        if state.status is SliceStatus.UNSENT and now < due:
            return (Wait(due),)
    return send(run, phase, missing, now, facts)


def ended(sent: list[SliceState], missing: dict[int, int]) -> list[SliceState]:
    """The last attempts that ended without filling, of legs that are not complete."""
    newest = {leg: max(s.intent.attempt for s in sent if s.intent.leg == leg) for leg in missing}
    return [
        s
        for s in sent
        if s.intent.attempt == newest.get(s.intent.leg) and not s.live and s.missing > 0
    ]


def only_the_price(run: Run, state: SliceState) -> bool:
    """Whether this was refused for its price, and is the first of its leg and phase that was."""
    refused = [
        s.intent.attempt
        for s in of_phase(run, state.intent.phase)
        if s.intent.leg == state.intent.leg and band(s)
    ]
    return band(state) and state.intent.attempt == min(refused)


def band(state: SliceState) -> bool:
    """Whether the exchange refused the price and not the order."""
    if state.status is not SliceStatus.REJECTED:
        return False
    message = (state.message or "").lower()
    return any(words in message for words in ("price band", "circuit", "price range", "lpp"))


def send(run: Run, phase: Phase, missing: dict[int, int], now: datetime, facts: Facts) -> Steps:
    wanted = frozenset({Need.BLOCK, Need.QUOTES})
    if not wanted <= facts.asked:
        return (Ask(wanted),)
    if facts.block is not None:
        return (Leave("BLOCKED", facts.block),)
    slices = slices_for(run, phase, missing, run.legs, facts, now)
    if slices is None:
        waited = now - (min(s.released_at for s in run.slices.values()) if run.slices else now)
        if waited >= timedelta(seconds=run.terms.hedge_timeout_s):
            why = Refused("stale-quote", "a leg has no fresh price")
            return (Leave("STALE_QUOTE", why.message),)
        return (Wait(now + POLL),)
    return never_sent(run, phase, now) or release(run, phase, slices, facts, now)


def never_sent(run: Run, phase: Phase, now: datetime) -> Steps:
    """Hedges alone are not what was wanted: shorts that cannot go out are not waited for."""
    if not run.slices or of_phase(run, phase):
        return ()
    since = max(state.resolved_at or state.released_at for state in run.slices.values())
    if now < since + timedelta(seconds=run.terms.hedge_timeout_s):
        return ()
    return (Leave("ENTRY_INCOMPLETE", "the next orders could not be sent in time"),)
