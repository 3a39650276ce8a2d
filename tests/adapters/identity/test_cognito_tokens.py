"""Access tokens of a pool: by its keys, for our client, in time, and by nothing else."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.identity.access import BadToken
from adapters.identity.cognito_tokens import (
    AWAY_PAUSE_S,
    KEYS_LIFE_S,
    UNKNOWN_PAUSE_S,
    KeysAway,
    PoolKeys,
    PoolTokens,
    published_keys,
)
from domain.user import Role

ISSUER = "https://cognito-idp.ap-south-1.amazonaws.com/ap-south-1_abc"
NOW = datetime(2026, 8, 4, 3, 50, tzinfo=UTC)
FIRST, SECOND = (rsa.generate_private_key(65537, 2048) for _ in range(2))


class Published:
    """The pool's key document, as it changes; counts how often it was fetched."""

    def __init__(self) -> None:
        self.keys = {"k1": FIRST}
        self.fetched = 0
        self.away = False
        self.time = 0.0

    def __call__(self) -> dict[str, Any]:
        self.fetched += 1
        if self.away:
            raise KeysAway("no answer")
        return {"keys": [public(name, key) for name, key in self.keys.items()]}

    def monotonic(self) -> float:
        return self.time


def public(name: str, key: rsa.RSAPrivateKey) -> dict[str, Any]:
    told: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**told, "kid": name, "alg": "RS256", "use": "sig"}


@pytest.fixture
def published() -> Published:
    return Published()


@pytest.fixture
def tokens(published: Published) -> PoolTokens:
    return PoolTokens(ISSUER, "client-1", PoolKeys(published, published.monotonic))


def token(key: rsa.RSAPrivateKey = FIRST, kid: str = "k1", **other: Any) -> str:
    """As Cognito issues them, with these claims otherwise; None leaves one out."""
    claims = {
        "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        "cognito:groups": ["trader", "family"],
        "iss": ISSUER,
        "client_id": "client-1",
        "origin_jti": "o-1",
        "token_use": "access",
        "scope": "aws.cognito.signin.user.admin",
        "auth_time": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=15)).timestamp()),
        "iat": int(NOW.timestamp()),
        "jti": "j-1",
        "username": "USER-ANNA",
        **other,
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, "RS256", headers={"kid": kid})


def test_a_token_names_its_owner_and_the_roles_among_its_groups(tokens: PoolTokens) -> None:
    claims = tokens.read(token(), NOW)

    assert (claims.username, claims.token_id) == ("USER-ANNA", "j-1")
    assert claims.roles == {Role.TRADER}
    assert claims.expires_at == NOW + timedelta(minutes=15)


@pytest.mark.parametrize(
    "other",
    [
        {"iss": ISSUER + "x"},
        {"client_id": "client-2"},
        {"token_use": "id"},
        {"token_use": "id", "aud": "client-1", "client_id": None},
        {"token_use": None},
        {"username": None},
        {"jti": None},
        {"exp": None},
        {"exp": "soon"},
        {"iat": [1]},
    ],
)
def test_what_was_issued_for_something_else_is_no_token(
    tokens: PoolTokens, other: dict[str, Any]
) -> None:
    with pytest.raises(BadToken):
        tokens.read(token(**other), NOW)


def test_clocks_may_differ_by_seconds(tokens: PoolTokens) -> None:
    for now in (NOW - timedelta(seconds=5), NOW + timedelta(minutes=15, seconds=4)):
        assert tokens.read(token(), now)
    for now in (NOW - timedelta(seconds=6), NOW + timedelta(minutes=15, seconds=5)):
        with pytest.raises(BadToken):
            tokens.read(token(), now)


@pytest.mark.parametrize("forged", [
    jwt.encode({"username": "USER-ANNA"}, "", "none", headers={"kid": "k1"}),
    jwt.encode({"username": "USER-ANNA"}, "k" * 32, "HS256", headers={"kid": "k1"}),
    token(SECOND), token(SECOND, "k2"), token(FIRST, ""), "x.y.z", "",
])  # fmt: skip
def test_what_the_pool_did_not_sign_is_no_token(tokens: PoolTokens, forged: str) -> None:
    with pytest.raises(BadToken):
        tokens.read(forged, NOW)


# ── the keys ──────────────────────────────────────────────────────────────────────────────


def test_keys_are_fetched_once_until_they_are_old(tokens: PoolTokens, published: Published) -> None:
    for _ in range(3):
        tokens.read(token(), NOW)
    assert published.fetched == 1

    published.time = KEYS_LIFE_S + 1
    tokens.read(token(), NOW)
    assert published.fetched == 2


def test_a_new_key_is_looked_for_but_not_all_the_time(
    tokens: PoolTokens, published: Published
) -> None:
    tokens.read(token(), NOW)
    published.keys = {"k2": SECOND}
    for _ in range(3):
        with pytest.raises(BadToken):
            tokens.read(token(SECOND, "k2"), NOW)
    assert published.fetched == 1

    published.time = UNKNOWN_PAUSE_S + 1
    assert tokens.read(token(SECOND, "k2"), NOW)
    with pytest.raises(BadToken):
        tokens.read(token(), NOW)


def test_known_keys_stay_good_while_the_pool_is_away(
    tokens: PoolTokens, published: Published
) -> None:
    tokens.read(token(), NOW)
    published.away, published.time = True, KEYS_LIFE_S + 1

    assert tokens.read(token(), NOW)


def test_without_any_keys_nobody_is_called_a_forger(
    tokens: PoolTokens, published: Published
) -> None:
    published.away = True

    with pytest.raises(KeysAway):
        tokens.read(token(), NOW)


def test_a_flood_of_forged_tokens_does_not_make_everybody_wait_for_a_pool_that_is_away(
    tokens: PoolTokens, published: Published
) -> None:
    tokens.read(token(), NOW)
    published.away, published.time = True, KEYS_LIFE_S + 1

    for _ in range(20):
        with pytest.raises(KeysAway):
            tokens.read(token(SECOND, "forged"), NOW)
        assert tokens.read(token(), NOW)

    assert published.fetched == 2
    published.away, published.time = False, KEYS_LIFE_S + 1 + AWAY_PAUSE_S
    with pytest.raises(BadToken):
        tokens.read(token(SECOND, "forged"), NOW)
    assert published.fetched == 3


class Pages(BaseHTTPRequestHandler):
    """A pool's address with a key document, and one without."""

    def do_GET(self) -> None:
        found = self.path == "/pool/.well-known/jwks.json"
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(json.dumps({"keys": [public("k1", FIRST)]}).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def root() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_keys_are_read_where_the_pool_publishes_them(root: str) -> None:
    assert [key["kid"] for key in published_keys(f"{root}/pool")["keys"]] == ["k1"]
    with pytest.raises(KeysAway, match="HTTPStatusError"):
        published_keys(f"{root}/nowhere")
