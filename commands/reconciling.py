"""Reconciliation: a broker's book, trades and net against what we know, and what follows from it.

A reading during which orders filled is taken again, and a difference that is new has to be seen
twice: only then it is drift, halts the runs it touches, and waits for the trader's word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar

from commands.bus import Bus
from commands.desk import Command, Principal, Request
from commands.drift import RecordReconciliation
from commands.looking import LOOKS, known, look, seen_at
from commands.ports import Broker
from commands.run import HaltRun, LiftHalt
from domain.account import BrokerAccount
from domain.account_terms import Drift
from domain.attribution import Seen
from domain.book import SessionExpired, Unavailable
from domain.halting import HALT_ALERT
from domain.reconciliation import Comparison, Place, compare
from domain.resource import Resource
from domain.run import Run

A = TypeVar("A", bound=Resource)

#: Who records what was found, in the events.
RECONCILER: Final = Principal(user_id="reconciliation", platform=True)
#: Where nothing is new it is recorded this often that both agreed; each time would be noise.
SAID_EVERY: Final = timedelta(hours=1)


class Outcome(StrEnum):
    """What a comparison came to."""

    AGREES = "AGREES"
    DIFFERS = "DIFFERS"
    AGAIN = "AGAIN"  # orders filled between the looks, or a new difference has to be seen twice
    SILENT = "SILENT"  # the broker cannot be read now


@dataclass(frozen=True, kw_only=True)
class Found:
    """An account compared with its broker; `news` are drifts that nobody had heard of."""

    outcome: Outcome
    drifts: tuple[Drift, ...] = ()
    news: tuple[Drift, ...] = ()
    trouble: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reconciling:
    """Compares accounts, one at a time; `notice` tells who follows runs that one was halted."""

    bus: Bus
    broker: Callable[[str], Broker]
    notice: Callable[[str], None] = lambda _: None
    _suspected: dict[str, tuple[Drift, ...]] = field(default_factory=dict)
    """New differences by account, that were seen once."""

    def reconcile(self, account_id: str, now: datetime, *, said: bool = False) -> Found:
        """Compare once, record what is new and halt what it touches.

        `said`: record that both agree, however lately that was.
        """
        try:
            looked = look(self.broker(account_id), lambda: self.known(account_id, now), trades=True)
        except (Unavailable, SessionExpired) as error:
            return Found(outcome=Outcome.SILENT, trouble=str(error) or type(error).__name__)
        if looked is None:
            return Found(outcome=Outcome.AGAIN)
        reading, (account, runs) = looked
        found = compare(account, runs, reading, now)
        news = found.news(account)
        if news and self._suspected.get(account_id) != news:
            self._suspected[account_id] = news
            return Found(outcome=Outcome.AGAIN)
        self._suspected.pop(account_id, None)
        if said or found.says_more_than(account) or overdue(account, now):
            account = self.record(account, found, now)
        self.tell_runs(account, runs, now)
        outcome = Outcome.DIFFERS if account.drifts else Outcome.AGREES
        return Found(outcome=outcome, drifts=tuple(account.drifts.values()), news=news)

    def settle(self, account_id: str, now: datetime) -> Found:
        """Compare until it comes to something; for whoever waits for the answer."""
        for _ in range(LOOKS):
            found = self.reconcile(account_id, now, said=True)
            if found.outcome is not Outcome.AGAIN:
                return found
        return found

    def seen(self, account_id: str, place: Place, now: datetime) -> Seen:
        """What the broker shows of one contract now; raises Unavailable, SessionExpired."""
        return seen_at(self.broker(account_id), lambda: self.known(account_id, now), place)

    def known(self, account_id: str, now: datetime) -> tuple[BrokerAccount, Sequence[Run]]:
        return known(self.bus.trading, self.bus.world.open_runs, account_id, now)

    def record(self, account: BrokerAccount, found: Comparison, now: datetime) -> BrokerAccount:
        command = RecordReconciliation(
            account_id=account.id, external=found.external, drifts=found.drifts
        )
        return self.ask(command, now)

    def tell_runs(self, account: BrokerAccount, runs: Sequence[Run], now: datetime) -> None:
        """Halt the runs that a drift touches, and lift the halt of those that none touches."""
        for run in runs:
            if run.stage.ended:
                continue
            places = {(leg.contract.key, run.terms.product.value) for leg in run.legs}
            touched = [d.text for d in account.drifts.values() if (d.key, d.product) in places]
            if touched and HALT_ALERT not in run.alerts:
                self.ask(HaltRun(run_id=run.id, why="; ".join(touched)), now)
                self.notice(run.id)
            elif not touched and HALT_ALERT in run.alerts:
                self.ask(LiftHalt(run_id=run.id), now)

    def ask(self, command: Command[A], now: datetime) -> A:
        request = Request(principal=RECONCILER, at=now, correlation_id=f"reconciliation/{now}")
        return self.bus.execute(command, request)


def overdue(account: BrokerAccount, now: datetime) -> bool:
    return account.last_sync is None or now >= account.last_sync + SAID_EVERY
