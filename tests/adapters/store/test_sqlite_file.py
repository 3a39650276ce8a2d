"""The SQLite file itself: its durability, its schema, and how it is opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from eventsourcing.persistence import (
    ConnectionPoolClosedError,
    InfrastructureFactory,
    NotSupportedError,
    OperationalError,
)

from adapters.store.sqlite import (
    SCHEMA,
    ApplicationEventRecorder,
    Datastore,
    EventRecorder,
    SQLiteFactory,
    open_sqlite,
)
from adapters.store.sqlite_connection import NewerSchema
from tests.adapters.store.conftest import Events


def test_every_connection_syncs_every_commit(sqlite_store: ApplicationEventRecorder) -> None:
    for entered in (
        sqlite_store.datastore.appending(),
        sqlite_store.datastore.transaction(commit=True),
        sqlite_store.datastore.transaction(commit=False),
    ):
        with entered as cursor:
            cursor.execute("PRAGMA journal_mode")
            mode = cursor.fetchone()[0]
            cursor.execute("PRAGMA synchronous")
            sync = cursor.fetchone()[0]

        assert (mode, sync) == ("wal", 2)  # 2 is FULL


def test_a_file_of_a_newer_schema_is_refused_by_name_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    open_sqlite(path).datastore.close()
    with sqlite3.connect(path) as later:
        later.execute(f"PRAGMA user_version={SCHEMA + 1}")
    later.close()
    before = path.read_bytes()

    with pytest.raises(NewerSchema, match=r"events\.db has schema 2"):
        open_sqlite(path)

    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    path.write_text("this is a shopping list, not a database; " * 100)

    with pytest.raises(OperationalError, match=r"events\.db"):
        open_sqlite(path)


def test_a_file_in_a_folder_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(OperationalError, match=r"nowhere/events\.db"):
        open_sqlite(tmp_path / "nowhere" / "events.db")


def test_writing_works_as_soon_as_the_folder_is_there(tmp_path: Path, events: Events) -> None:
    store = ApplicationEventRecorder(Datastore(str(tmp_path / "later" / "events.db")))
    with pytest.raises(OperationalError):
        store.create_table()
    (tmp_path / "later").mkdir()

    store.create_table()

    assert store.insert_events(events("RUN-1", 1)) == [1]
    store.datastore.close()


def test_events_are_taken_while_readers_hold_every_connection(
    sqlite_store: ApplicationEventRecorder, events: Events
) -> None:
    pool = sqlite_store.datastore.pool
    pool.pool_timeout = 0.1
    held = [pool.get_connection() for _ in range(pool.pool_size + pool.max_overflow)]

    numbers = sqlite_store.insert_events(events("RUN-1", 1))

    assert numbers == [1]
    with pytest.raises(OperationalError):
        sqlite_store.create_table()
    with pytest.raises(OperationalError):
        sqlite_store.select_events("RUN-1")
    for connection in held:
        pool.put_connection(connection)
    sqlite_store.create_table()
    assert sqlite_store.select_events("RUN-1") == events("RUN-1", 1)


def test_a_store_opened_again_goes_on_where_it_was(tmp_path: Path, events: Events) -> None:
    first = open_sqlite(tmp_path / "events.db")
    first.insert_events(events("RUN-1", 1, 3))
    first.datastore.close()

    again = open_sqlite(tmp_path / "events.db")

    assert again.insert_events(events("RUN-1", 4)) == [4]
    again.datastore.close()
    with pytest.raises(ConnectionPoolClosedError):
        again.select_events("RUN-1")
    with pytest.raises(ConnectionPoolClosedError):
        again.insert_events(events("RUN-1", 5))


def test_numbers_stay_the_same_when_the_file_is_compacted(
    sqlite_store: ApplicationEventRecorder, events: Events
) -> None:
    sqlite_store.insert_events(events("RUN-1", 1, 3))
    sqlite_store.insert_events(events("RUN-2", 1, 3))
    before = sqlite_store.select_notifications(1, 10)
    with sqlite_store.datastore.get_connection(commit=True) as connection:
        connection._sqlite_conn.execute("VACUUM")

    assert sqlite_store.select_notifications(1, 10) == before


def test_the_module_serves_as_a_persistence_module(tmp_path: Path) -> None:
    environment = {
        "PERSISTENCE_MODULE": "adapters.store.sqlite",
        "SQLITE_DBNAME": str(tmp_path / "events.db"),
        "SQLITE_LOCK_TIMEOUT": "7",
    }

    factory = InfrastructureFactory.construct(environment)

    assert isinstance(factory, SQLiteFactory)
    assert isinstance(factory.application_recorder(), ApplicationEventRecorder)
    assert isinstance(factory.aggregate_recorder(), EventRecorder)
    assert factory.datastore.pool.lock_timeout == 7
    with pytest.raises(NotSupportedError):
        factory.process_recorder()
    with pytest.raises(NotSupportedError):
        factory.aggregate_recorder("snapshots")
    factory.close()
