"""Appending to DynamoDB over a bad network: what is acknowledged is there once."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from eventsourcing.persistence import DataError, IntegrityError, OperationalError

from adapters.store.dynamodb import DynamoDBRecorder
from adapters.store.dynamodb_append import TRIES
from tests.adapters.store.conftest import Events
from tests.adapters.store.unreliable import (
    Fate,
    Forward,
    Unreliable,
    answer_lost,
    answers,
    arrives,
    fails_after,
    lost,
)
from tests.dynamodb_local import DynamoDBLocal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BUSY = [
    answers(400, "ThrottlingException"),
    answers(400, "ProvisionedThroughputExceededException"),
    answers(400, "RequestLimitExceeded"),
    answers(400, "TransactionConflictException"),
]


@pytest.fixture
def network(dynamodb: DynamoDBLocal) -> Iterator[Unreliable]:
    with Unreliable(dynamodb.port).serving() as network:
        yield network


def store_over(
    network: Unreliable, table: str, attempts: int = 1, waits_s: float = 30
) -> DynamoDBRecorder:
    client: DynamoDBClient = boto3.client(
        "dynamodb",
        endpoint_url=f"http://127.0.0.1:{network.port}",
        region_name="ap-south-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(
            retries={"mode": "standard", "total_max_attempts": attempts}, read_timeout=waits_s
        ),
    )
    return DynamoDBRecorder(client, table)


@pytest.fixture
def far(network: Unreliable, dynamodb_store: DynamoDBRecorder) -> DynamoDBRecorder:
    """The store across the network, with an SDK that does not repeat anything by itself."""
    return store_over(network, dynamodb_store.table)


def test_a_put_that_the_sdk_repeats_after_it_succeeded_is_a_success(
    network: Unreliable, dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    network.fates.extend([answer_lost])
    far = store_over(network, dynamodb_store.table, attempts=3)

    far.insert_events(events("RUN-1", 1, 2))
    far.insert_events(events("RUN-1", 3))

    assert network.seen == ["PutItem", "PutItem", "PutItem"]
    assert dynamodb_store.select_events("RUN-1") == events("RUN-1", 1, 3)


@pytest.mark.parametrize("fate", [answer_lost, fails_after])
def test_a_put_without_an_answer_is_found_by_reading_back(
    fate: Fate,
    network: Unreliable,
    far: DynamoDBRecorder,
    dynamodb_store: DynamoDBRecorder,
    events: Events,
) -> None:
    network.fates.extend([fate])

    far.insert_events(events("RUN-1", 1))

    assert network.seen == ["PutItem", "GetItem"]
    assert dynamodb_store.select_events("RUN-1") == events("RUN-1", 1)


def test_an_answer_that_comes_too_late_is_found_by_reading_back(
    network: Unreliable,
    dynamodb_store: DynamoDBRecorder,
    events: Events,
) -> None:
    given_up = Event()

    def late(forward: Forward) -> tuple[int, bytes]:
        answer = forward()
        given_up.wait(60)
        return answer

    network.fates.extend([late])

    store_over(network, dynamodb_store.table, waits_s=2).insert_events(events("RUN-1", 1))
    given_up.set()

    assert network.seen == ["PutItem", "GetItem"]
    assert dynamodb_store.select_events("RUN-1") == events("RUN-1", 1)


@pytest.mark.parametrize("fate", [lost, answers(500, "InternalServerError")])
def test_a_put_that_reading_back_does_not_find_is_repeated(
    fate: Fate,
    network: Unreliable,
    far: DynamoDBRecorder,
    dynamodb_store: DynamoDBRecorder,
    events: Events,
) -> None:
    network.fates.extend([fate])

    far.insert_events(events("RUN-1", 1))

    assert network.seen == ["PutItem", "GetItem", "PutItem"]
    assert dynamodb_store.select_events("RUN-1") == events("RUN-1", 1)


def test_reading_back_somebody_elses_commit_is_a_conflict(
    network: Unreliable,
    far: DynamoDBRecorder,
    dynamodb_store: DynamoDBRecorder,
    events: Events,
) -> None:
    def lost_to_another(_: Forward) -> None:
        dynamodb_store.insert_events(events("RUN-1", 1, 2))

    network.fates.extend([lost_to_another])

    with pytest.raises(IntegrityError):
        far.insert_events(events("RUN-1", 1))

    assert dynamodb_store.select_events("RUN-1") == events("RUN-1", 1, 2)


def test_a_store_that_stays_away_is_an_operational_error(
    network: Unreliable,
    far: DynamoDBRecorder,
    dynamodb_store: DynamoDBRecorder,
    events: Events,
) -> None:
    network.fates.extend([lost] * 50)

    with pytest.raises(OperationalError):
        far.insert_events(events("RUN-1", 1))
    with pytest.raises(OperationalError):
        far.select_events("RUN-1")

    assert dynamodb_store.select_events("RUN-1") == []


def test_a_server_that_cannot_be_reached_is_an_operational_error(
    dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    nobody = Unreliable(0)
    nobody.port = 1
    far = store_over(nobody, dynamodb_store.table)

    with pytest.raises(OperationalError):
        far.insert_events(events("RUN-1", 1))


@pytest.mark.parametrize("fate", BUSY)
def test_a_busy_table_is_asked_again(
    fate: Fate,
    network: Unreliable,
    far: DynamoDBRecorder,
    dynamodb_store: DynamoDBRecorder,
    events: Events,
) -> None:
    network.fates.extend([fate, fate])

    far.insert_events(events("RUN-1", 1))

    assert network.seen == ["PutItem"] * 3
    assert dynamodb_store.select_events("RUN-1") == events("RUN-1", 1)


def test_a_table_that_stays_busy_is_an_operational_error(
    network: Unreliable, far: DynamoDBRecorder, events: Events
) -> None:
    network.fates.extend([BUSY[0]] * 50)

    with pytest.raises(OperationalError):
        far.insert_events(events("RUN-1", 1))

    assert network.seen == ["PutItem"] * TRIES


@pytest.mark.parametrize(
    ("fate", "error"),
    [
        (answers(400, "AccessDeniedException"), OperationalError),
        (answers(400, "ResourceNotFoundException"), OperationalError),
        (answers(400, "ValidationException"), DataError),
    ],
)
def test_a_refusal_that_will_not_change_is_not_repeated(
    fate: Fate, error: type[Exception], network: Unreliable, far: DynamoDBRecorder, events: Events
) -> None:
    network.fates.extend([fate])

    with pytest.raises(error):
        far.insert_events(events("RUN-1", 1))

    assert network.seen == ["PutItem"]


def test_a_conflict_that_does_not_say_what_is_there_is_looked_up(
    network: Unreliable,
    far: DynamoDBRecorder,
    dynamodb_store: DynamoDBRecorder,
    events: Events,
) -> None:
    dynamodb_store.insert_events(events("RUN-1", 1))
    network.fates.extend([answers(400, "ConditionalCheckFailedException")])

    with pytest.raises(IntegrityError):
        far.insert_events(events("RUN-1", 1))

    assert network.seen == ["PutItem", "GetItem"]


CANCELLED = answers(
    400,
    "TransactionCanceledException",
    CancellationReasons=[{"Code": "None"}, {"Code": "TransactionConflict", "Message": "busy"}],
)
QUERIES = [arrives, arrives]


@pytest.mark.parametrize("fate", [answer_lost, lost, fails_after, CANCELLED, *BUSY])
def test_a_transaction_survives_the_same(
    fate: Fate,
    network: Unreliable,
    far: DynamoDBRecorder,
    dynamodb_store: DynamoDBRecorder,
    events: Events,
) -> None:
    network.fates.extend([*QUERIES, fate])

    far.insert_events([*events("RUN-1", 1), *events("RUN-2", 1)])

    assert dynamodb_store.select_events("RUN-1") == events("RUN-1", 1)
    assert dynamodb_store.select_events("RUN-2") == events("RUN-2", 1)


def test_a_transaction_that_the_sdk_repeats_after_it_succeeded_is_a_success(
    network: Unreliable, dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    network.fates.extend([*QUERIES, answer_lost])
    far = store_over(network, dynamodb_store.table, attempts=3)

    far.insert_events([*events("RUN-1", 1), *events("RUN-2", 1)])

    assert network.seen == ["Query"] * 2 + ["TransactWriteItems"] * 2
    assert dynamodb_store.select_events("RUN-1") == events("RUN-1", 1)


def test_a_transaction_that_loses_a_race_is_a_conflict_and_writes_nothing(
    network: Unreliable,
    far: DynamoDBRecorder,
    dynamodb_store: DynamoDBRecorder,
    events: Events,
) -> None:
    def overtaken(forward: Forward) -> tuple[int, bytes]:
        dynamodb_store.insert_events(events("RUN-2", 1, 5))
        return forward()

    network.fates.extend([*QUERIES, overtaken])

    with pytest.raises(IntegrityError):
        far.insert_events([*events("RUN-1", 1), *events("RUN-2", 1)])

    assert dynamodb_store.select_events("RUN-1") == []
    assert dynamodb_store.select_events("RUN-2") == events("RUN-2", 1, 5)
