"""Empty tables on each engine in turn."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from adapters.views.dynamodb import DynamoDBTables
from adapters.views.sqlite import SQLiteTables
from projections.tables import Tables
from tests.dynamodb_local import DynamoDBLocal
from tests.projections.watchlist import WATCHED, WATCHLISTS

_prefixes = count()


@pytest.fixture(params=["sqlite", "dynamodb"])
def tables(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tables]:
    """Tables for watchlists, empty."""
    if request.param == "sqlite":
        opened = SQLiteTables(tmp_path / "views.db")
        yield opened
        opened.close()
        return
    local: DynamoDBLocal = request.getfixturevalue("dynamodb")
    made = DynamoDBTables(local.client(), f"contract{next(_prefixes)}-")
    made.create(WATCHLISTS.shape, WATCHED.shape)
    yield made
