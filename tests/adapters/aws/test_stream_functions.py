"""projector, reactor and sealer as Lambda calls them, knowing nothing but their environment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto import mock_aws

from adapters.aws.platform import platform
from adapters.aws_lambda import projector, reactor, sealer
from adapters.store.dynamodb import DynamoDBRecorder
from adapters.store.dynamodb_table import create_table
from adapters.views.dynamodb import DynamoDBTables
from bench.history import household, terms, whole_run
from projections.catalogue import CATALOGUE
from projections.orders import ORDERS, orders_of
from projections.view import TableView
from tests.adapters.aws.streaming import cut, record

REGION = "ap-south-1"
RUN = "RUN-STRAT-1-ACC-1-20260804-0920"


@dataclass
class Context:
    """What Lambda says of a call."""

    function_name: str = "stream"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:ap-south-1:1:function:stream"
    aws_request_id: str = "1"


@pytest.fixture
def shard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """A stage with all that the functions are told of, and the records of a household and a run."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        for name, value in places().items():
            monkeypatch.setenv(f"ATP_{name.upper()}", value)
        client = boto3.client("dynamodb")
        create_table(client, "atp-test-events")
        DynamoDBTables(client, "atp-test-").create(*(model.shape for model in CATALOGUE))
        commits = [*([each] for each in household(1)), *cut(whole_run(RUN, terms()), 10)]
        for events in commits:
            DynamoDBRecorder(client, "atp-test-events").insert_events(events)
        for each in (platform, projector.projecting, reactor.reacting, sealer.sealing):
            each.cache_clear()
        yield [record(events, n, datetime.now(UTC)) for n, events in enumerate(commits, 1)]
        platform().close()
        for each in (platform, projector.projecting, reactor.reacting, sealer.sealing):
            each.cache_clear()


def places() -> dict[str, str]:
    """Queue, bus, topic, buckets and secret, made."""
    where: Any = {"LocationConstraint": REGION}
    s3, fifo = boto3.client("s3"), {"FifoQueue": "true"}
    s3.create_bucket(Bucket="lake", CreateBucketConfiguration=where)
    s3.create_bucket(
        Bucket="digests", CreateBucketConfiguration=where, ObjectLockEnabledForBucket=True
    )
    boto3.client("events").create_event_bus(Name="executions")
    sqs: Any = boto3.client("sqs")
    secret = boto3.client("secretsmanager").create_secret(Name="seal", SecretString="chance")
    return {
        "stage": "test",
        "prefix": "atp-test-",
        "install": "TEST",
        "events_table": "atp-test-events",
        "dispatch_queue": sqs.create_queue(QueueName="d.fifo", Attributes=fifo)["QueueUrl"],
        "bus": "executions",
        "notices_topic": boto3.client("sns").create_topic(Name="notices")["TopicArn"],
        "lake_bucket": "lake",
        "digests_bucket": "digests",
        "seal_secret": secret["ARN"],
    }


def test_they_project_react_and_seal(shard: list[dict[str, Any]]) -> None:
    done: dict[str, Any] = {"batchItemFailures": []}

    assert projector.handler({"Records": shard}, Context()) == done
    assert reactor.handler({"Records": shard}, Context()) == done

    assert reactor.handler({"moment": "2026-08-04T10:07:00Z"}, Context()) == {"late": 0}
    sealed = sealer.handler({}, Context())
    assert (sealed["seal"], sealed["heads"], sealed["late"], sealed["astray"]) == (1, 5, 0, 0)
    assert len(orders_of(TableView(ORDERS, platform().tables), "USER-1").rows) == 2
    kept = boto3.client("s3").list_objects_v2(Bucket="lake")["Contents"]
    assert len(kept) == 1


def test_a_record_that_cannot_be_taken_is_named_to_lambda(shard: list[dict[str, Any]]) -> None:
    boto3.client("s3").delete_bucket(Bucket="lake")

    answer = reactor.handler({"Records": shard}, Context())

    first = shard[0]["dynamodb"]["SequenceNumber"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": first}]}
