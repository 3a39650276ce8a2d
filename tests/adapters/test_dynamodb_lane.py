"""The lane of workers on many machines: one item, one round trip, and no order too many."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from uuid import uuid4

import pytest
from botocore.exceptions import ReadTimeoutError

from adapters.clock import SteppedClock
from adapters.lane import Pace
from adapters.lanes.dynamodb import DynamoDBLane, schema
from commands.ports import Clock
from domain.book import NotSent
from tests.adapters.store.counted import counted
from tests.contracts.lane_contract import NINE, Lanes, SharedLaneContract, most_within, take
from tests.dynamodb_local import DynamoDBLocal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def client(dynamodb: DynamoDBLocal) -> Iterator[DynamoDBClient]:
    client = dynamodb.client()
    yield client
    client.close()


@pytest.fixture
def table(client: DynamoDBClient) -> Iterator[str]:
    name = f"lanes-{uuid4()}"
    client.create_table(TableName=name, **schema())
    yield name
    client.delete_table(TableName=name)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NINE)


@pytest.fixture
def lanes(client: DynamoDBClient, table: str) -> Lanes:
    def opened(account: str, clock: Clock, pace: Pace) -> DynamoDBLane:
        return DynamoDBLane(client, table, account, clock, pace)

    return opened


class TestContract(SharedLaneContract):
    """The item keeps to what all lanes keep to."""

    #: Places are whole milliseconds.
    early_s: ClassVar[float] = 0.001


# ── what a place costs ────────────────────────────────────────────────────────────────────


def test_a_place_is_one_round_trip_and_one_write_unit(
    lanes: Lanes, client: DynamoDBClient, clock: SteppedClock
) -> None:
    lane = lanes("ACC-1", clock, Pace())

    with counted(client) as bill:
        for _ in range(9):
            take(lane, clock, entry=True)

    assert bill.requests == ["PutItem"] * 9
    assert bill.units == 9


def test_the_fullest_minute_costs_two_write_units_a_place(
    lanes: Lanes, client: DynamoDBClient, clock: SteppedClock
) -> None:
    lane = lanes("ACC-1", clock, Pace(second=400))
    for _ in range(399):
        take(lane, clock, entry=False)

    with counted(client) as bill:
        take(lane, clock, entry=False)

    assert (bill.requests, bill.units) == (["PutItem"], 2)


def test_who_was_overtaken_learns_it_by_the_same_answer(
    lanes: Lanes, client: DynamoDBClient, clock: SteppedClock
) -> None:
    first, second = (lanes("ACC-1", clock, Pace()) for _ in range(2))
    take(first, clock, entry=True)

    with counted(client) as bill:
        take(second, clock, entry=True)

    assert bill.requests == ["PutItem"] * 2


def test_an_entry_that_has_to_wait_asks_nobody_and_an_exit_says_so_once(
    lanes: Lanes, client: DynamoDBClient, clock: SteppedClock
) -> None:
    lane = lanes("ACC-1", clock, Pace())
    for _ in range(9):
        take(lane, clock, entry=True)

    with counted(client) as bill:
        assert lane.place(entry=True) > 0
        assert bill.requests == []
        take(lane, clock, entry=False)
        assert lane.place(entry=False) == lane.place(entry=False) > 0

    assert bill.requests == ["PutItem"] * 2


# ── what goes wrong ───────────────────────────────────────────────────────────────────────


def silent(**_: object) -> None:
    raise ReadTimeoutError(endpoint_url="https://dynamodb")


def test_without_an_answer_an_entry_is_not_sent_and_an_exit_goes(
    lanes: Lanes, client: DynamoDBClient, clock: SteppedClock
) -> None:
    lane = lanes("ACC-1", clock, Pace())
    client.meta.events.register("before-send.dynamodb", silent)
    try:
        with pytest.raises(NotSent, match="does not answer: ReadTimeoutError"):
            lane.place(entry=True)
        went = [lane.place(entry=False) for _ in range(11)]
    finally:
        client.meta.events.unregister("before-send.dynamodb", silent)

    assert went[:10] == [0] * 10
    assert went[10] > 0
    assert lane.place(entry=False) > 0


def test_an_item_that_was_taken_away_is_put_back(
    lanes: Lanes, client: DynamoDBClient, table: str, clock: SteppedClock
) -> None:
    lane = lanes("ACC-1", clock, Pace(day=10))
    for _ in range(5):
        take(lane, clock, entry=False)
    client.delete_item(TableName=table, Key={"account": {"S": "ACC-1"}})

    for _ in range(5):
        take(lane, clock, entry=False)

    for each in (lane, lanes("ACC-1", clock, Pace(day=10))):
        with pytest.raises(NotSent):
            take(each, clock, entry=False)


def test_a_worker_whose_clock_is_ahead_takes_no_place_from_the_next_second(
    lanes: Lanes, clock: SteppedClock
) -> None:
    ahead = SteppedClock(NINE)
    ahead.sleep(0.5)
    for _ in range(10):
        take(lanes("ACC-1", ahead, Pace()), ahead, entry=False)

    assert lanes("ACC-1", clock, Pace()).place(entry=False) == 1.5


def test_a_place_whose_answer_came_late_is_given_up_for_another(
    lanes: Lanes, client: DynamoDBClient, clock: SteppedClock
) -> None:
    lane = lanes("ACC-1", clock, Pace(slack=0.05))

    def late(**_: object) -> None:
        client.meta.events.unregister("after-call.dynamodb.PutItem", late)
        clock.sleep(0.2)

    client.meta.events.register("after-call.dynamodb.PutItem", late)
    with counted(client) as bill:
        assert lane.place(entry=False) == 0

    assert bill.requests == ["PutItem"] * 2


# ── a race ────────────────────────────────────────────────────────────────────────────────


def test_workers_of_one_account_never_send_more_than_ten_a_second(
    dynamodb: DynamoDBLocal, client: DynamoDBClient, table: str
) -> None:
    command = [sys.executable, "-m", "tests.adapters.lanes_racing", table, "ACC-1"]
    workers = [
        subprocess.Popen(
            [*command, entries, exits],
            cwd=ROOT,
            env={**os.environ, **dynamodb.environment},
            stdout=subprocess.PIPE,
        )
        for entries, exits in (("15", "0"), ("15", "0"), ("0", "15"))
    ]
    told = [json.loads(worker.communicate()[0]) for worker in workers]

    went = sorted(at for each in told for at, _ in each)
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert len(went) == 45
    assert most_within(went, 1) <= 10
    kept = client.get_item(TableName=table, Key={"account": {"S": "ACC-1"}})["Item"]
    assert int(kept["count"]["N"]) >= 45
