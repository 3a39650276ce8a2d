"""Connections to a SQLite file that is durable, shared between processes, and of our schema."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from itertools import count
from threading import Lock, local
from types import TracebackType

from eventsourcing import sqlite as library
from eventsourcing.persistence import (
    ConnectionPoolClosedError,
    OperationalError,
    PersistenceError,
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

    def connect(self) -> StoreConnection:
        """A connection outside of the pool."""
        if self._is_closing:
            raise ConnectionPoolClosedError
        return self._create_connection()

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
        # Not the library's own: that one remembers a single prepared statement.
        try:
            raw = sqlite3.connect(
                self.db_name,
                uri=True,
                check_same_thread=False,
                isolation_level=None,
                timeout=self.lock_timeout or library.SQLITE3_DEFAULT_LOCK_TIMEOUT,
            )
        except sqlite3.Error as error:
            raise OperationalError(f"{self.db_name}: {error}") from error
        try:
            self._prepare(raw)
        except sqlite3.DatabaseError as error:
            raw.close()
            raise OperationalError(f"{self.db_name}: {error}") from error
        except PersistenceError:
            raw.close()
            raise
        return StoreConnection(raw, max_age=self.max_age)

    def _prepare(self, raw: sqlite3.Connection) -> None:
        found = raw.execute("PRAGMA user_version").fetchone()[0]
        if found > self.schema:
            raise NewerSchema(
                f"{self.db_name} has schema {found}, this version of the platform knows "
                f"up to {self.schema}: install the version that wrote it"
            )
        mode = raw.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if mode != "wal" and not self.is_sqlite_memory_mode:
            raise OperationalError(f"{self.db_name}: no write-ahead log possible here ({mode})")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute("PRAGMA fullfsync=ON")  # macOS: fsync alone does not reach the disk
        raw.execute("PRAGMA checkpoint_fullfsync=ON")
        raw.row_factory = sqlite3.Row


class Writer:
    """The connection by which this process appends events, entered for one transaction at a time.

    It is not fetched from the pool each time: that takes as long as the append itself.
    """

    def __init__(self, pool: StorePool) -> None:
        self._pool = pool
        self._turn = Lock()
        self._connection: StoreConnection | None = None
        self._transaction: StoreTransaction | None = None

    def __enter__(self) -> library.SQLiteCursor:
        self._turn.acquire()
        try:
            if self._connection is None:
                self._connection = self._pool.connect()
            self._transaction = self._connection.transaction(commit=True)
            return self._transaction.__enter__()
        except BaseException:
            self._turn.release()
            raise

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        try:
            if self._transaction is not None:
                self._transaction.__exit__(exc_type, exc_val, exc_tb)
        finally:
            self._transaction = None
            self._turn.release()

    def close(self) -> None:
        """Lets a running transaction end first."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def shared(db_name: str) -> str:
    """The name to connect by: a database in memory is one database for all its connections."""
    if db_name != ":memory:":
        return db_name
    return f"file:memory-{next(_memory)}?mode=memory&cache=shared"
