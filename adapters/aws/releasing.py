"""The end of a halt: every account is compared with its broker; then the platform sends again."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.aws.halting import HALT, Halting
from adapters.reconciling import AccountReport, granted, reconcile
from commands.application import Trading
from commands.ports import Broker
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus
from domain.run import Run
from projections.broker_accounts import BROKER_ACCOUNTS
from projections.tables import Tables

#: What is kept of a halt that ended, by the moment of its end.
ENDED: Final = "halt ended"


@dataclass(frozen=True, kw_only=True)
class Restart:
    """A halted platform, and what has to be known before it sends again."""

    trading: Trading
    tables: Tables
    halting: Halting
    open_runs: Callable[[str], Sequence[str]]
    """Ids of the runs of an account that have not ended."""
    broker: Callable[[str], Broker]

    def reports(self) -> Iterator[AccountReport]:
        """Each account compared with its broker, but for those that have nothing to compare."""
        for account in self._accounts():
            runs = [self.trading.load(each, Run) for each in self.open_runs(account.id)]
            if runs or not self._out_of_reach(account):
                yield reconcile(account, runs, self.broker(account.id))

    def left_out(self) -> list[str]:
        """Accounts without open runs that nobody is logged in to: nothing of theirs goes on.

        Their next login compares them before anything is sent.
        """
        return [
            account.id
            for account in self._accounts()
            if self._out_of_reach(account) and not self.open_runs(account.id)
        ]

    def release(
        self,
        reports: Iterable[AccountReport],
        reason: str,
        at: datetime,
        accepted: Collection[str] = (),
    ) -> str | None:
        """Let the platform send again; answers what is kept of it, None if it was not halted.

        Raises StillHalted while an account cannot be read, or differs in what was not accepted.
        """
        text = self.tables.recall(*HALT)
        if text is None:
            return None
        told = {
            **json.loads(text),
            "released": granted(reports, reason, accepted),
            "released_at": at.isoformat(),
            "left_out": self.left_out(),
        }
        record = json.dumps(told)
        self.tables.remember(ENDED, at.isoformat(), record)
        self.halting.release()
        return record

    def _accounts(self) -> Iterator[BrokerAccount]:
        for head in self.tables.live(BROKER_ACCOUNTS.shape).heads():
            if head.body is not None:
                account = self.trading.load(head.stream, BrokerAccount)
                if not account.deleted:
                    yield account

    def _out_of_reach(self, account: BrokerAccount) -> bool:
        return account.paper or account.status is not AccountStatus.CONNECTED
