"""Every morning: sessions that died are marked, traders reminded, open accounts looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Final

from adapters.engine import Chore
from adapters.sessions import DIES_AT, Sessions, system
from commands.account import RecordSessionEnd, RemindOfLogin
from commands.errors import NotFound
from commands.user import RecordSecretRead
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus
from domain.calendar import MARKET, at_ist, ist_date

REMINDED_AT: Final = (time(8, 30), time(9, 0))
READS_EVERY: Final = timedelta(minutes=1)
#: What a secret is read for, by the last part of its reference.
PURPOSES: Final = {"app": "the app's keys, to log in", "session": "the session's token, to trade"}


class Mornings:
    """Chores about sessions; each may be done late, or twice, without harm."""

    def __init__(self, sessions: Sessions, linked: Callable[[], Iterable[str]]) -> None:
        self.sessions = sessions
        self.linked = linked

    def chores(self) -> Mapping[str, Chore]:
        """By the name under which the engine calls them."""
        return {"sessions": self.look, "secret-reads": self.note_reads}

    def look(self, _: str, now: datetime) -> datetime:
        """Mark, tidy, remind and look, whatever of it is due; answers when something is again."""
        self.tidy()
        self.attend(self.linked(), now)
        return following(now)

    def attend(self, account_ids: Iterable[str], now: datetime) -> None:
        """The same for some accounts."""
        accounts = [self.sessions.account(each) for each in account_ids]
        for account in accounts:
            self.expire(account, now)
        if (due := reminder(now)) is not None:
            # Who is logged in is asked first: a session found dead has to be reminded of, too.
            for account in accounts:
                if account.status is AccountStatus.CONNECTED and not account.paper:
                    self.sessions.sync(account.id)
            self.sessions.note_lost("", now)
            for account in accounts:
                self.remind(account, due, now)

    def expire(self, account: BrokerAccount, now: datetime) -> None:
        """Mark a session that did not outlive the night."""
        until = account.session_expires_at
        if account.status is AccountStatus.CONNECTED and until is not None and until <= now:
            reason = "the broker ends every session at 06:00 IST"
            end = RecordSessionEnd(account_id=account.id, reason=reason, expired=True)
            self.sessions.bus.execute(end, system(now))

    def remind(self, account: BrokerAccount, due: datetime, now: datetime) -> None:
        """Tell the trader that the account is not logged in; its stream knows what was told."""
        session = MARKET.session(ist_date(now))
        if session is not None and not account.paper and not account.deleted:
            told = RemindOfLogin(account_id=account.id, due=due, opens_at=session.open)
            self.sessions.bus.execute(told, system(now))

    def tidy(self) -> None:
        """Forget the secrets of accounts that were unlinked where nobody was there to do so."""
        for ref in self.sessions.vault.refs():
            account = self._account_of(ref)
            if account is not None and account.deleted:
                self.sessions.vault.forget(ref)

    def note_reads(self, _: str, now: datetime) -> datetime:
        """Write into the audit which secrets were read since the last time."""
        reads = dict(self.sessions.vault.take_reads())
        try:
            while reads:
                ref = min(reads)
                account = self._account_of(ref)
                if account is not None:
                    purpose = PURPOSES.get(ref.rpartition("/")[2], ref)
                    times = f" ({reads[ref]} times)" if reads[ref] > 1 else ""
                    fact = RecordSecretRead(
                        user_id=account.user_id, account_id=account.id, purpose=purpose + times
                    )
                    self.sessions.bus.execute(fact, system(now))
                del reads[ref]
        finally:
            self.sessions.vault.restore(reads)
        return now + READS_EVERY

    def _account_of(self, ref: str) -> BrokerAccount | None:
        """The account a secret belongs to: `broker/account/what`."""
        try:
            return self.sessions.account(ref.split("/")[1])
        except (IndexError, NotFound):
            return None


def reminder(now: datetime) -> datetime | None:
    """The latest time of reminding that has come today, up to the close of a session."""
    session = MARKET.session(ist_date(now))
    if session is None or now >= session.close:
        return None
    past = [at for each in REMINDED_AT if (at := at_ist(ist_date(now), each)) <= now]
    return max(past, default=None)


def following(now: datetime) -> datetime:
    """When there is something to look at next."""
    days = (ist_date(now), ist_date(now) + timedelta(days=1))
    times = [at_ist(day, each) for day in days for each in (DIES_AT, *REMINDED_AT)]
    return min(at for at in times if at > now)
