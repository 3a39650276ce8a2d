"""What today made so far, run by run, in ₹: as daily_pnl counts a day, but marked now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from domain.quote import Quote
from domain.risk import Holding, mtm
from projections.daily_pnl import DAILY_PNL, DayRow, Days, DayTotal, shown
from projections.fills import ZERO
from projections.positions import POSITIONS, Contribution, Holdings, contributions
from projections.tables import Tables
from projections.view import ReadModel, TableView, View

S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class RunToday:
    """A run that traded today or holds something; `opening` is what it was worth as today began."""

    run_id: str
    strategy_id: str
    basket_id: str
    account_id: str
    holdings: tuple[Holding, ...]
    opening: Decimal
    charges: Decimal
    """Of today's trades."""
    settled: Decimal | None
    """What today made by its settlement mark, once there is one."""

    @property
    def held(self) -> bool:
        return any(holding.quantity for holding in self.holdings)

    @property
    def keys(self) -> set[str]:
        """Contracts whose prices its result depends on."""
        return {holding.key for holding in self.holdings if holding.quantity}

    def gross(self, quotes: Mapping[str, Quote], now: datetime) -> Decimal | None:
        """Made or lost today if all were left now; None while a mark is missing."""
        worth = mtm(self.holdings, quotes, now)
        return self.settled if worth is None else worth - self.opening


def runs_today(tables: Tables, user_id: str, day: date) -> list[RunToday]:
    """A user's runs with a result today, by their ids."""
    traded = _traded(TableView(DAILY_PNL, tables), user_id, day)
    holding = _holding(TableView(POSITIONS, tables), user_id)
    books = _states(tables, POSITIONS, {*traded, *holding})
    carried = _states(tables, DAILY_PNL, set(books) - set(traded))
    return [
        _today(book, traded.get(run_id), carried.get(run_id))
        for run_id, book in sorted(books.items())
        if contributions(book)
    ]


def _today(book: Holdings, row: DayRow | None, before: Days | None) -> RunToday:
    parts = list(contributions(book).values())
    belongs = parts[0]
    return RunToday(
        run_id=book.stream,
        strategy_id=belongs.strategy_id or "",
        basket_id=belongs.basket_id or "",
        account_id=belongs.account_id,
        holdings=tuple(
            Holding(key=part.key, quantity=part.quantity, cash=part.sold_value - part.bought_value)
            for part in parts
        ),
        opening=row.opening if row else _worth_before(before),
        charges=row.charges if row else ZERO,
        settled=row.gross if row and row.mark is not None else None,
    )


def _worth_before(state: Days | None) -> Decimal:
    """What a run that has not traded today was worth when its last day ended."""
    rows = shown(state) if state else {}
    return max(rows.values(), key=lambda row: row.day).worth if rows else ZERO


def _traded(view: View[DayRow], user_id: str, day: date) -> dict[str, DayRow]:
    until, cursor = day + timedelta(days=1), None
    found: dict[str, DayRow] = {}
    while True:
        page = view.page(
            "owner",
            user_id,
            since=day.isoformat(),
            until=until.isoformat(),
            cursor=cursor,
            limit=500,
        )
        found |= {row.run_id: row for row in page.rows}
        if (cursor := page.cursor) is None:
            return found


def _holding(view: View[Contribution], user_id: str) -> set[str]:
    cursor: str | None = None
    found: set[str] = set()
    while True:
        page = view.page("held_by", user_id, cursor=cursor, limit=500)
        found |= {row.run_id for row in page.rows if row.run_id is not None}
        if (cursor := page.cursor) is None:
            return found


# Any: whatever rows the model shows.
def _states(tables: Tables, model: ReadModel[S, Any], streams: set[str]) -> dict[str, S]:
    """What is kept of these streams, by their ids."""
    gates = tables.live(model.shape).gates(sorted(streams)) if streams else {}
    return {
        stream: gate.body for stream, gate in gates.items() if isinstance(gate.body, model.state)
    }


@dataclass(frozen=True, kw_only=True)
class Gain:
    """A run's result of today, marked at one moment."""

    run: RunToday
    gross: Decimal | None

    @property
    def net(self) -> Decimal | None:
        return None if self.gross is None else self.gross - self.run.charges


def summed(day: date, gains: Iterable[Gain]) -> DayTotal:
    """The sum over runs; those without a mark are counted, and left out of it."""
    own = list(gains)
    known = [gain.gross for gain in own if gain.gross is not None]
    return DayTotal(
        day=day,
        gross=sum(known, ZERO),
        charges=sum((gain.run.charges for gain in own), ZERO),
        runs=len(own),
        unmarked=len(own) - len(known),
    )
