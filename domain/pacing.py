"""Keeping live orders at the touch: when to look, when to move the price, when to give up."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from domain.calendar import IST, MARKET
from domain.ledger import find, live
from domain.releasing import claim
from domain.run import Run
from domain.slice_state import SliceState
from domain.slices import SliceStatus
from domain.steps import Ask, Cancel, Facts, Need, Reprice, Step, Steps, Wait
from domain.touch import marketable

POLL = timedelta(milliseconds=250)
CANCEL_AGAIN = timedelta(seconds=5)
#: An order that just went out is looked at often, one that rests for minutes less so.
PAUSES = (
    (timedelta(seconds=3), POLL),
    (timedelta(seconds=60), timedelta(seconds=1)),
    (timedelta.max, timedelta(seconds=2)),
)
SEARCH = timedelta(seconds=2)
SEARCH_ON = timedelta(seconds=30)


def in_session(now: datetime) -> bool:
    """Whether options trade at this moment."""
    session = MARKET.session(now.astimezone(IST).date())
    return session is not None and session.open <= now < session.close


def look_again(run: Run, now: datetime) -> datetime:
    """Soon while an order is open, every 2 s for one of unknown outcome, and seldom later."""
    waiting = live(run)
    at_broker = [s for s in waiting if s.status is not SliceStatus.UNKNOWN]
    if not in_session(now):
        return now + SEARCH_ON
    if at_broker:
        quiet = now - max(s.priced_at for s in at_broker)
        return now + next(pause for most, pause in PAUSES if quiet < most)
    window = timedelta(seconds=run.terms.unknown_window_s)
    young = any(s.unknown_since is not None and now < s.unknown_since + window for s in waiting)
    return now + (SEARCH if young else SEARCH_ON)


def cancels(run: Run, slices: list[SliceState], now: datetime, facts: Facts) -> Steps:
    """Ask for the cancellation of what is open at the broker; once, and again if unheard."""
    steps: list[Step] = [
        Cancel(s.intent.tag)
        for s in slices
        if s.status is SliceStatus.OPEN
        and s.of_today(now)
        and (s.cancel_asked_at is None or now >= s.cancel_asked_at + CANCEL_AGAIN)
    ]
    return (*claim(run, facts, now), *steps) if steps else ()


def movable(state: SliceState, now: datetime) -> bool:
    """Whether it rests at the broker, may be moved, and nobody is taking it back."""
    resting = state.status is SliceStatus.OPEN and state.cancel_asked_at is None
    return resting and state.may_be_moved and state.of_today(now)


def price_at_broker(state: SliceState, facts: Facts) -> Decimal:
    """The limit in ₹ by the book, for a modification may have been refused; else as last asked."""
    row = find(state, facts.book or ())
    return (row.price if row is not None else None) or state.price


def stale_for(run: Run, state: SliceState) -> datetime:
    """When the order at its present price has waited long enough."""
    return state.priced_at + timedelta(seconds=run.terms.reprice_after_s)


def reprice_or_wait(
    run: Run, slices: list[SliceState], most: int, deadline: datetime | None, now: datetime,
    facts: Facts,
) -> Steps:  # fmt: skip
    """Move orders that waited long enough to the new touch, at most `most` times each."""
    wished: list[Step] = [
        Reprice(s.intent.tag, s.wished) for s in slices if s.wished is not None and movable(s, now)
    ]
    if wished:
        return (*claim(run, facts, now), *wished)
    due = [
        s for s in slices if movable(s, now) and s.modifications < most and now >= stale_for(run, s)
    ]
    if due and Need.QUOTES not in facts.asked:
        return (Ask(frozenset({Need.QUOTES})),)
    moved: list[Step] = []
    for state in due:
        quote = facts.quotes.get(state.contract.key)
        price = marketable(state.contract, state.intent.side, quote, now)
        if price is not None and price != price_at_broker(state, facts):
            moved.append(Reprice(state.intent.tag, price))
    if moved:
        return (*claim(run, facts, now), *moved)
    wake = look_again(run, now)
    return (Wait(min(wake, deadline) if deadline else wake),)
