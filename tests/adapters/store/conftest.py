"""Stored events as the store's tests write them, and the stores they write to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from eventsourcing.persistence import AggregateRecorder, StoredEvent

from adapters.store.dynamodb import DynamoDBRecorder
from adapters.store.dynamodb_table import create_table
from adapters.store.sqlite import ApplicationEventRecorder, open_sqlite
from tests.dynamodb_local import DynamoDBLocal

Events = Callable[..., list[StoredEvent]]


@pytest.fixture
def events() -> Events:
    """`events("RUN-1", 1, 3)`: versions 1 to 3 of that stream."""

    def made(stream: str, first: int, last: int | None = None, size: int = 0) -> list[StoredEvent]:
        pad = b"x" * size
        return [
            StoredEvent(stream, version, "run.filled", b'{"n":%d,"pad":"%s"}' % (version, pad))
            for version in range(first, (first if last is None else last) + 1)
        ]

    return made


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[ApplicationEventRecorder]:
    """An event store in a SQLite file."""
    recorder = open_sqlite(tmp_path / "events.db")
    yield recorder
    recorder.datastore.close()


@pytest.fixture
def dynamodb_store(dynamodb: DynamoDBLocal) -> Iterator[DynamoDBRecorder]:
    """An event store in a table of DynamoDB Local."""
    client, table = dynamodb.client(), f"events-{uuid4()}"
    create_table(client, table)
    yield DynamoDBRecorder(client, table)
    client.delete_table(TableName=table)
    client.close()


@pytest.fixture(params=["sqlite_store", "dynamodb_store"])
def store(request: pytest.FixtureRequest) -> AggregateRecorder:
    """Each store in turn."""
    recorder: AggregateRecorder = request.getfixturevalue(request.param)
    return recorder


@pytest.fixture(params=["sqlite_store", "dynamodb_store"])
def twins(
    request: pytest.FixtureRequest,
) -> Iterator[tuple[AggregateRecorder, AggregateRecorder]]:
    """Two recorders of the same store; what one has seen the other does not know."""
    one = request.getfixturevalue(request.param)
    if isinstance(one, DynamoDBRecorder):
        yield one, DynamoDBRecorder(one.client, one.table)
        return
    other = open_sqlite(one.datastore.pool.db_name)
    yield one, other
    other.datastore.close()
