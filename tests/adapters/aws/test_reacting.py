"""What follows from events is had once each, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError
from eventsourcing.persistence import StoredEvent

from adapters.aws.measured import Name
from bench.history import DUE, Story, by, stored, terms, whole_run
from domain.account import BrokerAccount
from domain.account_terms import FlattenScope
from domain.model import acting
from tests.adapters.aws.reactor_scene import Answer, Scene, failing, scene, versions
from tests.adapters.aws.streaming import Cloud, Raw, cut, deliver, record, records
from tests.adapters.aws.test_projecting import poison, sequence, stream_of
from tests.dynamodb_local import DynamoDBLocal

RUN = "RUN-STRAT-1-ACC-1-20260804-0920"
OTHER = "RUN-STRAT-2-ACC-2-20260804-0920"
Commits = list[Sequence[StoredEvent]]


@pytest.fixture(autouse=True)
def caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody whom no real account knows."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")


@pytest.fixture(scope="module")
def commits() -> Commits:
    """Two runs, commit by commit, one beside the other."""
    mine = whole_run(RUN, terms())
    other = whole_run(OTHER, terms("USER-2", "ACC-2", "STRAT-2"))
    return [each for pair in zip(cut(mine, 3), cut(other, 3), strict=True) for each in pair]


@pytest.fixture(scope="module")
def stores(dynamodb: DynamoDBLocal, commits: Commits) -> Cloud:
    cloud = Cloud.made(dynamodb)
    cloud.store(commits)
    return cloud


@pytest.fixture
def world(stores: Cloud) -> Iterator[Scene]:
    stores.empty_views()
    with scene(stores) as made:
        yield made


@pytest.fixture
def shard(commits: Commits) -> list[Raw]:
    return records(commits)


def everything(commits: Commits) -> list[tuple[str, int]]:
    return versions(event for commit in commits for event in commit)


def ids(kinds: str) -> list[str]:
    """Of both runs, in the order of the shard: the versions of a whole run's life that tell."""
    fires = {"fires": (4, 22), "notices": (20, 21, 38)}[kinds]
    at = "@{:08d}" if kinds == "notices" else "@{}"
    return sorted(run + at.format(version) for version in fires for run in (RUN, OTHER))


