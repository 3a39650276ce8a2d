"""The library's own cases for recorders, unchanged, over the SQLite store."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from eventsourcing.tests.persistence import (
    AggregateRecorderTestCase,
    ApplicationRecorderTestCase,
)

from adapters.store.sqlite import (
    ApplicationEventRecorder,
    Datastore,
    EventRecorder,
    open_sqlite,
)


class TestAggregateRecorder(AggregateRecorderTestCase):
    def new_originator_id(self) -> str:
        return f"RUN-{uuid4()}"

    def create_recorder(self) -> EventRecorder:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        recorder = EventRecorder(Datastore(str(Path(folder.name) / "events.db")))
        self.addCleanup(recorder.datastore.close)
        recorder.create_table()
        return recorder


class TestApplicationRecorder(ApplicationRecorderTestCase[ApplicationEventRecorder]):
    def new_originator_id(self) -> str:
        return f"RUN-{uuid4()}"

    def create_recorder(self) -> ApplicationEventRecorder:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        recorder = open_sqlite(Path(folder.name) / "events.db")
        self.addCleanup(recorder.datastore.close)
        return recorder


class TestApplicationRecorderInMemory(TestApplicationRecorder):
    def create_recorder(self) -> ApplicationEventRecorder:
        recorder = open_sqlite(":memory:")
        self.addCleanup(recorder.datastore.close)
        return recorder


del AggregateRecorderTestCase, ApplicationRecorderTestCase  # the cases run in the classes above
