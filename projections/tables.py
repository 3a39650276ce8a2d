"""What the read side needs from storage: tables of versioned items, and the store's events."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

from eventsourcing.persistence import StoredEvent


class Item(NamedTuple):
    """What a table keeps under (stream, id): its body at a version of the stream.

    A body of None is a tombstone: nothing is shown, and no older version may come back. The item
    whose id is the stream itself is the gate: how far the stream has been applied, and the state
    to go on from. `body` is a row or a state as the read model declares it.
    """

    stream: str
    id: str
    version: int
    body: object | None
    partitions: tuple[str | None, ...] = ()
    """Where it is listed, one of each index; None or nothing keeps it out."""
    sorts: tuple[str, ...] = ()
    """The texts it is sorted by, one of each sort column."""

    @property
    def is_gate(self) -> bool:
        return self.id == self.stream


class Unkeepable(Exception):
    """This engine will never take this item, however often it is put."""

    def __init__(self, item: Item, why: str) -> None:
        super().__init__(f"{item.id}: {why}")
        self.item = item


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a table must know of its read model."""

    name: str
    row: type
    state: type
    indexes: tuple[tuple[str, str], ...]
    """Each listing's name, and the name of what it is sorted by."""
    sorts: tuple[str, ...]
    single: bool
    """Whether a stream has one row, which then is its gate as well."""

    @cached_property
    def listings(self) -> int:
        """How many values list and sort an item."""
        return len(self.indexes) + len(self.sorts)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One page of a listing: sort values in [since, until), after the item `after` names."""

    index: str | None
    """None lists the rows of one stream, by id."""
    partition: str
    since: str | None = None
    until: str | None = None
    after: tuple[str, str, str] | None = None
    """Sort value, stream and id of the last item already seen."""
    newest_first: bool = False
    limit: int = 50


class Table(Protocol):
    """The items of one read model, in one generation."""

    @property
    def name(self) -> str:
        """The name parked streams are kept under: differs while a rebuild fills a new table."""
        ...

    def gates(self, streams: Collection[str]) -> Mapping[str, Item]:
        """The gates of these streams, read strongly; a stream never seen is absent."""
        ...

    def versions(self, streams: Collection[str]) -> Mapping[str, int]:
        """How far each of these streams has been applied."""
        ...

    def heads(self) -> Iterator[Item]:
        """Every gate."""
        ...

    def put(self, items: Sequence[Item]) -> Sequence[Item]:
        """Keep each item unless an equal or newer version is there; answers what was kept.

        Items of one stream are kept in the order given, so that a gate comes last. Raises
        Unkeepable.
        """
        ...

    def get(self, stream: str, item_id: str) -> Item | None:
        """One item, read strongly; tombstones included."""
        ...

    def ask(self, asked: Asked) -> Sequence[tuple[str, Item]]:
        """Shown items with their sort values, in order; at most `limit` of them."""
        ...


class Tables(Protocol):
    """Every table of the read side, and what is remembered beside them."""

    def live(self, shape: Shape) -> Table:
        """The table that is read."""
        ...

    def rebuilding(self, shape: Shape) -> Table | None:
        """The table a rebuild is filling, if one is under way."""
        ...

    def begin(self, shape: Shape) -> Table:
        """The table of a rebuild: a new one, or the one an interrupted rebuild was filling."""
        ...

    def finish(self, shape: Shape) -> None:
        """Make the rebuilt table fit to be read."""
        ...

    def switch(self, shape: Shape) -> None:
        """Let the rebuilt table be the live one, and drop the other."""
        ...

    def abandon(self, shape: Shape) -> None:
        """Drop the table of a rebuild that is not to be finished."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Make what is done inside one change, where the engine can."""
        ...

    def recall(self, kind: str, key: str) -> str | None:
        """What was remembered under this name."""
        ...

    def recalled(self, kind: str) -> Mapping[str, str]:
        """Everything remembered of this kind."""
        ...

    def remember(self, kind: str, key: str, value: str) -> None: ...

    def forget(self, kind: str, key: str) -> None: ...


class Source(Protocol):
    """The event store, as the read side reads it."""

    def stream(self, stream: str, gt: int = 0) -> Sequence[StoredEvent]:
        """Events of a stream after a version, in order."""
        ...

    def scan(self, after: str | None, limit: int) -> tuple[Sequence[StoredEvent], str | None]:
        """Some events after a place, in order within each stream, and the place to go on from.

        A place of None with no events is the end.
        """
        ...

    def heads(self) -> Iterator[tuple[str, int]]:
        """Every stream and its last version."""
        ...

    def size(self) -> int | None:
        """How many events there are to scan, where that is cheap to know."""
        ...


#: Turns what is stored into the event it is.
Decode = Callable[[StoredEvent], object]
