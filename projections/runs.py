"""runs: what became of each slot of a strategy on an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Unpack
from zlib import crc32

from msgspec import field

from domain.model import DomainEvent
from domain.run import Run
from domain.run_terms import Stage
from projections.evolve import evolve
from projections.view import Index, Page, Paging, ReadModel, Row, State, View, instant

SHARDS = 16
#: The longest that a run is carried: the last of three monthly expiries, and some days.
CARRIED: Final = timedelta(days=110)


class RunLeg(State, frozen=True, kw_only=True):
    """A leg as the run trades it, in units."""

    symbol: str
    exchange: str
    action: str
    qty: int
    strike: Decimal
    option_type: str
    expiry: str


class RunRow(Row, frozen=True, kw_only=True):
    """A run; ₹ are gross of charges but for `charges`, and known once it ended."""

    user_id: str
    account_id: str
    basket_id: str
    strategy_id: str
    strategy_edition: int
    broker: str
    slot: str
    multiplier: int
    underlying: str
    product: str
    stage: Stage = Stage.PENDING
    due_at: datetime
    exit_at: datetime | None
    legs: tuple[RunLeg, ...] = ()
    reference_price: Decimal | None = None
    reference_source: str | None = None
    net_premium: Decimal | None = None
    skip_reason: str | None = None
    exit_reason: str | None = None
    exit_detail: str | None = None
    alerts: dict[str, str] = field(default_factory=dict)
    outcome: str | None = None
    realised: Decimal | None = None
    charges: Decimal | None = None
    edition: int = 1
    """As the run's own: it rises with each price that somebody wishes for an order of it."""
    created_at: datetime
    updated_at: datetime

    @property
    def open(self) -> bool:
        return not self.stage.ended


def run(row: RunRow | None, event: DomainEvent) -> RunRow | None:
    """The row after the event."""
    if isinstance(event, Run.Opened):
        return _opened(event)
    if row is None:
        return None
    after = _after(row, event)
    return after if after is row else evolve(after, updated_at=event.timestamp)


def edition_after(edition: int, event: DomainEvent) -> int:
    """A run's edition, which all of its orders show as theirs, after the event."""
    return edition + 1 if isinstance(event, Run.PriceWished) else edition


def _opened(event: Run.Opened) -> RunRow:
    terms = event.terms
    return RunRow(
        id=event.originator_id,
        user_id=terms.user_id,
        account_id=terms.account_id,
        basket_id=terms.basket_id,
        strategy_id=terms.strategy_id,
        strategy_edition=terms.strategy_edition,
        broker=terms.broker,
        slot=event.slot,
        multiplier=terms.multiplier,
        underlying=terms.underlying,
        product=terms.product,
        due_at=event.due_at,
        exit_at=event.exit_at,
        created_at=event.timestamp,
        updated_at=event.timestamp,
    )


def _after(row: RunRow, event: DomainEvent) -> RunRow:
    match event:
        case Run.Skipped():
            return evolve(
                row, stage=Stage.SKIPPED, skip_reason=event.reason, exit_detail=event.detail
            )
        case Run.Planned():
            return _planned(row, event)
        case Run.Entered():
            return evolve(row, stage=Stage.OPEN, net_premium=event.net_premium)
        case Run.ExitRequested():
            stage = row.stage if row.stage is Stage.PENDING else Stage.EXITING
            return evolve(row, stage=stage, exit_reason=event.reason, exit_detail=event.detail)
        case Run.PriceWished():
            return evolve(row, edition=edition_after(row.edition, event))
        case Run.Alerted():
            return evolve(row, alerts={**row.alerts, event.kind: event.detail})
        case Run.AlertCleared():
            left = {kind: detail for kind, detail in row.alerts.items() if kind != event.kind}
            return evolve(row, alerts=left)
        case Run.Closed():
            return evolve(
                row,
                stage=Stage.CLOSED,
                outcome=event.outcome,
                realised=event.realised,
                charges=event.charges,
            )
    return row


