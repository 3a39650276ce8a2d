"""Logins under way at a broker, where another worker may have to finish what one began."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final

from adapters.logins import GOOD_FOR, Login, LoginRefused, Logins, Ticket, digest_of
from projections.tables import Tables

#: A login by the digest of its state, and the state that a user's login of an account has.
LOGIN: Final = "login"
LATEST: Final = "login-of"


class KeptLogins(Logins):
    """Kept beside the views, as digests only; a broker takes what comes back but once anyway."""

    def __init__(self, tables: Tables, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self._tables = tables

    def begin(self, account_id: str, user_id: str) -> Ticket:
        """Begin a login of this user for this account; an older one of both is void."""
        ticket = Ticket(state=secrets.token_urlsafe(24), proof=secrets.token_urlsafe(24))
        key, who = digest_of(ticket.state), f"{account_id}/{user_id}"
        if (older := self._tables.recall(LATEST, who)) is not None:
            self._tables.forget(LOGIN, older)
        begun = {
            "account_id": account_id,
            "user_id": user_id,
            "until": (self._now() + GOOD_FOR).isoformat(),
            "proof": digest_of(ticket.proof),
        }
        self._tables.remember(LOGIN, key, json.dumps(begun))
        self._tables.remember(LATEST, who, key)
        return ticket

    def finish(self, state: str, *, proof: str | None = None, user_id: str | None = None) -> Login:
        """The login with this state, once; raises LoginRefused."""
        text = self._tables.recall(LOGIN, digest_of(state))
        begun = {} if text is None else json.loads(text)
        if not begun or datetime.fromisoformat(begun["until"]) < self._now():
            raise LoginRefused("this login was not begun here, is over, or took too long")
        proved = proof is not None and hmac.compare_digest(digest_of(proof), begun["proof"])
        if not proved and user_id != begun["user_id"]:
            raise LoginRefused("this login was begun by somebody else, or in another browser")
        self._tables.forget(LOGIN, digest_of(state))
        self._tables.forget(LATEST, f"{begun['account_id']}/{begun['user_id']}")
        return Login(
            account_id=begun["account_id"],
            user_id=begun["user_id"],
            until=datetime.fromisoformat(begun["until"]),
        )
