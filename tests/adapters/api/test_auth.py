"""Signing in over HTTP: tokens, refusals that tell nothing, and the trace in the audit."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest

from adapters.identity.first import first_admin
from domain.user import Role
from tests.adapters.api.practice import PASSWORD, Person, Practice, made, ok, refused


def topics(practice: Practice, user_id: str) -> list[str]:
    """The user's events, by name."""
    history = practice.platform.trading.history(user_id)
    return [type(event).__name__ for event in history]


def test_without_a_token_nothing_is_shown(practice: Practice) -> None:
    response = practice.anybody().get("/baskets")

    refused(response, 401, "not-signed-in")
    assert response.headers["www-authenticate"] == "Bearer"


def test_a_wrong_password_and_a_stranger_get_the_same_answer(
    practice: Practice, trader: Person
) -> None:
    answers = [
        practice.anybody().post("/auth/login", json={"email": email, "password": "wrong"})
        for email in (trader.email, "nobody@example.com")
    ]

    assert answers[0].json() == answers[1].json()
    refused(answers[0], 401, "wrong-credentials")
    assert topics(practice, trader.user_id)[-1] == "SignInFailed"


def test_who_fails_too_often_is_told_when_to_come_back(practice: Practice) -> None:
    client = practice.anybody()
    sent = {"email": "nobody@example.com", "password": "wrong"}
    for _ in range(5):
        client.post("/auth/login", json=sent)

    response = client.post("/auth/login", json=sent)

    refused(response, 429, "too-many-attempts")
    assert int(response.headers["retry-after"]) > 0


def test_signing_in_and_out_is_recorded_and_ends_the_tokens(
    practice: Practice, trader: Person
) -> None:
    assert trader.client.post("/auth/logout").status_code == 204

    refused(trader.get("/baskets"), 401, "not-signed-in")
    sent = {"refresh_token": trader.refresh_token}
    refused(trader.post("/auth/refresh", sent), 401, "refresh-refused")
    assert topics(practice, trader.user_id)[-2:] == ["SignedIn", "SignedOut"]


def test_a_refresh_token_gives_the_next_pair(practice: Practice, trader: Person) -> None:
    practice.wall += timedelta(minutes=20)
    refused(trader.get("/baskets"), 401, "not-signed-in")

    tokens = ok(trader.post("/auth/refresh", {"refresh_token": trader.refresh_token}))

    trader.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    ok(trader.get("/baskets"))


def test_a_refresh_token_used_twice_ends_the_session_and_is_recorded(
    practice: Practice, trader: Person
) -> None:
    sent = {"refresh_token": trader.refresh_token}
    ok(trader.post("/auth/refresh", sent))

    refused(trader.post("/auth/refresh", sent), 401, "refresh-refused")

    refused(trader.get("/baskets"), 401, "not-signed-in")
    assert topics(practice, trader.user_id)[-1] == "SignInFailed"


def test_the_first_admin_has_to_change_the_password_that_was_printed(practice: Practice) -> None:
    bus, now = practice.platform.bus, practice.clock.now()
    first = first_admin(practice.identity, bus, "admin@example.com", now)
    assert first is not None
    again = first_admin(practice.identity, bus, "admin@example.com", now)
    assert again is None
    assert first.one_time_password is not None
    person = Person(practice.anybody(), first.user_id, "", "admin@example.com")
    sent = {"email": person.email, "password": first.one_time_password}
    tokens = ok(person.post("/auth/login", sent))
    person.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    assert tokens["must_change_password"] is True
    refused(person.get("/users"), 403, "password-change-required")

    changed = ok(
        person.post(
            "/auth/password",
            {"current_password": first.one_time_password, "new_password": PASSWORD},
        )
    )

    person.client.headers["Authorization"] = f"Bearer {changed['access_token']}"
    assert ok(person.get("/users/profile"))["roles"] == ["admin", "auditor"]
    assert topics(practice, first.user_id)[-1] == "CredentialChanged"


@pytest.mark.parametrize("poor", ["short", "aaaaaaaaaaaaaaaaaaaa"])
def test_a_poor_password_is_refused_with_its_field(trader: Person, poor: str) -> None:
    sent = {"current_password": PASSWORD, "new_password": poor}

    problem = refused(trader.post("/auth/password", sent), 422, "poor-password")

    assert problem["errors"][0]["field"] == "new_password"


def test_a_wrong_present_password_does_not_sign_out(practice: Practice, trader: Person) -> None:
    sent = {"current_password": "wrong", "new_password": "something quite new"}

    refused(trader.post("/auth/password", sent), 422, "wrong-credentials")

    ok(trader.get("/baskets"))
    assert topics(practice, trader.user_id)[-1] == "SignInFailed"


