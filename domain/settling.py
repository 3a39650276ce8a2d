"""Expiry: what is left of a contract after its last session ends at the official price."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from domain.calendar import IST, MARKET
from domain.ledger import held
from domain.run import Run
from domain.steps import Alert, Ask, Facts, Need, Settle, Step, Steps, Wait

PRICE_POLL = timedelta(minutes=5)


def expired(expiry: date, now: datetime) -> bool:
    """Whether the contract's last session is over."""
    today = now.astimezone(IST).date()
    session = MARKET.session(expiry)
    return expiry < today or (expiry == today and (session is None or now >= session.close))


def after_close(run: Run, now: datetime, facts: Facts) -> Steps:
    """Settle every expired leg that is still held; empty when there is none."""
    gone = [
        number
        for number, leg in enumerate(run.legs)
        if held(run, number) != 0 and expired(leg.contract.expiry, now)
    ]
    if not gone:
        return ()
    if Need.SETTLEMENT not in facts.asked:
        return (Ask(frozenset({Need.SETTLEMENT})),)
    steps: list[Step] = []
    for number in gone:
        price = facts.settlement.get(run.legs[number].contract.key)
        if price is not None:
            steps.append(Settle(number, held(run, number), price))
    if steps:
        return tuple(steps)
    wait = Wait(now + PRICE_POLL)
    if "SETTLEMENT" in run.alerts:
        return (wait,)
    return (Alert("SETTLEMENT", "the settlement price is not known yet"), wait)
