"""The views follow the stream of the event table, whatever way its records arrive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest

from bench.history import household, terms, whole_run
from projections.orders import ORDERS, orders_of
from projections.view import TableView
from tests.adapters.aws.streaming import Cloud, Raw, cut, deliver, record, streamed
from tests.dynamodb_local import DynamoDBLocal

RUN = "RUN-STRAT-1-ACC-1-20260804-0920"
OTHER = "RUN-STRAT-2-ACC-2-20260804-0920"


@pytest.fixture(scope="module")
def made(dynamodb: DynamoDBLocal) -> tuple[Cloud, list[Raw], dict[str, Any]]:
    """A store with a household and two runs, its records in order, and the views they make."""
    cloud = Cloud.made(dynamodb)
    commits = [[event] for event in household(1)]
    runs = (whole_run(RUN, terms()), whole_run(OTHER, terms("USER-2", "ACC-2", "STRAT-2")))
    for one, other in zip(*(cut(run, 7) for run in runs), strict=True):
        commits += [list(one), list(other)]
    shard = cloud.store(commits)
    deliver(cloud.projecting.take, shard)
    return cloud, shard, cloud.rows()


@pytest.fixture
def cloud(made: tuple[Cloud, list[Raw], dict[str, Any]]) -> Cloud:
    made[0].empty_views()
    made[0].alarms.clear()
    return made[0]


@pytest.fixture
def shard(made: tuple[Cloud, list[Raw], dict[str, Any]]) -> list[Raw]:
    return made[1]


@pytest.fixture
def wanted(made: tuple[Cloud, list[Raw], dict[str, Any]]) -> dict[str, Any]:
    return made[2]


@contextmanager
def refusing(cloud: Cloud, stream: str, times: int, code: str) -> Iterator[list[int]]:
    """The service refuses so many puts of this stream's items into any view."""
    left = [times]

    # Any: botocore calls its handlers with whatever belongs to the event.
    def refuse(params: dict[str, Any], **_: Any) -> None:
        if left[0] and params.get("Item", {}).get("stream", {}).get("S") == stream:
            left[0] -= 1
            raise cloud.client.exceptions.ClientError(
                {"Error": {"Code": code, "Message": "by the test"}}, "PutItem"
            )

    cloud.client.meta.events.register("provide-client-params.dynamodb.PutItem", refuse)
    try:
        yield left
    finally:
        cloud.client.meta.events.unregister("provide-client-params.dynamodb.PutItem", refuse)


def test_the_tables_own_stream_makes_the_same_views(
    cloud: Cloud, wanted: dict[str, Any], dynamodb: DynamoDBLocal
) -> None:
    shard = streamed(cloud.client, dynamodb, cloud.recorder.table)

    deliver(cloud.projecting.take, shard)

    assert cloud.rows() == wanted
    assert cloud.alarms == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_duplicated_shuffled_and_lost_records_end_in_the_same_views(
    cloud: Cloud, shard: list[Raw], wanted: dict[str, Any], seed: int
) -> None:
    chance = Random(seed)
    arriving = [raw for raw in shard if chance.random() > 0.3] + chance.choices(shard, k=8)
    chance.shuffle(arriving)

    for start in range(0, len(arriving), 5):
        assert cloud.projecting.take(arriving[start : start + 5]) == {"batchItemFailures": []}
    cloud.projector.compare_heads()  # what the sealer does: the last record of a stream was lost

    assert cloud.rows() == wanted
    assert cloud.alarms == []


def test_a_record_that_is_no_commit_is_set_aside_and_holds_up_nobody(
    cloud: Cloud, shard: list[Raw], wanted: dict[str, Any]
) -> None:
    bad = {"eventName": "INSERT", "dynamodb": {"NewImage": {}, "SequenceNumber": "7"}}

    answer = cloud.projecting.take([*shard[:3], bad, *shard[3:]])

    assert answer == {"batchItemFailures": []}
    assert cloud.rows() == wanted
    assert list(cloud.tables.recalled("unreadable")) == ["7"]
    assert len(cloud.alarms) == 1


