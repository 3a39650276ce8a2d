"""A request has one name, from the gateway's log to the events it caused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mangum import Mangum

from adapters.aws.naming import named
from tests.adapters.api.practice import Practice

GATEWAYS = "11112222-3333-4444-5555-666677778888"


@pytest.fixture
def answering(tmp_path: Path) -> Mangum:
    return Mangum(Practice(tmp_path).app, lifespan="off")


# Any: JSON as API Gateway spells it.
def asked(**headers: str) -> dict[str, Any]:
    return {
        "resource": "/health",
        "path": "/health",
        "httpMethod": "GET",
        "headers": headers or None,
        "multiValueHeaders": {name: [value] for name, value in headers.items()} or None,
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {
            "requestId": GATEWAYS,
            "identity": {"sourceIp": "203.0.113.7"},
            "stage": "v1",
            "path": "/v1/health",
        },
        "body": None,
        "isBase64Encoded": False,
    }


def name_of(answering: Mangum, event: dict[str, Any]) -> str:
    answer = answering(named(event), None)  # type: ignore[arg-type]  # nothing is asked of it
    found: str = answer["headers"]["x-request-id"]
    return found


def test_a_request_without_a_name_has_the_gateways(answering: Mangum) -> None:
    assert name_of(answering, asked()) == GATEWAYS


def test_a_clients_own_name_for_its_request_is_kept(answering: Mangum) -> None:
    assert name_of(answering, asked(**{"X-Request-ID": "mine-1"})) == "mine-1"
