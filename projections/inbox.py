"""inbox: what a trader should hear of, taken from their runs, accounts and strategies."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Final, TypeVar

from msgspec import field

from domain.account import BrokerAccount
from domain.gravity import Gravity
from domain.model import DomainEvent
from domain.run import Run
from domain.strategy import Strategy
from projections.evolve import evolve
from projections.notices import TELLERS, About, Told
from projections.view import TOGETHER, Index, ReadModel, Row, State, instant

T = TypeVar("T")

#: Rows stay when the state forgets them, so that an account's never outgrows what a table takes;
#: more than the projector folds before it makes rows.
REMEMBERED: Final = 2 * TOGETHER
#: What a run without a strategy is called: it closes what no run explains.
FLATTENING = "The closing of positions"


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
    """What one stream gave rise to, and what has to be known to say it."""

    user_id: str
    account_id: str
    name: str
    strategy_id: str | None = None
    run_id: str | None = None
    due_at: datetime | None = None
    legs: tuple[str, ...] = ()
    orders: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    notices: dict[str, Notice] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def about(self) -> About:
        account = self.account_id if self.run_id else f"{self.name} ({self.account_id})"
        return About(self.name, account, self.due_at, self.orders, self.unknown)


def notices(state: Notices | None, event: DomainEvent) -> Notices | None:
    """What the stream has given rise to after the event."""
    match event:
        case Run.Opened():
            return _opened(event)
        case BrokerAccount.Linked():
            stream = event.originator_id
            return Notices(user_id=event.user_id, account_id=stream, name=event.account_name)
        case Strategy.Drafted():
            stream, name = event.originator_id, event.definition.name
            return Notices(user_id=event.user_id, account_id="", name=name, strategy_id=stream)
    if state is None:
        return None
    teller = TELLERS.get(type(event))
    told = teller(event, state.about) if teller else None
    state = _known(state, event)
    if told is None:
        return state
    notice = _notice(state, event, told)
    return evolve(
        state,
        notices=_latest({**state.notices, notice.id: notice}),
        versions=_latest({**state.versions, notice.id: event.originator_version}),
    )


def _latest(each: dict[str, T]) -> dict[str, T]:
    return each if len(each) <= REMEMBERED else dict(islice(each.items(), 1, None))


def _opened(event: Run.Opened) -> Notices:
    terms = event.terms
    return Notices(
        user_id=terms.user_id,
        account_id=terms.account_id,
        name=str(event.definition.get("name") or FLATTENING),
        strategy_id=terms.strategy_id,
        run_id=event.originator_id,
        due_at=event.due_at,
    )


def _known(state: Notices, event: DomainEvent) -> Notices:
    """What later events are told by: what each order is, and which are lost sight of."""
    match event:
        case Run.Planned():
            return evolve(state, legs=tuple(leg.contract.key for leg in event.legs))
        case Run.PhaseReleased():
            sent = {s.tag: f"{s.side} {s.quantity} {state.legs[s.leg]}" for s in event.slices}
            return evolve(state, orders={**state.orders, **sent})
        case Run.SliceUnknown():
            return evolve(state, unknown=(*state.unknown, event.tag))
        case (
            Run.SliceSeen()
            | Run.SliceAbsent()
            | Run.SliceRejected()
            | Run.SliceUnsent()
            | Run.SliceDeclaredFilled()
        ):
            if event.tag not in state.unknown:
                return state
            return evolve(state, unknown=tuple(tag for tag in state.unknown if tag != event.tag))
        case BrokerAccount.Edited():
            return evolve(state, name=event.account_name)
        case Strategy.Edited():
            return evolve(state, name=event.definition.name)
    return state


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


#: What tells something, and what later events are told by.
HEEDED: Final[frozenset[type]] = frozenset(
    (
        *TELLERS,
        *(Run.Opened, Run.Planned, Run.PhaseReleased, Run.SliceUnsent),
        *(BrokerAccount.Linked, BrokerAccount.Edited, Strategy.Drafted, Strategy.Edited),
    )
)


INBOX: ReadModel[Notices, Notice] = ReadModel(
    name="inbox",
    id_name="notice_id",
    reads=("RUN-", "ACC-", "STRAT-"),
    project=notices,
    heeds=HEEDED,
    row=Notice,
    state=Notices,
    rows=lambda state: state.notices,
    versions=lambda state: state.versions,
    stream_of=lambda row_id: row_id.partition("@")[0],
    sorts={"at": lambda row: instant(row.at)},
    indexes=(Index("owner", lambda row: row.user_id, "at"),),
    edition=3,
)
