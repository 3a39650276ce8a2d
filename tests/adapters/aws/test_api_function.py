"""The API as a function behind API Gateway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from json import dumps, loads
from typing import Any

import pytest

from adapters.aws.identity import ACCESS_KEY
from adapters.aws.platform import AwsPlatform
from adapters.aws_lambda import api
from adapters.identity.first import first_admin
from tests.adapters.aws.house import Call, House, container
from tests.adapters.identity.cognito_pool import PlayedPool

BOSS = "boss@example.com"


@pytest.fixture
def at_work(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsPlatform]:
    """A container that is told of its stage by its environment, with a pool that moto plays."""
    pool = PlayedPool()
    told = {"user_pool": pool.id, "user_pool_client": pool.client_id}
    with container(house, monkeypatch, told) as found:
        found.clients.people = pool.client
        api._app.cache_clear()
        yield found
        api._app.cache_clear()


def asked(method: str, path: str, body: object = None) -> Mapping[str, Any]:
    """What the function answers to a request as API Gateway hands it on."""
    event = {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json", "Host": "api.example.com"},
        "multiValueHeaders": {"Content-Type": ["application/json"], "Host": ["api.example.com"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {
            "requestId": "gateway-1",
            "stage": "v1",
            "path": f"/v1{path}",
            "identity": {"sourceIp": "203.0.113.9"},
        },
        "body": None if body is None else dumps(body),
        "isBase64Encoded": False,
    }
    answer: Mapping[str, Any] = api.handler(event, Call())
    return answer


@pytest.mark.usefixtures("at_work")
def test_health_is_answered_as_text() -> None:
    answer = asked("GET", "/health")

    assert answer["statusCode"] in (200, 503)
    assert answer["isBase64Encoded"] is False
    assert loads(answer["body"])["views_behind"] == 0


@pytest.mark.usefixtures("at_work")
def test_whoever_is_not_signed_in_is_refused() -> None:
    answer = asked("GET", "/baskets")

    assert answer["statusCode"] == 401
    assert loads(answer["body"])["type"] == "urn:atp:problem:not-signed-in"


def test_the_first_admin_signs_in_through_the_pool_and_has_to_choose_a_password(
    at_work: AwsPlatform,
) -> None:
    context = at_work.context()
    admitted = first_admin(context.identity, context.bus, BOSS, at_work.clock.now())  # type: ignore[arg-type]  # Cognito's
    assert admitted is not None

    answer = asked("POST", "/auth/login", {"email": BOSS, "password": admitted.one_time_password})

    assert answer["statusCode"] == 200
    assert loads(answer["body"])["must_change_password"] is True
    assert at_work.vault.has(ACCESS_KEY)
