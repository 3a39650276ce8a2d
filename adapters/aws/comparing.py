"""Each minute, every account with open runs: compared with its broker, and none left alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel

from adapters.aws.dispatching import Order, What
from adapters.aws.executing import Workflow
from adapters.aws.queues import Message
from adapters.aws.shift import Drive, Shift
from adapters.aws.slots import Outbox
from adapters.reconcile_chore import AFTER_CLOSE, AGAIN, MOST_AGAIN, SECOND
from adapters.runtime import Platform
from commands.flatten import Flattening
from commands.ports import Broker
from commands.reconciling import Found, Outcome, Reconciling
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus
from domain.calendar import MARKET, ist_date
from domain.run import Run
from domain.run_terms import Stage
from projections.broker_accounts import BROKER_ACCOUNTS
from projections.runs import RUNS, open_runs
from projections.tables import Tables
from projections.view import TableView

LOG: Final = logging.getLogger("atp.reconciling")
#: Under which the views remember the last day that was compared after its close.
CLOSED: Final = ("reconciled", "close")


class Turn(BaseModel, frozen=True, extra="forbid"):
    """This account's turn to be compared; `closed`: with the final book of the day."""

    account_id: str
    closed: bool = False


class Rounds:
    """Whose turn it is: each minute accounts with open runs, and once after the close every one."""

    def __init__(self, tables: Tables, queue: Outbox, *, speed: float = 1.0) -> None:
        self._tables = tables
        self._queue = queue
        self._speed = speed

    def wake(self, now: datetime) -> int:
        """Tell every account's reconciler; answers how many."""
        day = ist_date(now)
        session = MARKET.session(day)
        if session is None:
            return 0
        closed = now >= session.close + AFTER_CLOSE
        if closed and self._tables.recall(*CLOSED) != day.isoformat():
            told = self._tell({*self._linked(), *self._with_runs()}, now, closed=True)
            self._tables.remember(*CLOSED, day.isoformat())
            return told
        return self._tell(set(self._with_runs()), now)

    def _tell(self, accounts: Iterable[str], now: datetime, *, closed: bool = False) -> int:
        # The first seconds of a minute are for what is due in it.
        into = now - now.replace(second=0, microsecond=0)
        delay = max(0, int((SECOND - into).total_seconds() / self._speed))
        turns = [Turn(account_id=account, closed=closed) for account in sorted(accounts)]
        return self._queue.send_all(
            Message(body=turn.model_dump(), delay_s=delay) for turn in turns
        )

    def _with_runs(self) -> Iterable[str]:
        return (row.account_id for row in open_runs(TableView(RUNS, self._tables)))

    def _linked(self) -> Iterable[str]:
        heads = self._tables.live(BROKER_ACCOUNTS.shape).heads()
        return (item.stream for item in heads if item.body is not None)


class Comparing:
    """One account's turn."""

    def __init__(
        self,
        platform: Platform,
        broker: Callable[[str], Broker],
        workflow: Workflow,
        flattening: Flattening,
        dispatch: Outbox,
        drive: Drive,
        alarm: Callable[[str], None],
        *,
        patience: int = 1,
    ) -> None:
        self._platform = platform
        self._clock = platform.engine.clock
        self._reconciling = Reconciling(bus=platform.bus, broker=broker)
        self._workflow = workflow
        self._flattening = flattening
        self._dispatch = dispatch
        self._drive = drive
        self._alarm = alarm
        self._patience = patience

    def work(self, turn: Turn, until: datetime) -> None:
        """Compare it with its broker, then see to it that every open run is looked after."""
        account = self._platform.trading.load(turn.account_id, BrokerAccount)
        connected = account.status is AccountStatus.CONNECTED and not account.paper
        if connected and (turn.closed or self._trading()):
            self._compare(turn, until)
        if account.block is not None:
            # Whoever was told of it may be dead, with the account's queue waiting for its end.
            self._flattening.watch(account.id, self._clock.now())
        runs = self._platform.runs.of_account(account.id)
        self._begin_workflows(runs)
        self._follow(runs, until)
        if account.block is not None and self._platform.runs.of_account(account.id):
            order = Order(what=What.KILL, key=account.id, account_id=account.id)
            # Told each minute by whoever comes first: one message will do.
            dedup = f"kill-{account.id}-{self._clock.now():%Y%m%dT%H%M}"
            self._dispatch.send(order.model_dump(mode="json"), group=account.id, dedup=dedup)

    def _trading(self) -> bool:
        now = self._clock.now()
        session = MARKET.session(ist_date(now))
        return session is not None and session.open <= now < session.close

    def _compare(self, turn: Turn, until: datetime) -> None:
        """As often as it takes to come to something; what is new has to be seen twice."""
        for _ in range(MOST_AGAIN):
            now = self._clock.now()
            found = self._reconciling.reconcile(turn.account_id, now, said=turn.closed)
            if found.outcome is not Outcome.AGAIN or now >= until:
                break
            self._clock.sleep(AGAIN.total_seconds())
        self._tell(turn.account_id, found)

    def _tell(self, account_id: str, found: Found) -> None:
        for drift in found.news:
            self._alarm(f"{account_id} differs from its broker: {drift.text}")
        if found.outcome is Outcome.SILENT:
            LOG.warning("%s cannot be compared: %s", account_id, found.trouble)

    def _begin_workflows(self, runs: Iterable[str]) -> None:
        """Of runs that were carried into this day, or whose executor could not start theirs."""
        today = ist_date(self._clock.now())
        for run_id in runs:
            run = self._platform.trading.load(run_id, Run, verify=False)
            if run.stage is Stage.PENDING and self._clock.now() < run.due_at:
                continue
            try:
                self._workflow.start(run_id, today)
            except (BotoCoreError, ClientError) as error:
                LOG.warning("the workflow of %s was not started: %s", run_id, error)

    def _follow(self, runs: Iterable[str], until: datetime) -> None:
        """Whatever else may have failed, a run is not left alone for longer than a minute."""
        shift = Shift(self._platform, until, patience=self._patience, waits=False)
        for run_id in runs:
            shift.take(run_id)
        self._drive(shift)
