"""The event store in one SQLite file, through the library, with group commit.

`adapters.store.sqlite` is a PERSISTENCE_MODULE; `open_sqlite` opens a recorder without one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing import sqlite as library
from eventsourcing.persistence import (
    AggregateRecorder,
    DataError,
    NotSupportedError,
    ProcessRecorder,
    StoredEvent,
)
from eventsourcing.utils import Environment, EnvType

from adapters.store.group_commit import GroupCommit
from adapters.store.sqlite_connection import StorePool, Writer, shared
from adapters.store.succession import Succession, succession

SCHEMA = 1
#: Beyond any version, and any number of events.
FAR = 2**62

CREATE_EVENTS = """
CREATE TABLE IF NOT EXISTS {table} (
    rowid INTEGER PRIMARY KEY,
    originator_id TEXT NOT NULL,
    originator_version INTEGER NOT NULL,
    topic TEXT NOT NULL,
    state BLOB NOT NULL,
    UNIQUE (originator_id, originator_version)
)"""


#: What SQLite or its driver says to values that it cannot hold.
UNFIT = (
    sqlite3.DataError,
    sqlite3.InterfaceError,
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    OverflowError,
    UnicodeError,
)


class Datastore(library.SQLiteDatastore):
    """Connections to one file: WAL, full sync, write locks taken up front, schema checked."""

    def __init__(
        self, db_name: str, *, lock_timeout: int | None = None, single_row_tracking: bool = True
    ) -> None:
        name = shared(db_name)
        super().__init__(name, single_row_tracking=single_row_tracking, originator_id_type="text")
        self.pool.close()
        self.pool: StorePool = StorePool(name, SCHEMA, lock_timeout=lock_timeout)
        self._writer = Writer(self.pool)

    def appending(self) -> AbstractContextManager[library.SQLiteCursor]:
        """A transaction for events; those of one process take turns."""
        if self.pool.is_sqlite_memory_mode:  # its readers must be kept out, as the pool does
            return self.transaction(commit=True)
        return self._writer

    def close(self) -> None:
        """Lets running transactions end first."""
        self.pool.close()
        self._writer.close()


class _Committing(library.SQLiteAggregateRecorder):
    """Calls of several threads share a transaction; each succeeds or fails on its own."""

    datastore: Datastore

    def __init__(
        self, datastore: library.SQLiteDatastore, events_table_name: str = "stored_events"
    ) -> None:
        if not isinstance(datastore, Datastore):
            raise TypeError("events are kept in a Datastore of this module")
        super().__init__(datastore, events_table_name)
        self.insert_events_statement = (
            f"INSERT INTO {events_table_name} "
            "(originator_id, originator_version, topic, state) VALUES (?,?,?,?)"
        )
        self.select_last_statement = (
            f"SELECT max(originator_version) FROM {events_table_name} WHERE originator_id=?"
        )
        select = (
            f"SELECT originator_id, originator_version, topic, state FROM {events_table_name} "
            "WHERE originator_id=? AND originator_version>? AND originator_version<=? "
            "ORDER BY originator_version {} LIMIT ?"
        )
        self.select_upwards, self.select_downwards = select.format("ASC"), select.format("DESC")
        self._commits = GroupCommit(datastore.appending, self._append)

    def construct_create_table_statements(self) -> list[str]:
        return [CREATE_EVENTS.format(table=self.events_table_name)]

    def _create_table(self, c: library.SQLiteCursor) -> None:
        super()._create_table(c)
        c.execute("PRAGMA user_version")
        if c.fetchone()[0] != SCHEMA:  # writing it again would need room on a full disk
            c.execute(f"PRAGMA user_version={SCHEMA}")

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Returns once the events are on disk; IntegrityError if they do not follow the last."""
        return self._commits.commit(succession(stored_events)) if stored_events else None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """As the library's, whose rows by name cost twice the time of these."""
        after = -FAR if gt is None else gt
        until = FAR if lte is None else lte
        bounds = (originator_id, after, until, FAR if limit is None else limit)
        with self.datastore.transaction(commit=False) as c:
            c.execute(self.select_downwards if desc else self.select_upwards, bounds)
            return [StoredEvent(*row) for row in c.fetchall()]

    def _append(self, c: library.SQLiteCursor, call: Succession) -> Sequence[int] | None:
        try:
            for stream in call.streams:
                c.execute(self.select_last_statement, (stream.id,))
                stream.check_follows(c.fetchone()[0])
            return self._insert_events(c, call.events)
        except UNFIT as error:
            raise DataError(f"{type(error).__name__}: {error}") from error


class EventRecorder(_Committing):
    """Streams of events, without an order over all of them."""


class ApplicationEventRecorder(_Committing, library.SQLiteApplicationRecorder):
    """Streams of events, numbered across all streams in commit order without a gap."""


class SQLiteFactory(library.SQLiteFactory):
    """Makes recorders on the file named by SQLITE_DBNAME."""

    aggregate_recorder_class = EventRecorder
    application_recorder_class = ApplicationEventRecorder

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        plain = self.datastore
        plain.close()
        self.datastore = Datastore(
            plain.pool.db_name,
            lock_timeout=plain.pool.lock_timeout,
            single_row_tracking=plain.single_row_tracking,
        )

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        if purpose != "events":
            raise NotSupportedError(f"no {purpose} here: streams are short")
        return super().aggregate_recorder(purpose)

    def process_recorder(self) -> ProcessRecorder:
        """Refused: followers keep their positions beside their views, in a file of their own."""
        raise NotSupportedError("followers keep their positions beside their views")


def open_sqlite(path: Path | str, *, lock_timeout: int | None = None) -> ApplicationEventRecorder:
    """The event store in this file, created if it is not there.

    `lock_timeout` is how many seconds to wait for another process that is writing (default 5).
    Raises NewerSchema if a later version of the platform wrote the file.
    """
    recorder = ApplicationEventRecorder(Datastore(str(path), lock_timeout=lock_timeout))
    recorder.create_table()
    return recorder
