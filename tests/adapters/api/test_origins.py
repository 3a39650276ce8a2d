"""A page of another origin calls the API where its origin is named, and nowhere else."""

from __future__ import annotations

from fastapi.testclient import TestClient

from adapters.api.app import create_app
from tests.adapters.api.practice import Practice

PAGE = "https://app.example.com"


def test_a_named_origin_may_ask_and_read_the_edition(practice: Practice) -> None:
    client = TestClient(create_app(practice.context(), [PAGE]))

    asked = client.options(
        "/baskets",
        headers={
            "Origin": PAGE,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "Authorization,Idempotency-Key",
        },
    )
    answered = client.get("/openapi.json", headers={"Origin": PAGE})

    assert asked.headers["Access-Control-Allow-Origin"] == PAGE
    assert "Idempotency-Key" in asked.headers["Access-Control-Allow-Headers"]
    assert answered.headers["Access-Control-Allow-Origin"] == PAGE
    assert "ETag" in answered.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in answered.headers


def test_an_origin_that_is_not_named_learns_nothing(practice: Practice) -> None:
    named = TestClient(create_app(practice.context(), [PAGE]))
    nobody = TestClient(create_app(practice.context()))

    for client in (named, nobody):
        answered = client.get("/openapi.json", headers={"Origin": "https://evil.example.com"})
        assert "Access-Control-Allow-Origin" not in answered.headers
