"""Access tokens: signed, short-lived, and good only while their session is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import jwt

from adapters.identity.terms import Session

LIFE: Final = timedelta(minutes=15)
ALGORITHM: Final = "HS256"
ISSUER: Final = "atp"


class BadToken(ValueError):
    """The token was not issued here, was altered, or is too old."""


@dataclass(frozen=True, repr=False)
class AccessTokens:
    """Signs and reads access tokens with one key."""

    key: bytes

    def issue(self, user_id: str, session_id: str, now: datetime, *, must_change: bool) -> str:
        claims = {
            "iss": ISSUER,
            "sub": user_id,
            "sid": session_id,
            "pwd": must_change,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFE).timestamp()),
        }
        return jwt.encode(claims, self.key, ALGORITHM)

    def read(self, token: str, now: datetime) -> Session:
        """Who was given this token; raises BadToken."""
        try:
            claims = jwt.decode(
                token,
                self.key,
                [ALGORITHM],
                issuer=ISSUER,
                # Its age is measured by the identity's clock, below.
                options={"require": ["sub", "sid", "pwd", "exp"], "verify_exp": False,
                         "verify_iat": False},
            )  # fmt: skip
        except jwt.InvalidTokenError as error:
            raise BadToken("this is no access token of ours") from error
        expires_at = datetime.fromtimestamp(claims["exp"], UTC)
        if now >= expires_at:
            raise BadToken("the access token has expired")
        return Session(
            user_id=claims["sub"],
            session_id=claims["sid"],
            must_change_password=claims["pwd"],
            expires_at=expires_at,
        )
