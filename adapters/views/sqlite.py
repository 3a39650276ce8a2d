"""Views in an SQLite file of their own, which may be thrown away and rebuilt."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from eventsourcing.persistence import OperationalError

from adapters.views.sqlite_table import SQLiteTable, create, indexes
from projections.tables import Shape

BUSY_SECONDS = 30


class SQLiteTables:
    """Tables of the read side in one file: one writer at a time, readers beside it."""

    def __init__(self, path: Path | str) -> None:
        self._path = str(path)
        self._lock = threading.RLock()
        self._own = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._depth = 0
        self._writer = self._open()
        self._known: dict[str, SQLiteTable] = {}
        with self.transaction():
            self._writer.execute(
                "CREATE TABLE IF NOT EXISTS remembered"
                " (kind TEXT, key TEXT, value TEXT, PRIMARY KEY (kind, key)) WITHOUT ROWID"
            )

    def connection(self) -> sqlite3.Connection:
        """The connection of this thread: the writer's inside a transaction."""
        if getattr(self._own, "writing", False):
            return self._writer
        reader: sqlite3.Connection | None = getattr(self._own, "reader", None)
        if reader is None:
            reader = self._own.reader = self._open()
        return reader

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            if self._depth:
                yield
                return
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                self._depth, self._own.writing = 1, True
                yield
                self._writer.execute("COMMIT")
            except sqlite3.OperationalError as error:
                self._undo()
                raise OperationalError(f"the views cannot be written: {error}") from error
            except BaseException:
                self._undo()
                raise
            finally:
                self._depth, self._own.writing = 0, False

    def live(self, shape: Shape) -> SQLiteTable:
        return self._table(shape, shape.name)

    def rebuilding(self, shape: Shape) -> SQLiteTable | None:
        if self.recall("rebuild", shape.name) is None:
            return None
        return self._table(shape, _next(shape))

    def begin(self, shape: Shape) -> SQLiteTable:
        with self.transaction():
            if self.recall("rebuild", shape.name) is None:
                self._writer.execute(f"DROP TABLE IF EXISTS {_next(shape)}")
                self._known.pop(_next(shape), None)
                self.remember("rebuild", shape.name, "")
            return self._table(shape, _next(shape))

    def finish(self, shape: Shape) -> None:
        """Index the rebuilt table: in one go, many times as fast as row by row."""
        generation = self.recall("generation", shape.name) or "0"
        following = str(int(generation) + 1)
        for _, statement in indexes(shape, _next(shape), following):
            with self.transaction():
                self._writer.execute(statement)
        self.remember("generation", shape.name, following)

    def switch(self, shape: Shape) -> None:
        with self.transaction():
            self._writer.execute(f"DROP TABLE IF EXISTS {shape.name}")
            self._writer.execute(f"ALTER TABLE {_next(shape)} RENAME TO {shape.name}")
            self.forget("rebuild", shape.name)
            self._known.clear()

    def abandon(self, shape: Shape) -> None:
        with self.transaction():
            self._writer.execute(f"DROP TABLE IF EXISTS {_next(shape)}")
            self.forget("rebuild", shape.name)
            self._known.pop(_next(shape), None)

    def recall(self, kind: str, key: str) -> str | None:
        found = self.connection().execute(
            "SELECT value FROM remembered WHERE kind=? AND key=?", (kind, key)
        )
        row = found.fetchone()
        return None if row is None else str(row[0])

    def recalled(self, kind: str) -> Mapping[str, str]:
        found = self.connection().execute("SELECT key, value FROM remembered WHERE kind=?", (kind,))
        return dict(found.fetchall())

    def remember(self, kind: str, key: str, value: str) -> None:
        with self.transaction():
            self._writer.execute(
                "INSERT OR REPLACE INTO remembered VALUES (?, ?, ?)", (kind, key, value)
            )

    def forget(self, kind: str, key: str) -> None:
        with self.transaction():
            self._writer.execute("DELETE FROM remembered WHERE kind=? AND key=?", (kind, key))

    def close(self) -> None:
        """Close every connection; no thread may be reading any more."""
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        # Rows are a few hundred bytes to a few thousand: larger pages waste less of each.
        connection.execute("PRAGMA page_size=8192")
        connection.execute("PRAGMA journal_mode=WAL")
        # What a power cut takes away is read from the store again: the position goes with it.
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA cache_size=-65536")
        self._opened.append(connection)
        return connection

    def _undo(self) -> None:
        if self._writer.in_transaction:  # a full disk has undone it already
            self._writer.execute("ROLLBACK")
        self._known.clear()  # a table made inside is not there any more

    def _table(self, shape: Shape, name: str) -> SQLiteTable:
        table = self._known.get(name)
        if table is None or table.shape is not shape:
            with self.transaction():
                create(self._writer, shape, name)
                if name == shape.name and self.recall("generation", name) is None:
                    for _, statement in indexes(shape, name, "0"):
                        self._writer.execute(statement)
            table = self._known[name] = SQLiteTable(self, shape, name)
        return table


def _next(shape: Shape) -> str:
    return f"{shape.name}__next"
