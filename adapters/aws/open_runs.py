"""What one of many workers knows of streams and runs that the others write to as well."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from threading import Lock
from typing import Final, TypeVar

from eventsourcing.utils import EnvType

from commands.application import Trading
from commands.identity import Entropy
from commands.runs import RunBook
from domain.calendar import at_ist
from domain.model import Aggregate
from domain.run import Run
from projections.runs import RUNS, RunRow, open_runs_on, runs_by, runs_on, runs_touching
from projections.tables import Tables
from projections.view import TableView, instant

A = TypeVar("A", bound=Aggregate)

#: How old may be what this worker remembers of a stream that it does not ask strongly for.
FRESH_S: Final = 1.0
#: Beyond so many streams it is forgotten when each was read: they are read anew.
KEPT: Final = 20_000


class SharedTrading(Trading):
    """The write side of one worker among many: what is remembered counts for a second only."""

    def __init__(
        self,
        env: EnvType | None = None,
        *,
        entropy: Entropy,
        fresh_s: float = FRESH_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(env, entropy=entropy)
        self._fresh_s = fresh_s
        self._monotonic = monotonic
        self._read_at: dict[str, float] = {}

    def load(self, stream_id: str, kind: type[A], *, verify: bool = True) -> A:
        """The present state; without `verify` as it was within the last second."""
        now = self._monotonic()
        if verify or now - self._read_at.get(stream_id, -self._fresh_s) >= self._fresh_s:
            found = super().load(stream_id, kind, verify=True)
            if len(self._read_at) >= KEPT:
                self._read_at = {}
            self._read_at[stream_id] = now
            return found
        return super().load(stream_id, kind, verify=False)

    def doubt(self) -> None:
        """Believe nothing that is remembered before it was read anew: time may have stood still."""
        self._read_at = {}


class SharedRuns(RunBook):
    """Runs of accounts, those included that other workers opened; the views name them.

    Of an account it is asked once a second at most. Its streams say what its runs are.
    """

    def __init__(
        self,
        trading: Trading,
        tables: Tables,
        fresh_s: float = FRESH_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(trading)
        self._rows = TableView(RUNS, tables)
        self._fresh_s = fresh_s
        self._monotonic = monotonic
        self._looked: dict[str, float] = {}
        self._begun: dict[str, date] = {}
        """The day of which all of an account's runs were looked up once."""
        self._looking = Lock()

    def of_account(self, account_id: str) -> Sequence[str]:
        """Ids of the account's runs that have not ended."""
        self._look(account_id)
        return self._alive(super().of_account(account_id))

    def of_strategy(self, strategy_id: str) -> Sequence[str]:
        """Ids of the strategy's runs that have not ended; by going through its last months."""
        self._learn(row for row in self._all_by(strategy_id) if row.open)
        return self._alive(super().of_strategy(strategy_id))

    def touching(self, account_id: str, day: date) -> Sequence[Run]:
        if self._begun.get(account_id) != day:
            self._learn(runs_touching(self._rows, account_id, at_ist(day, datetime.min.time())))
            self._begun[account_id] = day
        else:
            self._look(account_id, day)
        return super().touching(account_id, day)

    def doubt(self) -> None:
        """Ask the views anew, whenever that was last done."""
        with self._looking:
            self._looked = {}

    def _look(self, account_id: str, day: date | None = None) -> None:
        key, now = f"{account_id} {day}", self._monotonic()
        with self._looking:
            if now - self._looked.get(key, -self._fresh_s) < self._fresh_s:
                return
            self._looked[key] = now
        self._learn(open_runs_on(self._rows, account_id))
        if day is not None:
            self._learn(self._due_since(account_id, at_ist(day, datetime.min.time())))

    def _due_since(self, account_id: str, since: datetime) -> Iterable[RunRow]:
        cursor: str | None = None
        while True:
            page = runs_on(self._rows, account_id, since=instant(since), cursor=cursor, limit=500)
            yield from page.rows
            if (cursor := page.cursor) is None:
                return

    def _all_by(self, strategy_id: str) -> Iterable[RunRow]:
        cursor: str | None = None
        while True:
            page = runs_by(self._rows, strategy_id, newest_first=True, cursor=cursor, limit=500)
            yield from page.rows
            if (cursor := page.cursor) is None:
                return

    def _learn(self, rows: Iterable[RunRow]) -> None:
        known = set(self.known())
        for row in rows:
            if row.id not in known:
                self.add(self.trading.load(row.id, Run, verify=False))

    def _alive(self, run_ids: Iterable[str]) -> Sequence[str]:
        loaded = [self.trading.load(run_id, Run, verify=False) for run_id in run_ids]
        for run in loaded:
            if run.stage.ended:
                self.ended(run.id)
        return [run.id for run in loaded if not run.stage.ended]