@pytest.mark.parametrize("what", ["MODIFY", "REMOVE"])
def test_a_commit_that_was_altered_changes_no_view_and_is_told(
    cloud: Cloud, shard: list[Raw], wanted: dict[str, Any], what: str
) -> None:
    deliver(cloud.projecting.take, shard)

    altered = {**shard[0], "eventName": what}
    cloud.projecting.take([altered])

    assert cloud.rows() == wanted
    assert what in cloud.alarms[0]


def test_an_event_nobody_can_read_parks_its_stream_and_no_other(
    cloud: Cloud, shard: list[Raw], wanted: dict[str, Any]
) -> None:
    poisoned = [poison(raw) if stream_of(raw) == OTHER else raw for raw in shard]

    assert deliver(cloud.projecting.take, poisoned) == len(shard) // 10 + 1

    rows = cloud.rows()
    mine = [item for item in wanted["orders"] if item["stream"]["S"] == RUN]
    assert [item for item in rows["orders"] if item["stream"]["S"] == RUN] == mine
    assert [item for item in rows["orders"] if item["stream"]["S"] == OTHER] == []
    assert {parked.stream for parked in cloud.projector.parked()} == {OTHER}


def test_where_storage_refuses_lambda_begins_again_with_the_first_record_not_done(
    cloud: Cloud, shard: list[Raw], wanted: dict[str, Any]
) -> None:
    first = next(raw for raw in shard if stream_of(raw) == OTHER)

    with refusing(cloud, OTHER, 1_000, "ProvisionedThroughputExceededException"):
        answer = cloud.projecting.take(shard)

    assert answer == {"batchItemFailures": [{"itemIdentifier": sequence(first)}]}
    assert TableView(ORDERS, cloud.tables).get(f"{OTHER}-ENTRY-1") is None
    rest = shard[shard.index(first) :]
    assert deliver(cloud.projecting.take, rest, size=4) == -(-len(rest) // 4)
    assert cloud.rows() == wanted


def test_a_shard_goes_on_by_itself_once_storage_takes_again(
    cloud: Cloud, shard: list[Raw], wanted: dict[str, Any]
) -> None:
    with refusing(cloud, RUN, 5, "ThrottlingException") as left:
        deliver(cloud.projecting.take, shard, size=6)

    assert left == [0]
    assert cloud.rows() == wanted
    assert cloud.alarms == []


def test_a_row_that_no_table_takes_parks_its_stream_and_no_other(
    cloud: Cloud, shard: list[Raw]
) -> None:
    with refusing(cloud, OTHER, 1_000, "ValidationException"):
        answer = cloud.projecting.take(shard)

    assert answer == {"batchItemFailures": []}
    assert len(orders_of(TableView(ORDERS, cloud.tables), "USER-1").rows) == 2
    parked = cloud.projector.parked()
    assert {each.stream for each in parked} == {OTHER}
    cloud.projector.redrive()
    assert len(orders_of(TableView(ORDERS, cloud.tables), "USER-2").rows) == 2
    assert cloud.projector.parked() == []


def stream_of(raw: Raw) -> str:
    return str(raw["dynamodb"]["Keys"]["pk"]["S"])


def sequence(raw: Raw) -> str:
    return str(raw["dynamodb"]["SequenceNumber"])


def poison(raw: Raw) -> Raw:
    """The same commit under topics that no edition of the code ever had."""
    image = raw["dynamodb"]["NewImage"]
    events = [{"M": {**each["M"], "topic": {"S": "run.nonsense"}}} for each in image["events"]["L"]]
    image = {**image, "events": {"L": events}}
    return {**raw, "dynamodb": {**raw["dynamodb"], "NewImage": image}}


def test_a_record_says_its_commit() -> None:
    run = whole_run(RUN, terms())

    assert stream_of(record(run[:3], 5)) == RUN
    assert sequence(record(run[:3], 5)) == "000000000000000000005"
