"""The gateway refuses what has no form, and nothing that the application accepts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra.described import operations, shape
from tests.adapters.api.test_roles import MATRIX
from tests.infra.templates import Stage
from tests.requirements import STRATEGY


def fits(schema: Mapping[str, Any], body: Any) -> bool:
    """Whether a body has this form, judged as JSON schema does."""
    if schema.get("type") == "object":
        return (
            isinstance(body, dict)
            and set(schema.get("required", ())) <= set(body)
            and all(
                fits(one, body[n]) for n, one in schema.get("properties", {}).items() if n in body
            )
        )
    if schema.get("type") == "array":
        return isinstance(body, list) and all(fits(schema.get("items", {}), one) for one in body)
    return True


def test_models_use_only_words_the_gateway_knows(prod: Stage) -> None:
    def words(schema: Any) -> Iterator[str]:
        for key, value in schema.items():
            yield key
            inner = value.values() if key == "properties" else [value] if key == "items" else []
            for one in inner:
                yield from words(one)

    for model in prod.properties("AWS::ApiGateway::Model").values():
        assert set(words(model["Schema"])) <= {
            "$schema", "type", "required", "properties", "items",
        }  # fmt: skip
        assert re.fullmatch(r"[A-Za-z0-9]+", model["Name"])


def test_what_the_application_accepts_passes_the_gateway() -> None:
    assert fits(shape("Definition"), STRATEGY)
    assert fits(shape("Definition"), {**STRATEGY, "risk_params": {"max_loss": "5000"}})
    assert fits(shape("BasketSent"), {"name": "Weekly", "strategies": ["STRAT456"]})
    assert fits(shape("Credentials"), {"email": "a@example.com", "password": "secret"})


def test_every_body_that_the_role_matrix_sends_passes_the_gateway() -> None:
    known = {one.label: one for one in operations()}
    sent = {f"{method} {path}": body for (method, path), (_, _, body) in MATRIX.items() if body}

    looked_at = [label for label in sent if label in known and known[label].body]

    assert len(looked_at) > 20
    for label in looked_at:
        assert fits(shape(known[label].body or ""), sent[label]), label


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {**STRATEGY, "legs": "all"},
        {**STRATEGY, "legs": [{"strike": 18000}]},
        {**STRATEGY, "schedule": {"entry_time": "09:20"}},
    ],
)
def test_a_body_without_form_stops_at_the_gateway(body: object) -> None:
    assert not fits(shape("Definition"), body)
