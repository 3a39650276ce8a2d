"""Login, access tokens and their death, as the official client meets them."""

from __future__ import annotations

from datetime import time
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlsplit

import pytest
from kiteconnect import KiteConnect
from kiteconnect.exceptions import InputException, TokenException

from domain.calendar import at_ist
from tests.adapters.simulators.kite_stage import ACCOUNT, DAY, KEY, SECRET, USER, Stage


def get(url: str) -> tuple[int, str]:
    """Status and redirect of a page, not followed."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=30)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers.get("Location", "")


def test_a_login_leads_back_with_a_token_that_opens_a_session(stage: Stage) -> None:
    status, back = get(
        f"{stage.kite.root}/connect/login?v=3&api_key={KEY}&redirect_params=user%3D7%26x%3D1"
    )
    query = parse_qs(urlsplit(back).query)

    session = stage.stranger().generate_session(query["request_token"][0], SECRET)

    assert (status, query["action"], query["status"]) == (302, ["login"], ["success"])
    assert query["user"] == ["7"]
    assert (session["user_id"], session["api_key"], session["refresh_token"]) == (USER, KEY, "")
    assert session["login_time"].isoformat() == "2026-11-18T10:00:00"


def test_nobody_logs_in_to_an_app_that_is_not_known(stage: Stage) -> None:
    status, back = get(f"{stage.kite.root}/connect/login?v=3&api_key=nobody")

    assert (status, back) == (400, "")


def test_a_wrong_secret_opens_nothing(stage: Stage) -> None:
    token = stage.kite.request_token(KEY)

    with pytest.raises(TokenException, match="Invalid `checksum`") as refused:
        stage.stranger().generate_session(token, "guess")

    assert refused.value.code == 403


def test_a_request_token_is_good_once(stage: Stage) -> None:
    token = stage.kite.request_token(KEY)
    stage.client.generate_session(token, SECRET)

    with pytest.raises(TokenException, match="invalid or has expired"):
        stage.client.generate_session(token, SECRET)


def test_a_request_token_is_good_for_some_minutes(stage: Stage) -> None:
    token = stage.kite.request_token(KEY)
    stage.pass_time(301)

    with pytest.raises(TokenException, match="invalid or has expired"):
        stage.client.generate_session(token, SECRET)


def test_a_missing_field_is_named(stage: Stage) -> None:
    with pytest.raises(InputException, match="request_token"):
        stage.stranger().generate_session("", SECRET)


def test_the_profile_says_who_is_logged_in(stage: Stage) -> None:
    profile = stage.client.profile()

    assert (profile["user_id"], profile["broker"]) == (USER, "ZERODHA")
    assert {"NFO", "BFO"} <= set(profile["exchanges"])


@pytest.mark.parametrize("header", ["", "token key1", "token key1:guess", "Bearer x"])
def test_without_a_living_token_nothing_is_answered(stage: Stage, header: str) -> None:
    stranger = stage.stranger()
    stranger.reqsession.headers["Authorization"] = header

    with pytest.raises(TokenException, match="Incorrect `api_key` or `access_token`") as refused:
        stranger.orders()

    assert refused.value.code == 403


def test_a_logout_ends_the_session_and_calls_the_hook(stage: Stage) -> None:
    called = []
    stage.client.set_session_expiry_hook(lambda: called.append(True))

    stage.client.invalidate_access_token()

    with pytest.raises(TokenException):
        stage.client.profile()
    assert called == [True]


def test_a_new_login_ends_the_session_before(stage: Stage) -> None:
    other = stage.log_in(stage.stranger())

    with pytest.raises(TokenException):
        stage.client.profile()
    assert other.profile()["user_id"] == USER


def test_a_logout_from_all_devices_ends_the_session(stage: Stage) -> None:
    stage.kite.expire_session(ACCOUNT)

    with pytest.raises(TokenException):
        stage.client.orders()


def test_a_token_dies_at_six_in_the_morning(stage: Stage) -> None:
    stage.clock.advance_to(at_ist(DAY.replace(day=19), time(5, 59, 59)))
    alive = stage.client.profile()["user_id"]
    stage.pass_time(1)

    with pytest.raises(TokenException):
        stage.client.profile()

    assert alive == USER


def test_a_login_before_six_lasts_until_six_of_that_morning() -> None:
    stage = Stage(at=at_ist(DAY, time(5, 30)))
    client = stage.log_in()
    stage.pass_time(1800)

    with pytest.raises(TokenException):
        client.profile()
    stage.stop()


def test_two_traders_have_sessions_and_accounts_of_their_own(stage: Stage) -> None:
    stage.kite.add_app("ACC-2", "key2", "secret2", "CD5678")
    other = KiteConnect("key2", root=stage.kite.root)
    other.generate_session(stage.kite.request_token("key2"), "secret2")

    stage.place()

    assert other.profile()["user_id"] == "CD5678"
    assert other.orders() == []
    assert stage.client.profile()["user_id"] == USER
