"""Events in the lake: each once, however the shard was cut and whatever died on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from adapters.aws.lake import Lake, objects
from adapters.aws.records import Delivered, delivered
from bench.history import terms, whole_run
from tests.adapters.aws.streaming import cut, record

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RUN = "RUN-STRAT-1-ACC-1-20260804-0920"
MIDNIGHT = datetime(2026, 8, 5, tzinfo=UTC)
BUCKET = "lake"


def shard(offsets: list[int]) -> list[Delivered]:
    """Records of a run, stored so many seconds from midnight UTC."""
    commits = cut(whole_run(RUN, terms()), 3)
    return [
        delivered(record(events, n, MIDNIGHT + timedelta(seconds=offset)))
        for n, (events, offset) in enumerate(zip(commits, offsets, strict=False), 1)
    ]


@given(
    offsets=st.lists(st.integers(-20, 20), min_size=14, max_size=14),
    cuts=st.lists(st.tuples(st.integers(1, 6), st.booleans()), max_size=12),
)
def test_every_event_is_in_the_lake_once_whatever_cut_and_whatever_died(
    offsets: list[int], cuts: list[tuple[int, bool]]
) -> None:
    records = shard(offsets)
    kept: dict[str, list[str]] = {}

    place = 0
    for size, died in [*cuts, *[(14, False)] * 2]:
        # Having kept its objects, a function may die before it says so: all of it comes again.
        kept |= objects(records[place : place + size])
        place += 0 if died else size

    lines = [json.loads(line) for made in kept.values() for line in made]
    assert sorted(line["version"] for line in lines) == [
        event.originator_version for each in records for event in each.events
    ]
    for key, made in kept.items():
        days = {json.loads(line)["recorded_at"][:10] for line in made}
        assert {key.split("/")[1]} == {f"day={day}" for day in days}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Client]:
    import boto3

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        s3: S3Client = boto3.client("s3", region_name="ap-south-1")
        place = {"LocationConstraint": "ap-south-1"}
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)  # type: ignore[arg-type]
        yield s3


def test_lines_lie_in_the_folder_of_their_day_as_the_catalog_has_it(client: S3Client) -> None:
    records = shard([-1, 1, 2])

    Lake(client, BUCKET).keep(records)

    found = client.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert [each["Key"].rpartition("/")[0] for each in found] == [
        "events/day=2026-08-04",
        "events/day=2026-08-05",
    ]
    text = client.get_object(Bucket=BUCKET, Key=found[1]["Key"])["Body"].read().decode()
    first = json.loads(text.splitlines()[0])
    assert (first["stream"], first["version"], first["topic"]) == (RUN, 4, "run.phase_released")
    assert json.loads(first["body"])["phase"] == "ENTRY_BUY"


def test_what_moved_lately_is_found_by_stream_and_last_version(client: S3Client) -> None:
    lake = Lake(client, BUCKET)
    before = datetime.now(UTC) - timedelta(minutes=1)
    today = [
        delivered(record(e, n, before)) for n, e in enumerate(cut(whole_run(RUN, terms()), 9), 1)
    ]
    lake.keep(today[:2])
    lake.keep(today[2:3])

    moved = lake.moved(before, before + timedelta(hours=1))

    assert moved == {RUN: 27}
    assert lake.moved(before - timedelta(days=2), before - timedelta(days=1)) == {}


def test_events_no_record_brought_are_kept_on_the_day_they_happened(client: S3Client) -> None:
    events = whole_run(RUN, terms())[4:8]

    Lake(client, BUCKET).mend(RUN, events)
    Lake(client, BUCKET).mend(RUN, events)

    (found,) = client.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert found["Key"] == f"events/day=2026-08-04/mended-{RUN}@00000005-00000008.json"
