"""One table of a view in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from adapters.views.codec import encode, item_of, padded
from projections.tables import Asked, Item, Shape

#: Gates read at a time while going through all of them.
MANY = 500


class Connected(Protocol):
    """Where a table finds its connection."""

    def connection(self) -> sqlite3.Connection: ...

    def transaction(self) -> AbstractContextManager[None]: ...


def create(connection: sqlite3.Connection, shape: Shape, name: str) -> None:
    """Make the table and its indexes, unless they are there."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name=?", (name,)).fetchone():
        return
    listings = "".join(f", {index} TEXT, {index}_sort TEXT" for index in shape.indexes)
    connection.execute(
        f"CREATE TABLE {name} (stream TEXT, id TEXT, version INTEGER, body TEXT{listings},"
        " PRIMARY KEY (stream, id))"
    )
    # An index keeps its name when its table is renamed: the next rebuild needs names of its own.
    (generation,) = connection.execute("PRAGMA schema_version").fetchone()
    for index in shape.indexes:
        connection.execute(
            f"CREATE INDEX {name}_{index}_{generation} ON {name} ({index}, {index}_sort)"
            f" WHERE {index} IS NOT NULL"
        )
    if not shape.single:
        connection.execute(
            f"CREATE INDEX {name}_gates_{generation} ON {name} (stream) WHERE stream = id"
        )


class SQLiteTable:
    """Items of one read model; a put of an equal or older version changes nothing."""

    def __init__(self, owner: Connected, shape: Shape, name: str) -> None:
        self.shape = shape
        self._owner = owner
        self._name = name
        columns = [c for index in shape.indexes for c in (index, f"{index}_sort")]
        updates = ", ".join(f"{c}=excluded.{c}" for c in ("version", "body", *columns))
        self._put = (
            f"INSERT INTO {name} VALUES ({', '.join('?' * (4 + len(columns)))})"
            f" ON CONFLICT (stream, id) DO UPDATE SET {updates}"
            f" WHERE excluded.version > {name}.version"
        )

    @property
    def name(self) -> str:
        return self._name

    def gates(self, streams: Collection[str]) -> Mapping[str, Item]:
        found = self._of("stream, id, version, body", streams)
        return {row[0]: item_of(self.shape, *row) for row in found}

    def versions(self, streams: Collection[str]) -> Mapping[str, int]:
        return dict(self._of("stream, version", streams))

    def heads(self) -> Iterator[Item]:
        last = ""
        while (
            some := self._owner.connection()
            .execute(
                f"SELECT stream, id, version, body FROM {self._name}"
                " WHERE stream = id AND stream > ? ORDER BY stream LIMIT ?",
                (last, MANY),
            )
            .fetchall()
        ):
            last = some[-1][0]
            for row in some:
                yield item_of(self.shape, *row)

    def put(self, items: Sequence[Item]) -> Sequence[Item]:
        kept = []
        with self._owner.transaction():
            execute = self._owner.connection().cursor().execute
            for item in items:
                if execute(self._put, self._values(item)).rowcount:
                    kept.append(item)
        return kept

    def get(self, stream: str, item_id: str) -> Item | None:
        row = (
            self._owner.connection()
            .execute(
                f"SELECT stream, id, version, body FROM {self._name} WHERE stream=? AND id=?",
                (stream, item_id),
            )
            .fetchone()
        )
        return item_of(self.shape, *row) if row else None

    def ask(self, asked: Asked) -> Sequence[tuple[str, Item]]:
        where, values = _conditions(asked)
        sort = f"{asked.index}_sort" if asked.index else "id"
        found = self._owner.connection().execute(
            f"SELECT {sort}, stream, id, version, body FROM {self._name}"
            f" WHERE {where} ORDER BY {sort} {'DESC' if asked.newest_first else 'ASC'} LIMIT ?",
            (*values, asked.limit),
        )
        return [(row[0], item_of(self.shape, *row[1:])) for row in found.fetchall()]

    def _values(self, item: Item) -> tuple[object, ...]:
        keys = (part for key in padded(self.shape, item.keys) for part in (key or (None, None)))
        return (item.stream, item.id, item.version, encode(item.body), *keys)

    # Any: the columns asked for, as SQLite has them.
    def _of(self, columns: str, streams: Collection[str]) -> list[tuple[Any, ...]]:
        select = f"SELECT {columns} FROM {self._name} WHERE stream=? AND id=?"
        execute = self._owner.connection().execute
        found = (execute(select, (stream, stream)).fetchone() for stream in streams)
        return [row for row in found if row is not None]


def _conditions(asked: Asked) -> tuple[str, list[str]]:
    sort = f"{asked.index}_sort" if asked.index else "id"
    where, values = [f"{asked.index or 'stream'} = ?", "body IS NOT NULL"], [asked.partition]
    if asked.index is None:
        where.append("id > stream")  # the gate is not shown
    bounds = {">=": asked.since, "<": asked.until}
    if asked.after:
        bounds["<" if asked.newest_first else ">"] = asked.after[0]
    for comparison, bound in bounds.items():
        if bound is not None:
            where.append(f"{sort} {comparison} ?")
            values.append(bound)
    return " AND ".join(where), values
