"""A small aggregate with two read models, to test what all read models have in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from eventsourcing.domain import triggers
from eventsourcing.persistence import JSONTranscoder, StoredEvent

from adapters.store.mapper import PydanticMapper
from domain.model import Aggregate, Created, DomainEvent, Origin, acting
from projections.evolve import evolve
from projections.view import Index, ReadModel, Row, State, instant

OPENING = datetime(2026, 8, 4, 3, 45, tzinfo=UTC)


class Watchlist(Aggregate):
    """Contracts a trader keeps an eye on."""

    TOPIC = "watchlist"

    class Opened(Created, frozen=True):
        TOPIC: ClassVar[str] = "watchlist.opened"
        owner: str

    class Watched(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "watchlist.watched"
        contract: str
        alert_at: Decimal

    class Unwatched(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "watchlist.unwatched"
        contract: str

    class Cleared(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "watchlist.cleared"

    @triggers(Opened)
    def __init__(self, owner: str) -> None:
        self.owner = owner

    @classmethod
    def open(cls, list_id: str, owner: str) -> Watchlist:
        return cls._create(cls.Opened, id=list_id, owner=owner)

    @triggers(Watched)
    def watch(self, contract: str, alert_at: Decimal) -> None: ...

    @triggers(Unwatched)
    def unwatch(self, contract: str) -> None: ...

    @triggers(Cleared)
    def clear(self) -> None: ...


class ListRow(Row, frozen=True, kw_only=True):
    owner: str
    opened_at: datetime
    watching: int = 0


def watchlists(row: ListRow | None, event: DomainEvent) -> ListRow | None:
    match row, event:
        case None, Watchlist.Opened():
            return ListRow(id=event.originator_id, owner=event.owner, opened_at=event.timestamp)
        case ListRow(), Watchlist.Watched():
            return evolve(row, watching=row.watching + 1)
        case ListRow(), Watchlist.Unwatched():
            return evolve(row, watching=row.watching - 1)
        case ListRow(), Watchlist.Cleared():
            return None
    return row


class WatchedRow(Row, frozen=True, kw_only=True):
    contract: str
    alert_at: Decimal


class Watching(State, frozen=True):
    rows: Mapping[str, WatchedRow]
    versions: Mapping[str, int]

    def without(self, version: int, *gone: str) -> Watching:
        left = {row_id: row for row_id, row in self.rows.items() if row_id not in gone}
        own = (row_id for row_id in gone if row_id in self.rows)
        return Watching(left, {**self.versions, **dict.fromkeys(own, version)})


def watched(state: Watching | None, event: DomainEvent) -> Watching | None:
    version = event.originator_version
    match state, event:
        case None, Watchlist.Opened():
            return Watching({}, {})
        case Watching(), Watchlist.Watched():
            row_id = f"{event.originator_id}-{event.contract}"
            row = WatchedRow(id=row_id, contract=event.contract, alert_at=event.alert_at)
            return Watching({**state.rows, row_id: row}, {**state.versions, row_id: version})
        case Watching(), Watchlist.Unwatched():
            return state.without(version, f"{event.originator_id}-{event.contract}")
        case Watching(), Watchlist.Cleared():
            return state.without(version, *state.rows)
    return state


WATCHLISTS: ReadModel[ListRow, ListRow] = ReadModel(
    name="watchlists",
    reads=("WATCH-",),
    project=watchlists,
    row=ListRow,
    state=ListRow,
    sorts={"opened": lambda row: instant(row.opened_at)},
    indexes=(Index("owner", lambda row: row.owner, "opened"),),
)
WATCHED: ReadModel[Watching, WatchedRow] = ReadModel(
    name="watched",
    reads=("WATCH-",),
    project=watched,
    row=WatchedRow,
    state=Watching,
    rows=lambda state: state.rows,
    versions=lambda state: state.versions,
    stream_of=lambda row_id: row_id.rpartition("-")[0],
    sorts={"row": lambda row: row.id},
    indexes=(Index("contract", lambda row: row.contract, "row"),),
)

MAPPER = PydanticMapper(transcoder=JSONTranscoder())


def origin(minutes: int = 0, actor: str = "USER-1") -> Origin:
    at = OPENING + timedelta(minutes=minutes)
    return Origin(at=at, actor=actor, correlation_id=f"C{minutes}")


def stored(aggregate: Aggregate) -> list[StoredEvent]:
    """What the aggregate would save."""
    return [MAPPER.to_stored_event(event) for event in aggregate.collect_events()]


def a_watchlist(list_id: str, steps: str, owner: str = "USER-1") -> list[StoredEvent]:
    """Opened, then one step a letter: A-C watch, a-c unwatch that contract, ! clear."""
    with acting(origin(0, owner)):
        one = Watchlist.open(list_id, owner)
    for minute, step in enumerate(steps, 1):
        with acting(origin(minute, owner)):
            if step == "!":
                one.clear()
            elif step.isupper():
                one.watch(step, Decimal(minute) / 20)
            else:
                one.unwatch(step.upper())
    return stored(one)
