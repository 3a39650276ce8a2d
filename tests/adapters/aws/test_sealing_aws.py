"""Seals in a locked bucket, and the hourly look for what either reader of the stream lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from eventsourcing.persistence import StoredEvent

from adapters.aws.digests import S3Seals
from adapters.aws.gates import SEALED, Gates
from adapters.aws.measured import Measured, Name
from adapters.aws.moved import heads_since
from adapters.aws.sealing import MovedSealer, Sealing, key_of
from adapters.sealing import WITNESS, examined
from bench.history import DUE, MAPPER, Story, household, terms
from commands.application import Trading
from projections.advance import Projector
from projections.catalogue import CATALOGUE
from projections.due_slots import DUE_SLOTS
from projections.verify import Report, verify
from tests.adapters.aws.reactor_scene import Scene, scene
from tests.adapters.aws.streaming import Cloud, Raw, deliver, record
from tests.dynamodb_local import DynamoDBLocal

RUN = "RUN-STRAT-1-ACC-1-20260804-0920"
SECRET = "what only the stage knows, and long"
NOON = DUE + timedelta(hours=3)


@pytest.fixture(autouse=True)
def caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody whom no real account knows."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")


@dataclass
class Stage:
    """A store, its two readers and its sealer."""

    cloud: Cloud
    scene: Scene
    shard: list[Raw]
    rest: list[list[StoredEvent]]
    told: list[Measured] = field(default_factory=list)

    @property
    def seals(self) -> S3Seals:
        return S3Seals(self.scene.s3, "digests")

    @property
    def sealer(self) -> MovedSealer:
        gates = Gates(self.cloud.client, f"{self.cloud.prefix}projections", SEALED)
        return MovedSealer(self.seals, key_of(SECRET), gates, self.cloud.tables)

    @property
    def sealing(self) -> Sealing:
        cloud = self.cloud

        def projector(source: Any) -> Projector:
            decode = MAPPER.to_domain_event
            return Projector(CATALOGUE, cloud.tables, source, decode, cloud.parked)

        return Sealing(
            self.sealer,
            self.scene.lake,
            self.trading,
            cloud.tables,
            cloud.source,
            self.told.extend,
            projector,
        )

    @property
    def trading(self) -> Trading:
        recorder = self.cloud.recorder

        class Theirs(Trading):
            def construct_recorder(self) -> Any:
                return recorder

        env = {"MAPPER_TOPIC": "adapters.store.mapper:PydanticMapper"}
        return Theirs(env, entropy=Random(1).randbytes)

    def left(self) -> list[Raw]:
        """The rest of the run is stored; the records of it."""
        for commit in self.rest:
            self.cloud.recorder.insert_events(commit)
        at = datetime.now(UTC)
        return [record(each, n, at) for n, each in enumerate(self.rest, len(self.shard) + 1)]

    def both(self, shard: list[Raw]) -> None:
        deliver(self.cloud.projecting.take, shard)
        deliver(self.scene.reactor.take, shard)

    def verified(self) -> Report:
        public = self.seals.public()
        assert public is not None
        good, wrong = examined(self.seals, public, self.cloud.tables.recall(*WITNESS))
        *_, report = verify(self.cloud.source, self.cloud.tables, good, wrong)
        return report


@pytest.fixture
def stage(dynamodb: DynamoDBLocal) -> Iterator[Stage]:
    """A household, and a run half way in, stored; the rest of it is still to be."""
    cloud = Cloud.made(dynamodb)
    story = Story(RUN, terms())
    story.planned()
    story.entered()
    events = story.events()
    commits = [*([each] for each in household(1)), *(events[n : n + 5] for n in range(0, 20, 5))]
    cloud.store(commits)
    story.left()
    left = story.events()
    at = datetime.now(UTC)
    shard = [record(events, n, at) for n, events in enumerate(commits, 1)]
    rest = [left[n : n + 5] for n in range(0, len(left), 5)]
    with scene(cloud) as made:
        place: Any = {"LocationConstraint": "ap-south-1"}
        made.s3.create_bucket(
            Bucket="digests", CreateBucketConfiguration=place, ObjectLockEnabledForBucket=True
        )
        made.s3.put_object_lock_configuration(
            Bucket="digests",
            ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}},
            },
        )
        yield Stage(cloud, made, shard, rest)


def test_each_seal_holds_what_moved_since_the_one_before_and_all_verify(stage: Stage) -> None:
    stage.both(stage.shard)
    first = stage.sealing.work(NOON)
    stage.both(stage.left())

    second = stage.sealing.work(NOON + timedelta(hours=4))

    assert (first.seal, first.heads, first.late, first.astray) == (1, 5, 0, 0)
    assert (second.seal, second.heads, second.late) == (2, 1, 0)
    report = stage.verified()
    assert (report.sound, report.streams, report.unaudited) == (True, 5, 0)
    assert stage.told == []


def test_a_seal_is_kept_under_object_lock_and_never_written_twice(stage: Stage) -> None:
    stage.both(stage.shard)
    stage.sealing.work(NOON)

    assert stage.seals.add(1, b"another") is False
    held = stage.scene.s3.head_object(Bucket="digests", Key="seals/00000001.json")
    assert held["ObjectLockMode"] == "COMPLIANCE"


def test_the_key_follows_from_the_secret_and_from_nothing_else() -> None:
    assert key_of(SECRET).public == key_of(SECRET).public
    assert key_of(SECRET).public != key_of(f"{SECRET}!").public


def test_a_row_that_was_altered_after_its_seal_breaks_the_chain_and_is_told(stage: Stage) -> None:
    stage.both(stage.shard)
    stage.sealing.work(NOON)
    tampered = stage.cloud.client.get_item(**audit_row(stage, 20))["Item"]
    tampered["body"]["S"] = tampered["body"]["S"].replace('"hash":"', '"hash":"0', 1)
    table = f"{stage.cloud.prefix}audit_logs"
    stage.cloud.client.put_item(TableName=table, Item=tampered)

    done = stage.sealing.work(NOON + timedelta(hours=1))

    assert done.seal is None
    assert [each.name for each in stage.told] == [Name.SEALS_BROKEN]
    assert [(each.version, each.kind) for each in stage.verified().findings] == [
        (20, "row altered")
    ]


def test_events_cut_off_after_their_seal_are_named_by_verify(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.both([*stage.shard, *stage.left()])
    stage.sealing.work(NOON + timedelta(hours=4))
    whole = stage.cloud.source.stream(RUN)

    class Cut(type(stage.cloud.source)):  # type: ignore[misc]  # the store with its end missing
        def stream(self, stream: str, gt: int = 0) -> Any:
            found = super().stream(stream, gt)
            return found[:-2] if stream == RUN else found

    monkeypatch.setattr(Cloud, "source", property(lambda self: Cut(self.recorder)))

    assert [(f.version, f.kind) for f in stage.verified().findings] == [
        (whole[-1].originator_version - 1, "truncated")
    ]


def test_the_last_record_of_a_stream_that_the_projector_lost_is_applied(stage: Stage) -> None:
    stage.both(stage.shard)
    stage.sealing.work(NOON)
    later = stage.left()
    deliver(stage.scene.reactor.take, later)
    deliver(stage.cloud.projecting.take, later[:-1])

    done = stage.sealing.work(NOON + timedelta(hours=4))

    assert done.late > 0
    assert [each.name for each in stage.told] == [Name.HEADS_BEHIND]
    assert stage.verified().unaudited == 0
    assert stage.sealing.work(NOON + timedelta(hours=5)).late == 0


def test_the_last_record_of_a_stream_that_the_reactor_lost_is_reacted_to(stage: Stage) -> None:
    stage.both(stage.shard)
    later = stage.left()
    deliver(stage.cloud.projecting.take, later)
    deliver(stage.scene.reactor.take, later[:-1])
    assert f"{RUN}@00000038" not in stage.scene.notices()

    late = stage.scene.reactor.look_again(DUE + timedelta(hours=6))

    assert late == len(later[-1]["dynamodb"]["NewImage"]["events"]["L"])
    assert f"{RUN}@00000038" in stage.scene.notices()
    assert stage.scene.reactor.look_again(DUE + timedelta(hours=6)) == 0


def test_slots_that_do_not_fit_their_strategy_are_told(stage: Stage) -> None:
    stage.both(stage.shard)
    table = stage.cloud.prefix + DUE_SLOTS.name
    key = {"stream": {"S": "STRAT-1"}, "id": {"S": "STRAT-1@WED"}}
    stage.cloud.client.delete_item(TableName=table, Key=key)

    assert stage.sealing.work(DUE - timedelta(hours=1)).astray == 1
    assert [each.name for each in stage.told] == [Name.SLOTS_ASTRAY]


def test_a_look_at_everything_seals_what_did_not_move_lately(stage: Stage) -> None:
    stage.both(stage.shard)
    stage.sealing.work(NOON)
    stage.both(stage.left())
    month = DUE + timedelta(days=30)
    assert heads_since(stage.cloud.tables, month - timedelta(days=1), month) == []

    assert stage.sealing.work(month, whole=True).heads == 1


def audit_row(stage: Stage, version: int) -> dict[str, Any]:
    key = {"stream": {"S": RUN}, "id": {"S": f"{RUN}@{version:08d}"}}
    return {"TableName": f"{stage.cloud.prefix}audit_logs", "Key": key}
