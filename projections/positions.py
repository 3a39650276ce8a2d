"""positions: what is held, as the sum of what runs hold, what was adopted, and what is external."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.account import BrokerAccount
from domain.account_terms import Held
from domain.calendar import ist_date
from domain.contract import Side
from domain.model import DomainEvent
from domain.run import Run
from projections.evolve import evolve
from projections.fills import FILLS, ZERO, Belongs, Fill, filled, released
from projections.view import Index, ReadModel, Row, State, View


class Kind(StrEnum):
    RUN = "RUN"
    ADOPTED = "ADOPTED"  # was there before us, and counts into the broker's net
    EXTERNAL = "EXTERNAL"  # the trader's own, never touched


class Contribution(Row, frozen=True, kw_only=True):
    """What one source adds to a position: units bought and sold, and their value in ₹."""

    kind: Kind
    user_id: str
    account_id: str
    basket_id: str | None = None
    strategy_id: str | None = None
    run_id: str | None = None
    key: str
    product: str
    bought: int = 0
    bought_value: Decimal = ZERO
    sold: int = 0
    sold_value: Decimal = ZERO
    day: date
    """The last day (IST) anything of it was traded."""

    @property
    def quantity(self) -> int:
        """Units held, negative when short."""
        return self.bought - self.sold


class Holdings(State, frozen=True, kw_only=True):
    """What one stream contributes to positions, and at which version each part last changed."""

    stream: str
    user_id: str
    belongs: Belongs | None = None
    legs: tuple[str, ...] = ()
    fills: dict[str, Fill]
    held: dict[str, Contribution]
    versions: dict[str, int]


def holdings(state: Holdings | None, event: DomainEvent) -> Holdings | None:
    """What the stream contributes after the event."""
    if state is None:
        return _begun(event)
    match event:
        case Run.SliceSeen() | Run.SliceDeclaredFilled() | Run.Settled() | Run.Adjusted():
            return _filled(state, event)
        case Run.PhaseReleased():
            return evolve(state, fills={**state.fills, **released(event)})
        case Run.Planned():
            return evolve(state, legs=tuple(leg.contract.key for leg in event.legs))
    return state if state.belongs else _of_account(state, event)


def _begun(event: DomainEvent) -> Holdings | None:
    match event:
        case Run.Opened():
            return _nothing(event, event.terms.user_id, Belongs.to(event))
        case BrokerAccount.Linked():
            return _nothing(event, event.user_id, None)
    return None


def _nothing(event: DomainEvent, user_id: str, belongs: Belongs | None) -> Holdings:
    stream = event.originator_id
    return Holdings(stream=stream, user_id=user_id, belongs=belongs, fills={}, held={}, versions={})


def _filled(state: Holdings, event: DomainEvent) -> Holdings:
    news = filled(state.fills, event)
    if news is None:
        return state
    row_id = f"{state.stream}@{state.legs[news[1].leg]}"
    return evolve(
        state,
        fills={**state.fills, news[0]: news[1]},
        versions={**state.versions, row_id: event.originator_version},
    )


def _of_account(state: Holdings, event: DomainEvent) -> Holdings:
    held = dict(state.held)
    match event:
        case BrokerAccount.PositionAdopted():
            _move(held, state, event, event.position, event.external)
        case BrokerAccount.PositionIgnored():
            _move(held, state, event, event.adopted, event.position)
        case BrokerAccount.Reconciled():
            held = {row_id: row for row_id, row in held.items() if row.kind is Kind.ADOPTED}
            for position in event.external:
                row = _held(state, event, position, Kind.EXTERNAL)
                held[row.id] = row
        case BrokerAccount.Unlinked():
            held = {}
        case _:
            return state
    return _with(state, held, event.originator_version)


def _with(state: Holdings, held: dict[str, Contribution], version: int) -> Holdings:
    before = state.held
    different = (row_id for row_id in {**before, **held} if before.get(row_id) != held.get(row_id))
    versions = {**state.versions, **dict.fromkeys(different, version)}
    return evolve(state, held=held, versions=versions)


def _move(
    held: dict[str, Contribution],
    state: Holdings,
    event: DomainEvent,
    adopted: Held | None,
    external: Held | None,
) -> None:
    for place in filter(None, (adopted, external)):
        for kind in (Kind.ADOPTED, Kind.EXTERNAL):
            held.pop(_held(state, event, place, kind).id, None)
    for position, kind in ((adopted, Kind.ADOPTED), (external, Kind.EXTERNAL)):
        if position is not None and position.quantity:
            row = _held(state, event, position, kind)
            held[row.id] = row


def _held(state: Holdings, event: DomainEvent, position: Held, kind: Kind) -> Contribution:
    units, value = abs(position.quantity), abs(position.quantity) * position.average_price
    long = position.quantity > 0
    return Contribution(
        id=f"{state.stream}@{kind}@{position.key}@{position.product}",
        kind=kind,
        user_id=state.user_id,
        account_id=state.stream,
        key=position.key,
        product=position.product,
        bought=units if long else 0,
        bought_value=value if long else ZERO,
        sold=0 if long else units,
        sold_value=ZERO if long else value,
        day=ist_date(event.timestamp),
    )


def contributions(state: Holdings) -> dict[str, Contribution]:
    """The rows: one a contract of a run, one a position of the account."""
    if state.belongs is None:
        return state.held
    own: dict[str, list[Fill]] = {}
    for fill in state.fills.values():
        if fill.day:
            own.setdefault(state.legs[fill.leg], []).append(fill)
    rows = (_of_run(state.stream, state.belongs, key, fills) for key, fills in own.items())
    return {row.id: row for row in rows}


def _of_run(run_id: str, belongs: Belongs, key: str, fills: Sequence[Fill]) -> Contribution:
    buys = [fill for fill in fills if fill.side is Side.BUY]
    sells = [fill for fill in fills if fill.side is Side.SELL]
    return Contribution(
        id=f"{run_id}@{key}",
        kind=Kind.RUN,
        user_id=belongs.user_id,
        account_id=belongs.account_id,
        basket_id=belongs.basket_id,
        strategy_id=belongs.strategy_id,
        run_id=run_id,
        key=key,
        product=belongs.product,
        bought=sum(fill.quantity for fill in buys),
        bought_value=sum((fill.value for fill in buys), ZERO),
        sold=sum(fill.quantity for fill in sells),
        sold_value=sum((fill.value for fill in sells), ZERO),
        day=date.fromisoformat(max(fill.day for fill in fills)),
    )


def _open(owner: str, row: Contribution) -> str | None:
    return owner if row.quantity else None


def _closed(owner: str, row: Contribution) -> str | None:
    return None if row.quantity else f"{owner} {row.day}"


POSITIONS: ReadModel[Holdings, Contribution] = ReadModel(
    name="positions",
    reads=("RUN-", "ACC-"),
    project=holdings,
    heeds=frozenset(
        (
            *(Run.Opened, Run.Planned, Run.PhaseReleased, *FILLS),
            *(BrokerAccount.Linked, BrokerAccount.PositionAdopted, BrokerAccount.PositionIgnored),
            *(BrokerAccount.Reconciled, BrokerAccount.Unlinked),
        )
    ),
    row=Contribution,
    state=Holdings,
    rows=contributions,
    versions=lambda state: state.versions,
    stream_of=lambda row_id: row_id.partition("@")[0],
    sorts={"contract": lambda row: row.key},
    indexes=(
        # Open ones and those closed on a day: neither grows with the age of the account.
        Index("held_on", lambda row: _open(row.account_id, row), "contract"),
        Index("held_by", lambda row: _open(row.user_id, row), "contract"),
        Index("closed_on", lambda row: _closed(row.account_id, row), "contract"),
        Index("closed_by", lambda row: _closed(row.user_id, row), "contract"),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Position:
    """One contract on one account and product, with the sources it is the sum of."""

    account_id: str
    key: str
    product: str
    quantity: int
    average_price: Decimal
    """₹ per unit of what is held; 0 when flat."""
    realised: Decimal
    """₹ of what was both bought and sold, gross of charges."""
    parts: tuple[Contribution, ...]


def positions_on(view: View[Contribution], account_id: str, day: date | None) -> list[Position]:
    """An account's positions; with those that were closed on `day` if one is named."""
    return _summed(view, "held_on", "closed_on", account_id, day)


