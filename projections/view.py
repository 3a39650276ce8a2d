"""Rows, the read models they make up, and how they are read."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from json import dumps, loads
from typing import Any, Final, Generic, Protocol, TypedDict, TypeVar, cast

from msgspec import Struct

from projections.evolve import evolve
from projections.tables import Asked, Item, Shape, Table, Tables


# Rows and states are structs and no dataclasses: made ten times and copied four times as fast,
# which is most of what a rebuild does.
class State(Struct, frozen=True, kw_only=True):
    """What is kept of a stream to make its rows of."""


class Row(Struct, frozen=True, kw_only=True):
    """What is shown of one thing; `version` is that of its stream when it last changed."""

    id: str
    version: int = 0


#: Rows are made at least as often as this many events change a state, which may then forget them.
TOGETHER: Final = 100

S = TypeVar("S")
R = TypeVar("R", bound=Row)
# A Protocol of what is read only gives rows out.
R_co = TypeVar("R_co", bound=Row, covariant=True)


class Paging(TypedDict, total=False):
    """Which part of a listing is wanted: sort values in [since, until), oldest first by default."""

    cursor: str | None
    limit: int
    newest_first: bool
    since: str | None
    until: str | None


@dataclass(frozen=True)
class Index(Generic[R]):
    """A listing: which partition a row belongs to (None: not listed), and what it is sorted by."""

    name: str
    partition: Callable[[R], str | None]
    sort: str


@lru_cache(maxsize=4096)  # one moment is the sort of many rows
def instant(at: datetime) -> str:
    """A moment as text of fixed width, so that its order is the order of time."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    date, time = (utc.year, utc.month, utc.day), (utc.hour, utc.minute, utc.second)
    return "%04d-%02d-%02dT%02d:%02d:%02d.%06d" % (*date, *time, utc.microsecond)  # noqa: UP031


@dataclass(frozen=True, kw_only=True)
class ReadModel(Generic[S, R]):
    """A pure projector with its rows and listings.

    `project` folds one event of a stream into the state kept for that stream. A stream has
    one row, which is that state, or one row an event (`appends`), which is the state after it, or
    those that `rows` makes of the state. Then `versions` tells when each row last changed; one
    that is told of there and not among the rows is gone. Ids of rows begin with their stream's.
    """

    name: str
    id_name: str = "id"
    """What the id is called where rows are shown."""
    reads: tuple[str, ...]
    """Beginnings of the ids of the streams it is made from."""
    # Any: a DomainEvent; Recorded where `from_stored`.
    project: Callable[[S | None, Any], S | None]
    row: type[R]
    state: type[S]
    rows: Callable[[S], Mapping[str, R]] | None = None
    versions: Callable[[S], Mapping[str, int]] | None = None
    heeds: frozenset[type] | None = None
    """The only events that change its state; None where it looks at all of them."""
    appends: bool = False
    from_stored: bool = False
    """Whether it reads what is stored, and not the event that it is."""
    sorts: Mapping[str, Callable[[R], str]] = field(default_factory=dict)
    """What listings are sorted by: a name, and the text of a row."""
    indexes: tuple[Index[R], ...] = ()
    stream_of: Callable[[str], str] = str
    """The stream a row's id belongs to."""
    edition: int = 1
    """To be raised when the same events make other rows: the view is then rebuilt."""

    @property
    def single(self) -> bool:
        return self.rows is None and not self.appends

    @cached_property
    def shape(self) -> Shape:
        return Shape(
            name=self.name,
            row=self.row,
            state=self.state,
            indexes=tuple((index.name, index.sort) for index in self.indexes),
            sorts=tuple(self.sorts),
            single=self.single,
        )

    def row_item(self, stream: str, row_id: str, version: int, row: R | None) -> Item:
        """A row as it is kept; without one, its tombstone."""
        if row is None:
            return Item(stream, row_id, version, None)
        # Lists are made faster than tuples are generated, and a rebuild does little else.
        partitions = tuple([partition(row) for partition in self._partitions])
        return Item(
            stream, row_id, version, row, partitions, tuple([sort(row) for sort in self._sorts])
        )

    def gate_item(self, stream: str, version: int, state: S | None) -> Item:
        """How far a stream is applied; where it has one row, that row."""
        if self.single:
            return self.row_item(stream, stream, version, cast("R | None", state))
        return Item(stream, stream, version, state)

    @cached_property
    def _partitions(self) -> tuple[Callable[[R], str | None], ...]:
        return tuple(index.partition for index in self.indexes)

    @cached_property
    def _sorts(self) -> tuple[Callable[[R], str], ...]:
        return tuple(self.sorts.values())