def test_an_authenticator_is_asked_for_once_it_was_confirmed(
    practice: Practice, trader: Person
) -> None:
    refused(trader.post("/auth/totp/confirm", {"otp": "123456"}), 409, "no-authenticator")
    assert ok(trader.get("/auth/totp")) == {"enrolled": False}
    codes = pyotp.TOTP(ok(trader.post("/auth/totp", {"password": PASSWORD}))["secret"])
    confirmed = trader.post("/auth/totp/confirm", {"otp": codes.at(practice.wall)})
    assert confirmed.status_code == 204
    assert ok(trader.get("/auth/totp")) == {"enrolled": True}
    sent = {"email": trader.email, "password": PASSWORD}

    refused(practice.anybody().post("/auth/login", json=sent), 401, "otp-required")

    practice.wall += timedelta(minutes=1)
    with_code = {**sent, "otp": codes.at(practice.wall)}
    assert practice.anybody().post("/auth/login", json=with_code).status_code == 200
    practice.wall += timedelta(minutes=1)
    removed = {"password": PASSWORD, "otp": codes.at(practice.wall)}
    assert trader.post("/auth/totp/disable", removed).status_code == 204
    assert practice.anybody().post("/auth/login", json=sent).status_code == 200


def test_an_admin_lets_users_in_and_out(practice: Practice, admin: Person) -> None:
    new = made(admin.post("/users", {"email": "New@example.com", "roles": ["viewer"]}))
    refused(admin.post("/users", {"email": "new@example.com"}), 409, "email-taken")
    sent = {"email": "new@example.com", "password": new["one_time_password"]}
    assert practice.anybody().post("/auth/login", json=sent).status_code == 200

    disabled = ok(admin.post(f"/users/{new['user_id']}/disable", {"reason": "left"}))

    assert disabled["status"] == "DISABLED"
    refused(practice.anybody().post("/auth/login", json=sent), 401, "wrong-credentials")
    ok(admin.post(f"/users/{new['user_id']}/enable"))
    assert practice.anybody().post("/auth/login", json=sent).status_code == 200


def test_a_new_user_is_admitted_once_by_one_key(admin: Person) -> None:
    sent = {"email": "new@example.com", "roles": ["viewer"]}
    first = made(admin.post("/users", sent, key="K1"))

    second = made(admin.post("/users", sent, key="K1"))

    assert (second["user_id"], second["one_time_password"]) == (first["user_id"], None)
    other = {"email": "new@example.com", "roles": ["admin"]}
    refused(admin.post("/users", other, key="K1"), 422, "idempotency-key-reused")


def test_disabling_ends_sessions_at_once(admin: Person, trader: Person) -> None:
    ok(admin.post(f"/users/{trader.user_id}/disable", {}))

    refused(trader.get("/baskets"), 401, "not-signed-in")


def test_roles_count_from_the_next_request_on(admin: Person, trader: Person) -> None:
    refused(trader.get("/users"), 403, "forbidden")

    ok(admin.put(f"/users/{trader.user_id}/roles", {"roles": ["trader", "admin"]}, edition=1))

    assert len(ok(trader.get("/users"))["items"]) == 2
    stale = admin.put(f"/users/{trader.user_id}/roles", {"roles": ["trader"]}, edition=1)
    refused(stale, 412, "stale-edition")


def test_a_reset_gives_a_one_time_password(
    practice: Practice, admin: Person, trader: Person
) -> None:
    path = f"/users/{trader.user_id}/reset-password"
    told = ok(admin.post(path, key="K1"))["one_time_password"]
    assert ok(admin.post(path, key="K1"))["one_time_password"] is None

    refused(trader.get("/baskets"), 401, "not-signed-in")
    sent = {"email": trader.email, "password": told}
    signed_in = ok(practice.anybody().post("/auth/login", json=sent))
    assert signed_in["must_change_password"] is True
    last = practice.platform.trading.history(trader.user_id)[-2]
    assert (type(last).__name__, last.actor) == ("CredentialChanged", admin.user_id)
    refused(admin.post("/users/USER-NOBODY/reset-password"), 404, "not-found")


def test_what_is_refused_is_recorded(practice: Practice, viewer: Person) -> None:
    refused(viewer.post("/baskets", {"name": "x"}), 403, "forbidden")
    refused(viewer.get("/users"), 403, "forbidden")

    assert topics(practice, viewer.user_id)[-2:] == ["CommandRefused", "CommandRefused"]


def test_the_profile_of_the_requirements_is_accepted(trader: Person) -> None:
    sent = {
        "user_id": "USER789",
        "email": "trader@example.com",
        "created_at": "2025-01-15T10:30:00Z",
        "preferences": {
            "timezone": "Asia/Kolkata",
            "notifications": {"email": True, "sms": True},
        },
        "status": "ACTIVE",
    }

    profile = ok(trader.put("/users/profile", sent))

    assert profile["preferences"]["notifications"]["sms"] is True
    assert profile["user_id"] == trader.user_id
    assert ok(trader.get("/users/profile")) == profile


def test_no_secret_is_in_any_event(practice: Practice) -> None:
    person = practice.admit("secretive@example.com", Role.TRADER)
    token = str(person.client.headers["Authorization"]).removeprefix("Bearer ")

    stored = (practice.folder / "events.sqlite").read_bytes()
    stored += (practice.folder / "events.sqlite-wal").read_bytes()

    assert [s for s in (PASSWORD, person.refresh_token, token) if s.encode() in stored] == []
