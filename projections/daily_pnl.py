"""daily_pnl: what each run made on each day, in ₹; a day's figure is the sum over its runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from domain.calendar import ist_date
from domain.charges import charges, exercise
from domain.model import DomainEvent
from domain.run import Run
from projections.fills import ZERO, Belongs, Fill, filled, released
from projections.view import Index, ReadModel, Row, View


@dataclass(frozen=True, kw_only=True)
class DayRow(Row):
    """A run on one day (IST): what it was worth when the day began and when it ended, in ₹.

    `opening` is the run's mark of the day before; `cash` all it received less all it paid, up to
    and including this day; `mark` the day's settlement mark, where something is held overnight.
    """

    user_id: str
    account_id: str
    basket_id: str
    strategy_id: str
    run_id: str
    day: date
    opening: Decimal
    cash: Decimal
    mark: Decimal | None = None
    units: int = 0
    """Units held, longs and shorts alike."""
    charges: Decimal = ZERO

    @property
    def gross(self) -> Decimal | None:
        """Made or lost before charges; None while what is held has no mark of this day."""
        if self.mark is not None:
            return self.mark - self.opening
        return self.cash - self.opening if self.units == 0 else None


@dataclass(frozen=True, kw_only=True)
class Days:
    """A run's fills and days."""

    belongs: Belongs
    exchanges: tuple[str, ...] = ()
    fills: dict[str, Fill]
    days: dict[str, DayRow]
    """By row id, in the order of the days."""


def days(state: Days | None, event: DomainEvent) -> Days | None:
    """The run's days after the event."""
    if isinstance(event, Run.Opened):
        return Days(belongs=Belongs.to(event), fills={}, days={})
    if state is None:
        return None
    match event:
        case Run.Planned():
            return replace(state, exchanges=tuple(leg.contract.exchange for leg in event.legs))
        case Run.PhaseReleased():
            return replace(state, fills={**state.fills, **released(event)})
        case Run.SliceSeen() | Run.Settled() | Run.Adjusted():
            return _filled(state, event)
        case Run.Marked():
            row = replace(_day(state, event, date.fromisoformat(event.day)), mark=event.mtm)
            return _with(state, row)
        case Run.Closed():
            return _closed(state, event)
    return state


def _filled(state: Days, event: DomainEvent) -> Days:
    news = filled(state.fills, event)
    if news is None:
        return state
    tag, fill = news
    was = state.fills.get(tag, replace(fill, quantity=0, price=ZERO))
    fills = {**state.fills, tag: fill}
    row = _day(state, event, ist_date(event.timestamp))
    row = replace(
        row,
        cash=row.cash + fill.cash - was.cash,
        units=_units(fills.values()),
        charges=row.charges + _charged(state, event, fill) - _charged(state, event, was),
    )
    return _with(replace(state, fills=fills), row)


def _units(fills: Iterable[Fill]) -> int:
    held: dict[int, int] = {}
    for fill in fills:
        held[fill.leg] = held.get(fill.leg, 0) + fill.side.sign * fill.quantity
    return sum(abs(units) for units in held.values())


def _charged(state: Days, event: DomainEvent, fill: Fill) -> Decimal:
    day = ist_date(event.timestamp)
    if isinstance(event, Run.Settled):
        return exercise(day, fill.quantity if event.quantity > 0 else 0, fill.price).total
    exchange = state.exchanges[fill.leg]
    return charges(day, exchange, fill.side, fill.quantity, fill.price).total


def _closed(state: Days, event: Run.Closed) -> Days:
    """The run's own count of its charges is the one that holds."""
    if not state.days:
        return state
    known = sum((row.charges for row in state.days.values()), ZERO)
    last = next(reversed(state.days.values()))
    return _with(state, replace(last, charges=last.charges + event.charges - known))


def _day(state: Days, event: DomainEvent, day: date) -> DayRow:
    row_id = f"{event.originator_id}@{day}"
    if row_id in state.days:
        return state.days[row_id]
    before = next(reversed(state.days.values()), None)
    belongs = state.belongs
    return DayRow(
        id=row_id,
        user_id=belongs.user_id,
        account_id=belongs.account_id,
        basket_id=belongs.basket_id,
        strategy_id=belongs.strategy_id,
        run_id=event.originator_id,
        day=day,
        opening=_worth(before),
        cash=before.cash if before else ZERO,
        units=before.units if before else 0,
    )


def _worth(row: DayRow | None) -> Decimal:
    if row is None:
        return ZERO
    return row.cash if row.mark is None else row.mark


def _with(state: Days, row: DayRow) -> Days:
    return replace(state, days={**state.days, row.id: row})


DAILY_PNL: ReadModel[Days, DayRow] = ReadModel(
    name="daily_pnl",
    reads=("RUN-",),
    project=days,
    row=DayRow,
    state=Days,
    rows=lambda state: state.days,
    stream_of=lambda row_id: row_id.partition("@")[0],
    indexes=(
        Index("owner", lambda row: (row.user_id, row.day.isoformat())),
        Index("account", lambda row: (row.account_id, row.day.isoformat())),
        Index("strategy", lambda row: (row.strategy_id, row.day.isoformat())),
    ),
)


@dataclass(frozen=True, kw_only=True)
class DayTotal:
    """A day in ₹; `unmarked` counts the runs whose open positions have no mark yet."""

    day: date
    gross: Decimal
    charges: Decimal
    runs: int
    unmarked: int

    @property
    def net(self) -> Decimal:
        return self.gross - self.charges


def daily(
    view: View[DayRow], index: str, partition: str, since: date, until: date
) -> list[DayTotal]:
    """Days with since ≤ day < until, of an `owner`, an `account` or a `strategy`."""
    by_day: dict[date, list[DayRow]] = {}
    cursor: str | None = None
    while True:
        page = view.page(
            index,
            partition,
            since=since.isoformat(),
            until=until.isoformat(),
            cursor=cursor,
            limit=500,
        )
        for row in page.rows:
            by_day.setdefault(row.day, []).append(row)
        if (cursor := page.cursor) is None:
            return [total(day, rows) for day, rows in sorted(by_day.items())]


def total(day: date, rows: Iterable[DayRow]) -> DayTotal:
    """A day's sum over its runs."""
    own: Mapping[str, DayRow] = {row.id: row for row in rows}
    known = [row.gross for row in own.values() if row.gross is not None]
    return DayTotal(
        day=day,
        gross=sum(known, ZERO),
        charges=sum((row.charges for row in own.values()), ZERO),
        runs=len(own),
        unmarked=len(own) - len(known),
    )
