"""The same endpoints with a Cognito pool behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pyotp
import pytest
from moto import mock_aws
from starlette.testclient import TestClient

from adapters.api.app import create_app
from adapters.identity.access import AccessTokens
from adapters.identity.cognito import ENROLLING, CognitoIdentity
from adapters.identity.first import first_admin
from domain.user import Role
from tests.adapters.api.practice import Practice, refused
from tests.adapters.identity.cognito_pool import KEY, PlayedPool, with_codes

BOSS, CHOSEN = "boss@example.com", "Correct-horse battery 1"


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Iterator[PlayedPool]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    with_codes(monkeypatch)
    with mock_aws():
        yield PlayedPool()


@pytest.fixture
def identity(played: PlayedPool, practice: Practice) -> CognitoIdentity:
    return played.identity(practice.vault, required=True)


@pytest.fixture
def client(practice: Practice, identity: CognitoIdentity) -> TestClient:
    return TestClient(create_app(replace(practice.context(), identity=identity)))


@pytest.fixture
def told(practice: Practice, identity: CognitoIdentity) -> str:
    """The first admin's one-time password."""
    admitted = first_admin(identity, practice.platform.bus, BOSS, practice.clock.now())
    assert admitted is not None
    assert admitted.one_time_password is not None
    practice.catch_up()
    return admitted.one_time_password


def bearer(client: TestClient, token: str) -> None:
    client.headers["Authorization"] = f"Bearer {token}"


def test_an_admin_s_first_day(client: TestClient, told: str) -> None:
    first = client.post("/auth/login", json={"email": BOSS, "password": told}).json()
    assert first["must_change_password"]
    bearer(client, first["access_token"])
    refused(client.get("/users"), 403, "password-change-required")

    body = {"current_password": told, "new_password": CHOSEN}
    changed = client.post("/auth/password", json=body).json()
    bearer(client, changed["access_token"])
    offered = client.post("/auth/totp", json={"password": CHOSEN}).json()
    app = pyotp.TOTP(offered["secret"])
    assert client.post("/auth/totp/confirm", json={"otp": app.now()}).status_code == 204

    credentials = {"email": BOSS, "password": CHOSEN}
    refused(client.post("/auth/login", json=credentials), 401, "otp-required")
    signed_in = client.post("/auth/login", json={**credentials, "otp": app.now()}).json()
    bearer(client, signed_in["access_token"])
    assert [user["email"] for user in client.get("/users").json()["items"]] == [BOSS]
    assert client.get("/auth/totp").json() == {"enrolled": True}

    renewed = client.post("/auth/refresh", json={"refresh_token": signed_in["refresh_token"]})
    bearer(client, renewed.json()["access_token"])
    assert client.post("/auth/logout").status_code == 204
    refused(client.get("/users"), 401, "not-signed-in")


def test_who_has_to_enrol_may_do_nothing_else(client: TestClient, told: str) -> None:
    signed_in = client.post("/auth/login", json={"email": BOSS, "password": told}).json()
    # What a pool that lets nobody in without a second factor makes of a password alone.
    unfinished = AccessTokens(KEY).issue(
        signed_in["user_id"], ENROLLING, datetime.now(UTC), must_change=False
    )
    bearer(client, unfinished)

    refused(client.get("/users"), 403, "authenticator-required")
    refused(client.post("/baskets", json={"name": "B"}), 403, "authenticator-required")
    refused(client.post("/auth/totp", json={"password": "not that"}), 422, "wrong-credentials")


def test_a_role_counts_where_stream_and_pool_both_know_of_it(
    client: TestClient, told: str, identity: CognitoIdentity, practice: Practice
) -> None:
    user_id = client.post("/auth/login", json={"email": BOSS, "password": told}).json()["user_id"]
    tokens = identity.change_password(user_id, told, CHOSEN)
    bearer(client, tokens.access)
    assert client.get("/users").status_code == 200

    identity.assign(user_id, [Role.TRADER])
    bearer(client, identity.sign_in(BOSS, CHOSEN, None, None).access)
    practice.catch_up()

    assert client.get("/users").status_code == 403


def test_a_user_that_an_admin_admits_is_in_the_groups_of_their_roles(
    client: TestClient, told: str, identity: CognitoIdentity, played: PlayedPool
) -> None:
    user_id = client.post("/auth/login", json={"email": BOSS, "password": told}).json()["user_id"]
    bearer(client, identity.change_password(user_id, told, CHOSEN).access)

    body = {"email": "new@example.com", "roles": ["trader"]}
    made = client.post("/users", json=body).json()
    client.put(f"/users/{made['user_id']}/roles", json={"roles": ["viewer"]})

    found = played.client.admin_list_groups_for_user(UserPoolId=played.id, Username=made["user_id"])
    assert [group["GroupName"] for group in found["Groups"]] == ["viewer"]
    assert made["one_time_password"]


def test_a_sign_in_that_is_not_finished_leaves_nothing_in_a_cookie(
    client: TestClient, told: str
) -> None:
    sent = {"email": BOSS, "password": told, "in_cookie": True}

    answer = client.post("/auth/login", json=sent, headers={"Sec-Fetch-Site": "same-origin"})

    assert answer.json()["must_change_password"]
    assert (answer.json()["refresh_token"], dict(client.cookies)) == (None, {})
