"""The event store in a DynamoDB table: one immutable item per commit.

`adapters.store.dynamodb` is a PERSISTENCE_MODULE; DYNAMODB_TABLE names the table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    DataError,
    InfrastructureFactory,
    NotSupportedError,
    StoredEvent,
    TrackingRecorder,
)
from eventsourcing.utils import Environment, EnvType, strtobool

from adapters.store import commit_item
from adapters.store.commit_ends import CommitEnds
from adapters.store.dynamodb_append import Append, Conflict
from adapters.store.dynamodb_read import Reader, Span
from adapters.store.dynamodb_table import create_table
from adapters.store.succession import OPENINGS, Stream, Succession, succession, text_id

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NO_ORDER = (
    "DynamoDB keeps no order over all streams: numbering all events would make every writer wait "
    "for every other. Follow the table's stream instead"
)
TRANSACTION_ITEMS = 100
TRANSACTION_BYTES = 4 * 1024 * 1024


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DynamoDBRecorder(ApplicationRecorder):
    """Streams of events in one table; reads are strong, an append is one conditional put."""

    def __init__(
        self, client: DynamoDBClient, table: str, now: Callable[[], datetime] = _utc_now
    ) -> None:
        self.client = client
        self.table = table
        self._append = Append(client, table, now)
        self._reader = Reader(client, table)
        self._ends = CommitEnds()

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> None:
        """Returns once the events are stored; IntegrityError if they do not follow the last.

        DataError: more than DynamoDB takes at once. OperationalError: not stored, or not known.
        """
        if not stored_events:
            return
        call = succession(stored_events)
        parts = [part for stream in call.streams for part in commit_item.split(stream)]
        if len(parts) == 1:
            self._put(parts[0])
        else:
            self._transact(call, parts)
        for stream in call.streams:
            self._ends.learn(stream.id, stream.last)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The events of a stream, as they are now."""
        stream, span = text_id(originator_id), Span(gt, lte)
        if span.is_empty() or limit == 0:
            return []
        page = None if limit is None else limit if desc else limit + commit_item.MAX_EVENTS
        found: list[StoredEvent] = []
        for item in self._reader.items(stream, span, desc=desc, page=page):
            self._ends.learn(stream, commit_item.to_commit(item).last)
            commit = [
                one for one in commit_item.to_events(item) if span.holds(one.originator_version)
            ]
            found += reversed(commit) if desc else commit
            if limit is not None and len(found) >= limit:
                return found[:limit]
        return found

    def select_notifications(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: see NO_ORDER."""
        raise NotSupportedError(NO_ORDER)

    def max_notification_id(self) -> NoReturn:
        """Refused: see NO_ORDER."""
        raise NotSupportedError(NO_ORDER)

    def subscribe(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: see NO_ORDER."""
        raise NotSupportedError(NO_ORDER)

    def _put(self, part: Stream) -> None:
        # An opening needs no look at the table: it collides at its key if the stream is there.
        opens = self._ends.get(part.id) is None and part.first in OPENINGS
        if not opens:
            opens = self._opens(part)
        try:
            self._append.put(partial(commit_item.to_item, part, opens))
        except Conflict as conflict:
            self._ends.learn(part.id, conflict.found.last)
            if not opens or conflict.found.last != part.first - 1:
                raise
            self._put(part)  # version 0 was alone in its commit, and 1 goes on from there

    def _transact(self, call: Succession, parts: Sequence[Stream]) -> None:
        if len(parts) > TRANSACTION_ITEMS:
            raise DataError(f"{len(parts)} commits, a transaction holds {TRANSACTION_ITEMS}")
        if sum(map(commit_item.size, parts)) > TRANSACTION_BYTES:
            raise DataError(f"a transaction holds no more than {TRANSACTION_BYTES} bytes")
        opening = {stream.id: stream.first for stream in call.streams if self._opens(stream)}
        self._append.transact(
            [
                partial(commit_item.to_item, part, opening.get(part.id) == part.first)
                for part in parts
            ]
        )

    def _opens(self, events: Stream) -> bool:
        """Whether these events open their stream; IntegrityError unless they come next in it."""
        known = self._ends.get(events.id)
        if known is None or known < events.first - 1:
            last = self._reader.last(events.id)
            known = None if last is None else last.last
            if known is not None:
                self._ends.learn(events.id, known)
        events.check_follows(known)
        return known is None


class DynamoDBFactory(InfrastructureFactory[TrackingRecorder]):
    """Makes recorders on the table named by DYNAMODB_TABLE; boto3 is set by its own variables."""

    DYNAMODB_TABLE = "DYNAMODB_TABLE"
    CREATE_TABLE = "CREATE_TABLE"

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        self.table = self.env.get(self.DYNAMODB_TABLE, "")
        if not self.table:
            raise OSError(f"{self.DYNAMODB_TABLE} does not name the event table")

    def application_recorder(self) -> DynamoDBRecorder:
        client = connect()
        if strtobool(self.env.get(self.CREATE_TABLE, "no")):
            create_table(client, self.table)
        return DynamoDBRecorder(client, self.table)

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        if purpose != "events":
            raise NotSupportedError(f"no {purpose} here: streams are short")
        return self.application_recorder()

    def tracking_recorder(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: followers keep their positions beside their views."""
        raise NotSupportedError("followers keep their positions beside their views")

    def process_recorder(self) -> NoReturn:
        """Refused: followers keep their positions beside their views."""
        raise NotSupportedError("followers keep their positions beside their views")


def connect(endpoint: str | None = None) -> DynamoDBClient:
    """A client whose timeouts suit an event store; region and credentials as boto3 finds them."""
    import boto3
    from botocore.config import Config

    client: DynamoDBClient = boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        config=Config(
            connect_timeout=1,
            read_timeout=2,
            retries={"mode": "standard", "total_max_attempts": 3},
            max_pool_connections=50,
            tcp_keepalive=True,
            parameter_validation=False,  # items are made here, and checking them takes a tenth
            user_agent="atp",  # botocore's own is put together anew for every call
        ),
    )
    return client
