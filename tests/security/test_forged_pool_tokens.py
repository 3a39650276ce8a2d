"""With a user pool behind the API: tokens of its own keys, for this client, and for access only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi.testclient import TestClient
from httpx import Response

from adapters.api.app import create_app
from adapters.cloud import service
from adapters.identity.access import AccessTokens
from adapters.identity.cognito import CHANGING, ENROLLING, CognitoIdentity
from adapters.identity.cognito_pool import Pool
from adapters.identity.cognito_tokens import PoolKeys, PoolTokens
from tests.adapters.api.practice import MORNING, Json, Person, Practice, ok, refused
from tests.security.test_forged_tokens import part

ISSUER = "https://cognito-idp.ap-south-1.amazonaws.com/ap-south-1_ours"
POOLS, ATTACKERS = (rsa.generate_private_key(65537, 2048) for _ in range(2))
SECOND_KEY = bytes(range(32))


def published() -> Mapping[str, Any]:
    """The pool's key document."""
    told = jwt.algorithms.RSAAlgorithm.to_jwk(POOLS.public_key(), as_dict=True)
    return {"keys": [{**told, "kid": "k1", "alg": "RS256", "use": "sig"}]}


@dataclass
class Door:
    """The API with the pool's tokens, and whom they speak of."""

    client: TestClient
    user_id: str

    def claims(self, **changes: object) -> Json:
        now = int(MORNING.timestamp())
        told = {
            "sub": "aaaa",
            "iss": ISSUER,
            "client_id": "ours",
            "token_use": "access",
            "cognito:groups": ["trader"],
            "username": self.user_id,
            "jti": "j-1",
            "iat": now,
            "exp": now + 900,
            **changes,
        }
        return {name: value for name, value in told.items() if value is not None}

    def token(self, key: rsa.RSAPrivateKey = POOLS, kid: str = "k1", **changes: object) -> str:
        return jwt.encode(self.claims(**changes), key, "RS256", headers={"kid": kid})

    def in_groups(self, groups: object) -> str:
        told = self.claims()
        told["cognito:groups"] = groups
        if groups is None:
            del told["cognito:groups"]
        return jwt.encode(told, POOLS, "RS256", headers={"kid": "k1"})

    def get(self, path: str, token: str) -> Response:
        headers = {"Authorization": f"Bearer {token}"}
        response: Response = self.client.get(path, headers=headers)
        return response


@pytest.fixture
def door(practice: Practice, trader: Person, monkeypatch: pytest.MonkeyPatch) -> Door:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    identity = CognitoIdentity(
        Pool(service("cognito-idp", region="ap-south-1"), "ap-south-1_ours", "ours"),
        PoolTokens(ISSUER, "ours", PoolKeys(published)),
        practice.vault,
        SECOND_KEY,
        now=lambda: practice.wall,
    )
    app = create_app(replace(practice.context(), identity=identity))
    return Door(TestClient(app), trader.user_id)


def test_the_pools_own_token_lets_its_user_in(door: Door) -> None:
    ok(door.get("/baskets", door.token()))


@pytest.mark.parametrize(
    "change",
    [
        {"token_use": "id"},
        {"token_use": None},
        {"client_id": "the-auditors-client"},
        {"client_id": None, "aud": "ours"},
        {"iss": "https://cognito-idp.ap-south-1.amazonaws.com/ap-south-1_theirs"},
        {"iss": None},
        {"username": "USER-NOBODY"},
        {"username": None},
        {"jti": None},
        {"exp": int(MORNING.timestamp()) - 60},
        {"exp": "soon"},
        {"exp": None},
        {"iat": int(MORNING.timestamp()) + 3600},
    ],
    ids=str,
)
def test_a_token_for_something_or_somebody_else_is_none(door: Door, change: Json) -> None:
    refused(door.get("/baskets", door.token(**change)), 401, "not-signed-in")


@pytest.mark.parametrize(
    "kid", ["k1", "k2", "", "../../k1", "https://attacker.example/jwks", "\x00"]
)
def test_a_key_of_the_attackers_own_is_none_whatever_it_is_called(door: Door, kid: str) -> None:
    refused(door.get("/baskets", door.token(ATTACKERS, kid)), 401, "not-signed-in")


@pytest.mark.parametrize("extra", ["jku", "x5u", "jwk"])
def test_a_token_cannot_bring_its_own_key(door: Door, extra: str) -> None:
    mine = jwt.algorithms.RSAAlgorithm.to_jwk(ATTACKERS.public_key(), as_dict=True)
    told = mine if extra == "jwk" else "https://attacker.example/keys"
    headers = {"kid": "k1", extra: told}

    forged = jwt.encode(door.claims(), ATTACKERS, "RS256", headers=headers)

    refused(door.get("/baskets", forged), 401, "not-signed-in")


def test_the_pools_public_key_is_no_secret_to_sign_with(door: Door) -> None:
    """The old confusion of RS256 and HS256: what is published would be the password."""
    public = POOLS.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signing = f"{part({'alg': 'HS256', 'kid': 'k1'})}.{part(door.claims())}".encode()

    for key in (public, public.strip(), b""):
        forged = f"{signing.decode()}.{part(algorithm.sign(signing, key))}"
        refused(door.get("/baskets", forged), 401, "not-signed-in")


@pytest.mark.parametrize("algorithm", ["none", "NONE", "RS512", "PS256"])
def test_another_algorithm_is_none(door: Door, algorithm: str) -> None:
    unsigned = f"{part({'alg': algorithm, 'kid': 'k1'})}.{part(door.claims())}."

    refused(door.get("/baskets", unsigned), 401, "not-signed-in")


def test_a_token_of_a_half_finished_sign_in_does_not_last_nor_widen(door: Door) -> None:
    """The API's own tokens let one choose a password or enrol, and nothing else."""
    ours = AccessTokens(SECOND_KEY)
    for name, must_change in ((CHANGING, True), (ENROLLING, False)):
        limited = ours.issue(door.user_id, name, MORNING, must_change=must_change)
        assert door.get("/baskets", limited).status_code == 403
        old = ours.issue(door.user_id, name, MORNING - timedelta(hours=1), must_change=must_change)
        refused(door.get("/baskets", old), 401, "not-signed-in")


def test_a_group_that_the_platform_does_not_know_of_gives_no_role(door: Door) -> None:
    claimed = door.in_groups(["trader", "admin", "auditor", "root"])

    refused(door.get("/users", claimed), 403, "forbidden")
    refused(door.get("/audit/verify", claimed), 403, "forbidden")


@pytest.mark.parametrize("groups", [None, [], ["viewer"], ["TRADER", "trader ", "admin\n"]])
def test_a_role_that_the_pool_does_not_grant_counts_no_more(door: Door, groups: object) -> None:
    token = door.in_groups(groups)
    headers = {"Authorization": f"Bearer {token}"}

    answer = door.client.post("/baskets", json={"name": "x"}, headers=headers)

    refused(answer, 403, "forbidden")
