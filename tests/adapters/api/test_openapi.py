"""The API against its own description: nothing fails, and nothing is answered undescribed."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from schemathesis import BaseSchema, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from adapters.identity.terms import SignInRefused
from domain.user import Role
from tests.adapters.api.practice import MORNING, Person, Practice, ok
from tests.adapters.api.test_roles import endpoints

# Any: what a case carries from one check to another is its own business.
Sent = Case[Any]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


class Caller:
    """Somebody with every role and an open run, who signs in again when signed out."""

    def __init__(self, practice: Practice) -> None:
        self.practice = practice
        self.turn = count()
        self.person: Person = practice.admit(
            "all@example.com", Role.TRADER, Role.ADMIN, Role.AUDITOR
        )
        other = practice.admit("other@example.com", Role.VIEWER)
        basket, strategy = self.person.active_condor()
        practice.pass_until(MORNING + timedelta(minutes=52))
        run = ok(self.person.get("/runs"))["items"][0]["run_id"]
        self.known = {
            "basket_id": basket,
            "strategy_id": strategy,
            "run_id": run,
            "order_id": f"{run}-ENTRY-1",
            "account_id": self.person.account_id,
            "stream_id": run,
            "underlying": "NIFTY",
            "version": 1,
        }
        self.other = other.user_id

    def call(self, case: Sent) -> None:
        """Send what was made up, every other time about something that exists."""
        self.practice.wall += timedelta(seconds=2)
        if next(self.turn) % 2 and case.path_parameters:
            for name in case.path_parameters:
                case.path_parameters[name] = self.known.get(name, self.user(case.path))
        if case.path == "/stream":
            case.query = {**(case.query or {}), "seconds": 0}
        case.call_and_validate(headers=self.headers(), checks=CHECKS)

    def user(self, path: str) -> str:
        return self.person.user_id if "broker-accounts" in path else self.other

    def headers(self) -> dict[str, str]:
        token = self.person.client.headers["Authorization"]
        try:
            self.practice.identity.session(token.removeprefix("Bearer "))
        except SignInRefused:
            self.person.sign_in()
        return {"Authorization": self.person.client.headers["Authorization"]}


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Caller:
    return Caller(Practice(tmp_path_factory.mktemp("openapi")))


@pytest.fixture(scope="module")
def described(caller: Caller) -> BaseSchema:
    return from_asgi("/openapi.json", caller.practice.app)


#: Who takes nothing is sent nothing wrong.
TAKES_NOTHING = {("GET", "/health")}
CELLS = [
    pytest.param(*endpoint, mode, id=f"{mode.name.lower()} {' '.join(endpoint)}")
    for endpoint in sorted(endpoints())
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or endpoint not in TAKES_NOTHING
]


@pytest.mark.parametrize(("method", "path", "mode"), CELLS)
def test_whatever_is_sent_the_answer_is_one_that_is_described(
    caller: Caller, described: BaseSchema, method: str, path: str, mode: GenerationMode
) -> None:
    operation = described[path][method]

    @settings(
        max_examples=6,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Sent) -> None:
        caller.call(case)

    send()


def test_every_post_takes_a_key_and_every_change_of_a_thing_its_edition(
    described: BaseSchema,
) -> None:
    taken = {
        (method, path): {each["name"] for each in operation.get("parameters", [])}
        for path, item in described.raw_schema["paths"].items()
        for method, operation in item.items()
    }

    without = [
        (method, path)
        for (method, path), names in taken.items()
        if (method == "post" and "idempotency-key" not in names)
        or (method in ("put", "delete") and "if-match" not in names)
    ]
    assert without == []


def test_what_has_an_edition_answers_it_as_its_tag(described: BaseSchema) -> None:
    answers = {
        (method, path): operation["responses"].get("200", {}).get("headers", {})
        for path, item in described.raw_schema["paths"].items()
        for method, operation in item.items()
    }

    read = {path for (method, path), headers in answers.items() if method == "get" and headers}
    assert read == {
        "/accounts/{account_id}/limits",
        "/baskets/{basket_id}",
        "/notifications/targets",
        "/orders/{order_id}",
        "/runs/{run_id}",
        "/strategies/{strategy_id}",
        "/users/profile",
        "/users/{user_id}",
        "/users/{user_id}/broker-accounts/{account_id}",
    }
    assert all("ETag" in answers["put", path] for path in read if ("put", path) in answers)


def test_the_description_names_every_endpoint(described: BaseSchema) -> None:
    documented = {
        (method.upper(), path)
        for path, item in described.raw_schema["paths"].items()
        for method in item
    }

    assert documented == set(endpoints())
