"""What each operation on the DynamoDB store costs: round trips and capacity units."""

from __future__ import annotations

import pytest
from eventsourcing.persistence import IntegrityError

from adapters.store.dynamodb import DynamoDBRecorder
from tests.adapters.store.conftest import Events
from tests.adapters.store.counted import counted


def stranger(store: DynamoDBRecorder) -> DynamoDBRecorder:
    return DynamoDBRecorder(store.client, store.table)


def test_opening_a_stream_is_one_put(dynamodb_store: DynamoDBRecorder, events: Events) -> None:
    with counted(dynamodb_store.client) as bill:
        dynamodb_store.insert_events(events("RUN-1", 1))

    assert bill.requests == ["PutItem"]
    assert bill.units == 1


def test_going_on_with_a_stream_is_one_put(
    dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    dynamodb_store.insert_events(events("RUN-1", 1))

    with counted(dynamodb_store.client) as bill:
        dynamodb_store.insert_events(events("RUN-1", 2))

    assert bill.requests == ["PutItem"]
    assert bill.units == 1


def test_load_then_append_is_one_query_and_one_put(
    dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    dynamodb_store.insert_events(events("RUN-1", 1, 3))
    fresh = stranger(dynamodb_store)

    with counted(dynamodb_store.client) as bill:
        fresh.select_events("RUN-1")
        fresh.insert_events(events("RUN-1", 4))

    assert bill.requests == ["Query", "PutItem"]
    assert bill.units == 1 + 1  # a strong read of up to 4 KB, a write of up to 1 KB


def test_reading_an_early_part_forgets_nothing_of_the_end(
    dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    for version in (1, 2, 3):
        dynamodb_store.insert_events(events("RUN-1", version))

    with counted(dynamodb_store.client) as bill:
        dynamodb_store.select_events("RUN-1", lte=1)
        dynamodb_store.insert_events(events("RUN-1", 4))

    assert bill.requests == ["Query", "PutItem"]


def test_appending_to_a_stream_not_seen_before_costs_one_strong_query_more(
    dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    dynamodb_store.insert_events(events("RUN-1", 1, 3))

    with counted(dynamodb_store.client) as bill:
        stranger(dynamodb_store).insert_events(events("RUN-1", 4))

    assert bill.requests == ["Query", "PutItem"]
    assert bill.units == 2


@pytest.mark.parametrize(("number", "size", "units"), [(3, 400, 2), (10, 300, 4), (25, 10, 2)])
def test_a_commit_costs_its_kilobytes_not_its_events(
    dynamodb_store: DynamoDBRecorder, events: Events, number: int, size: int, units: int
) -> None:
    with counted(dynamodb_store.client) as bill:
        dynamodb_store.insert_events(events("RUN-1", 1, number, size))

    assert bill.requests == ["PutItem"]
    assert bill.units == units


def test_a_lost_race_costs_one_put_and_reading_the_newer_events_one_query(
    dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    dynamodb_store.insert_events(events("RUN-1", 1))
    stranger(dynamodb_store).insert_events(events("RUN-1", 2))

    with counted(dynamodb_store.client) as bill:
        with pytest.raises(IntegrityError):
            dynamodb_store.insert_events(events("RUN-1", 2))
        dynamodb_store.select_events("RUN-1", gt=1)
        dynamodb_store.insert_events(events("RUN-1", 3))

    assert bill.requests == ["PutItem", "Query", "PutItem"]


def test_what_is_known_to_be_taken_is_refused_without_asking(
    dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    dynamodb_store.insert_events(events("RUN-1", 1, 3))

    with counted(dynamodb_store.client) as bill, pytest.raises(IntegrityError):
        dynamodb_store.insert_events(events("RUN-1", 2))

    assert bill.requests == []


def test_two_streams_at_once_are_one_transaction(
    dynamodb_store: DynamoDBRecorder, events: Events
) -> None:
    dynamodb_store.insert_events(events("RUN-1", 1))
    dynamodb_store.insert_events(events("ACC-1", 1))

    with counted(dynamodb_store.client) as bill:
        dynamodb_store.insert_events([*events("RUN-1", 2), *events("ACC-1", 2)])

    assert bill.requests == ["TransactWriteItems"]
    assert bill.units == 4  # transactions cost twice
