"""What a run of four legs costs, from Opened to Closed: counted, with ceilings.

The real follower trades on the paper exchange over DynamoDB Local; its commits go, one record an
invocation (the dearest way), through projector and reactor. Prices are docs/scale.md's affair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.lanes.dynamodb import DynamoDBLane, schema
from commands.ports import Lane
from domain.run_terms import Stage
from tests.adapters.aws.metered import Bill, metered
from tests.adapters.aws.reactor_scene import Scene, scene
from tests.adapters.aws.streaming import Cloud, Raw, deliver, streamed
from tests.commands import pit as pits
from tests.commands.pit import Pit
from tests.dynamodb_local import DynamoDBLocal


@dataclass
class Life:
    """Bills of one run, part by part."""

    opening: Bill
    entry: Bill
    looks: list[Bill]
    exit: Bill
    projector: Bill
    reactor: Bill
    shard: list[Raw]
    calls: Counter[str]
    events: int

    @property
    def bills(self) -> dict[str, Bill]:
        return {
            "open": self.opening,
            "enter": self.entry,
            "look once": self.looks[0],
            "leave": self.exit,
            "projector": self.projector,
            "reactor": self.reactor,
        }

    def __str__(self) -> str:
        head = f"{self.events} events in {len(self.shard)} commits; other calls {dict(self.calls)}"
        return "\n".join([head, *(f"{name}: {bill}" for name, bill in self.bills.items())])


@dataclass
class Floor:
    """The pit over DynamoDB, its lanes included."""

    pit: Pit
    cloud: Cloud
    scene: Scene

    def lane(self, account_id: str) -> Lane:
        lanes, table = self.pit.lanes, f"{self.cloud.prefix}lanes"
        if account_id not in lanes:
            lanes[account_id] = DynamoDBLane(self.cloud.client, table, account_id, self.pit.clock)
        return lanes[account_id]


@pytest.fixture(scope="module")
def floor(dynamodb: DynamoDBLocal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    cloud = Cloud.made(dynamodb)
    cloud.client.create_table(TableName=f"{cloud.prefix}lanes", **schema())
    folder: Path = tmp_path_factory.mktemp("bill")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setattr(pits, "CountingRecorder", lambda: cloud.recorder)
        with scene(cloud) as made:
            floor = Floor(Pit(folder), cloud, made)
            patch.setattr(floor.pit, "lane", floor.lane)
            floor.pit.follower = floor.pit.follower_of("W1")
            yield floor


@pytest.fixture(scope="module")
def life(floor: Floor, dynamodb: DynamoDBLocal) -> Life:
    """The whole life of a run, metered."""
    pit, cloud = floor.pit, floor.cloud
    user = pit.trader()
    pit.basket(user)
    before = len(streamed(cloud.client, dynamodb, cloud.recorder.table))
    with metered(cloud.client, cloud.prefix) as opening:
        (run_id,) = pit.plan()
    pit.at("09:20")
    with metered(cloud.client, cloud.prefix) as entry:
        pit.follow(run_id, "09:21")
    assert pit.run(run_id).stage is Stage.OPEN
    looks = []
    for at in ("09:22", "09:23", "09:24"):
        pit.at(at)
        with metered(cloud.client, cloud.prefix) as look:
            pit.follower_of("M1", trading=pit.process()).follow(run_id, verify=True)
        looks.append(look)
    with metered(cloud.client, cloud.prefix) as leaving:
        pit.follow(run_id, "09:40")
    assert pit.run(run_id).stage is Stage.CLOSED
    shard = streamed(cloud.client, dynamodb, cloud.recorder.table)
    household, mine = shard[:before], shard[before:]
    deliver(cloud.projecting.take, household, size=100)
    with metered(cloud.client, cloud.prefix) as projector:
        deliver(cloud.projecting.take, mine, size=1, tries=200)
    deliver(floor.scene.reactor.take, household, size=100)
    calls = counting(floor.scene)
    with metered(cloud.client, cloud.prefix) as reactor:
        deliver(floor.scene.reactor.take, mine, size=1, tries=200)
    events = len(pit.trading.history(run_id))
    found = Life(opening, entry, looks, leaving, projector, reactor, mine, calls, events)
    print(found)  # `pytest -s` shows the bill
    return found


def counting(made: Scene) -> Counter[str]:
    """Calls of other services from now on."""
    calls: Counter[str] = Counter()

    def note(model: Any, **_: Any) -> None:  # Any: as botocore calls it
        calls[model.name] += 1

    for client in (made.s3, made.sqs, made.events, made.sns):
        client.meta.events.register("after-call", note)
    return calls


#: Units of the whole life, tables and indexes; to be lowered with what was saved, never raised
#: without a reason in docs/scale.md.
MOST_WRITTEN, MOST_READ, MOST_ROUND_TRIPS = 640, 170, 280
#: Commits of the life without partial fills; each is an invocation of both readers.
MOST_COMMITS = 12


def test_every_commit_is_one_put_and_every_order_one_place_in_its_lane(life: Life) -> None:
    parts = (life.opening, life.entry, life.exit)
    orders = 8

    puts = sum(part.requests["PutItem"] for part in parts)

    assert puts == len(life.shard) + orders
    assert sum(part.written["lanes"] for part in parts) == orders
    assert sum(part.indexed.total() for part in parts) == 0


def test_a_life_without_partial_fills_is_a_dozen_commits_and_an_invocation_of_each_reader_a_commit(
    life: Life,
) -> None:
    assert len(life.shard) <= MOST_COMMITS
    assert (life.calls["PutEvents"], life.calls["PublishBatch"]) == (2, 3)
    assert life.calls["PutObject"] == len(life.shard)
    assert life.calls["SendMessageBatch"] == 0


def test_entering_reads_no_more_than_it_writes(life: Life) -> None:
    assert life.entry.requests["Query"] <= life.entry.requests["PutItem"]
    assert life.entry.round_trips <= 16


def test_a_look_at_an_open_run_writes_nothing_and_reads_little(life: Life) -> None:
    for look in life.looks:
        assert look.writes == 0
        assert look.round_trips <= 2
        assert look.reads <= 4


def test_the_reactor_takes_one_read_and_one_write_of_its_own_a_commit(life: Life) -> None:
    assert life.reactor.requests["PutItem"] == life.reactor.writes == len(life.shard)
    assert life.reactor.requests["BatchGetItem"] == len(life.shard)
    assert life.reactor.requests["Query"] <= 7  # histories: four releases, three notices


def test_the_whole_life_stays_below_its_ceiling(life: Life) -> None:
    once = [bill for name, bill in life.bills.items() if name != "look once"]

    assert sum(bill.writes for bill in once) <= MOST_WRITTEN
    assert sum(bill.reads for bill in once) <= MOST_READ
    assert sum(bill.round_trips for bill in once) <= MOST_ROUND_TRIPS


def test_records_that_arrive_together_are_put_together(floor: Floor, life: Life) -> None:
    floor.cloud.empty_views()

    with metered(floor.cloud.client, floor.cloud.prefix) as together:
        deliver(floor.cloud.projecting.take, life.shard, size=100)

    print(together)
    assert together.writes <= life.projector.writes / 2
    assert together.round_trips <= life.projector.round_trips / 2
