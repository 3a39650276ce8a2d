"""When accounts are compared with their brokers: connected, each minute with runs, at close."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from adapters.engine import Chore, Due
from adapters.runtime import Platform
from commands.ports import Broker, Clock
from commands.reconciling import Found, Outcome, Reconciling
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus
from domain.calendar import MARKET, ist_date
from projections.broker_accounts import BROKER_ACCOUNTS

LOG: Final = logging.getLogger("atp.reconciling")
RECONCILE: Final = "reconcile"
MINUTE: Final = timedelta(minutes=1)
#: Between two minutes' entries and exits, which have their seconds for themselves.
SECOND: Final = timedelta(seconds=40)
#: When the book of the day is final.
AFTER_CLOSE: Final = timedelta(minutes=6)
#: A reading that raced with fills, or found something new, is taken again after so long.
AGAIN: Final = timedelta(seconds=2)
#: So often in a row; then the next minute will do.
MOST_AGAIN: Final = 5


class ReconcileChore:
    """Work of the engine: the round of all accounts, and each account by its id."""

    def __init__(
        self,
        platform: Platform,
        broker: Callable[[str], Broker],
        clock: Clock,
        alarm: Callable[[str], None],
    ) -> None:
        engine = platform.engine
        self.platform = platform
        self.clock = clock
        self.alarm = alarm
        self.reconciling = Reconciling(bus=platform.bus, broker=broker, notice=engine.notice)
        self._looks: dict[str, int] = {}
        self._closed: str | None = None
        self._silent: dict[str, str] = {}

    def troubles(self) -> tuple[str, ...]:
        """Accounts whose broker did not answer when it was last asked, and why."""
        told = sorted(self._silent.items())
        return tuple(f"{each} cannot be compared with its broker: {why}" for each, why in told)

    def chores(self) -> Mapping[str, Chore]:
        """By the name under which the engine calls it; without a key it is the round."""
        return {RECONCILE: self.reconcile}

    def reconcile_now(self, account_id: str) -> None:
        """Compare this account at once, as after its trader has connected it."""
        self.platform.engine.wheel.at(self.clock.now(), Due(RECONCILE, account_id))

    def reconcile(self, account_id: str, now: datetime) -> datetime | None:
        """The round, or one account; answers when to look again."""
        return self.compare(account_id, now) if account_id else self.go_round(now)

    def go_round(self, now: datetime) -> datetime:
        """Each minute the accounts with open runs, and once after the close every one."""
        session = MARKET.session(ist_date(now))
        day = ist_date(now).isoformat()
        if session is not None and session.open <= now < session.close:
            at_work = [each for each in self.connected() if self.platform.runs.of_account(each)]
            for account_id in at_work:
                self.reconcile_now(account_id)
            for account_id in self._silent.keys() - at_work:
                self._silent.pop(account_id, None)
        elif session is not None and now >= session.close + AFTER_CLOSE and self._closed != day:
            self._closed = day
            for account_id in self.connected():
                self.reconcile_now(account_id)
        minute = now.replace(second=0, microsecond=0)
        return minute + SECOND if now < minute + SECOND else minute + MINUTE + SECOND

    def connected(self) -> list[str]:
        """Accounts whose broker can be asked."""
        heads = self.platform.reads.tables.live(BROKER_ACCOUNTS.shape).heads()
        trading = self.platform.trading
        linked = [item.stream for item in heads if item.body is not None]
        return [
            account_id
            for account_id in linked
            if trading.load(account_id, BrokerAccount, verify=False).status
            is AccountStatus.CONNECTED
        ]

    def compare(self, account_id: str, now: datetime) -> datetime | None:
        """Compare one account; again in 2 s where that has not come to anything yet."""
        found = self.reconciling.reconcile(account_id, now, said=self.is_closed(now))
        looks = self._looks.pop(account_id, 0) + 1
        if found.outcome is Outcome.AGAIN and looks < MOST_AGAIN:
            self._looks[account_id] = looks
            return now + AGAIN
        self.tell(account_id, found)
        return None

    def is_closed(self, now: datetime) -> bool:
        session = MARKET.session(ist_date(now))
        return session is None or not session.open <= now < session.close

    def tell(self, account_id: str, found: Found) -> None:
        for drift in found.news:
            self.alarm(f"{account_id} differs from its broker: {drift.text}")
        self._silent.pop(account_id, None)
        if found.outcome is Outcome.SILENT:
            # A run with orders on their way tells of it, too; one that only watches sees nothing.
            self._silent[account_id] = found.trouble or "no answer"
            LOG.warning("%s cannot be compared: %s", account_id, found.trouble)
