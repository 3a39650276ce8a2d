"""What the SQLite store acknowledged is there after a kill and after a full disk."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from eventsourcing.persistence import OperationalError

from adapters.store.sqlite import ApplicationEventRecorder, open_sqlite
from tests.adapters.store.conftest import Events
from tests.adapters.store.writing import THREADS

ROOT = Path(__file__).parents[3]
WRITER = [sys.executable, "-m", "tests.adapters.store.writing"]


def stored(path: Path) -> dict[int, tuple[str, int]]:
    store = open_sqlite(path)
    found = {
        one.id: (str(one.originator_id), one.originator_version)
        for one in store.select_notifications(1, 1_000_000)
    }
    store.datastore.close()
    return found


def told(lines: list[str]) -> dict[int, tuple[str, int]]:
    words = [line.split() for line in lines if line.startswith("stored") and line.endswith("\n")]
    return {int(number): (stream, int(version)) for _, stream, version, number in words}


def assert_in_succession(events: dict[int, tuple[str, int]]) -> None:
    assert sorted(events) == list(range(1, len(events) + 1))
    for stream in {one for one, _ in events.values()}:
        versions = [events[id][1] for id in sorted(events) if events[id][0] == stream]
        assert versions == list(range(1, len(versions) + 1))


@pytest.mark.parametrize("acknowledged", [1, 40, 150, 333, 700])
def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path, acknowledged: int) -> None:
    path = tmp_path / "events.db"
    with subprocess.Popen(
        [*WRITER, str(path), "1000000"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(acknowledged)]
        writer.kill()
        lines += writer.stdout.readlines()

    found = stored(path)

    assert told(lines).items() <= found.items()
    assert_in_succession(found)


def test_a_full_disk_is_an_operational_error_and_what_was_stored_is_intact(
    tmp_path: Path,
) -> None:
    path = tmp_path / "events.db"

    ended = subprocess.run(
        [*WRITER, str(path), "400", "400000"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    lines = ended.stdout.splitlines(keepends=True)
    failed = [line.split() for line in lines if line.startswith("failed")]
    assert [words[3] for words in failed] == ["OperationalError"] * THREADS
    found = stored(path)
    assert told(lines) == found
    assert len(found) == THREADS * 400
    assert_in_succession(found)


def test_a_file_at_its_limit_refuses_and_takes_events_again_when_it_may_grow(
    tmp_path: Path, events: Events
) -> None:
    store = open_sqlite(tmp_path / "events.db")
    with store.datastore.appending() as cursor:
        cursor.execute("PRAGMA max_page_count=20")
    store.insert_events(events("RUN-1", 1, 40, size=1000))

    with pytest.raises(OperationalError, match="full"):
        store.insert_events(events("RUN-1", 41, 80, size=1000))

    assert store.select_events("RUN-1") == events("RUN-1", 1, 40, size=1000)
    with store.datastore.appending() as cursor:
        cursor.execute("PRAGMA max_page_count=100000")
    store.insert_events(events("RUN-1", 41, 80, size=1000))
    assert store.select_events("RUN-1") == events("RUN-1", 1, 80, size=1000)
    store.datastore.close()


def test_a_file_locked_by_another_for_too_long_is_an_operational_error(
    tmp_path: Path, events: Events
) -> None:
    path = tmp_path / "events.db"
    store = open_sqlite(path, lock_timeout=1)
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(OperationalError, match="locked"):
            store.insert_events(events("RUN-1", 1))

        other.execute("ROLLBACK")
    store.insert_events(events("RUN-1", 1))
    assert store.select_events("RUN-1") == events("RUN-1", 1)
    store.datastore.close()


def test_reading_goes_on_while_another_writes(
    sqlite_store: ApplicationEventRecorder, events: Events
) -> None:
    sqlite_store.insert_events(events("RUN-1", 1))
    with sqlite3.connect(sqlite_store.datastore.pool.db_name, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")

        found = sqlite_store.select_events("RUN-1")

        other.execute("ROLLBACK")
    assert found == events("RUN-1", 1)
