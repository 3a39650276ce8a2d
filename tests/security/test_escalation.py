"""Becoming more than one is: roles, fields that are not one's to set, and what a role once gave."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.user import Role
from tests.adapters.api.practice import Json, Person, Practice, condor, fields, made, ok, refused

#: What clients get and may send back: it changes nothing, whatever it says.
READ_ONLY_OF_A_USER: Json = {
    "user_id": "USER-ADMIN",
    "roles": ["admin", "auditor"],
    "status": "DISABLED",
    "accounts": ["ACC-1"],
    "edition": 99,
    "created_at": "2000-01-01T00:00:00Z",
    "last_signed_in_at": None,
    "notices_read": 7,
}


def test_a_profile_does_not_make_its_owner_an_admin(trader: Person) -> None:
    before = ok(trader.get("/users/profile"))

    after = ok(trader.put("/users/profile", {"name": "Asha", **READ_ONLY_OF_A_USER}))

    kept = {name: before[name] for name in READ_ONLY_OF_A_USER if name != "edition"}
    assert {name: after[name] for name in kept} == kept
    refused(trader.get("/users"), 403, "forbidden")


@pytest.mark.parametrize("name", ["is_admin", "role", "password", "__class__", "__proto__", "id"])
def test_a_field_that_there_is_not_is_refused_with_its_name(trader: Person, name: str) -> None:
    problem = refused(trader.put("/users/profile", {name: "admin"}), 422, "invalid-fields")

    assert fields(problem)[0][0] == name


@pytest.mark.parametrize("role", [Role.TRADER, Role.VIEWER, Role.AUDITOR])
def test_nobody_gives_himself_a_role(practice: Practice, role: Role) -> None:
    person = practice.admit("climber@example.com", role)

    asked = {"roles": ["admin"]}
    refused(person.put(f"/users/{person.user_id}/roles", asked), 403, "forbidden")
    sent = {"email": "second@example.com", "roles": ["admin"]}
    refused(person.post("/users", sent), 403, "forbidden")

    assert ok(person.get("/users/profile"))["roles"] == [role]


def test_an_admin_trades_nothing_of_others_and_reads_no_secret(
    practice: Practice, trader: Person, admin: Person
) -> None:
    basket, strategy = trader.active_condor()
    account = f"/accounts/{trader.account_id}"

    refused(admin.post(f"/strategies/{strategy}/runs"), 404, "not-found")
    refused(admin.post(f"{account}/block", {"reason": "mine now"}), 404, "not-found")
    refused(admin.delete(f"/baskets/{basket}"), 404, "not-found")
    refused(admin.get(f"/streams/{trader.user_id}"), 404, "not-found")
    refused(admin.get("/audit/verify"), 403, "forbidden")
    assert practice.exchange is not None


def test_an_auditor_reads_all_and_changes_nothing(practice: Practice, trader: Person) -> None:
    auditor = practice.admit("auditor@example.com", Role.AUDITOR)
    basket, strategy = trader.active_condor()

    ok(auditor.get(f"/streams/{basket}"))
    for path in (f"/strategies/{strategy}/runs", f"/baskets/{basket}/deactivate"):
        refused(auditor.post(path), 403, "forbidden")
    refused(auditor.post("/baskets", {"name": "x"}), 403, "forbidden")
    refused(auditor.put(f"/users/{auditor.user_id}/roles", {"roles": ["admin"]}), 403, "forbidden")


def test_a_role_that_was_taken_away_is_gone_with_the_next_request(
    trader: Person, admin: Person
) -> None:
    ok(trader.post(f"/accounts/{trader.account_id}/block", {"reason": "lunch"}))

    ok(admin.put(f"/users/{trader.user_id}/roles", {"roles": ["viewer"]}))

    again = trader.post(f"/accounts/{trader.account_id}/release", {"reason": "back"})
    refused(again, 403, "forbidden")
    refused(trader.post("/baskets", {"name": "x"}), 403, "forbidden")


def test_who_is_disabled_neither_goes_on_nor_comes_back(
    practice: Practice, trader: Person, admin: Person
) -> None:
    ok(admin.post(f"/users/{trader.user_id}/disable", {"reason": "left"}))

    refused(trader.get("/baskets"), 401, "not-signed-in")
    sent = {"refresh_token": trader.refresh_token}
    refused(practice.anybody().post("/auth/refresh", json=sent), 401, "refresh-refused")
    ok(admin.post(f"/users/{trader.user_id}/enable"))
    refused(trader.get("/baskets"), 401, "not-signed-in")


def test_a_basket_belongs_to_who_composed_it_whatever_it_says(
    trader: Person, stranger: Person
) -> None:
    sent = {
        "name": "x",
        "user_id": stranger.user_id,
        "basket_id": "BASK-CHOSEN",
        "edition": 7,
        "created_at": "2000-01-01T00:00:00Z",
        "faults": [],
        "unknown": [],
    }

    basket = made(trader.post("/baskets", sent))

    assert basket["user_id"] == trader.user_id
    assert basket["basket_id"] != "BASK-CHOSEN"
    assert ok(stranger.get("/baskets"))["items"] == []


def test_a_strategy_does_not_activate_itself_nor_hide_its_faults(trader: Person) -> None:
    basket = trader.basket()["basket_id"]
    faulty = condor(status="ACTIVE", faults=[], definition_version=9, user_id="USER-X", legs=[])

    drafted = made(trader.post(f"/baskets/{basket}/strategies", faulty))

    assert drafted["status"] == "DRAFT"
    assert drafted["faults"] != []
    assert (drafted["definition_version"], drafted["user_id"]) == (1, trader.user_id)


def test_an_account_does_not_connect_itself_nor_lift_its_own_limits(trader: Person) -> None:
    claimed: Json = {
        "broker": "zerodha",
        "account_name": "Mine",
        "status": "CONNECTED",
        "limits": None,
        "block": None,
        "drifts": [],
        "broker_user_id": "AB1234",
        "session_expires_at": "2030-01-01T00:00:00Z",
    }

    account = made(trader.post(f"/users/{trader.user_id}/broker-accounts", claimed))

    assert account["status"] != "CONNECTED"
    assert account["broker_user_id"] is None
    assert account["session_expires_at"] is None


def test_editing_an_account_does_not_release_it(trader: Person) -> None:
    ok(trader.post(f"/accounts/{trader.account_id}/block", {"reason": "stop"}))
    path = f"/users/{trader.user_id}/broker-accounts/{trader.account_id}"

    edited = ok(trader.put(path, {"account_name": "x", "block": None, "status": "CONNECTED"}))

    assert edited["block"]["reason"] == "stop"
    limits = trader.put(f"/accounts/{trader.account_id}/limits", {"block": None})
    assert fields(refused(limits, 422, "invalid-fields")) == [("block", "extra_forbidden")]


def test_naming_where_somebody_elses_secrets_are_gives_none_of_them(
    practice: Practice, trader: Person, stranger: Person
) -> None:
    """Secrets are found by the account's own id; the reference is only shown."""
    path = f"/users/{stranger.user_id}/broker-accounts"
    theirs = made(stranger.post(path, {"broker": "zerodha", "account_name": "Theirs"}))
    keys = {"api_key": "theirkey", "api_secret": "theirsecret"}
    kept = ok(stranger.put(f"{path}/{theirs['account_id']}/secrets", keys))

    claimed = {"broker": "zerodha", "account_name": "x", "secrets_ref": kept["secrets_ref"]}
    mine = made(trader.post(f"/users/{trader.user_id}/broker-accounts", claimed))
    login = trader.get(f"/users/{trader.user_id}/broker-accounts/{mine['account_id']}/login")

    assert login.status_code == 409, login.text
    assert "theirkey" not in login.text
    gone = trader.delete(f"/users/{trader.user_id}/broker-accounts/{mine['account_id']}")
    assert gone.status_code == 204
    assert practice.vault.read(kept["secrets_ref"]) == keys


def test_an_order_is_not_rewritten_by_sending_it_back(practice: Practice, trader: Person) -> None:
    trader.active_condor()
    practice.pass_until(practice.clock.now() + timedelta(minutes=52))
    order = ok(trader.get("/orders"))["items"][0]

    answer = trader.put(
        f"/orders/{order['order_id']}", {**order, "status": "CANCELLED", "price": 1}
    )

    assert answer.status_code in (409, 422), answer.text
    shown = ok(trader.get(f"/orders/{order['order_id']}"))
    assert {k: shown[k] for k in ("status", "legs", "user_id")} == {
        k: order[k] for k in ("status", "legs", "user_id")
    }
