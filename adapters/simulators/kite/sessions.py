"""Apps, logins and access tokens: a token dies at 06:00 IST, by logout, or on demand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256
from threading import RLock
from typing import Final

from pydantic import BaseModel

from adapters.simulators.kite.answers import INPUT, TOKEN, KiteError, no_session
from commands.ports import Clock
from domain.calendar import at_ist, ist_date

DEATH: Final = time(6)
REQUEST_TOKEN_LIVES: Final = timedelta(minutes=5)
EXPIRED: Final = "Token is invalid or has expired."


class KiteApp(BaseModel, frozen=True, extra="forbid"):
    """One developer app and the trader who uses it; `account` is the paper account behind it."""

    account: str
    api_key: str
    api_secret: str
    user_id: str
    app_id: int = 1
    redirect_url: str = "http://127.0.0.1/"
    postback_url: str | None = None


@dataclass(frozen=True, slots=True)
class KiteSession:
    """A trader logged in with an app until `dies_at`."""

    app: KiteApp
    access_token: str
    opened_at: datetime
    dies_at: datetime


class Sessions:
    """Who may call: one session for each app; a new login ends the one before."""

    def __init__(self, clock: Clock, seed: int = 1) -> None:
        self._clock = clock
        self._seed = seed
        self._apps: dict[str, KiteApp] = {}
        self._asked: dict[str, tuple[str, datetime]] = {}
        self._open: dict[str, KiteSession] = {}
        self._issued = 0
        self._lock = RLock()

    def add(self, app: KiteApp) -> None:
        with self._lock:
            self._apps[app.api_key] = app

    def app(self, api_key: str) -> KiteApp:
        """The app with that key; raises KiteError."""
        try:
            return self._apps[api_key]
        except KeyError:
            raise KiteError("Invalid `api_key`.", INPUT, 403) from None

    def apps_of(self, account: str) -> list[KiteApp]:
        return [app for app in self._apps.values() if app.account == account]

    def request_token(self, api_key: str) -> str:
        """What the redirect after a login carries: good once, for some minutes."""
        with self._lock:
            self.app(api_key)
            token = self._token("request", api_key)
            self._asked[token] = (api_key, self._clock.now() + REQUEST_TOKEN_LIVES)
            return token

    def _token(self, kind: str, api_key: str) -> str:
        self._issued += 1
        return sha256(f"{kind}|{self._seed}|{api_key}|{self._issued}".encode()).hexdigest()[:32]

    def exchange(self, api_key: str, request_token: str, checksum: str) -> KiteSession:
        """Open a session for a login; raises KiteError."""
        with self._lock:
            app = self.app(api_key)
            wanted = sha256(f"{api_key}{request_token}{app.api_secret}".encode()).hexdigest()
            if checksum != wanted:
                raise KiteError("Invalid `checksum`.", TOKEN, 403)
            asked_with, until = self._asked.pop(request_token, ("", self._clock.now()))
            now = self._clock.now()
            if asked_with != api_key or now >= until:
                raise KiteError(EXPIRED, TOKEN, 403)
            token = self._token("access", api_key)
            session = KiteSession(app, token, now, next_death(now))
            self._open[api_key] = session
            return session

    def find(self, api_key: str, access_token: str) -> KiteSession:
        """The living session of those two; raises KiteError."""
        session = self._open.get(api_key)
        alive = session is not None and self._clock.now() < session.dies_at
        if session is None or not alive or session.access_token != access_token:
            raise no_session()
        return session

    def alive(self, session: KiteSession) -> bool:
        """Whether that very session still lives."""
        return (
            self._open.get(session.app.api_key) == session and self._clock.now() < session.dies_at
        )

    def of_header(self, header: str) -> KiteSession:
        """The session of an `Authorization: token key:token`; raises KiteError."""
        scheme, _, both = header.partition(" ")
        api_key, _, access_token = both.partition(":")
        if scheme != "token":
            raise no_session()
        return self.find(api_key, access_token)

    def close(self, api_key: str, access_token: str) -> None:
        """Log out; raises KiteError for a token that is not alive."""
        with self._lock:
            self.find(api_key, access_token)
            del self._open[api_key]

    def expire(self, account: str) -> None:
        """End every session of an account, as a logout from all devices does."""
        with self._lock:
            for app in self.apps_of(account):
                self._open.pop(app.api_key, None)


def next_death(opened_at: datetime) -> datetime:
    """The first 06:00 IST after that moment."""
    today = at_ist(ist_date(opened_at), DEATH)
    return today if opened_at < today else at_ist(ist_date(opened_at) + timedelta(days=1), DEATH)
