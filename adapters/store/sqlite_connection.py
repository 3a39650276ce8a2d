"""Connections to a SQLite file that is durable, shared between processes, and of our schema."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from itertools import count
from threading import local
from types import TracebackType

from eventsourcing import sqlite as library
from eventsourcing.persistence import (
    ConnectionPoolClosedError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
)

_memory = count()


class NewerSchema(ProgrammingError):
    """The file was written by a later version of the platform."""


class StoreTransaction(library.SQLiteTransaction):
    """A transaction that takes the write lock at once, and is never left open."""

    def __enter__(self) -> library.SQLiteCursor:
        cursor = self.connection.cursor()
        try:
            # A transaction that reads first and writes later cannot wait for another writer.
            cursor.execute("BEGIN IMMEDIATE" if self.commit else "BEGIN")
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error
        return cursor

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        try:
            super().__exit__(exc_type, exc_val, exc_tb)
        except BaseException:
            with suppress(sqlite3.Error):  # the first failure is the one to be told
                self.connection.rollback()  # a commit that failed on a full disk is still open
            raise


class StoreConnection(library.SQLiteConnection):
    """A connection whose commits are on disk when they return."""

    def transaction(self, *, commit: bool) -> StoreTransaction:  # type: ignore[override]  # entered the same way
        return StoreTransaction(self, commit=commit)


class StorePool(library.SQLiteConnectionPool):
    """The library's pool, with every connection set for durability and its schema checked."""

    def __init__(self, db_name: str, schema: int, *, lock_timeout: int | None = None) -> None:
        self.schema = schema
        self._is_closing = False
        self._asking = local()
        super().__init__(db_name=db_name, lock_timeout=lock_timeout)

    def get_connection(
        self, timeout: float | None = None, *, is_writer: bool | None = None
    ) -> library.SQLiteConnection:
        if self._is_closing:
            raise ConnectionPoolClosedError
        self._asking.is_writer = is_writer
        return super().get_connection(timeout, is_writer=is_writer)

    def close(self) -> None:
        """Lets running transactions end first; idempotent."""
        self._is_closing = True
        with self._put_condition:
            self._put_condition.wait_for(lambda: not self._in_use, self.pool_timeout)
            # Whatever still runs keeps its connection: closing it there crashes the process.
            self._in_use.clear()
        super().close()

    def _get_connection(self, timeout: float = 0.0) -> library.SQLiteConnection:
        try:
            return super()._get_connection(timeout)
        except BaseException:
            self._give_up_turn()
            raise

    def _give_up_turn(self) -> None:
        # The library keeps the writer's turn when it then finds no connection: for ever.
        is_writer, self._asking.is_writer = self._asking.is_writer, None
        if is_writer is True:
            self._num_writers -= 1
            self._writer_lock.release()
        elif is_writer is False:
            with self._no_readers:
                self._num_readers -= 1
                self._no_readers.notify()

    def _create_connection(self) -> StoreConnection:
        try:
            raw = super()._create_connection()._sqlite_conn
        except (sqlite3.DatabaseError, InterfaceError) as error:
            raise OperationalError(f"{self.db_name}: {error}") from error
        try:
            self._prepare(raw)
        except sqlite3.DatabaseError as error:
            raw.close()
            raise OperationalError(f"{self.db_name}: {error}") from error
        except NewerSchema:
            raw.close()
            raise
        return StoreConnection(raw, max_age=self.max_age)

    def _prepare(self, raw: sqlite3.Connection) -> None:
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute("PRAGMA fullfsync=ON")  # macOS: fsync alone does not reach the disk
        raw.execute("PRAGMA checkpoint_fullfsync=ON")
        found = raw.execute("PRAGMA user_version").fetchone()[0]
        if found > self.schema:
            raise NewerSchema(
                f"{self.db_name} has schema {found}, this version of the platform knows "
                f"up to {self.schema}: install the version that wrote it"
            )


def shared(db_name: str) -> str:
    """The name to connect by: a database in memory is one database for all its connections."""
    if db_name != ":memory:":
        return db_name
    return f"file:memory-{next(_memory)}?mode=memory&cache=shared"
