"""Pages of elsewhere, in the browser of somebody who is signed in to the desk."""

from __future__ import annotations

import pytest
from httpx import Response
from starlette.testclient import TestClient

from adapters.api.kept import COOKIE
from tests.adapters.api.practice import PASSWORD, Person, Practice, ok, refused

OWN = {"Sec-Fetch-Site": "same-origin"}
#: What browsers say of a page of elsewhere, of one beside ours, and of an address typed in.
ELSEWHERE = ("cross-site", "same-site", "none")
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def browser(practice: Practice, trader: Person) -> TestClient:
    """The trader's, signed in."""
    client = practice.anybody()
    sent = {"email": trader.email, "password": PASSWORD, "in_cookie": True}
    ok(client.post("/auth/login", json=sent, headers=OWN))
    return client


def goes_on(browser: TestClient) -> None:
    """The trader's session is as good as before."""
    ok(browser.post("/auth/refresh", json={}, headers=OWN))


def shows_no_token(response: Response) -> None:
    assert "eyJ" not in response.text
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("site", ELSEWHERE)
def test_a_page_of_elsewhere_refreshes_no_session(browser: TestClient, site: str) -> None:
    answer = browser.post("/auth/refresh", json={}, headers={"Sec-Fetch-Site": site})

    refused(answer, 403, "not-our-page")
    shows_no_token(answer)
    goes_on(browser)


@pytest.mark.parametrize("site", ELSEWHERE)
def test_a_page_of_elsewhere_signs_nobody_in_as_somebody_else(
    browser: TestClient, stranger: Person, site: str
) -> None:
    """Whoever works on in a thief's account gives away what they enter there."""
    before = browser.cookies[COOKIE]
    sent = {"email": stranger.email, "password": PASSWORD, "in_cookie": True}

    answer = browser.post("/auth/login", json=sent, headers={"Sec-Fetch-Site": site})

    refused(answer, 403, "not-our-page")
    shows_no_token(answer)
    assert browser.cookies[COOKIE] == before


@pytest.mark.parametrize("site", ELSEWHERE)
def test_a_page_of_elsewhere_signs_nobody_out(browser: TestClient, site: str) -> None:
    refused(browser.post("/auth/logout", headers={"Sec-Fetch-Site": site}), 401, "not-signed-in")

    goes_on(browser)


@pytest.mark.parametrize("kind", [FORM, "text/plain", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("path", ["/auth/login", "/auth/refresh"])
def test_no_form_reaches_a_session(browser: TestClient, path: str, kind: str) -> None:
    """What a page may send elsewhere without being asked whether it may."""
    headers = {"Content-Type": kind, "Sec-Fetch-Site": "cross-site"}

    answer = browser.post(path, content=b'{"email":"a@b.cc","password":"x"}', headers=headers)

    assert answer.status_code in (403, 422)
    shows_no_token(answer)
    goes_on(browser)


def test_the_cookie_alone_opens_nothing(browser: TestClient) -> None:
    """Everything but a refresh needs the access token, which is in no cookie."""
    for path in ("/baskets", "/orders", "/users/profile", "/stream"):
        refused(browser.get(path, headers=OWN), 401, "not-signed-in")
    refused(browser.post("/baskets", json={"name": "x"}, headers=OWN), 401, "not-signed-in")


@pytest.mark.parametrize("held", ["", "x", "a" * 5000, "' OR 1=1 --", "%00"])
def test_a_forged_cookie_is_no_session(practice: Practice, held: str) -> None:
    answer = practice.anybody().post(
        "/auth/refresh", json={}, headers={**OWN, "Cookie": f"{COOKIE}={held}"}
    )

    refused(answer, 401, "refresh-refused")


def test_a_page_of_elsewhere_is_told_nothing_by_cors(browser: TestClient) -> None:
    answer = browser.options(
        "/auth/refresh",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )

    assert "access-control-allow-origin" not in answer.headers
