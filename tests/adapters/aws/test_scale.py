"""What is asked costs the same however much there is, and 10,000 due slots are told at once.

The same questions at a million rows: `make bench-scale`, see docs/scale.md.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse, HeadersDict

from adapters.aws.queues import BATCH, Queue
from adapters.aws.scheduling import Scheduling, Told
from adapters.clock import SteppedClock
from adapters.views.dynamodb import DynamoDBTables
from bench.scale import compared, due_items, seed
from projections.due_slots import DUE_SLOTS, SHARDS
from tests.adapters.aws.metered import metered
from tests.dynamodb_local import DynamoDBLocal

#: Two minutes before a Wednesday's 09:20 in India.
AHEAD = datetime(2026, 8, 5, 3, 48, tzinfo=UTC)
_prefixes = count()


def test_slots_of_a_minute_and_a_page_of_orders_cost_the_same_among_more_rows(
    tmp_path: Path,
) -> None:
    few, many = compared(tmp_path, [1_000, 100_000])

    assert many == few
    due, page = many
    assert (due.asked, page.asked) == (SHARDS, 1)


def planned(dynamodb: DynamoDBLocal, rows: int, traders: int) -> tuple[Told, int, int]:
    """One wake with so much due: what it told, its queries of slots, and its calls of the queue."""
    import boto3

    client, prefix = dynamodb.client(), f"due{next(_prefixes)}-"
    tables = DynamoDBTables(client, prefix)
    tables.create(DUE_SLOTS.shape)
    seed(client, prefix + DUE_SLOTS.name, due_items(rows, traders))
    calls: list[int] = []
    sqs = boto3.client("sqs", region_name="ap-south-1")

    headers: Any = HeadersDict()
    answered = AWSResponse("", 200, headers, None)

    # Any: as botocore calls it. The queue takes all at once, which moto's does not for so many.
    def take(params: dict[str, Any], **_: Any) -> Any:
        sent = len(json.loads(params["body"])["Entries"])
        calls.append(sent)
        return answered, {"Successful": [{}] * sent}

    sqs.meta.events.register("before-call.sqs.SendMessageBatch", take)
    queue = Queue(sqs, "https://sqs.ap-south-1.amazonaws.com/1/execute")
    with metered(client, prefix) as bill:
        told = Scheduling(tables, queue, SteppedClock(AHEAD)).wake(AHEAD + timedelta(minutes=1))
    assert sum(calls) == told.messages
    return told, bill.queries[DUE_SLOTS.name], len(calls)


def test_ten_thousand_slots_of_a_minute_cost_no_more_each_than_a_thousand(
    dynamodb: DynamoDBLocal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")

    few, few_pages, few_calls = planned(dynamodb, 1_000, 200)
    many, many_pages, many_calls = planned(dynamodb, 10_000, 2_000)

    assert (few.due, many.due) == (1_000, 10_000)
    assert (few.messages, many.messages) == (2 * 200, 2 * 2_000)
    assert (few_calls, many_calls) == (few.messages // BATCH, many.messages // BATCH)
    empty = 2 * SHARDS  # the two minutes before
    assert (few_pages, many_pages) == (SHARDS + empty, 2 * SHARDS + empty)
