"""An account's keys, its login at a Kite that answers, and its end, through the API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from httpx import Response

from adapters.vault.vault import SecretMissing
from domain.account_terms import AccountStatus
from domain.user import User
from tests.adapters.api.practice import Person, Practice, ok, refused
from tests.adapters.api.trading_house import API_KEY, API_SECRET, KEYS, House, opened


@pytest.fixture
def house(practice: Practice, trader: Person) -> Iterator[House]:
    with opened(practice, trader) as house:
        yield house


@pytest.fixture
def known(house: House) -> House:
    """Its keys are in the vault."""
    ok(house.trader.put(house.path + "/secrets", KEYS))
    return house


# ── keys ──────────────────────────────────────────────────────────────────────────────────


def test_keys_go_to_the_vault_and_only_their_place_is_known(house: House) -> None:
    shown = ok(house.trader.put(house.path + "/secrets", KEYS))

    ref = f"zerodha/{house.account_id}/app"
    assert shown["secrets_ref"] == ref
    assert house.practice.vault.read(ref) == KEYS
    assert API_SECRET not in str(shown)


def test_keys_of_a_version_that_was_edited_meanwhile_are_not_kept(house: House) -> None:
    refused(house.trader.put(house.path + "/secrets", KEYS, edition=7), 412, "stale-edition")

    assert house.practice.vault.refs() == ()


def test_a_paper_account_has_no_keys(practice: Practice, trader: Person) -> None:
    path = f"/users/{trader.user_id}/broker-accounts/{trader.account_id}/secrets"

    refused(trader.put(path, KEYS), 422, "paper-has-no-secret")

    assert practice.vault.refs() == ()


def test_new_keys_end_the_session_of_the_old_ones(known: House) -> None:
    known.connect()

    shown = ok(known.trader.put(known.path + "/secrets", {**KEYS, "api_key": "another"}))

    assert shown["status"] == "DISCONNECTED"
    assert known.practice.vault.refs() == (f"zerodha/{known.account_id}/app",)


def test_a_malformed_key_is_refused_without_being_repeated(house: House) -> None:
    answer = house.trader.put(house.path + "/secrets", {"api_key": "k", "api_secret": ["hush"]})

    assert answer.status_code == 422
    assert "hush" not in answer.text


# ── logging in ────────────────────────────────────────────────────────────────────────────


def test_the_brokers_are_known_and_which_ask_for_a_login(house: House) -> None:
    told = ok(house.trader.get("/brokers"))["brokers"]

    assert told == [{"broker": "paper", "login": False}, {"broker": "zerodha", "login": True}]


def test_before_its_keys_are_known_nobody_logs_in(house: House) -> None:
    refused(house.trader.get(house.path + "/login"), 409, "no-secrets")


def test_the_login_address_carries_no_secret(known: House) -> None:
    url = known.login_url()

    assert f"api_key={API_KEY}" in url
    assert "redirect_params=state%3D" in url
    assert API_SECRET not in url


def test_a_login_connects_the_account_until_six_in_the_morning(known: House) -> None:
    shown = known.connect()

    assert (shown["status"], shown["broker_user_id"]) == ("CONNECTED", "AB1234")
    assert "OPTIONS" in shown["capabilities"]
    assert shown["session_expires_at"] == "2026-08-04T00:30:00Z"
    assert shown["last_sync"] is not None
    assert known.facts() == ["Linked", "SecretsKept", "Connected", "Synced"]
    assert ok(known.funds())["available"] > 0


def test_a_browser_that_is_sent_back_connects_the_account_it_began_with(known: House) -> None:
    carried = known.at_kite(known.login_url())

    told = ok(known.trader.client.get("/accounts/callback", params=carried))

    assert (told["account_id"], told["status"]) == (known.account_id, "CONNECTED")


def test_a_login_is_good_once(known: House) -> None:
    carried = known.at_kite(known.login_url())
    ok(known.trader.client.get("/accounts/callback", params=carried))

    again = known.trader.client.get("/accounts/callback", params=carried)

    refused(again, 409, "login-refused")


def test_another_browser_cannot_finish_a_login_and_does_not_use_it_up(known: House) -> None:
    carried = known.at_kite(known.login_url())
    elsewhere = known.practice.anybody()

    refused(elsewhere.get("/accounts/callback", params=carried), 409, "login-refused")

    assert known.account.status is AccountStatus.DISCONNECTED
    ok(known.trader.client.get("/accounts/callback", params=carried))


def test_somebody_elses_login_lands_on_nobodys_account(known: House, stranger: Person) -> None:
    carried = known.at_kite(known.login_url())
    own = f"/users/{stranger.user_id}/broker-accounts/{stranger.account_id}/connect"
    body = {"request_token": carried["request_token"], "state": carried["state"]}

    refused(stranger.post(own, body), 409, "login-refused")
    refused(stranger.post(known.path + "/connect", body), 404, "not-found")

    assert known.account.status is AccountStatus.DISCONNECTED


def test_a_login_begun_for_one_account_does_not_open_another(known: House) -> None:
    carried = known.at_kite(known.login_url())
    other = f"/users/{known.trader.user_id}/broker-accounts/{known.trader.account_id}/connect"
    body = {"request_token": carried["request_token"], "state": carried["state"]}

    refused(known.trader.post(other, body), 409, "login-refused")


def test_a_login_that_took_too_long_is_refused(known: House) -> None:
    carried = known.at_kite(known.login_url())
    known.practice.clock.sleep(16 * 60)

    refused(known.trader.client.get("/accounts/callback", params=carried), 409, "login-refused")


def test_a_desk_that_is_sent_back_shows_the_account(known: House) -> None:
    carried = known.at_kite(known.login_url())

    answer = back_at_the_desk(known, carried)

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/#/accounts/{known.account_id}?connected=1"
    assert "request_token" not in answer.headers["location"]
    assert known.account.status is AccountStatus.CONNECTED


def test_a_desk_is_told_in_words_why_a_login_was_refused(known: House) -> None:
    carried = known.at_kite(known.login_url())
    known.practice.clock.sleep(16 * 60)

    answer = back_at_the_desk(known, carried)

    assert answer.status_code == 303
    place, _, told = answer.headers["location"].partition("?")
    assert place == "/#/accounts"
    assert "took too long" in parse_qs(told)["refused"][0]


def test_a_desk_is_told_what_the_broker_says(known: House) -> None:
    carried = {**known.at_kite(known.login_url()), "request_token": "made-up"}

    told = back_at_the_desk(known, carried).headers["location"]

    assert told.startswith("/#/accounts?refused=")
    assert "made-up" not in told


def test_a_login_from_the_command_line_stays_at_its_address(known: House) -> None:
    """What stands there is to be copied; another browser began it, or none."""
    carried = known.at_kite(known.login_url())

    elsewhere = known.practice.anybody().get(
        "/accounts/callback", params=carried, headers={"Accept": "text/html"}
    )

    refused(elsewhere, 409, "login-refused")


def back_at_the_desk(known: House, carried: dict[str, str]) -> Response:
    """As a browser comes back in which the login began."""
    answer: Response = known.trader.client.get(
        "/accounts/callback",
        params=carried,
        headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"},
        follow_redirects=False,
    )
    return answer


@pytest.mark.parametrize("carried", [{}, {"status": "cancelled"}, {"state": "x"}])
def test_an_answer_without_a_login_is_refused(known: House, carried: dict[str, str]) -> None:
    refused(known.trader.client.get("/accounts/callback", params=carried), 409, "login-refused")


def test_a_token_that_kite_does_not_know_connects_nothing(known: House) -> None:
    answer = known.trader.post(known.path + "/connect", {"request_token": "made-up"})

    refused(answer, 422, "broker-rejected")
    assert known.account.status is AccountStatus.DISCONNECTED


def test_the_login_of_another_person_is_undone(known: House) -> None:
    known.connect()
    known.kite.add_app(known.account_id, "other-app", API_SECRET, "XY9999")
    ok(known.trader.put(known.path + "/secrets", {**KEYS, "api_key": "other-app"}))
    carried = known.at_kite(known.login_url())
    body = {"request_token": carried["request_token"], "state": carried["state"]}

    told = refused(known.trader.post(known.path + "/connect", body), 409, "other-login")

    assert "AB1234" in told["detail"]
    assert "XY9999" in told["detail"]
    assert known.account.status is AccountStatus.DISCONNECTED
    with pytest.raises(SecretMissing):
        known.practice.vault.read(f"zerodha/{known.account_id}/session")
    refused(known.funds(), 409, "broker-session-expired")


def test_a_connection_asked_for_twice_is_made_once(known: House) -> None:
    carried = known.at_kite(known.login_url())
    body = {"request_token": carried["request_token"]}

    first = ok(known.trader.post(known.path + "/connect", body, key="K1"))
    again = ok(known.trader.post(known.path + "/connect", body, key="K1"))

    assert first["status"] == again["status"] == "CONNECTED"
    assert known.facts().count("Connected") == 1


def test_a_key_that_named_something_else_connects_nothing(known: House) -> None:
    block = f"/accounts/{known.account_id}/block"
    ok(known.trader.post(block, {"reason": "x"}, key="K1"))

    answer = known.trader.post(known.path + "/connect", {"request_token": "t"}, key="K1")

    refused(answer, 422, "idempotency-key-reused")


# ── its end ───────────────────────────────────────────────────────────────────────────────


def test_logging_out_kills_the_token_at_the_broker_too(known: House) -> None:
    known.connect()
    token = known.practice.vault.read(f"zerodha/{known.account_id}/session")

    shown = ok(known.trader.post(known.path + "/disconnect"))

    assert shown["status"] == "DISCONNECTED"
    refused(known.funds(), 409, "broker-session-expired")
    known.practice.vault.write(f"zerodha/{known.account_id}/session", token)
    refused(known.funds(), 409, "broker-session-expired")
    assert known.facts()[-1] == "SessionEnded"


def test_unlinking_forgets_every_secret(known: House) -> None:
    known.connect()

    assert known.trader.delete(known.path).status_code == 204

    assert known.practice.vault.refs() == ()
    owner = known.practice.platform.trading.load(known.trader.user_id, User)
    assert known.account_id not in owner.accounts


def test_a_dead_session_is_noted_once_by_another_thread(known: House) -> None:
    known.connect()
    known.kite.expire_session(known.account_id)

    refused(known.funds(), 409, "broker-session-expired")
    refused(known.funds(), 409, "broker-session-expired")
    assert "SessionEnded" not in known.facts()  # whoever asked was not held up
    known.pass_chores()

    assert known.account.status is AccountStatus.EXPIRED
    assert known.facts().count("SessionEnded") == 1


def test_several_accounts_of_a_trader_are_connected_each_for_itself(known: House) -> None:
    known.connect()
    path = f"/users/{known.trader.user_id}/broker-accounts"
    known.trader.post(path, {"broker": "zerodha", "account_name": "Second"})
    ok(known.trader.put(f"/accounts/{known.account_id}/limits", {"max_lots": 2}))

    items = ok(known.trader.get(path))["items"]

    told = [(each["account_name"], each["status"], each["limits"]["max_lots"]) for each in items]
    assert told[1:] == [("Mine", "CONNECTED", 2), ("Second", "DISCONNECTED", None)]


# ── what is left of it ────────────────────────────────────────────────────────────────────


def test_reading_a_secret_is_told_to_its_owners_audit(known: House) -> None:
    known.connect()
    known.practice.clock.sleep(61)
    known.practice.care.mornings.note_reads("", known.practice.clock.now())

    facts = [
        (each.account_id, each.purpose)
        for each in known.practice.platform.trading.history(known.trader.user_id)
        if isinstance(each, User.SecretRead)
    ]
    assert facts
    assert {account for account, _ in facts} == {known.account_id}
    assert any("the app's keys" in purpose for _, purpose in facts)


def test_no_secret_is_in_any_event_or_file_but_the_vault(known: House) -> None:
    known.connect()
    token = known.practice.vault.read(f"zerodha/{known.account_id}/session")["access_token"]
    known.practice.clock.sleep(120)
    known.practice.care.mornings.note_reads("", known.practice.clock.now())
    known.practice.catch_up()

    for path in Path(known.practice.folder).rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert API_SECRET.encode() not in content, path
        assert token.encode() not in content, path
