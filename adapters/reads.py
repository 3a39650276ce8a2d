"""The read side as the runtime knows it: the views, and what is asked of them before deciding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time

from adapters.views.source import SQLiteSource
from adapters.views.sqlite import SQLiteTables
from commands.application import Trading
from commands.runs import RunBook
from domain.calendar import at_ist
from domain.run import Run
from domain.schedule import Weekday
from projections.advance import Projector
from projections.due_slots import DUE_SLOTS, due_in, minutes_of
from projections.feed import Feed
from projections.follower import Follower
from projections.runs import RUNS, RunRow, open_runs, runs_touching
from projections.tables import Source, Tables
from projections.view import TableView


@dataclass(frozen=True, kw_only=True)
class ReadSide:
    """The views as a process reads them, where another one feeds them by the store's stream."""

    tables: Tables
    source: Source
    projector: Projector
    feed: Feed

    def catch_up(self) -> None:
        """Have the views hold what is stored by now, where it is this process that feeds them."""

    def behind(self) -> int:
        """How many events this process has still to apply."""
        return 0

    def yield_to(self, busy: Callable[[], bool]) -> None:
        """Let decisions go first, where it is this process that feeds the views."""

    def close(self) -> None:
        """Nothing of it is open but in a process that feeds the views."""


@dataclass(frozen=True, kw_only=True)
class LocalReads(ReadSide):
    """The views of one process, which it keeps up with the store beside them."""

    tables: SQLiteTables
    source: SQLiteSource
    follower: Follower

    def catch_up(self) -> None:
        self.follower.catch_up()

    def behind(self) -> int:
        return self.follower.behind()

    def yield_to(self, busy: Callable[[], bool]) -> None:
        self.follower.yields_to = busy

    def close(self) -> None:
        self.follower.stop()
        self.tables.close()


class SlotsView:
    """Due slots as the view has them, once it holds everything stored so far."""

    def __init__(self, reads: ReadSide) -> None:
        self._reads = reads
        self._view = TableView(DUE_SLOTS, reads.tables)

    def due(self, weekday: str, minute: str) -> Iterable[str]:
        if weekday not in Weekday.__members__:
            return []
        self._reads.catch_up()
        rows = due_in(self._view, Weekday(weekday), time.fromisoformat(minute))
        return [row.strategy_id for row in rows]

    def minutes(self, weekday: str) -> Iterable[str]:
        """Found by going through all strategies, which a start may do and a minute may not."""
        self._reads.catch_up()
        return minutes_of(self._reads.tables.live(DUE_SLOTS.shape).heads(), weekday)


class StoredRuns:
    """Open runs as the store has them: those included that another process has opened or ended."""

    def __init__(self, trading: Trading, known: RunBook, reads: ReadSide) -> None:
        self._trading = trading
        self._known = known
        self._reads = reads
        self._rows = TableView(RUNS, reads.tables)

    def of_strategy(self, strategy_id: str) -> Sequence[str]:
        self._learn(row for row in self._open() if row.strategy_id == strategy_id)
        return self._alive(self._known.of_strategy(strategy_id))

    def of_account(self, account_id: str) -> Sequence[str]:
        self._learn(row for row in self._open() if row.account_id == account_id)
        return self._alive(self._known.of_account(account_id))

    def touching(self, account_id: str, day: date) -> Sequence[Run]:
        self._reads.catch_up()
        self._learn(runs_touching(self._rows, account_id, at_ist(day, time.min)))
        return self._known.touching(account_id, day)

    def _open(self) -> Iterable[RunRow]:
        self._reads.catch_up()
        return open_runs(self._rows)

    def _learn(self, rows: Iterable[RunRow]) -> None:
        known = set(self._known.known())
        for row in rows:
            if row.id not in known:
                self._known.add(self._trading.load(row.id, Run))

    def _alive(self, run_ids: Iterable[str]) -> Sequence[str]:
        loaded = [self._trading.load(run_id, Run) for run_id in run_ids]
        return [run.id for run in loaded if not run.stage.ended]
