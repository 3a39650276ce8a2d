"""inbox: what a trader should hear of, taken from their runs and accounts."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from msgspec import field

from domain.account import BrokerAccount
from domain.model import DomainEvent
from domain.run import Run
from projections.evolve import evolve
from projections.view import Index, ReadModel, Row, State, instant


class Gravity(StrEnum):
    """INFO is good to know; WARNING went otherwise than planned; ALARM wants somebody to act."""

    INFO = "INFO"
    WARNING = "WARNING"
    ALARM = "ALARM"


#: Reasons to leave that are part of the plan.
PLANNED = frozenset(("TIME", "TARGET_PROFIT", "REQUEST", "CANCELLED"))


class Notice(Row, frozen=True, kw_only=True):
    """One thing that happened; whether it was read is known by its user."""

    user_id: str
    account_id: str
    strategy_id: str | None
    run_id: str | None
    kind: str
    gravity: Gravity
    text: str
    at: datetime


class Notices(State, frozen=True, kw_only=True):
    """What one stream gave rise to."""

    user_id: str
    account_id: str
    strategy_id: str | None = None
    run_id: str | None = None
    notices: dict[str, Notice] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)


class Told(NamedTuple):
    """What is said of an event."""

    kind: str
    gravity: Gravity
    text: str


def notices(state: Notices | None, event: DomainEvent) -> Notices | None:
    """What the stream has given rise to after the event."""
    match event:
        case Run.Opened():
            terms = event.terms
            return Notices(
                user_id=terms.user_id,
                account_id=terms.account_id,
                strategy_id=terms.strategy_id,
                run_id=event.originator_id,
            )
        case BrokerAccount.Linked():
            return Notices(user_id=event.user_id, account_id=event.originator_id)
    told = of_run(event) or of_account(event)
    if state is None or told is None:
        return state
    notice = _notice(state, event, told)
    return evolve(
        state,
        notices={**state.notices, notice.id: notice},
        versions={**state.versions, notice.id: event.originator_version},
    )


def _notice(state: Notices, event: DomainEvent, told: Told) -> Notice:
    return Notice(
        id=f"{event.originator_id}@{event.originator_version:08d}",
        user_id=state.user_id,
        account_id=state.account_id,
        strategy_id=state.strategy_id,
        run_id=state.run_id,
        kind=told.kind,
        gravity=told.gravity,
        text=told.text,
        at=event.timestamp,
    )


def of_run(event: DomainEvent) -> Told | None:
    """What a trader hears of an event of a run."""
    match event:
        case Run.Skipped():
            return Told("SKIPPED", Gravity.WARNING, f"not entered ({event.reason}): {event.detail}")
        case Run.Entered():
            return Told("ENTERED", Gravity.INFO, f"entered for {_rupees(event.net_premium)} net")
        case Run.ExitRequested():
            gravity = Gravity.INFO if event.reason in PLANNED else Gravity.WARNING
            return Told("EXIT", gravity, f"leaving ({event.reason}): {event.detail}")
        case Run.Alerted():
            return Told(event.kind, Gravity.ALARM, event.detail)
        case Run.AlertCleared():
            return Told(event.kind, Gravity.INFO, "this is over")
        case Run.Closed():
            made = _rupees(event.realised - event.charges)
            return Told("CLOSED", Gravity.INFO, f"closed ({event.outcome}): {made} after charges")
    return None


def of_account(event: DomainEvent) -> Told | None:
    """What a trader hears of an event of an account."""
    match event:
        case BrokerAccount.Blocked():
            return Told("BLOCKED", Gravity.ALARM, f"trading was stopped: {event.reason}")
        case BrokerAccount.Released():
            return Told("RELEASED", Gravity.INFO, f"trading goes on: {event.reason}")
        case BrokerAccount.SessionEnded():
            return Told("SESSION_ENDED", Gravity.WARNING, f"log in at the broker: {event.reason}")
        case BrokerAccount.DriftFound():
            drift = event.drift
            text = f"{drift.key}: the broker has {drift.found}, we expected {drift.expected}"
            return Told("DRIFT", Gravity.ALARM, text)
        case BrokerAccount.DriftResolved():
            return Told("DRIFT", Gravity.INFO, f"{event.key}: settled, {event.how}")
    return None


def _rupees(amount: Decimal) -> str:
    return f"₹{amount:.2f}"


INBOX: ReadModel[Notices, Notice] = ReadModel(
    name="inbox",
    id_name="notice_id",
    reads=("RUN-", "ACC-"),
    project=notices,
    row=Notice,
    state=Notices,
    rows=lambda state: state.notices,
    versions=lambda state: state.versions,
    stream_of=lambda row_id: row_id.partition("@")[0],
    sorts={"at": lambda row: instant(row.at)},
    indexes=(Index("owner", lambda row: row.user_id, "at"),),
)
