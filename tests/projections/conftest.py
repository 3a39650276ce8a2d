"""Fixtures of the read side: a store, views on both engines, projectors over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from eventsourcing.persistence import StoredEvent

from adapters.store.sqlite import ApplicationEventRecorder, open_sqlite
from adapters.views.dynamodb import DynamoDBTables
from adapters.views.source import SQLiteSource
from adapters.views.sqlite import SQLiteTables
from projections.advance import AnyModel, Parked, Projector
from projections.audit_logs import AUDIT_LOGS
from projections.tables import Item, Tables
from tests.dynamodb_local import DynamoDBLocal
from tests.projections.watchlist import MAPPER, WATCHED, WATCHLISTS

MODELS: Sequence[AnyModel] = (WATCHLISTS, WATCHED, AUDIT_LOGS)
_prefixes = count()


@dataclass
class ReadSide:
    """A store and views over it, on one engine."""

    recorder: ApplicationEventRecorder
    tables: Tables
    models: Sequence[AnyModel] = MODELS
    alarms: list[Parked] = field(default_factory=list)

    @property
    def source(self) -> SQLiteSource:
        return SQLiteSource(self.recorder)

    @property
    def projector(self) -> Projector:
        return Projector(
            self.models, self.tables, self.source, MAPPER.to_domain_event, self.alarms.append
        )

    def store(self, *histories: list[StoredEvent]) -> list[StoredEvent]:
        """Append these histories, and answer all of their events."""
        for history in histories:
            self.recorder.insert_events(history)
        return [event for history in histories for event in history]


def everything(tables: Tables, streams: Sequence[str], models: Sequence[AnyModel]) -> list[Item]:
    """Every gate and every shown row of these streams."""
    found: list[Item] = []
    for model in models:
        table = tables.live(model.shape)
        gates = table.gates(streams)
        found += [gates[stream] for stream in sorted(gates)]
        for index, _ in model.shape.indexes:
            for partition in ("USER-1", "USER-2", "A", "B", "C"):
                found += _listed(tables, model, index, partition)
        for stream in () if model.single else streams:
            found += _listed(tables, model, None, stream)
    return found


def _listed(tables: Tables, model: AnyModel, index: str | None, partition: str) -> list[Item]:
    from projections.tables import Asked

    asked = Asked(index=index, partition=partition, limit=1000)
    return [item for _, item in tables.live(model.shape).ask(asked)]


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[ApplicationEventRecorder]:
    opened = open_sqlite(tmp_path / "events.db")
    yield opened
    opened.datastore.close()


@pytest.fixture
def sqlite_tables(tmp_path: Path) -> Iterator[SQLiteTables]:
    opened = SQLiteTables(tmp_path / "views.db")
    yield opened
    opened.close()


@pytest.fixture
def dynamodb_tables(dynamodb: DynamoDBLocal) -> Callable[[], Tables]:
    """Makes empty tables, under a prefix of their own each time."""
    client = dynamodb.client()

    def make() -> Tables:
        made = DynamoDBTables(client, f"views{next(_prefixes)}-")
        made.create(*(model.shape for model in MODELS))
        return made

    return make


@pytest.fixture
def read_side(recorder: ApplicationEventRecorder, sqlite_tables: SQLiteTables) -> ReadSide:
    """A store and views in SQLite files."""
    return ReadSide(recorder, sqlite_tables)


@pytest.fixture(params=["sqlite", "dynamodb"])
def either_side(request: pytest.FixtureRequest, recorder: ApplicationEventRecorder) -> ReadSide:
    """A store, and views on each engine in turn."""
    if request.param == "sqlite":
        return ReadSide(recorder, request.getfixturevalue("sqlite_tables"))
    return ReadSide(recorder, request.getfixturevalue("dynamodb_tables")())
