"""Sessions and their refresh tokens: each token is good once, and who shows it twice is a thief.

A browser whose answer was lost on its way may ask again at once, and is answered the same.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import new as hmac
from sqlite3 import Connection
from typing import Final

from adapters.identity.access import LIFE, AccessTokens, BadToken
from adapters.identity.file import IdentityFile
from adapters.identity.terms import Session, SignInRefused, Tokens

#: A session ends when its last token is not used for so long, and in any case after the other.
IDLE: Final = timedelta(days=7)
LONGEST: Final = timedelta(days=30)
#: A page that was loaded again while its answer was under way asks within this time.
AGAIN: Final = timedelta(seconds=30)


class Sessions:
    """Opened by signing in, kept alive by refreshing, ended for one or for all."""

    def __init__(self, file: IdentityFile, access: AccessTokens, key: bytes) -> None:
        self._file = file
        self._access = access
        self._key = key

    def open(self, user_id: str, now: datetime, *, must_change: bool) -> Tokens:
        session_id = secrets.token_urlsafe(16)
        until = now + LONGEST
        with self._file.change() as db:
            db.execute("DELETE FROM refresh_tokens WHERE until<?", (now.timestamp(),))
            db.execute(
                "INSERT INTO sessions (session_id, user_id, until) VALUES (?,?,?)",
                (session_id, user_id, until.timestamp()),
            )
            refresh = secrets.token_urlsafe(32)
            _keep(db, refresh, session_id, min(now + IDLE, until))
        return self._tokens(user_id, session_id, refresh, now, must_change=must_change)

    def refresh(self, token: str, now: datetime, *, again: bool = False) -> Tokens:
        """New tokens for an old one; raises SignInRefused, and ends the session of a used one.

        With `again` a token that was used a moment ago brings what it brought then, for as long
        as nobody went on from there.
        """
        following = self._following(token)
        with self._file.change() as db:
            found = _found(db, token)
            if found is None:
                raise _refused(None)
            lives = found.ended is None and now.timestamp() < min(found.until, found.last)
            if lives and not found.used:
                _use(db, token, now)
                last = datetime.fromtimestamp(found.last, UTC)
                _keep(db, following, found.session_id, min(now + IDLE, last))
            elif not (lives and again and _lost_on_its_way(db, found, following, now)):
                lives = False
        if not lives:
            if found.used:
                self.end(found.session_id, "refresh token used twice")
            raise _refused(found.user_id if found.used and found.ended is None else None)
        return self._tokens(
            found.user_id, found.session_id, following, now, must_change=bool(found.must_change)
        )

    def _following(self, token: str) -> str:
        """The one token that follows this one; nobody without our key can tell it."""
        return urlsafe_b64encode(hmac(self._key, token.encode(), sha256).digest()).decode()

    def read(self, token: str, now: datetime) -> Session:
        """Who is signed in with this access token; raises SignInRefused."""
        try:
            session = self._access.read(token, now)
        except BadToken as error:
            raise SignInRefused("not-signed-in", str(error)) from error
        with self._file.reading() as db:
            found = db.execute(
                "SELECT ended FROM sessions WHERE session_id=? AND user_id=?",
                (session.session_id, session.user_id),
            ).fetchone()
        if found is None or found[0] is not None:
            raise SignInRefused("not-signed-in", "the session has ended")
        return session

    def end(self, session_id: str, why: str) -> None:
        with self._file.change() as db:
            db.execute(
                "UPDATE sessions SET ended=? WHERE session_id=? AND ended IS NULL",
                (why, session_id),
            )

    def end_all(self, user_id: str, why: str) -> None:
        with self._file.change() as db:
            db.execute(
                "UPDATE sessions SET ended=? WHERE user_id=? AND ended IS NULL", (why, user_id)
            )

    def _tokens(
        self, user_id: str, session_id: str, refresh: str, now: datetime, *, must_change: bool
    ) -> Tokens:
        return Tokens(
            user_id=user_id,
            access=self._access.issue(user_id, session_id, now, must_change=must_change),
            refresh=refresh,
            expires_in=int(LIFE.total_seconds()),
            must_change_password=must_change,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A refresh token, its session and its user; moments are seconds."""

    session_id: str
    until: float
    used: int
    """When it was used; 0 before."""
    user_id: str
    last: float
    ended: str | None
    must_change: int


def _found(db: Connection, token: str) -> Found | None:
    row = db.execute(
        "SELECT t.session_id, t.until, t.used, s.user_id, s.until, s.ended, u.must_change"
        " FROM refresh_tokens t JOIN sessions s USING (session_id) JOIN users u"
        " USING (user_id) WHERE digest=?",
        (_digest(token),),
    ).fetchone()
    return Found(*row) if row else None


def _use(db: Connection, token: str, now: datetime) -> None:
    when = int(now.timestamp())
    db.execute("UPDATE refresh_tokens SET used=? WHERE digest=?", (when, _digest(token)))


def _keep(db: Connection, token: str, session_id: str, until: datetime) -> None:
    db.execute(
        "INSERT INTO refresh_tokens (digest, session_id, until) VALUES (?,?,?)",
        (_digest(token), session_id, until.timestamp()),
    )


def _lost_on_its_way(db: Connection, found: Found, following: str, now: datetime) -> bool:
    """Whether what this token brought may never have arrived: it is new, and was not used."""
    brought = _found(db, following)
    late = now.timestamp() - found.used > AGAIN.total_seconds()
    return brought is not None and not brought.used and not late


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _refused(user_id: str | None) -> SignInRefused:
    return SignInRefused("refresh-refused", "sign in again: the refresh token is no good", user_id)
