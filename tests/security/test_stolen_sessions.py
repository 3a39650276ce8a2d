"""Tokens and codes that were stolen, replayed or raced for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from httpx import Response

from tests.adapters.api.practice import PASSWORD, Json, Person, Practice, ok, refused

ANOTHER = "entirely another phrase"


def refreshed(practice: Practice, token: str) -> Response:
    response: Response = practice.anybody().post("/auth/refresh", json={"refresh_token": token})
    return response


def with_token(practice: Practice, tokens: Json) -> Response:
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    response: Response = practice.anybody().get("/baskets", headers=headers)
    return response


def test_a_thief_who_refreshes_first_loses_it_when_the_owner_does(
    practice: Practice, trader: Person
) -> None:
    stolen = ok(refreshed(practice, trader.refresh_token))
    ok(with_token(practice, stolen))

    refused(refreshed(practice, trader.refresh_token), 401, "refresh-refused")

    refused(with_token(practice, stolen), 401, "not-signed-in")
    refused(refreshed(practice, stolen["refresh_token"]), 401, "refresh-refused")


def test_of_many_who_show_one_refresh_token_at_once_at_most_one_is_served(
    practice: Practice, trader: Person
) -> None:
    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda _: refreshed(practice, trader.refresh_token), range(8)))

    served = [each.json() for each in answers if each.status_code == 200]
    assert len(served) <= 1
    for tokens in served:
        refused(with_token(practice, tokens), 401, "not-signed-in")


@pytest.mark.parametrize("token", ["", "x", "x" * 4097, "\x00", "' OR 1=1 --", "%", "\U0001f4a5"])
def test_what_is_no_refresh_token_is_refused(practice: Practice, token: str) -> None:
    answer = refreshed(practice, token)

    assert answer.status_code in (401, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_new_password_ends_what_the_old_one_had_opened(
    practice: Practice, trader: Person
) -> None:
    before = trader.refresh_token
    elsewhere = ok(
        practice.anybody().post("/auth/login", json={"email": trader.email, "password": PASSWORD})
    )

    sent = {"current_password": PASSWORD, "new_password": ANOTHER}
    ok(trader.post("/auth/password", sent))

    refused(with_token(practice, elsewhere), 401, "not-signed-in")
    refused(refreshed(practice, elsewhere["refresh_token"]), 401, "refresh-refused")
    refused(refreshed(practice, before), 401, "refresh-refused")


def test_a_stolen_access_token_changes_no_password_and_enrols_no_authenticator(
    trader: Person,
) -> None:
    """Whoever only has the token does not know the password."""
    for path, body in (
        ("/auth/password", {"current_password": "guess", "new_password": ANOTHER}),
        ("/auth/totp", {"password": "guess"}),
        ("/auth/totp/disable", {"password": "guess", "otp": "000000"}),
    ):
        assert trader.post(path, body).status_code in (409, 422)

    ok(trader.get("/baskets"))


@pytest.fixture
def codes(trader: Person, practice: Practice) -> pyotp.TOTP:
    """The trader's authenticator, which is asked for from now on."""
    found = pyotp.TOTP(ok(trader.post("/auth/totp", {"password": PASSWORD}))["secret"])
    confirmed = {"otp": found.at(practice.wall)}
    assert trader.post("/auth/totp/confirm", confirmed).status_code == 204
    practice.wall += timedelta(minutes=2)
    return found


def login(practice: Practice, trader: Person, otp: str | None) -> Response:
    sent = {"email": trader.email, "password": PASSWORD} | ({"otp": otp} if otp else {})
    response: Response = practice.anybody().post("/auth/login", json=sent)
    return response


def test_a_code_that_was_looked_over_is_not_good_again(
    practice: Practice, trader: Person, codes: pyotp.TOTP
) -> None:
    seen = codes.at(practice.wall)
    ok(login(practice, trader, seen))

    refused(login(practice, trader, seen), 401, "wrong-otp")


def test_an_earlier_code_is_not_good_after_a_later_one(
    practice: Practice, trader: Person, codes: pyotp.TOTP
) -> None:
    earlier = codes.at(practice.wall - timedelta(seconds=30))
    ok(login(practice, trader, codes.at(practice.wall)))

    refused(login(practice, trader, earlier), 401, "wrong-otp")


def test_codes_cannot_be_tried_one_after_the_other(
    practice: Practice, trader: Person, codes: pyotp.TOTP
) -> None:
    right = codes.at(practice.wall)
    wrong = [f"{n:06d}" for n in range(20) if f"{n:06d}" != right]

    answers = [login(practice, trader, each).status_code for each in wrong]

    assert answers[:5] == [401] * 5
    assert set(answers[5:]) == {429}
    refused(login(practice, trader, right), 429, "too-many-attempts")


def test_the_right_code_with_the_wrong_password_is_not_used_up(
    practice: Practice, trader: Person, codes: pyotp.TOTP
) -> None:
    code = codes.at(practice.wall)
    sent = {"email": trader.email, "password": "wrong", "otp": code}

    refused(practice.anybody().post("/auth/login", json=sent), 401, "wrong-credentials")

    ok(login(practice, trader, code))


def test_logging_out_ends_both_tokens_and_only_ones_own_session(
    practice: Practice, trader: Person
) -> None:
    first = trader.refresh_token
    other = ok(login(practice, trader, None))

    assert trader.client.post("/auth/logout").status_code == 204

    refused(trader.get("/baskets"), 401, "not-signed-in")
    refused(refreshed(practice, first), 401, "refresh-refused")
    ok(with_token(practice, other))
