"""Access tokens of Cognito: signed by the pool's keys, for our client, and not too old."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Final

import jwt

from adapters.identity.access import BadToken
from domain.user import Role

ALGORITHM: Final = "RS256"
#: How far clocks may differ.
LEEWAY: Final = timedelta(seconds=5)
#: The pool changes its keys rarely; an unknown one is looked for at once, but not all the time.
KEYS_LIFE_S: Final = 6 * 3600.0
UNKNOWN_PAUSE_S: Final = 30.0
#: While the pool does not answer nobody waits for it again and again.
AWAY_PAUSE_S: Final = 5.0
ANSWER_S: Final = 3.0

KeySet = Mapping[str, Any]  # Any: JSON as the pool publishes it


class KeysAway(Exception):
    """The pool's keys cannot be had, and none are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What an access token says of its owner."""

    username: str
    token_id: str
    issued_at: int
    expires_at: datetime
    roles: frozenset[Role]


def published_keys(issuer: str) -> KeySet:
    """The keys as the pool publishes them; raises KeysAway."""
    import httpx

    try:
        answer = httpx.get(f"{issuer}/.well-known/jwks.json", timeout=ANSWER_S)
        answer.raise_for_status()
        found: KeySet = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise KeysAway(f"{issuer} does not tell its keys: {type(error).__name__}") from error
    return found


class PoolKeys:
    """The pool's keys by their ids, fetched when they are old or one is not known."""

    def __init__(
        self, fetch: Callable[[], KeySet], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._known: dict[str, jwt.PyJWK] = {}
        self._fetched: float | None = None
        self._failed: float | None = None
        self._lock = Lock()

    def get(self, key_id: str) -> jwt.PyJWK:
        """Raises BadToken for a key that is none of the pool's, KeysAway."""
        with self._lock:
            now = self._monotonic()
            age = None if self._fetched is None else now - self._fetched
            unknown = key_id not in self._known
            if age is None or age > (UNKNOWN_PAUSE_S if unknown else KEYS_LIFE_S):
                self._renew(unknown, now)
            if key_id not in self._known:
                raise BadToken("the access token was signed with a key that is not the pool's")
            return self._known[key_id]

    def _renew(self, needed: bool, now: float) -> None:
        try:
            if self._failed is not None and now - self._failed < AWAY_PAUSE_S:
                raise KeysAway("the pool did not answer a moment ago")
            found = jwt.PyJWKSet.from_dict(dict(self._fetch()))
        except (KeysAway, jwt.PyJWKSetError) as error:
            if self._failed is None or now - self._failed >= AWAY_PAUSE_S:
                self._failed = now
            if needed:
                raise KeysAway(str(error)) from error
            return  # a key that was good goes on being good while the pool is away
        self._known = {key.key_id: key for key in found.keys if key.key_id}
        self._fetched, self._failed = now, None


@dataclass(frozen=True)
class PoolTokens:
    """Reads access tokens that one pool issued to one client."""

    issuer: str
    client_id: str
    keys: PoolKeys

    def read(self, token: str, now: datetime) -> Claims:
        """Raises BadToken, KeysAway."""
        try:
            key_id = str(jwt.get_unverified_header(token).get("kid", ""))
            claims = jwt.decode(
                token,
                self.keys.get(key_id).key,
                [ALGORITHM],
                issuer=self.issuer,
                # Ages are measured by the identity's clock; an access token has no audience.
                options={"require": ["exp", "iat", "jti", "username", "token_use", "client_id"],
                         "verify_exp": False, "verify_iat": False, "verify_aud": False},
            )  # fmt: skip
        except jwt.InvalidTokenError as error:
            raise BadToken("this is no access token of ours") from error
        if claims["token_use"] != "access" or claims["client_id"] != self.client_id:
            raise BadToken("this token was issued for something else")
        return _in_time(_claims(claims), now)


def _in_time(claims: Claims, now: datetime) -> Claims:
    if now >= claims.expires_at + LEEWAY:
        raise BadToken("the access token has expired")
    if now < datetime.fromtimestamp(claims.issued_at, UTC) - LEEWAY:
        raise BadToken("the access token is of a later time")
    return claims


def _claims(told: Mapping[str, Any]) -> Claims:
    try:
        return Claims(
            username=str(told["username"]),
            token_id=str(told["jti"]),
            issued_at=int(told["iat"]),
            expires_at=datetime.fromtimestamp(int(told["exp"]), UTC),
            roles=frozenset(role for role in Role if role in told.get("cognito:groups", ())),
        )
    except (TypeError, ValueError) as error:
        raise BadToken("this is no access token of ours") from error
