"""Sessions and their refresh tokens: each token is good once, and who shows it twice is a thief."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from sqlite3 import Connection
from typing import Final

from adapters.identity.access import LIFE, AccessTokens, BadToken
from adapters.identity.file import IdentityFile
from adapters.identity.terms import Session, SignInRefused, Tokens

#: A session ends when its last token is not used for so long, and in any case after the other.
IDLE: Final = timedelta(days=7)
LONGEST: Final = timedelta(days=30)


class Sessions:
    """Opened by signing in, kept alive by refreshing, ended for one or for all."""

    def __init__(self, file: IdentityFile, access: AccessTokens) -> None:
        self._file = file
        self._access = access

    def open(self, user_id: str, now: datetime, *, must_change: bool) -> Tokens:
        session_id = secrets.token_urlsafe(16)
        until = now + LONGEST
        with self._file.change() as db:
            db.execute("DELETE FROM refresh_tokens WHERE until<?", (now.timestamp(),))
            db.execute(
                "INSERT INTO sessions (session_id, user_id, until) VALUES (?,?,?)",
                (session_id, user_id, until.timestamp()),
            )
            return self._tokens(db, user_id, session_id, now, until, must_change=must_change)

    def refresh(self, token: str, now: datetime) -> Tokens:
        """New tokens for an old one; raises SignInRefused, and ends the session of a used one."""
        digest = _digest(token)
        with self._file.change() as db:
            found = db.execute(
                "SELECT t.session_id, t.until, t.used, s.user_id, s.until, s.ended, u.must_change"
                " FROM refresh_tokens t JOIN sessions s USING (session_id) JOIN users u"
                " USING (user_id) WHERE digest=?",
                (digest,),
            ).fetchone()
            if found is None:
                raise _refused(None)
            session_id, until, used, user_id, last, ended, must_change = found
            if not used and ended is None and now.timestamp() < min(until, last):
                db.execute("UPDATE refresh_tokens SET used=1 WHERE digest=?", (digest,))
                end = datetime.fromtimestamp(last, UTC)
                return self._tokens(
                    db, user_id, session_id, now, end, must_change=bool(must_change)
                )
        if used:
            self.end(session_id, "refresh token used twice")
        raise _refused(user_id if used and ended is None else None)

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
        self,
        db: Connection,
        user_id: str,
        session_id: str,
        now: datetime,
        last: datetime,
        *,
        must_change: bool,
    ) -> Tokens:
        refresh = secrets.token_urlsafe(32)
        until = min(now + IDLE, last)
        db.execute(
            "INSERT INTO refresh_tokens (digest, session_id, until) VALUES (?,?,?)",
            (_digest(refresh), session_id, until.timestamp()),
        )
        return Tokens(
            user_id=user_id,
            access=self._access.issue(user_id, session_id, now, must_change=must_change),
            refresh=refresh,
            expires_in=int(LIFE.total_seconds()),
            must_change_password=must_change,
        )


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _refused(user_id: str | None) -> SignInRefused:
    return SignInRefused("refresh-refused", "sign in again: the refresh token is no good", user_id)
