"""A session in a cookie: for the platform's own pages, out of reach of their scripts."""

from __future__ import annotations

from datetime import timedelta
from http.cookies import Morsel, SimpleCookie

import pytest
from httpx import Response
from starlette.testclient import TestClient

from adapters.api.kept import COOKIE, MARK
from adapters.identity.sessions import IDLE
from tests.adapters.api.practice import PASSWORD, Json, Person, Practice, ok, refused

OWN = {"Sec-Fetch-Site": "same-origin"}


def cookies_of(response: Response) -> dict[str, Morsel[str]]:
    """What the answer has the browser keep, by name."""
    told: SimpleCookie = SimpleCookie()
    for each in response.headers.get_list("set-cookie"):
        told.load(each)
    return dict(told)


def login(client: TestClient, person: Person, **changes: object) -> Response:
    sent = {"email": person.email, "password": PASSWORD, "in_cookie": True, **changes}
    response: Response = client.post("/auth/login", json=sent, headers=OWN)
    return response


@pytest.fixture
def browser(practice: Practice, trader: Person) -> TestClient:
    """Signed in on one of our own pages."""
    client = practice.anybody()
    ok(login(client, trader))
    return client


def refresh(browser: TestClient, **headers: str) -> Response:
    response: Response = browser.post("/auth/refresh", json={}, headers=headers or OWN)
    return response


def bearer(tokens: Json) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def test_the_refresh_token_is_kept_where_no_script_reads_it(
    practice: Practice, trader: Person
) -> None:
    response = login(practice.anybody(), trader)

    kept = cookies_of(response)[COOKIE]
    assert ok(response)["refresh_token"] is None
    assert kept.value not in response.text
    assert (kept["httponly"], kept["samesite"], kept["path"]) == (True, "strict", "/auth")
    assert int(kept["max-age"]) == IDLE.total_seconds()
    assert not kept["domain"]


def test_what_a_script_reads_only_says_that_there_may_be_a_session(
    practice: Practice, trader: Person
) -> None:
    mark = cookies_of(login(practice.anybody(), trader))[MARK]

    assert (mark.value, mark["httponly"], mark["samesite"]) == ("1", "", "strict")


@pytest.mark.parametrize(("scheme", "secure"), [("https", True), ("http", "")])
def test_over_https_it_never_travels_in_the_clear(
    practice: Practice, trader: Person, scheme: str, secure: object
) -> None:
    client = TestClient(practice.app, base_url=f"{scheme}://desk.example")

    kept = cookies_of(login(client, trader))

    assert {each["secure"] for each in kept.values()} == {secure}


def test_a_client_that_asks_for_no_cookie_gets_none(practice: Practice, trader: Person) -> None:
    response = login(practice.anybody(), trader, in_cookie=False)

    assert ok(response)["refresh_token"]
    assert cookies_of(response) == {}


def test_a_refresh_brings_a_new_token_into_the_cookie(browser: TestClient) -> None:
    before = browser.cookies[COOKIE]

    response = refresh(browser)

    tokens = ok(response)
    assert tokens["refresh_token"] is None
    assert browser.cookies[COOKIE] not in (before, "")
    ok(browser.get("/baskets", headers=bearer(tokens)))


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
def test_no_other_page_uses_the_cookie(browser: TestClient, site: str) -> None:
    headers = {"Sec-Fetch-Site": site} if site else {"X-Request-ID": "none-said"}

    refused(refresh(browser, **headers), 403, "not-our-page")

    ok(refresh(browser))


def test_a_token_in_the_body_needs_no_page_of_ours(practice: Practice, trader: Person) -> None:
    sent = {"refresh_token": trader.refresh_token}

    response = practice.anybody().post("/auth/refresh", json=sent)

    assert ok(response)["refresh_token"]
    assert cookies_of(response) == {}


def test_a_new_password_goes_on_in_the_cookie(browser: TestClient) -> None:
    tokens = ok(refresh(browser))
    sent = {"current_password": PASSWORD, "new_password": "something quite new", "in_cookie": True}

    response = browser.post("/auth/password", json=sent, headers={**OWN, **bearer(tokens)})

    assert ok(response)["refresh_token"] is None
    ok(refresh(browser))


def test_signing_out_forgets_it(browser: TestClient) -> None:
    tokens = ok(refresh(browser))

    response = browser.post("/auth/logout", headers=bearer(tokens))

    told = cookies_of(response)
    assert {name: (each.value, each["max-age"]) for name, each in told.items()} == {
        COOKIE: ("", "0"),
        MARK: ("", "0"),
    }
    assert COOKIE not in browser.cookies


def test_a_session_that_is_over_is_forgotten(practice: Practice, browser: TestClient) -> None:
    practice.wall += timedelta(days=8)

    response = refresh(browser)

    refused(response, 401, "refresh-refused")
    assert cookies_of(response)[COOKIE].value == ""
    assert COOKIE not in browser.cookies


def test_a_browser_that_keeps_none_is_told_to_sign_in(practice: Practice) -> None:
    refused(refresh(practice.anybody()), 401, "refresh-refused")


def test_a_page_loaded_again_before_its_answer_came_is_still_signed_in(browser: TestClient) -> None:
    before = browser.cookies[COOKIE]
    lost = ok(refresh(browser))
    browser.cookies.set(COOKIE, before, domain="testserver.local", path="/auth")

    found = ok(refresh(browser))

    for tokens in (lost, found):
        ok(browser.get("/baskets", headers=bearer(tokens)))
    ok(refresh(browser))


def test_a_thief_of_the_cookie_is_found_out_once_its_owner_goes_on(
    practice: Practice, browser: TestClient
) -> None:
    stolen = browser.cookies[COOKIE]
    ok(refresh(browser))
    tokens = ok(refresh(browser))

    thief = practice.anybody()
    thief.cookies.set(COOKIE, stolen, domain="testserver.local", path="/auth")
    refused(refresh(thief), 401, "refresh-refused")

    refused(browser.get("/baskets", headers=bearer(tokens)), 401, "not-signed-in")