def _planned(row: RunRow, event: Run.Planned) -> RunRow:
    legs = tuple(
        RunLeg(
            symbol=leg.contract.tradingsymbol,
            exchange=leg.contract.exchange,
            action=leg.side,
            qty=leg.quantity,
            strike=leg.contract.strike,
            option_type=leg.contract.option_type,
            expiry=leg.contract.expiry.isoformat(),
        )
        for leg in event.legs
    )
    return evolve(
        row,
        stage=Stage.ENTERING,
        legs=legs,
        reference_price=event.reference.price,
        reference_source=event.reference.source,
        exit_at=event.exit_at,
    )


def _shard(row: RunRow) -> str | None:
    return _shard_of(row.account_id) if row.open else None


def _shard_of(account_id: str) -> str:
    return f"open#{crc32(account_id.encode()) % SHARDS:02d}"


RUNS: ReadModel[RunRow, RunRow] = ReadModel(
    name="runs",
    id_name="run_id",
    reads=("RUN-",),
    project=run,
    heeds=frozenset(
        (
            *(Run.Opened, Run.Skipped, Run.Planned, Run.Entered, Run.ExitRequested),
            *(Run.PriceWished, Run.Alerted, Run.AlertCleared, Run.Closed),
        )
    ),
    row=RunRow,
    state=RunRow,
    sorts={
        "due": lambda row: instant(row.due_at),
        "holder": lambda row: f"{row.account_id} {instant(row.due_at)}",
    },
    indexes=(
        Index("owner", lambda row: row.user_id, "due"),
        Index("basket", lambda row: row.basket_id, "due"),
        Index("strategy", lambda row: row.strategy_id, "due"),
        Index("account", lambda row: row.account_id, "due"),
        Index("unfinished", _shard, "holder"),
    ),
)


def runs_of(view: View[RunRow], user_id: str, **paging: Unpack[Paging]) -> Page[RunRow]:
    """A user's runs, by when they were due."""
    return view.page("owner", user_id, **paging)


def runs_on(view: View[RunRow], account_id: str, **paging: Unpack[Paging]) -> Page[RunRow]:
    """An account's runs, by when they were due."""
    return view.page("account", account_id, **paging)


def runs_by(view: View[RunRow], strategy_id: str, **paging: Unpack[Paging]) -> Page[RunRow]:
    """A strategy's runs, by when they were due."""
    return view.page("strategy", strategy_id, **paging)


def runs_in(view: View[RunRow], basket_id: str, **paging: Unpack[Paging]) -> Page[RunRow]:
    """A basket's runs, by when they were due."""
    return view.page("basket", basket_id, **paging)


def runs_touching(view: View[RunRow], account_id: str, day: datetime) -> Iterator[RunRow]:
    """An account's runs that were due since the day began, or carried into it and changed since."""
    cursor: str | None = None
    while True:
        page = runs_on(view, account_id, since=instant(day - CARRIED), cursor=cursor, limit=500)
        yield from (row for row in page.rows if max(row.due_at, row.updated_at) >= day)
        if (cursor := page.cursor) is None:
            break


def open_runs(view: View[RunRow]) -> Iterator[RunRow]:
    """Every run that has not ended, for whoever has to look after them."""
    for shard in range(SHARDS):
        cursor: str | None = None
        while True:
            page = view.page("unfinished", f"open#{shard:02d}", cursor=cursor, limit=500)
            yield from page.rows
            if (cursor := page.cursor) is None:
                break


def open_runs_on(view: View[RunRow], account_id: str) -> Iterator[RunRow]:
    """An account's runs that have not ended; they lie together among all of their shard."""
    cursor: str | None = None
    while True:
        page = view.page(
            "unfinished",
            _shard_of(account_id),
            since=f"{account_id} ",
            until=f"{account_id}!",
            cursor=cursor,
            limit=500,
        )
        yield from page.rows
        if (cursor := page.cursor) is None:
            break
