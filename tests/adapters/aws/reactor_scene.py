"""A reactor whose ways out are played by moto, and what came out of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from moto import mock_aws

from adapters.aws.announcing import Bus
from adapters.aws.gates import Gates
from adapters.aws.lake import Lake
from adapters.aws.measured import Measured
from adapters.aws.queues import Queue
from adapters.aws.reacting import Reacting
from adapters.aws.telling import Topic
from adapters.aws.ways import Ways
from bench.history import MAPPER
from tests.adapters.aws.streaming import Cloud

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

REGION = "ap-south-1"
# Any: what a service answered, as it spells it.
Answer = dict[str, Any]
_buckets = count()


@dataclass
class Scene:
    """The reactor of a cloud, and what it sent so far."""

    cloud: Cloud
    s3: S3Client
    sqs: SQSClient
    events: EventBridgeClient
    sns: SNSClient
    queue: str
    topic: str
    bucket: str
    announced: list[Answer] = field(default_factory=list)
    told: list[Answer] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)

    @property
    def lake(self) -> Lake:
        return Lake(self.s3, self.bucket)

    @property
    def gates(self) -> Gates:
        return Gates(self.cloud.client, f"{self.cloud.prefix}projections")

    @property
    def reactor(self) -> Reacting:
        ways = Ways(
            dispatch=Queue(self.sqs, self.queue),
            bus=Bus(self.events, "executions"),
            topic=Topic(self.sns, self.topic),
            lake=self.lake,
            measure=self.measured.extend,
        )
        tables, source = self.cloud.tables, self.cloud.source
        return Reacting(ways, self.gates, tables, source, MAPPER.to_domain_event)

    def lines(self) -> list[tuple[str, int]]:
        """Stream and version of everything in the lake, sorted."""
        found = []
        for each in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", []):
            body = self.s3.get_object(Bucket=self.bucket, Key=each["Key"])["Body"].read()
            found += [json.loads(line) for line in body.decode().splitlines()]
        return sorted((line["stream"], line["version"]) for line in found)

    def dispatched(self) -> list[Answer]:
        """What lies in the queue; it is empty afterwards."""
        found: list[Answer] = []
        while True:
            page = self.sqs.receive_message(
                QueueUrl=self.queue, MaxNumberOfMessages=10, AttributeNames=["All"]
            ).get("Messages", [])
            if not page:
                return found
            for each in page:
                attributes = each["Attributes"]
                found.append(
                    {
                        **json.loads(each["Body"]),
                        "group": attributes["MessageGroupId"],
                        "dedup": attributes["MessageDeduplicationId"],
                    }
                )
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=each["ReceiptHandle"])

    def notices(self) -> list[str]:
        return [each["MessageAttributes"]["notice_id"]["StringValue"] for each in self.told]

    def fires(self) -> list[str]:
        return [each["Resources"][0] for each in self.announced]


@contextmanager
def scene(cloud: Cloud) -> Iterator[Scene]:
    """Queue, bus, topic and bucket, empty."""
    import boto3

    with mock_aws():
        made = Scene(
            cloud,
            boto3.client("s3", region_name=REGION),
            boto3.client("sqs", region_name=REGION),
            boto3.client("events", region_name=REGION),
            boto3.client("sns", region_name=REGION),
            queue="",
            topic="",
            bucket=f"lake-{next(_buckets)}",
        )
        place: Any = {"LocationConstraint": REGION}
        made.s3.create_bucket(Bucket=made.bucket, CreateBucketConfiguration=place)
        fifo: Any = {"FifoQueue": "true"}
        asked = made.sqs.create_queue(QueueName="dispatch.fifo", Attributes=fifo)
        made.queue = asked["QueueUrl"]
        made.events.create_event_bus(Name="executions")
        made.topic = made.sns.create_topic(Name="notices")["TopicArn"]
        _hear(made.events, "events.PutEvents", "Entries", made.announced)
        _hear(made.sns, "sns.PublishBatch", "PublishBatchRequestEntries", made.told)
        yield made


def _hear(client: Any, call: str, entries: str, heard: list[Answer]) -> None:
    def note(params: Answer, **_: Any) -> None:
        heard.extend(params[entries])

    client.meta.events.register(f"provide-client-params.{call}", note)


@contextmanager
def failing(client: Any, call: str, fail: Callable[[Answer], None]) -> Iterator[None]:
    """The answers of this call are changed by `fail` meanwhile; Any: any client."""

    def change(parsed: Answer, **_: Any) -> None:
        fail(parsed)

    client.meta.events.register(f"after-call.{call}", change)
    try:
        yield
    finally:
        client.meta.events.unregister(f"after-call.{call}", change)


def versions(events: Iterable[Any]) -> list[tuple[str, int]]:
    """What the lake should hold of these."""
    return sorted((each.originator_id, each.originator_version) for each in events)
