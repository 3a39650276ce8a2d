"""Stepped days on AWS over DynamoDB Local."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from projections import due_slots, runs
from tests.adapters.aws.flows.cloud import Cloud, Rules
from tests.dynamodb_local import DynamoDBLocal

Days = Callable[[Rules], Cloud]


@pytest.fixture
def aws(dynamodb: DynamoDBLocal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a function, as far as DynamoDB goes.

    Indexes lie in two parts, as a day of few strategies needs: each minute asks for every part.
    The emulator's day, and the counts of test_scale.py, have as many as there are in life.
    """
    for name, value in dynamodb.environment.items():
        monkeypatch.setenv(name, value)
    for index in (due_slots, runs):
        monkeypatch.setattr(index, "SHARDS", 2)


@pytest.fixture
def days(aws: None, tmp_path: Path) -> Iterator[Days]:  # noqa: ARG001
    """Makes days, and ends them after the test."""
    made: list[Cloud] = []

    def day(rules: Rules) -> Cloud:
        home = tmp_path / f"day{len(made)}"
        home.mkdir()
        made.append(Cloud(home, rules))
        return made[-1]

    yield day
    for each in made:
        each.close()
