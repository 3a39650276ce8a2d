"""The event table's stream as Lambda hands it out, and a read side that follows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from eventsourcing.persistence import StoredEvent

from adapters.aws.projecting import Projecting
from adapters.store.commit_item import to_item
from adapters.store.dynamodb import DynamoDBRecorder
from adapters.store.dynamodb_table import create_table
from adapters.store.succession import Stream
from adapters.views.dynamodb import DynamoDBTables
from adapters.views.dynamodb_source import DynamoDBSource
from bench.history import DUE, MAPPER
from projections.advance import Parked, Projector
from projections.catalogue import CATALOGUE
from tests.dynamodb_local import DynamoDBLocal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Any: records as the service spells them.
Raw = dict[str, Any]
Take = Callable[[Sequence[Raw]], dict[str, list[dict[str, str]]]]

_prefixes = count()


def record(events: Sequence[StoredEvent], number: int, at: datetime = DUE) -> Raw:
    """The record of one commit; `number` is its place in the shard."""
    part = Stream(str(events[0].originator_id), events)
    item = to_item(part, part.first == 1, f"{number:032x}", at)
    return {
        "eventID": f"event-{number}",
        "eventName": "INSERT",
        "dynamodb": {
            "Keys": {"pk": item["pk"], "sk": item["sk"]},
            "NewImage": item,
            "SequenceNumber": f"{number:021d}",
            "ApproximateCreationDateTime": int(at.timestamp()),
        },
    }


def records(commits: Iterable[Sequence[StoredEvent]], at: datetime = DUE) -> list[Raw]:
    """Those commits, one a second, in the order of their shard."""
    each = enumerate(commits, 1)
    return [record(events, n, at + timedelta(seconds=n)) for n, events in each]


def cut(events: Sequence[StoredEvent], size: int) -> list[Sequence[StoredEvent]]:
    """A stream's events in commits of that size."""
    return [events[start : start + size] for start in range(0, len(events), size)]


def deliver(take: Take, shard: Sequence[Raw], size: int = 10, tries: int = 50) -> int:
    """Hand a shard out as Lambda does: on from the first record not done; answers the calls."""
    place = calls = 0
    while place < len(shard):
        calls += 1
        assert calls <= tries, "the shard stands still"
        batch = shard[place : place + size]
        named = {each["itemIdentifier"] for each in take(batch)["batchItemFailures"]}
        failed = [n for n, raw in enumerate(batch) if raw["dynamodb"]["SequenceNumber"] in named]
        assert bool(named) == bool(failed), "a record was named that is not in the batch"
        place += failed[0] if failed else len(batch)
    return calls


def streamed(client: DynamoDBClient, local: DynamoDBLocal, table: str) -> list[Raw]:
    """Every record the table's own stream has by now."""
    import boto3

    streams = boto3.client(
        "dynamodbstreams",
        endpoint_url=local.endpoint,
        region_name="ap-south-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    arn = client.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    found: list[Raw] = []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        place = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while place:
            page = streams.get_records(ShardIterator=place)
            if not page["Records"]:
                break
            found += page["Records"]
            place = page.get("NextShardIterator")
    return found


@dataclass
class Cloud:
    """A store and a read side in DynamoDB Local, with nothing in them."""

    client: DynamoDBClient
    prefix: str
    recorder: DynamoDBRecorder
    tables: DynamoDBTables
    alarms: list[str] = field(default_factory=list)

    @classmethod
    def made(cls, local: DynamoDBLocal) -> Cloud:
        client, prefix = local.client(), f"stream{next(_prefixes)}-"
        create_table(client, f"{prefix}events")
        tables = DynamoDBTables(client, prefix)
        tables.create(*(model.shape for model in CATALOGUE))
        return cls(client, prefix, DynamoDBRecorder(client, f"{prefix}events"), tables)

    @property
    def source(self) -> DynamoDBSource:
        return DynamoDBSource(self.recorder)

    @property
    def projector(self) -> Projector:
        return Projector(CATALOGUE, self.tables, self.source, MAPPER.to_domain_event, self.parked)

    @property
    def projecting(self) -> Projecting:
        return Projecting(self.projector, self.tables, self.alarms.append)

    def parked(self, stopped: Parked) -> None:
        self.alarms.append(f"{stopped.table} parked {stopped.stream} at {stopped.version}")

    def store(self, commits: Iterable[Sequence[StoredEvent]]) -> list[Raw]:
        """Append the commits; answers the records they make."""
        kept = list(commits)
        for events in kept:
            self.recorder.insert_events(events)
        return records(kept)

    def rows(self) -> dict[str, Any]:
        """Everything in the views, by table."""
        found: dict[str, Any] = {}
        for model in CATALOGUE:
            pages = self.client.get_paginator("scan").paginate(TableName=self.prefix + model.name)
            items = [item for page in pages for item in page["Items"]]
            found[model.name] = sorted(items, key=lambda i: (i["stream"]["S"], i["id"]["S"]))
        return found

    def empty_views(self) -> None:
        """Forget all rows, and what is remembered beside them."""
        for model in CATALOGUE:
            self._empty(model.name, "stream", "id")
        self._empty("projections", "kind", "key")

    def _empty(self, name: str, *keys: str) -> None:
        table = self.prefix + name
        for page in self.client.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                self.client.delete_item(TableName=table, Key={key: item[key] for key in keys})


def now() -> datetime:
    """The machine's time, by which S3 stamps objects."""
    return datetime.now(UTC)
