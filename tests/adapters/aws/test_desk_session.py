"""A browser's session through the edge and the gateway: its cookies, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http.cookies import Morsel, SimpleCookie
from json import dumps, loads
from typing import Any

import pytest
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from adapters.api.kept import COOKIE, LARGEST, MARK, PATH, keep
from adapters.aws.edge import MARK as EDGE
from adapters.aws.edge import VIEWER, over_tls, seen_at_edge
from adapters.aws.platform import AwsPlatform
from adapters.aws_lambda import api
from adapters.identity.first import first_admin
from adapters.identity.terms import IdentityAway, Tokens
from adapters.logins import cookie_of
from domain.user import User
from tests.adapters.aws.house import Call, House, container
from tests.adapters.identity.cognito_pool import PlayedPool

BOSS = "boss@example.com"
NEW = "Correct-Horse-9!x"
SHOWN = "0f5b0e1c-7d0e-4c7e-9a52-5b8f5a1f3c11"
OWN = {"Sec-Fetch-Site": "same-origin"}
EDGE_ADDRESS, HOME = "203.0.113.9", "2001:db8::7"


@pytest.fixture
def at_work(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsPlatform]:
    """A container behind an edge that shows its mark, with a pool that moto plays."""
    pool = PlayedPool()
    # moto answers for the pool's own address to another client of HTTP than ours.
    monkeypatch.setattr("adapters.aws.identity.published_keys", lambda _: pool.published())
    told = {"user_pool": pool.id, "user_pool_client": pool.client_id, "edge_mark": SHOWN}
    with container(house, monkeypatch, told) as found:
        found.clients.people = pool.client
        api._app.cache_clear()
        yield found
        api._app.cache_clear()


# Any: JSON as API Gateway spells it.
def event(path: str, body: object, **headers: str) -> dict[str, Any]:
    sent = {"Content-Type": "application/json", "X-Forwarded-Proto": "https", **headers}
    return {
        "resource": path,
        "path": path,
        "httpMethod": "POST",
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {
            "requestId": "gateway-1",
            "stage": "v1",
            "path": f"/v1{path}",
            "identity": {"sourceIp": EDGE_ADDRESS},
        },
        "body": dumps(body),
        "isBase64Encoded": False,
    }


def asked(path: str, body: object, **headers: str) -> Mapping[str, Any]:
    """What the function answers a page of the desk."""
    told = event(path, body, **{EDGE: SHOWN, VIEWER: HOME, **OWN, **headers})
    answer: Mapping[str, Any] = api.handler(told, Call())
    return answer


def cookies(answer: Mapping[str, Any]) -> dict[str, Morsel[str]]:
    told: SimpleCookie = SimpleCookie()
    for name, lines in answer["multiValueHeaders"].items():
        if name.lower() == "set-cookie":
            for line in lines:
                told.load(line)
    return dict(told)


@pytest.fixture
def one_time_password(at_work: AwsPlatform) -> str:
    context = at_work.context()
    admitted = first_admin(context.identity, context.bus, BOSS, at_work.clock.now())  # type: ignore[arg-type]  # Cognito's
    assert admitted is not None
    assert admitted.one_time_password is not None
    return admitted.one_time_password


@pytest.fixture
def session(one_time_password: str) -> Mapping[str, Any]:
    """What the first administrator's browser is answered, once a password is chosen."""
    sent = {"email": BOSS, "password": one_time_password, "in_cookie": True}
    token = loads(asked("/auth/login", sent)["body"])["access_token"]
    chosen = {"current_password": one_time_password, "new_password": NEW, "in_cookie": True}
    return asked("/auth/password", chosen, Authorization=f"Bearer {token}")


def test_both_cookies_come_through_the_gateway_and_travel_by_tls_only(
    session: Mapping[str, Any],
) -> None:
    told = cookies(session)

    assert (session["statusCode"], loads(session["body"])["refresh_token"]) == (200, None)
    assert set(told) == {COOKIE, MARK}
    assert {(each["secure"], each["samesite"]) for each in told.values()} == {(True, "strict")}
    assert (told[COOKIE]["path"], told[COOKIE]["httponly"]) == (PATH, True)


