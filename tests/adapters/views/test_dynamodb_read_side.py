"""Store and views in DynamoDB: records in any order, a rebuild, and a verification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time
from itertools import count

import pytest
from eventsourcing.persistence import StoredEvent

from adapters.store.dynamodb import DynamoDBRecorder
from adapters.store.dynamodb_table import create_table
from adapters.views.dynamodb import DynamoDBTables
from adapters.views.dynamodb_source import DynamoDBSource
from bench.history import DUE, MAPPER, household, terms, whole_run
from domain.schedule import Weekday
from projections.advance import Parked, Projector
from projections.catalogue import CATALOGUE
from projections.due_slots import DUE_SLOTS, due_in
from projections.feed import Feed
from projections.follower import apply_record
from projections.orders import ORDERS, orders_of
from projections.positions import POSITIONS, positions_on
from projections.replay import rebuild
from projections.runs import RUNS, open_runs
from projections.verify import heads, verify
from projections.view import TableView
from tests.dynamodb_local import DynamoDBLocal

RUN = "RUN-STRAT-1-ACC-1-20260804-0920"
_numbers = count()


@dataclass
class Cloud:
    """A read side as it runs on AWS."""

    recorder: DynamoDBRecorder
    tables: DynamoDBTables
    alarms: list[Parked] = field(default_factory=list)

    @property
    def source(self) -> DynamoDBSource:
        return DynamoDBSource(self.recorder)

    @property
    def projector(self) -> Projector:
        return Projector(
            CATALOGUE, self.tables, self.source, MAPPER.to_domain_event, self.alarms.append
        )

    def records(self, events: Sequence[StoredEvent]) -> None:
        """Deliver events one by one."""
        for event in events:
            apply_record(self.projector, Feed(), [event])


@pytest.fixture(scope="module")
def cloud(dynamodb: DynamoDBLocal) -> Cloud:
    """A household and a run that went in and out, in the store; nothing in the views."""
    client, prefix = dynamodb.client(), f"cloud{next(_numbers)}-"
    create_table(client, f"{prefix}events")
    recorder = DynamoDBRecorder(client, f"{prefix}events")
    tables = DynamoDBTables(client, prefix)
    tables.create(*(model.shape for model in CATALOGUE))
    run = whole_run(RUN, terms())
    for start in range(0, len(run), 7):
        recorder.insert_events(run[start : start + 7])
    for event in household(1):
        recorder.insert_events([event])
    return Cloud(recorder, tables)


def test_a_run_delivered_in_pieces_and_out_of_order_is_shown_whole(cloud: Cloud) -> None:
    run = cloud.source.stream(RUN)

    cloud.records([*run[20:25], *run[3:6], *run[20:22]])
    cloud.projector.compare_heads()

    orders = orders_of(TableView(ORDERS, cloud.tables), "USER-1").rows
    assert [(row.txn_type, row.status) for row in orders] == [
        ("ENTRY", "COMPLETE"),
        ("EXIT", "COMPLETE"),
    ]
    assert list(open_runs(TableView(RUNS, cloud.tables))) == []
    assert len(positions_on(TableView(POSITIONS, cloud.tables), "ACC-1", DUE.date())) == 4
    due = due_in(TableView(DUE_SLOTS, cloud.tables), Weekday.WED, time(9, 20))
    assert [row.strategy_id for row in due] == ["STRAT-1"]
    assert cloud.alarms == []


def test_every_stream_and_its_last_version_is_found(cloud: Cloud) -> None:
    run = cloud.source.stream(RUN)

    found = dict(cloud.source.heads())

    assert found[RUN] == run[-1].originator_version
    assert set(found) == {RUN, "USER-1", "ACC-1", "BASK-1", "STRAT-1"}


def test_a_scan_by_pages_finds_every_event_once_and_ends(cloud: Cloud) -> None:
    found: list[tuple[str, int]] = []
    place: str | None = None
    while True:
        events, place = cloud.source.scan(place, 2)
        if place is None:
            break
        found += [(str(event.originator_id), event.originator_version) for event in events]

    assert len(found) == len(set(found))
    by_stream = {s: [v for each, v in found if each == s] for s, _ in found}
    assert by_stream == {s: list(range(1, last + 1)) for s, last in cloud.source.heads()}


def test_views_rebuilt_from_a_scan_are_sound(cloud: Cloud) -> None:
    *_, last = rebuild(CATALOGUE, cloud.projector, cloud.tables, cloud.source)

    *_, report = verify(cloud.source, cloud.tables, [], [])

    assert last.finished
    assert (report.sound, report.streams, report.unaudited) == (True, 5, 0)
    assert len(list(heads(cloud.tables))) == 5
    assert len(orders_of(TableView(ORDERS, cloud.tables), "USER-1").rows) == 2
    assert cloud.projector.compare_heads() == []