class BadCursor(ValueError):
    """The cursor was not given out for this listing."""


@dataclass(frozen=True)
class Page(Generic[R_co]):
    """Some rows of a listing, and the cursor that continues it; None at the end."""

    rows: Sequence[R_co]
    cursor: str | None


class View(Protocol[R_co]):
    """The rows of one read model, as a query sees them."""

    def get(self, row_id: str) -> R_co | None:
        """One row, read strongly."""
        ...

    def page(
        self,
        index: str | None,
        partition: str,
        *,
        since: str | None = None,
        until: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
        newest_first: bool = False,
        where: Callable[[Any], bool] | None = None,
    ) -> Page[R_co]:
        """Rows of a listing; raises BadCursor."""
        ...


class TableView(Generic[S, R]):
    """A read model in the tables of an engine."""

    #: Rows looked at for one page at most, as a multiple of its size, when `where` sorts out most.
    PATIENCE = 20

    def __init__(self, model: ReadModel[S, R], tables: Tables) -> None:
        self.model = model
        self._tables = tables

    @property
    def _table(self) -> Table:
        return self._tables.live(self.model.shape)

    def get(self, row_id: str) -> R | None:
        item = self._table.get(self.model.stream_of(row_id), row_id)
        return _shown(item) if item else None

    def page(
        self,
        index: str | None,
        partition: str,
        *,
        since: str | None = None,
        until: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
        newest_first: bool = False,
        where: Callable[[R], bool] | None = None,
    ) -> Page[R]:
        asked = Asked(
            index=index,
            partition=partition,
            since=since,
            until=until,
            after=_place(cursor, index, partition),
            newest_first=newest_first,
            limit=limit + 1,
        )
        rows: list[R] = []
        for _ in range(self.PATIENCE):
            found = self._table.ask(asked)
            for sort, item in found[:limit]:
                asked = replace(asked, after=(sort, item.stream, item.id))
                row = _shown(item)
                if row is not None and (where is None or where(row)):
                    rows.append(row)
                if len(rows) == limit:
                    return Page(rows, _cursor(asked) if _more(found, item) else None)
            if len(found) <= limit:
                return Page(rows, None)
        return Page(rows, _cursor(asked))


def _more(found: Sequence[tuple[str, Item]], item: Item) -> bool:
    return found[-1][1].id != item.id


def _shown(item: Item) -> Any:
    # Any: which row it is was said by the read model when it was put.
    return evolve(item.body, version=item.version) if isinstance(item.body, Row) else None


def _cursor(asked: Asked) -> str:
    text = dumps([asked.index, asked.partition, asked.after], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(cursor: str | None, index: str | None, partition: str) -> tuple[str, str, str] | None:
    if cursor is None:
        return None
    try:
        of_index, of_partition, after = loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        sort, stream, item_id = after
        f"{sort}{stream}{item_id}".encode()  # half a letter is no text
    except (ValueError, TypeError, RecursionError) as error:
        raise BadCursor("this cursor cannot be read") from error
    texts = all(isinstance(part, str) for part in (sort, stream, item_id))
    if (of_index, of_partition) != (index, partition) or not texts:
        raise BadCursor("this cursor belongs to another listing")
    return sort, stream, item_id
