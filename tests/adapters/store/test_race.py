"""Eight processes on three streams: every acknowledged event is there, once, in succession."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from eventsourcing.persistence import AggregateRecorder

from adapters.store.dynamodb import DynamoDBRecorder
from adapters.store.sqlite import ApplicationEventRecorder
from tests.adapters.store.racing import STREAMS
from tests.dynamodb_local import DynamoDBLocal

ROOT = Path(__file__).parents[3]
RACER = [sys.executable, "-m", "tests.adapters.store.racing"]
PROCESSES = 8
COMMITS = 20


def race(engine: str, place: str, environment: dict[str, str]) -> list[str]:
    racers = [
        subprocess.Popen(
            [*RACER, engine, place, f"p{number}", str(COMMITS)],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    answers = [racer.communicate(timeout=120)[0] for racer in racers]
    assert [racer.returncode for racer in racers] == [0] * PROCESSES
    return [marker for answer in answers for marker in json.loads(answer)]


def assert_holds_exactly(store: AggregateRecorder, acknowledged: list[str]) -> None:
    stored: list[str] = []
    for stream in STREAMS:
        events = store.select_events(stream)
        assert [one.originator_version for one in events] == list(range(1, len(events) + 1))
        stored += [json.loads(one.state) for one in events]
    assert len(acknowledged) >= PROCESSES * COMMITS
    assert sorted(stored) == sorted(acknowledged)


def test_on_sqlite_nothing_is_lost_and_nothing_comes_twice(
    sqlite_store: ApplicationEventRecorder,
) -> None:
    acknowledged = race("sqlite", sqlite_store.datastore.pool.db_name, {})

    assert_holds_exactly(sqlite_store, acknowledged)
    numbers = [one.id for one in sqlite_store.select_notifications(None, 10_000)]
    assert numbers == list(range(1, len(acknowledged) + 1))


def test_on_dynamodb_nothing_is_lost_and_nothing_comes_twice(
    dynamodb_store: DynamoDBRecorder, dynamodb: DynamoDBLocal
) -> None:
    acknowledged = race("dynamodb", dynamodb_store.table, dynamodb.environment)

    assert_holds_exactly(dynamodb_store, acknowledged)
