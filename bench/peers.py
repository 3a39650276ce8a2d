"""What the event store is measured against: the library as it comes, and the engines bare."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    DatetimeAsISO,
    DecimalAsStr,
    JSONTranscoder,
    Mapper,
    StoredEvent,
    Transcoding,
)
from eventsourcing.utils import get_topic, resolve_topic

from adapters.store.dynamodb_table import create_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DateAsISO(Transcoding):
    """The one type of ours that the library's transcoder does not know."""

    type = date
    name = "date_iso"

    def encode(self, obj: date) -> str:
        return obj.isoformat()

    def decode(self, data: str) -> date:
        return date.fromisoformat(data)


def library_transcoder() -> JSONTranscoder:
    """The library's default transcoder."""
    transcoder = JSONTranscoder()
    for one in (DatetimeAsISO(), DecimalAsStr(), DateAsISO()):
        transcoder.register(one)
    return transcoder


class LibraryMapper(Mapper[str]):
    """The library's way with pydantic events (as in its documentation), on its own transcoder.

    Its default mapper does without pydantic, and so gives back lists for tuples and text for
    enums: an aggregate cannot be loaded from those.
    """

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        event: Any = domain_event
        return StoredEvent(
            originator_id=event.originator_id,
            originator_version=event.originator_version,
            topic=get_topic(type(event)),
            state=self.transcoder.encode(event.model_dump()),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[str]:
        event: DomainEventProtocol[str] = resolve_topic(stored_event.topic)(
            **self.transcoder.decode(stored_event.state)
        )
        return event


class BareSQLite:
    """One row a transaction in a table like ours, synced like ours."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        self.connection.execute(
            "CREATE TABLE events (id INTEGER PRIMARY KEY, stream TEXT, version INTEGER, "
            "topic TEXT, state BLOB, UNIQUE (stream, version))"
        )

    def append(self, event: StoredEvent) -> None:
        cursor = self.connection.cursor()
        cursor.execute("BEGIN")
        cursor.execute(
            "INSERT INTO events (stream, version, topic, state) VALUES (?,?,?,?)",
            (event.originator_id, event.originator_version, event.topic, event.state),
        )
        cursor.execute("COMMIT")
        cursor.close()


class BareDynamoDB:
    """A conditional PutItem of one item that holds one event."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self.client = client
        self.table = table
        create_table(client, table)

    def append(self, event: StoredEvent) -> None:
        self.client.put_item(
            TableName=self.table,
            Item={
                "pk": {"S": str(event.originator_id)},
                "sk": {"N": str(event.originator_version)},
                "topic": {"S": event.topic},
                "state": {"S": event.state.decode()},
            },
            ConditionExpression="attribute_not_exists(pk)",
        )