def test_a_run_fills_the_lake_is_announced_twice_and_told_three_times(
    world: Scene, shard: list[Raw], commits: Commits
) -> None:
    assert deliver(world.reactor.take, shard) == -(-len(shard) // 10)

    assert world.lines() == everything(commits)
    assert sorted(world.fires()) == ids("fires")
    assert sorted(world.notices()) == ids("notices")
    assert world.dispatched() == []  # what a run's follower wrote, it knows
    counted = [each.name for each in world.measured]
    assert (counted.count(Name.RUNS_OPENED), counted.count(Name.ORDERS_COMPLETE)) == (2, 2)


def test_a_notice_says_whose_it_is_and_how_grave(world: Scene, shard: list[Raw]) -> None:
    deliver(world.reactor.take, shard)

    said = next(each for each in world.told if RUN in str(each["MessageAttributes"]))
    about = {name: each["StringValue"] for name, each in said["MessageAttributes"].items()}
    assert about == {
        "notice_id": f"{RUN}@00000020",
        "user_id": "USER-1",
        "account_id": "ACC-1",
        "kind": "ENTERED",
        "gravity": "INFO",
    }
    assert said["Subject"] == "INFO: entered"
    assert "NIFTY Iron Condor on ACC-1 is in the market" in said["Message"]


def test_what_is_delivered_again_has_no_second_effect(
    world: Scene, shard: list[Raw], commits: Commits
) -> None:
    deliver(world.reactor.take, shard)
    deliver(world.reactor.take, shard)

    assert world.lines() == everything(commits)
    assert sorted(world.fires()) == ids("fires")
    assert sorted(world.notices()) == ids("notices")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shuffled_and_lost_records_lose_no_effect(
    world: Scene, shard: list[Raw], commits: Commits, seed: int
) -> None:
    chance = Random(seed)
    arriving = [raw for raw in shard if chance.random() > 0.3]
    chance.shuffle(arriving)

    deliver(world.reactor.take, arriving, size=4)
    heads = {RUN: 38, OTHER: 38}
    world.reactor.catch_up(heads)  # what the sealer does: the last record of a stream was lost

    assert sorted(world.fires()) == ids("fires")
    assert sorted(world.notices()) == ids("notices")
    # A line of what came too late after all may be there twice; none is missing.
    assert set(world.lines()) == set(everything(commits))
    assert world.reactor.catch_up(heads) == 0


def test_old_events_of_a_stream_seen_for_the_first_time_are_history(
    world: Scene, shard: list[Raw], commits: Commits
) -> None:
    """As after a restore: nothing is remembered, and the next record is a later day's."""
    last = next(raw for raw in reversed(shard) if stream_of(raw) == RUN)
    tomorrow = later(last, timedelta(days=2))

    world.reactor.take([tomorrow])

    assert world.fires() == []
    assert world.notices() == [f"{RUN}@00000038"]
    assert len(world.lines()) == len(commits[-2])


@pytest.mark.parametrize(
    ("call", "refusal"),
    [
        ("sqs.SendMessageBatch", "left"),
        ("events.PutEvents", "entry"),
        ("sns.PublishBatch", "failed"),
    ],
)
def test_where_a_way_out_is_closed_nothing_behind_is_done_and_nothing_before_it_again(
    world: Scene, commits: Commits, call: str, refusal: str
) -> None:
    shard = [*records(commits[:2]), *wished(world, 90)]
    shard += [record(events, n) for n, events in enumerate(commits[2:], 100)]
    client = {"sqs": world.sqs, "events": world.events, "sns": world.sns}[call.partition(".")[0]]

    with failing(client, call, REFUSALS[refusal]):
        answer = world.reactor.take(shard)

    (named,) = [each["itemIdentifier"] for each in answer["batchItemFailures"]]
    place = next(n for n, raw in enumerate(shard) if sequence(raw) == named)
    done = [raw for raw in shard[:place] if stream_of(raw) != WISHING]
    assert place > 0
    assert set(world.gates.read([RUN, OTHER])) == {stream_of(raw) for raw in done}
    assert len(world.lines()) == sum(len(events_of(raw)) for raw in shard[:place])
    deliver(world.reactor.take, shard[place:])
    assert [line for line in world.lines() if line[0] != WISHING] == everything(commits)
    assert set(world.fires()) >= set(ids("fires"))
    assert set(world.notices()) >= set(ids("notices"))
    assert [each["what"] for each in world.dispatched()] == ["follow"]


def test_killed_between_an_effect_and_its_gate_the_effect_comes_again_under_its_own_id(
    world: Scene, shard: list[Raw], commits: Commits
) -> None:
    with refusing_gates(world):
        answer = world.reactor.take(shard[:10])
    assert answer == {"batchItemFailures": [{"itemIdentifier": sequence(shard[0])}]}

    deliver(world.reactor.take, shard, size=7)

    assert world.lines() == everything(commits)
    assert set(world.fires()) == set(ids("fires"))
    assert len(world.fires()) > len(set(world.fires()))
    assert sorted(set(world.notices())) == ids("notices")


def test_what_the_bus_will_never_take_is_parked_and_holds_up_nothing(
    world: Scene, shard: list[Raw]
) -> None:
    def never(parsed: Answer) -> None:
        parsed["Entries"][0] = {"ErrorCode": "MalformedDetail"}

    with failing(world.events, "events.PutEvents", never):
        assert world.reactor.take(shard[:4]) == {"batchItemFailures": []}

    assert list(world.cloud.tables.recalled("unreacted")) == [f"{RUN}@00000004 announcements"]
    world.announced.clear()
    assert world.reactor.redrive() == 0
    assert world.fires() == [f"{RUN}@4"]


def test_an_event_nobody_can_read_is_parked_and_holds_up_nothing(
    world: Scene, shard: list[Raw], commits: Commits
) -> None:
    poisoned = [poison(raw) if stream_of(raw) == OTHER else raw for raw in shard]

    deliver(world.reactor.take, poisoned)

    assert world.lines() == everything(commits)
    assert sorted(world.fires()) == [each for each in ids("fires") if RUN in each]
    parked = world.cloud.tables.recalled("unreacted")
    assert {key.partition("@")[0] for key in parked} == {OTHER}
    assert Name.STREAMS_PARKED in [each.name for each in world.measured]
    assert world.reactor.redrive() == 0  # in the store they are what they were


def test_a_record_that_is_no_commit_is_set_aside_and_holds_up_nothing(
    world: Scene, shard: list[Raw], commits: Commits
) -> None:
    bad = {"eventName": "INSERT", "dynamodb": {"NewImage": {}, "SequenceNumber": "7"}}

    assert world.reactor.take([bad, *shard]) == {"batchItemFailures": []}

    assert world.lines() == everything(commits)
    assert list(world.cloud.tables.recalled("unreadable by the reactor")) == ["7"]


def test_a_wish_of_the_trader_has_its_run_followed_in_the_turn_of_its_account(
    world: Scene,
) -> None:
    world.reactor.take(wished(world, 1))

    assert world.dispatched() == [
        {
            "what": "follow",
            "key": WISHING,
            "account_id": "ACC-3",
            "group": "ACC-3",
            "dedup": f"{WISHING}:4",
        }
    ]


def test_what_the_schedule_opens_its_executor_has_in_hand_a_start_by_hand_is_followed(
    world: Scene,
) -> None:
    scheduled = whole_run("RUN-STRAT-4-ACC-4-1", terms("USER-4", "ACC-4", "STRAT-4"))[:1]
    by_hand = opened_by_hand("RUN-STRAT-5-ACC-5-M1")

    world.reactor.take([record(scheduled, 1), record(by_hand, 2)])

    assert [each["key"] for each in world.dispatched()] == ["RUN-STRAT-5-ACC-5-M1"]


def test_a_blocked_account_is_made_flat(world: Scene) -> None:
    with acting(by(DUE, "USER-9")):
        account = BrokerAccount.link("ACC-9", user_id="USER-9", broker="paper", account_name="P")
        account.stop("the trader asked for it", FlattenScope.OWN)

    world.reactor.take([record(stored(account), 1)])

    (sent,) = world.dispatched()
    assert (sent["what"], sent["key"], sent["dedup"]) == ("kill", "ACC-9", "ACC-9:2")


@contextmanager
def refusing_gates(world: Scene) -> Iterator[None]:
    """Nothing can be remembered of what was done."""

    def refuse(params: dict[str, Any], **_: Any) -> None:
        if params["Item"].get("kind", {}).get("S", "").startswith("reacted "):
            told: Any = {"Error": {"Code": "ThrottlingException", "Message": "by the test"}}
            raise ClientError(told, "PutItem")

    events = world.cloud.client.meta.events
    events.register("provide-client-params.dynamodb.PutItem", refuse)
    try:
        yield
    finally:
        events.unregister("provide-client-params.dynamodb.PutItem", refuse)


WISHING = "RUN-STRAT-3-ACC-3-20260804-0920"


def wished(world: Scene, number: int) -> list[Raw]:
    """A run that its trader wants to leave."""
    told = terms("USER-3", "ACC-3", "STRAT-3")
    story = Story(WISHING, told)
    story.planned()
    first = story.events()
    with acting(by(DUE + timedelta(minutes=1), "USER-3")):
        story.run.request_exit("REQUEST", "asked by USER-3")
    second = story.events()
    if not world.cloud.source.stream(WISHING):
        world.cloud.store([first, second])
    return [record(first, number), record(second, number + 1)]


def opened_by_hand(run_id: str) -> list[StoredEvent]:
    opened = whole_run(run_id, terms("USER-5", "ACC-5", "STRAT-5"))[0]
    state = opened.state.replace(b'"actor":"schedule"', b'"actor":"USER-5"')
    assert state != opened.state
    return [StoredEvent(run_id, 1, opened.topic, state.replace(b'"tick-1"', b"null"))]


def later(raw: Raw, by_so_much: timedelta) -> Raw:
    """The same commit, as if it had happened then."""
    image = raw["dynamodb"]["NewImage"]
    day, then = f"{DUE:%Y-%m-%d}T", f"{DUE + by_so_much:%Y-%m-%d}T"
    events = [
        {"M": {**e["M"], "body": {"S": e["M"]["body"]["S"].replace(day, then)}}}
        for e in image["events"]["L"]
    ]
    return {**raw, "dynamodb": {**raw["dynamodb"], "NewImage": {**image, "events": {"L": events}}}}


def events_of(raw: Raw) -> list[Any]:
    found: list[Any] = raw["dynamodb"]["NewImage"]["events"]["L"]
    return found


def _not_now(parsed: Answer) -> None:
    parsed["Entries"][0] = {"ErrorCode": "ThrottlingException"}


def _left(parsed: Answer) -> None:
    code = {"Code": "InternalError", "SenderFault": False}
    parsed["Failed"] = [{"Id": "0", **code}]
    parsed["Successful"] = []


REFUSALS = {"entry": _not_now, "left": _left, "failed": _left}
