"""The runs that this process knows of, by account and strategy; their streams say what they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from threading import RLock

from commands.application import Trading
from commands.ports import MarketData
from domain.calendar import ist_date
from domain.ledger import cash
from domain.limits import Today
from domain.run import Run
from domain.valuation import run_mtm

ZERO = Decimal(0)


class RunBook:
    """Open runs, and those of today, ended or not; filled at start from a view, then as we go."""

    def __init__(self, trading: Trading) -> None:
        self.trading = trading
        self._open: dict[str, tuple[str, str]] = {}
        self._days: dict[tuple[str, date], dict[str, None]] = {}
        self._ended: dict[str, str] = {}
        """Accounts of the runs that ended, whatever their day; yesterday's are dropped."""
        self._lock = RLock()

    def add(self, run: Run) -> bool:
        """Know of a run from now on; False if it was known."""
        place = (run.terms.account_id, ist_date(run.due_at))
        with self._lock:
            of_day = self._days.setdefault(place, {})
            if run.id in of_day:
                return False
            of_day[run.id] = None
            if run.stage.ended:
                self._ended[run.id] = run.terms.account_id
            else:
                self._open[run.id] = (run.terms.strategy_id, run.terms.account_id)
            return True

    def ended(self, run_id: str) -> None:
        with self._lock:
            place = self._open.pop(run_id, None)
            if place is not None:
                self._ended[run_id] = place[1]

    def known(self) -> Sequence[str]:
        """Every run of the days this process has seen, ended or not."""
        with self._lock:
            return [run_id for of_day in self._days.values() for run_id in of_day]

    def open(self) -> Sequence[str]:
        with self._lock:
            return list(self._open)

    def account_of(self, run_id: str) -> str | None:
        """The account of an open run."""
        with self._lock:
            found = self._open.get(run_id)
        return found[1] if found else None

    def of_strategy(self, strategy_id: str) -> Sequence[str]:
        """Ids of the strategy's runs that have not ended."""
        with self._lock:
            return [run for run, (strategy, _) in self._open.items() if strategy == strategy_id]

    def of_account(self, account_id: str) -> Sequence[str]:
        """Ids of the account's runs that have not ended."""
        with self._lock:
            return [run for run, (_, account) in self._open.items() if account == account_id]

    def runs_of(self, account_id: str) -> Iterable[Run]:
        """Open runs of the account, as this process last saw them."""
        return [self.trading.load(r, Run, verify=False) for r in self.of_account(account_id)]

    def today(self, account_id: str, now: datetime, market: MarketData) -> Today:
        """What the account did today: ended runs at what they made, open ones at their mark."""
        day = ist_date(now)
        runs = [run for run in self.touching(account_id, day) if run.slices]
        released = [s.released_at for run in runs for s in run.slices.values()]
        return Today(
            orders=sum(ist_date(at) == day for at in released),
            open_runs=sum(not run.stage.ended for run in runs),
            profit=sum((profit(run, market, now) for run in runs), ZERO),
        )

    def touching(self, account_id: str, day: date) -> Sequence[Run]:
        """The account's runs of that day: due on it, carried into it, or ended on it."""
        with self._lock:
            ids = dict(self._days.get((account_id, day), {}))
            ids |= dict.fromkeys(
                r for r, (_, account) in self._open.items() if account == account_id
            )
            ended = [r for r, account in self._ended.items() if account == account_id]
        for run_id in ended:
            if ist_date(self.trading.load(run_id, Run, verify=False).modified_on) == day:
                ids[run_id] = None
            else:
                self._ended.pop(run_id, None)
        return [self.trading.load(run_id, Run, verify=False) for run_id in ids]


def profit(run: Run, market: MarketData, now: datetime) -> Decimal:
    """What the run made today in ₹, before charges: since its last mark of an earlier day.

    While a mark is missing premiums received do not count, so that a limit errs to the safe side.
    """
    today = ist_date(now).isoformat()
    before = max(((day, mtm) for day, mtm in run.marks.items() if day < today), default=None)
    base = before[1] if before else ZERO
    if run.realised is not None:
        return run.realised - base
    quotes = market.quotes([leg.contract.key for leg in run.legs])
    marked = run_mtm(run, quotes, now)
    return min(cash(run), ZERO) if marked is None else marked - base
