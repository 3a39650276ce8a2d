"""daily_pnl: what each run made on each day, in ₹; a day's figure is the sum over its runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.charges import charges, exercise
from domain.contract import Side
from domain.model import DomainEvent
from domain.run import Run
from projections.evolve import evolve
from projections.fills import FILLS, ZERO, Belongs, Fill, filled, released
from projections.view import Index, ReadModel, Row, State, View


class DayRow(Row, frozen=True, kw_only=True):
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

    @property
    def worth(self) -> Decimal:
        """What it was worth when the day ended, with all it received and paid before."""
        return self.cash if self.mark is None else self.mark


class Days(State, frozen=True, kw_only=True):
    """A run's fills and marks; its days are made of them when they are to be shown.

    An order is good for its day: what a slice filled belongs to the day of its last fill.
    """

    run_id: str
    belongs: Belongs
    exchanges: tuple[str, ...] = ()
    fills: dict[str, Fill]
    marks: dict[str, Decimal]
    charges: Decimal | None = None
    """The run's own count when it closed, which is the one that holds."""
    versions: dict[str, int]
    """At which version each day last changed, days as text."""


def days(state: Days | None, event: DomainEvent) -> Days | None:
    """The run's fills and marks after the event."""
    if state is None:
        return _opened(event) if isinstance(event, Run.Opened) else None
    match event:
        case Run.SliceSeen() | Run.SliceDeclaredFilled() | Run.Settled() | Run.Adjusted():
            news = filled(state.fills, event)
            if news is None:
                return state
            after = evolve(state, fills={**state.fills, news[0]: news[1]})
            return _touched(after, _first_changed(state, *news), event)
        case Run.PhaseReleased():
            return evolve(state, fills={**state.fills, **released(event)})
        case Run.Planned():
            return evolve(state, exchanges=tuple(leg.contract.exchange for leg in event.legs))
        case Run.Marked():
            after = evolve(state, marks={**state.marks, event.day: event.mtm})
            return _touched(after, event.day, event)
        case Run.Closed() if state.versions:
            return _touched(evolve(state, charges=event.charges), max(state.versions), event)
    return state


def _opened(event: Run.Opened) -> Days:
    run_id, belongs = event.originator_id, Belongs.to(event)
    return Days(run_id=run_id, belongs=belongs, fills={}, marks={}, versions={})


def _first_changed(state: Days, name: str, fill: Fill) -> str:
    """The earliest day that a fill changes: one that is learned of overnight leaves its old day."""
    was = state.fills.get(name)
    return min(was.day, fill.day) if was is not None and was.day else fill.day


def _touched(state: Days, day: str, event: DomainEvent) -> Days:
    """A day's end is the next one's beginning, so later days change with it."""
    version = event.originator_version
    days = {*state.versions, *(fill.day for fill in state.fills.values() if fill.day), day}
    later = {each: version for each in days if each >= day}
    return evolve(state, versions={**state.versions, **later})


def shown(state: Days) -> dict[str, DayRow]:
    """The days as rows."""
    of_day: dict[str, list[Fill]] = {}
    for fill in state.fills.values():
        if fill.day:
            of_day.setdefault(fill.day, []).append(fill)
    rows: dict[str, DayRow] = {}
    before: DayRow | None = None
    for day in sorted(state.versions):
        before = _day(state, day, of_day.get(day, ()), before)
        rows[before.id] = before
    if before is not None and state.charges is not None:
        rest = state.charges - sum((row.charges for row in rows.values()), ZERO)
        rows[before.id] = evolve(before, charges=before.charges + rest)
    return rows


def _day(state: Days, day: str, fills: Sequence[Fill], before: DayRow | None) -> DayRow:
    belongs = state.belongs
    charged = [_charged(state, day, fill) for fill in fills]
    cash = sum((fill.cash for fill in fills), before.cash if before else ZERO)
    return DayRow(
        id=row_id(state.run_id, day),
        user_id=belongs.user_id,
        account_id=belongs.account_id,
        basket_id=belongs.basket_id,
        strategy_id=belongs.strategy_id,
        run_id=state.run_id,
        day=date.fromisoformat(day),
        opening=before.worth if before else ZERO,
        cash=cash,
        mark=state.marks.get(day),
        units=_units(state.fills.values(), day),
        charges=sum(charged, ZERO),
    )


def _units(fills: Iterable[Fill], day: str) -> int:
    held: dict[int, int] = {}
    for fill in fills:
        if fill.day and fill.day <= day:
            held[fill.leg] = held.get(fill.leg, 0) + fill.side.sign * fill.quantity
    return sum(abs(units) for units in held.values())


def _charged(state: Days, day: str, fill: Fill) -> Decimal:
    on, long_ended = date.fromisoformat(day), fill.side is Side.SELL
    if fill.settled:
        return exercise(on, fill.quantity if long_ended else 0, fill.price).total
    return charges(on, state.exchanges[fill.leg], fill.side, fill.quantity, fill.price).total


def row_id(run_id: str, day: str) -> str:
    """Where a run's day is kept."""
    return f"{run_id}@{day}"


DAILY_PNL: ReadModel[Days, DayRow] = ReadModel(
    name="daily_pnl",
    reads=("RUN-",),
    project=days,
    heeds=frozenset((Run.Opened, Run.Planned, Run.PhaseReleased, Run.Marked, Run.Closed, *FILLS)),
    row=DayRow,
    state=Days,
    rows=shown,
    versions=lambda state: {row_id(state.run_id, day): v for day, v in state.versions.items()},
    stream_of=lambda row_id: row_id.partition("@")[0],
    sorts={"day": lambda row: row.day.isoformat()},
    indexes=(
        Index("owner", lambda row: row.user_id, "day"),
        Index("account", lambda row: row.account_id, "day"),
        Index("strategy", lambda row: row.strategy_id, "day"),
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
