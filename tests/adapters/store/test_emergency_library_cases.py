"""The library's own cases for recorders, unchanged, over the store with a reserve."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.tests.persistence import ApplicationRecorderTestCase

from adapters.store.emergency import EmergencyFactory, EmergencyRecorder
from tests.adapters.store.exposure import open_desk


class TestEmergencyRecorder(ApplicationRecorderTestCase[EmergencyRecorder]):
    def new_originator_id(self) -> str:
        return f"RUN-{uuid4()}"

    def create_recorder(self) -> EmergencyRecorder:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        trading = open_desk(Path(folder.name))
        self.addCleanup(trading.close)
        recorder = trading.recorder
        assert isinstance(recorder, EmergencyRecorder)
        return recorder


def test_the_module_serves_as_a_persistence_module(tmp_path: Path) -> None:
    environment = {
        "PERSISTENCE_MODULE": "adapters.store.emergency",
        "SQLITE_DBNAME": str(tmp_path / "events.db"),
        "EMERGENCY_JOURNAL": str(tmp_path / "journal"),
    }

    factory = InfrastructureFactory.construct(environment)

    assert isinstance(factory, EmergencyFactory)
    assert isinstance(factory.application_recorder(), EmergencyRecorder)
    assert (tmp_path / "journal").stat().st_size == 8 * 1024 * 1024
    factory.close()


def test_a_reserve_without_a_place_is_refused(tmp_path: Path) -> None:
    environment = {
        "PERSISTENCE_MODULE": "adapters.store.emergency",
        "SQLITE_DBNAME": str(tmp_path / "events.db"),
    }
    factory = InfrastructureFactory.construct(environment)

    with pytest.raises(OSError, match="EMERGENCY_JOURNAL"):
        factory.application_recorder()

    factory.close()


del ApplicationRecorderTestCase  # the cases run in the class above
