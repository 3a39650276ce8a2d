"""Commits beyond one item, and what DynamoDB does not take at once."""

from __future__ import annotations

import pytest
from eventsourcing.persistence import DataError, NotSupportedError

from adapters.store.commit_item import MAX_EVENTS
from adapters.store.dynamodb import TRANSACTION_ITEMS, DynamoDBFactory, DynamoDBRecorder
from tests.adapters.store.conftest import Events
from tests.adapters.store.counted import counted


def items(store: DynamoDBRecorder, stream: str) -> list[tuple[int, int, int]]:
    found = store.client.query(
        TableName=store.table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": stream}},
    )["Items"]
    return [(int(one["sk"]["N"]), int(one["first"]["N"]), int(one["last"]["N"])) for one in found]


def test_a_commit_is_one_item_that_can_be_read_in_the_console(
    dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    dynamodb_store.insert_events(events("RUN-1", 1, 2))

    found = dynamodb_store.client.get_item(
        TableName=dynamodb_store.table, Key={"pk": {"S": "RUN-1"}, "sk": {"N": "0"}}
    )["Item"]

    assert found["first"] == {"N": "1"}
    assert found["last"] == {"N": "2"}
    assert found["events"]["L"][1] == {
        "M": {"topic": {"S": "run.filled"}, "body": {"S": '{"n":2,"pad":""}'}}
    }
    assert {"commit", "recorded_at"} < found.keys()


def test_more_events_than_an_item_takes_are_several_items_of_one_transaction(
    dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    with counted(dynamodb_store.client) as bill:
        dynamodb_store.insert_events(events("RUN-1", 1, 60))

    assert bill.requests == ["Query", "TransactWriteItems"]
    assert items(dynamodb_store, "RUN-1") == [(0, 1, 25), (26, 26, 50), (51, 51, 60)]
    assert dynamodb_store.select_events("RUN-1") == events("RUN-1", 1, 60)


def test_a_commit_of_many_bytes_is_split_by_bytes(
    dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    commit = events("RUN-1", 1, 4, size=150_000)

    dynamodb_store.insert_events(commit)

    assert items(dynamodb_store, "RUN-1") == [(0, 1, 2), (3, 3, 4)]
    assert dynamodb_store.select_events("RUN-1") == commit
    assert dynamodb_store.select_events("RUN-1", desc=True, limit=1) == commit[-1:]


def test_a_stream_of_several_pages_is_read_whole(
    dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    commit = events("RUN-1", 1, 16, size=150_000)  # a page of an answer is 1 MB

    dynamodb_store.insert_events(commit)

    assert dynamodb_store.select_events("RUN-1") == commit
    assert dynamodb_store.select_events("RUN-1", desc=True, limit=15) == commit[:0:-1]


def test_the_largest_event_that_an_item_holds_is_stored(
    dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    commit = events("RUN-1", 1, size=400 * 1024 - 250)

    dynamodb_store.insert_events(commit)

    assert dynamodb_store.select_events("RUN-1") == commit


@pytest.mark.parametrize("size", [400 * 1024 - 160, 400 * 1024, 2_000_000])
def test_an_event_larger_than_an_item_is_refused(
    size: int, dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    with pytest.raises(DataError):
        dynamodb_store.insert_events(events("RUN-1", 1, size=size))

    assert dynamodb_store.select_events("RUN-1") == []


def test_more_commits_than_a_transaction_takes_are_refused(
    dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    within = events("RUN-1", 1, TRANSACTION_ITEMS * MAX_EVENTS)
    dynamodb_store.insert_events(within)

    with pytest.raises(DataError):
        dynamodb_store.insert_events(events("RUN-2", 1, TRANSACTION_ITEMS * MAX_EVENTS + 1))

    assert dynamodb_store.select_events("RUN-1") == within
    assert dynamodb_store.select_events("RUN-2") == []


def test_more_bytes_than_a_transaction_takes_are_refused(
    dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    with pytest.raises(DataError):
        dynamodb_store.insert_events(events("RUN-1", 1, 14, size=300_000))

    assert dynamodb_store.select_events("RUN-1") == []


def test_an_order_over_all_streams_is_not_offered(dynamodb_store: DynamoDBRecorder) -> None:
    for ask in (
        dynamodb_store.max_notification_id,
        dynamodb_store.subscribe,
        lambda: dynamodb_store.select_notifications(1, 10),
    ):
        with pytest.raises(NotSupportedError, match="every writer wait"):
            ask()


def test_the_factory_names_the_missing_table() -> None:
    with pytest.raises(OSError, match="DYNAMODB_TABLE"):
        DynamoDBFactory({})


def test_the_factory_has_neither_snapshots_nor_positions() -> None:
    factory = DynamoDBFactory({"DYNAMODB_TABLE": "events"})

    with pytest.raises(NotSupportedError):
        factory.aggregate_recorder("snapshots")
    with pytest.raises(NotSupportedError):
        factory.tracking_recorder()
    with pytest.raises(NotSupportedError):
        factory.process_recorder()