def positions_of(view: View[Contribution], user_id: str, day: date | None) -> list[Position]:
    """A user's positions on all accounts; with those that were closed on `day`."""
    return _summed(view, "held_by", "closed_by", user_id, day)


def _summed(
    view: View[Contribution], held: str, closed: str, owner: str, day: date | None
) -> list[Position]:
    parts = _all(view, held, owner)
    if day is not None:
        parts += _all(view, closed, f"{owner} {day}")
    groups: dict[tuple[str, str, str], list[Contribution]] = defaultdict(list)
    for part in parts:
        groups[part.account_id, part.key, part.product].append(part)
    return [summed(group) for _, group in sorted(groups.items())]


def _all(view: View[Contribution], index: str, partition: str) -> list[Contribution]:
    rows: list[Contribution] = []
    cursor: str | None = None
    while True:
        page = view.page(index, partition, cursor=cursor, limit=500)
        rows += page.rows
        if (cursor := page.cursor) is None:
            return rows


def summed(parts: Iterable[Contribution]) -> Position:
    """One position out of its parts, which are of the same contract, product and account."""
    own = tuple(sorted(parts, key=lambda part: part.id))
    bought, sold = sum(part.bought for part in own), sum(part.sold for part in own)
    paid = sum((part.bought_value for part in own), ZERO)
    got = sum((part.sold_value for part in own), ZERO)
    quantity, both = bought - sold, min(bought, sold)
    bought_at = paid / bought if bought else ZERO
    sold_at = got / sold if sold else ZERO
    return Position(
        account_id=own[0].account_id,
        key=own[0].key,
        product=own[0].product,
        quantity=quantity,
        average_price=bought_at if quantity > 0 else sold_at if quantity < 0 else ZERO,
        realised=both * (sold_at - bought_at),
        parts=own,
    )