def test_the_session_goes_on_by_its_cookie_for_our_own_pages_alone(
    session: Mapping[str, Any],
) -> None:
    kept = {"Cookie": f"{COOKIE}={cookies(session)[COOKIE].value}; {MARK}=1"}

    assert asked("/auth/refresh", {}, **kept)["statusCode"] == 200
    foreign = asked("/auth/refresh", {}, **kept, **{"Sec-Fetch-Site": "cross-site"})
    assert loads(foreign["body"])["type"] == "urn:atp:problem:not-our-page"


def test_whoever_signs_in_is_recorded_at_their_own_address(
    at_work: AwsPlatform, one_time_password: str
) -> None:
    asked("/auth/login", {"email": BOSS, "password": one_time_password})

    assert addresses(at_work) == [HOME]


def test_nobody_is_believed_about_their_address_past_the_edge(
    at_work: AwsPlatform, one_time_password: str
) -> None:
    sent = {"email": BOSS, "password": one_time_password}

    asked("/auth/login", sent, **{EDGE: "another mark"})

    assert addresses(at_work) == [EDGE_ADDRESS]


def addresses(at_work: AwsPlatform) -> list[str | None]:
    """Where the administrator signed in from."""
    pool = at_work.settings.user_pool
    (user,) = at_work.clients.people.list_users(UserPoolId=pool)["Users"]
    events = at_work.trading.history(user["Username"])
    return [each.address for each in events if isinstance(each, User.SignedIn)]


@pytest.mark.parametrize("mark", [None, "", SHOWN.upper()])
def test_without_the_right_mark_the_gateways_word_stands(mark: str | None) -> None:
    told = event("/auth/login", {}, **{EDGE: SHOWN, VIEWER: HOME})

    assert seen_at_edge(told, mark) == told


def test_an_edge_that_names_no_address_is_refused() -> None:
    told = event("/auth/login", {}, **{EDGE: SHOWN, VIEWER: "somewhere"})

    with pytest.raises(ValueError, match="somewhere"):
        seen_at_edge(told, SHOWN)


def test_a_client_does_not_talk_us_out_of_tls() -> None:
    found = over_tls(event("/auth/login", {}, **{"x-forwarded-proto": "http"}))

    assert "http" not in found["headers"].values()
    assert not any("proto" in name.lower() for name in found["multiValueHeaders"])


@pytest.mark.usefixtures("at_work")
def test_a_broker_leads_the_browser_back_to_the_address_it_left() -> None:
    state = "state-1"
    told = event("/accounts/callback", None, Cookie=f"{cookie_of(state)}=proof", Accept="text/html")
    query = {"state": state, "request_token": "token1", "status": "success"}
    many = {name: [value] for name, value in query.items()}
    asking = {"httpMethod": "GET", "body": None, "multiValueQueryStringParameters": many}

    answer = api.handler({**told, **asking, "queryStringParameters": query}, Call())

    (location,) = answer["multiValueHeaders"].get("location") or [answer["headers"]["location"]]
    assert answer["statusCode"] == 303
    assert location.startswith("/#/accounts?refused=")  # nobody began this login


# ── how large a cookie may be ─────────────────────────────────────────────────────────────────

#: Cognito's are JWE of some 1,800 letters: a key of 2048 bits, and what they are encrypted for.
COGNITOS = 2_000


def tokens(letters: int) -> Tokens:
    return Tokens(
        user_id="USER-1",
        access="a",
        refresh="e" * letters,
        expires_in=900,
        must_change_password=False,
    )


def at_the_desk() -> HttpRequest:
    scope = {"type": "http", "scheme": "https", "path": "/", "query_string": b"", "headers": []}
    return HttpRequest({**scope, "server": ("desk.example", 443)})


def test_a_token_of_the_pool_has_twice_the_room_it_needs() -> None:
    response = Response()

    keep(response, tokens(COGNITOS), at_the_desk())

    line = response.headers.getlist("set-cookie")[0]
    assert len(line) < LARGEST
    assert len(COOKIE) + 2 * COGNITOS < LARGEST


def test_a_token_that_no_browser_would_keep_is_said_so_instead_of_lost() -> None:
    keep(Response(), tokens(LARGEST - len(COOKIE)), at_the_desk())

    with pytest.raises(IdentityAway) as away:
        keep(Response(), tokens(LARGEST - len(COOKIE) + 1), at_the_desk())
    assert "larger than any" in away.value.why
