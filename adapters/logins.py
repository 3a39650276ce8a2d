"""Logins under way at a broker: who began one, for which account, and that it ends only once."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Final

#: How long a trader may take at the broker's login page.
GOOD_FOR: Final = timedelta(minutes=15)
#: Logins under way at once; the oldest is forgotten beyond that.
AT_MOST: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who logs in at a broker for which account, and until when that may take."""

    account_id: str
    user_id: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """`state` travels through the broker, `proof` stays in the browser that began the login."""

    state: str = field(repr=False)
    proof: str = field(repr=False)


class LoginRefused(Exception):
    """What came back belongs to no login that was begun here, is late, or came a second time."""


class Logins:
    """What was begun and not finished yet, in this process; states are kept as digests only."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._open: dict[str, tuple[Login, str]] = {}
        self._lock = Lock()

    def begin(self, account_id: str, user_id: str) -> Ticket:
        """Begin a login of this user for this account; an older one of both is void."""
        ticket = Ticket(state=secrets.token_urlsafe(24), proof=secrets.token_urlsafe(24))
        login = Login(account_id=account_id, user_id=user_id, until=self._now() + GOOD_FOR)
        with self._lock:
            others = {
                key: held
                for key, held in self._open.items()
                if (held[0].account_id, held[0].user_id) != (account_id, user_id)
            }
            newest = list(others.items())[1 - AT_MOST :]
            self._open = {**dict(newest), digest_of(ticket.state): (login, digest_of(ticket.proof))}
        return ticket

    def finish(self, state: str, *, proof: str | None = None, user_id: str | None = None) -> Login:
        """The login with this state, once: proved by its browser, or by its user signed in here.

        Raises LoginRefused; whoever cannot prove it does not use it up.
        """
        with self._lock:
            login, wanted = self._open.get(digest_of(state), (None, ""))
            if login is None or login.until < self._now():
                raise LoginRefused("this login was not begun here, is over, or took too long")
            proved = proof is not None and hmac.compare_digest(digest_of(proof), wanted)
            if not proved and user_id != login.user_id:
                raise LoginRefused("this login was begun by somebody else, or in another browser")
            del self._open[digest_of(state)]
            return login


def cookie_of(state: str) -> str:
    """The name under which a browser keeps the proof of the login with this state."""
    return f"atp-login-{digest_of(state)[:16]}"


def digest_of(text: str) -> str:
    """What is kept of a state or a proof."""
    return sha256(text.encode()).hexdigest()
