"""What comes from outside without a token: brokers' postbacks, and browsers after a login."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256

import pytest

from adapters.brokers.zerodha.session import app_ref
from adapters.logins import cookie_of
from tests.adapters.api.practice import Json, Person, Practice, ok, refused
from tests.adapters.api.trading_house import KEYS, House, opened

SECRET, OTHER_SECRET = "one-apps-secret", "another-apps-secret"


def signed(secret: str, **changes: object) -> Json:
    told: Json = {"order_id": "1", "order_timestamp": "2026-08-03 09:22:07", **changes}
    checked = f"{told['order_id']}{told['order_timestamp']}{secret}".encode()
    return {"checksum": sha256(checked).hexdigest(), **told}


@pytest.fixture
def accounts(practice: Practice, trader: Person, stranger: Person) -> tuple[str, str]:
    """Two accounts, each with an app of its own."""
    for person, secret in ((trader, SECRET), (stranger, OTHER_SECRET)):
        kept = {"api_key": "key", "api_secret": secret}
        practice.vault.write(app_ref(person.account_id), kept)
    return trader.account_id, stranger.account_id


def test_who_owns_an_app_cannot_post_for_somebody_elses_account(
    practice: Practice, accounts: tuple[str, str]
) -> None:
    victim, attacker = accounts
    client = practice.anybody()
    mine = signed(OTHER_SECRET)
    ok(client.post(f"/accounts/{attacker}/postback", json=mine))

    refused(client.post(f"/accounts/{victim}/postback", json=mine), 403, "postback-refused")


@pytest.mark.parametrize("checksum", ["", "0" * 64, "null", SECRET, sha256(b"").hexdigest()])
def test_a_guessed_checksum_is_refused(
    practice: Practice, accounts: tuple[str, str], checksum: str
) -> None:
    body = {"order_id": "1", "order_timestamp": "2026-08-03 09:22:07", "checksum": checksum}

    answer = practice.anybody().post(f"/accounts/{accounts[0]}/postback", json=body)

    assert answer.status_code in (400, 403)


def test_parts_that_are_moved_between_fields_keep_the_checksum_and_gain_nothing(
    practice: Practice, accounts: tuple[str, str], trader: Person
) -> None:
    """Kite joins the fields without a separator: so nothing in them may be believed."""
    body = signed(SECRET, order_id="12", order_timestamp="2026-08-03 09:22:07")
    moved = {**body, "order_id": "1", "order_timestamp": "22026-08-03 09:22:07",
             "status": "COMPLETE", "filled_quantity": 75, "average_price": 1}  # fmt: skip
    before = dict(practice.platform.reads.source.heads())

    answer = practice.anybody().post(f"/accounts/{accounts[0]}/postback", json=moved)

    assert answer.status_code in (200, 403)
    practice.platform.engine.turn(practice.clock.now())
    assert dict(practice.platform.reads.source.heads()) == before
    assert ok(trader.get("/orders"))["items"] == []


def test_a_good_postback_is_no_login(practice: Practice, accounts: tuple[str, str]) -> None:
    client = practice.anybody()

    answer = client.post(f"/accounts/{accounts[0]}/postback", json=signed(SECRET))

    assert "set-cookie" not in answer.headers
    refused(client.get(f"/accounts/{accounts[0]}/funds"), 401, "not-signed-in")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_a_postback_is_posted(practice: Practice, accounts: tuple[str, str], method: str) -> None:
    answer = practice.anybody().request(
        method, f"/accounts/{accounts[0]}/postback", content=json.dumps(signed(SECRET))
    )

    refused(answer, 405, "method-not-allowed")


# ── logins at the broker ──────────────────────────────────────────────────────────────────


@pytest.fixture
def house(practice: Practice, trader: Person) -> Iterator[House]:
    with opened(practice, trader) as house:
        ok(trader.put(house.path + "/secrets", KEYS))
        yield house


def test_a_login_of_the_attackers_own_is_not_slipped_into_the_owners_browser(
    house: House, stranger: Person
) -> None:
    """Otherwise the victim's browser would connect, or watch, an account of the attacker's."""
    carried = house.at_kite(house.login_url())

    victim = stranger.client.get("/accounts/callback", params=carried)

    refused(victim, 409, "login-refused")
    assert house.account.broker_user_id is None


def test_somebody_elses_state_does_not_finish_a_login_with_ones_own_token(
    house: House, stranger: Person
) -> None:
    carried = house.at_kite(house.login_url())
    path = f"/users/{stranger.user_id}/broker-accounts/{stranger.account_id}/connect"

    body = {name: carried[name] for name in ("request_token", "state")}

    answer = stranger.post(path, body)

    assert answer.status_code in (404, 409), answer.text
    assert house.account.broker_user_id is None
    ok(house.trader.post(house.path + "/connect", body))


@pytest.mark.parametrize("state", ["", "x", "../..", "a" * 201, "%00", "x;y=z"])
def test_a_state_that_was_never_given_out_is_refused(house: House, state: str) -> None:
    params = {"state": state, "request_token": "x"}

    answer = house.practice.anybody().get("/accounts/callback", params=params)

    assert answer.status_code in (409, 422), answer.text
    assert "set-cookie" not in answer.headers


def test_the_proof_of_a_login_is_kept_from_scripts_and_other_paths(house: House) -> None:
    answer = house.trader.get(house.path + "/login")

    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/accounts/callback" in cookie


def test_a_proof_for_another_state_is_none(house: House) -> None:
    first = house.trader.get(house.path + "/login")
    proof = first.cookies
    carried = house.at_kite(house.login_url())
    elsewhere = house.practice.anybody()
    for value in proof.values():
        elsewhere.cookies.set(cookie_of(carried["state"]), value, path="/accounts/callback")

    refused(elsewhere.get("/accounts/callback", params=carried), 409, "login-refused")
