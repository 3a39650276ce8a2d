"""One table of a view in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from adapters.views.codec import encode, item_of, listing
from projections.tables import Asked, Item, Shape

#: Gates read at a time while going through all of them.
MANY = 500


class Connected(Protocol):
    """Where a table finds its connection."""

    def connection(self) -> sqlite3.Connection: ...

    def transaction(self) -> AbstractContextManager[None]: ...


def create(connection: sqlite3.Connection, shape: Shape, name: str) -> None:
    """Make the table, unless it is there."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name=?", (name,)).fetchone():
        return
    listings = "".join(f", {name} TEXT" for name in columns(shape))
    connection.execute(
        f"CREATE TABLE {name} (stream TEXT, id TEXT, version INTEGER, body TEXT{listings},"
        " PRIMARY KEY (stream, id))"
    )


def columns(shape: Shape) -> tuple[str, ...]:
    """What the items are listed and sorted by."""
    return (*(index for index, _ in shape.indexes), *(f"by_{sort}" for sort in shape.sorts))


def indexes(shape: Shape, name: str, generation: str) -> Iterator[tuple[str, str]]:
    """Every index by name, and what makes it.

    It keeps its name when its table is renamed: each generation needs names of its own.
    """
    for index, sort in shape.indexes:
        made = f"{shape.name}_{index}_{generation}"
        yield (
            made,
            (
                f"CREATE INDEX IF NOT EXISTS {made} ON {name} ({index}, by_{sort})"
                f" WHERE {index} IS NOT NULL"
            ),
        )
    if not shape.single:
        made = f"{shape.name}_gates_{generation}"
        yield made, f"CREATE INDEX IF NOT EXISTS {made} ON {name} (stream) WHERE stream = id"


class SQLiteTable:
    """Items of one read model; a put of an equal or older version changes nothing."""

    def __init__(self, owner: Connected, shape: Shape, name: str) -> None:
        self.shape = shape
        self._owner = owner
        self._name = name
        listed = columns(shape)
        updates = ", ".join(f"{c}=excluded.{c}" for c in ("version", "body", *listed))
        self._put = (
            f"INSERT INTO {name} VALUES ({', '.join('?' * (4 + len(listed)))})"
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
        with self._owner.transaction():
            connection = self._owner.connection()
            values = [self._values(item) for item in items]
            connection.execute("SAVEPOINT putting")
            many = connection.executemany(self._put, values)
            if many.rowcount == len(items):
                connection.execute("RELEASE putting")
                return items
            # Some were there already: which, only one statement each can tell.
            connection.execute("ROLLBACK TO putting")
            connection.execute("RELEASE putting")
            put = [connection.execute(self._put, each).rowcount for each in values]
        return [item for item, done in zip(items, put, strict=True) if done]

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
        sort = _sort(self.shape, asked)
        where, values = _conditions(asked, sort)
        way = "DESC" if asked.newest_first else "ASC"
        found = self._owner.connection().execute(
            f"SELECT {sort}, stream, id, version, body FROM {self._name}"
            f" WHERE {where} ORDER BY {sort} {way}, stream {way}, id {way} LIMIT ?",
            (*values, asked.limit),
        )
        return [(row[0], item_of(self.shape, *row[1:])) for row in found.fetchall()]

    def _values(self, item: Item) -> tuple[object, ...]:
        return (*item[:3], encode(item.body), *listing(self.shape, item))

    # Any: the columns asked for, as SQLite has them.
    def _of(self, columns: str, streams: Collection[str]) -> list[tuple[Any, ...]]:
        select = f"SELECT {columns} FROM {self._name} WHERE stream=? AND id=?"
        execute = self._owner.connection().execute
        found = (execute(select, (stream, stream)).fetchone() for stream in streams)
        return [row for row in found if row is not None]


def _sort(shape: Shape, asked: Asked) -> str:
    return f"by_{dict(shape.indexes)[asked.index]}" if asked.index else "id"


def _conditions(asked: Asked, sort: str) -> tuple[str, list[str]]:
    where, values = [f"{asked.index or 'stream'} = ?", "body IS NOT NULL"], [asked.partition]
    if asked.index is None:
        where.append("id > stream")  # the gate is not shown
    for comparison, bound in ((">=", asked.since), ("<", asked.until)):
        if bound is not None:
            where.append(f"{sort} {comparison} ?")
            values.append(bound)
    if asked.after:
        beyond, from_there = ("<", "<=") if asked.newest_first else (">", ">=")
        where.append(f"{sort} {from_there} ? AND ({sort}, stream, id) {beyond} (?, ?, ?)")
        values += [asked.after[0], *asked.after]
    return " AND ".join(where), values
