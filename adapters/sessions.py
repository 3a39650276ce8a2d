"""The sessions of accounts at their brokers: opened, watched, ended, and asked for in time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from threading import Lock
from typing import Final
from urllib.parse import quote

from adapters.engine import Chore
from adapters.logins import Logins, Ticket
from adapters.vault.audited import AuditedVault
from adapters.watched import Closable, Watched
from commands.account import KeepSecrets, RecordConnection, RecordSessionEnd, RecordSync
from commands.bus import Bus
from commands.desk import Principal, Request
from commands.errors import Conflict, KeyReused, Refused
from commands.ports import Broker, Clock
from domain.account import BrokerAccount
from domain.account_session import secrets_place, session_place
from domain.account_terms import AccountStatus
from domain.book import AddressRefused, BrokerError, Profile, SessionExpired
from domain.calendar import at_ist, ist_date

LOG: Final = logging.getLogger("atp.sessions")
#: Sessions of Indian brokers do not outlive the night (Kite: 06:00 IST).
DIES_AT: Final = time(6, 0)
#: A session that is lost is told at most this often for an account.
TOLD_EVERY: Final = timedelta(minutes=1)
SYSTEM: Final = Principal(user_id="system", platform=True)
LOST: Final = "session-lost"

#: Have a chore done now: its name, and the account.
Stir = Callable[[str, str], None]


def nobody(_: str) -> None:
    """Nobody has to be told."""


class Sessions:
    """What a trader does with the session of an account, and what is noticed of it."""

    def __init__(
        self,
        bus: Bus,
        broker: Callable[[str], Broker],
        vault: AuditedVault,
        clock: Clock,
        alarm: Callable[[str], None] = LOG.error,
        stir: Stir | None = None,
        *,
        connected: Callable[[str], None] = nobody,
    ) -> None:
        self.bus = bus
        self.broker = broker
        self.vault = vault
        self.clock = clock
        self.alarm = alarm
        self.stir = stir
        self.connected = connected
        """Told of an account that was just connected."""
        self.logins: Logins = Logins(clock.now)
        self._lost: dict[str, SessionExpired] = {}
        self._told: dict[str, datetime] = {}
        self._lock = Lock()

    def account(self, account_id: str) -> BrokerAccount:
        return self.bus.trading.load(account_id, BrokerAccount)

    # ── keys ──────────────────────────────────────────────────────────────────────────────

    def keep_secrets(self, account_id: str, secret: Mapping[str, str], request: Request) -> None:
        """Put the keys of the trader's app into the vault; a session of older keys is over.

        Raises what commands raise, VaultError.
        """
        account = self.bus.execute(KeepSecrets(account_id=account_id), request)
        self.vault.write(secrets_place(account), secret)
        self.vault.forget(session_place(account))

    def forget(self, account_id: str) -> None:
        """An account was unlinked: kill its session, and keep nothing of it."""
        account = self.account(account_id)
        self._kill(account)
        self.vault.forget(secrets_place(account))

    # ── logging in and out ────────────────────────────────────────────────────────────────

    def begin(self, account_id: str, user_id: str) -> tuple[str, Ticket]:
        """Where the trader logs in, and what has to come back with them.

        Raises Conflict before the app's keys are kept, Rejected, Unavailable.
        """
        account = self.account(account_id)
        if not account.paper and not self.vault.has(secrets_place(account)):
            raise Conflict("no-secrets", "the vault has no keys of this account's app yet")
        url = self._broker(account).login_url()
        ticket = self.logins.begin(account_id, user_id)
        # Handed back to the redirect address as it is (Kite: `redirect_params`).
        carried = quote(f"state={ticket.state}", safe="")
        return f"{url}{'&' if '?' in url else '?'}redirect_params={carried}", ticket

    def connect(self, account_id: str, request_token: str, request: Request) -> BrokerAccount:
        """Turn what the login returned into a session, and note whose it is.

        Raises Conflict where somebody else logged in, Rejected, NotSent, Unknown, Unavailable.
        """
        account = self.account(account_id)
        if self._connected_before(account, request.idempotency_key):
            return account
        broker = self._broker(account)
        broker.exchange_token(request_token)
        with self._lock:
            self._told.pop(account_id, None)
        profile = broker.profile()
        known = account.broker_user_id
        if known is not None and profile.broker_user_id != known:
            self._kill(account)
            self._end(account, "somebody else logged in", fact_of(request))
            told = f"this account is {known}'s, and {profile.broker_user_id} logged in"
            raise Conflict("other-login", told)
        fact = RecordConnection(
            account_id=account_id,
            broker_user_id=profile.broker_user_id,
            capabilities=profile.capabilities,
            expires_at=None if account.paper else expiry(self.clock.now()),
        )
        account = self.bus.execute(fact, fact_of(request))
        self.sync(account_id)
        self.connected(account_id)
        return account

    def disconnect(self, account_id: str, request: Request, *, force: bool = False) -> None:
        """End the session, at the broker too; raises Conflict while runs are open, unless forced.

        Their exits would have no way to the broker.
        """
        account = self.account(account_id)
        if not force and (runs := self.bus.world.open_runs.of_account(account_id)):
            raise Conflict("open-runs", f"{len(runs)} run(s) are open here and could not be left")
        self._kill(account)
        self._end(account, "logged out by the trader", fact_of(request))

    def sync(self, account_id: str) -> None:
        """Ask the broker who is logged in and how much money there is, and note it.

        What does not answer is alarmed; a session found dead is noted as every caller's is.
        """
        broker, now = self.broker(account_id), self.clock.now()
        try:
            profile, funds = broker.profile(), broker.funds()
        except SessionExpired as over:
            self.lost(account_id, over)
            return
        except BrokerError as error:
            self.alarm(f"{account_id} cannot be read at its broker: {error}")
            return
        account = self.account(account_id)
        if account.status is AccountStatus.CONNECTED:
            self._note_profile(account, profile, system(now))
        money = {"available": funds.available, "used": funds.used, "cash": funds.cash}
        self.bus.execute(RecordSync(account_id=account_id, **money), system(now))

    # ── what is noticed ───────────────────────────────────────────────────────────────────

    def watched(self, broker: Broker, account_id: str) -> Broker:
        """The broker, with its session watched; whoever finds it dead is not held up."""
        return Watched(broker, lambda over: self.lost(account_id, over))

    def lost(self, account_id: str, over: SessionExpired) -> None:
        """Somebody was told that the session is over: have that noted by another thread."""
        now = self.clock.now()
        with self._lock:
            told = self._told.get(account_id)
            if told is not None and now - told < TOLD_EVERY:
                return
            self._told[account_id] = now
            self._lost[account_id] = over
        if self.stir is not None:
            self.stir(LOST, account_id)

    def chores(self) -> Mapping[str, Chore]:
        """By the name under which the engine calls them."""
        return {LOST: self.note_lost}

    def note_lost(self, _: str, now: datetime) -> None:
        """Note every session that was found dead."""
        for account_id, over in list(self._lost.items()):
            expired = not isinstance(over, AddressRefused)
            reason = str(over) or type(over).__name__
            end = RecordSessionEnd(account_id=account_id, reason=reason, expired=expired)
            self.bus.execute(end, system(now))
            with self._lock:
                self._lost.pop(account_id, None)

    # ── what they share ───────────────────────────────────────────────────────────────────

    def _note_profile(self, account: BrokerAccount, profile: Profile, request: Request) -> None:
        until = account.session_expires_at
        fact = RecordConnection(
            account_id=account.id,
            broker_user_id=profile.broker_user_id,
            capabilities=profile.capabilities,
            expires_at=until,
        )
        self.bus.execute(fact, request)

    def _connected_before(self, account: BrokerAccount, key: str | None) -> bool:
        """Whether this request was answered already; raises KeyReused for another of its name."""
        if key is None or key not in account.answered:
            return False
        events = self.bus.trading.history(account.id)
        if any(isinstance(e, BrokerAccount.Connected) and e.idempotency_key == key for e in events):
            return True
        raise KeyReused

    def _kill(self, account: BrokerAccount) -> None:
        """Leave no token that is good for anything, here or at the broker."""
        try:
            if self.vault.has(session_place(account)):
                broker = self.broker(account.id)
                if isinstance(broker, Closable):
                    broker.end_session()
        except SessionExpired:
            LOG.info("%s: its session was dead already", account.id)
        except BrokerError as error:
            self.alarm(f"{account.id}: its token lives on at the broker until 06:00: {error}")
        self.vault.forget(session_place(account))

    def _broker(self, account: BrokerAccount) -> Broker:
        """The way to the account's broker; raises Refused where this platform has none."""
        try:
            return self.broker(account.id)
        except LookupError as unknown:
            raise Refused("unknown-broker", str(unknown), "broker") from unknown

    def _end(self, account: BrokerAccount, why: str, request: Request) -> None:
        end = RecordSessionEnd(account_id=account.id, reason=why, expired=False)
        self.bus.execute(end, request)


def expiry(now: datetime) -> datetime:
    """When a session that is opened now will be dead."""
    today = at_ist(ist_date(now), DIES_AT)
    return today if now < today else at_ist(ist_date(now) + timedelta(days=1), DIES_AT)


def system(now: datetime) -> Request:
    """Who notes what nobody asked for."""
    return Request(principal=SYSTEM, at=now, correlation_id=f"sessions-{now:%Y%m%dT%H%M%S}")


def fact_of(request: Request) -> Request:
    """A fact that follows from what was asked, in the asker's name."""
    return replace(request, principal=replace(request.principal, platform=True), edition=None)
