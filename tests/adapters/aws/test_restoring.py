"""A stage that was lost is made again: all its events, its views by replay, and nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from adapters.aws.exports import RestoreFault, scanned
from adapters.aws.gates import Gates
from adapters.aws.halting import Halting
from adapters.aws.releasing import ENDED, Restart
from adapters.aws.restoring import NewStage, Part, audited, complete, fill
from adapters.brokers.paper.faults import Fault, FaultKind
from adapters.reconciling import StillHalted
from adapters.store.dynamodb import DynamoDBRecorder
from adapters.store.dynamodb_table import create_table
from adapters.views.dynamodb import REMEMBERED, DynamoDBTables
from adapters.views.dynamodb_source import DynamoDBSource
from bench.history import MAPPER, household, terms, whole_run
from commands.application import Trading
from domain.account import BrokerAccount
from domain.model import acting
from domain.run import Run
from projections.advance import AnyModel, Parked, Projector
from projections.audit_logs import AUDIT_LOGS
from projections.catalogue import CATALOGUE
from projections.orders import ORDERS, orders_of
from projections.replay import outdated
from projections.runs import RUNS, open_runs_on
from projections.tables import Source
from projections.verify import Head, Seal
from projections.view import TableView
from tests.adapters.brokers.paper.venue import ACCOUNT, CALL, Venue
from tests.adapters.market.recorded_days import DAY, row
from tests.adapters.store.exposure import open_run
from tests.domain.adversary import at
from tests.dynamodb_local import DynamoDBLocal

NOW = datetime(2026, 8, 4, 10, 30, tzinfo=UTC)
RUN = "RUN-STRAT-1-ACC-1-20260804-0920"
OPEN = "RUN-STRAT-1-ACC-1-20260804T0920"
DEPTH = {"bid": 99.5, "ask": 100.5, "bid_qty": 650, "ask_qty": 650}
_numbers = count()


@dataclass
class Stage:
    """The tables of one stage."""

    local: DynamoDBLocal
    prefix: str = field(default_factory=lambda: f"stage{next(_numbers)}-")

    def __post_init__(self) -> None:
        self.client = self.local.client()
        create_table(self.client, self.events)
        self.recorder = DynamoDBRecorder(self.client, self.events)
        self.tables = DynamoDBTables(self.client, self.prefix)
        self.tables.create(*(model.shape for model in CATALOGUE))
        self.halting = Halting(self.tables, None, "ap-south-1", monotonic=count().__next__)
        self.gates = Gates(self.client, self.prefix + REMEMBERED)
        self.parked: list[Parked] = []

    @property
    def events(self) -> str:
        return f"{self.prefix}events"

    @property
    def new(self) -> NewStage:
        return NewStage(
            client=self.client,
            events=self.events,
            tables=self.tables,
            gates=self.gates,
            halting=self.halting,
        )

    def items(self) -> list[Any]:  # Any: as the service spells them
        return list(scanned(self.client, self.events))

    def projector(self, models: Sequence[AnyModel], source: Source) -> Projector:
        return Projector(models, self.tables, source, MAPPER.to_domain_event, self.parked.append)

    def replay(self, parts: int = 3) -> int:
        sources = {number: Part(self.recorder, number, parts) for number in range(parts)}
        done = fill(lambda part: self.projector(CATALOGUE, part), self.tables, sources)
        complete(self.projector(CATALOGUE, DynamoDBSource(self.recorder)), self.tables)
        return done


@pytest.fixture(scope="module")
def lost(dynamodb: DynamoDBLocal) -> Stage:
    """What was backed up: a household, and a run that went in and out."""
    stage = Stage(dynamodb)
    run = whole_run(RUN, terms())
    for start in range(0, len(run), 7):
        stage.recorder.insert_events(run[start : start + 7])
    for event in household(1):
        stage.recorder.insert_events([event])
    return stage


@pytest.fixture
def new(dynamodb: DynamoDBLocal) -> Stage:
    """What it is restored into."""
    return Stage(dynamodb)


def test_a_restored_stage_has_every_event_and_is_halted(lost: Stage, new: Stage) -> None:
    told = new.new.take("lost-events", lost.items(), NOW)

    assert new.items() == lost.items()
    assert told.streams == 5
    assert told.commits == len(lost.items())
    assert told.events == sum(head for _, head in DynamoDBSource(lost.recorder).heads())
    assert new.halting.reason() == "restored from lost-events"


def test_it_is_halted_before_its_first_event_is_there(lost: Stage, new: Stage) -> None:
    def cut() -> Iterator[Any]:
        assert new.halting.reason() is not None
        yield lost.items()[0]
        raise OSError("the connection is gone")

    with pytest.raises(OSError, match="gone"):
        new.new.take("lost-events", cut(), NOW)

    assert new.halting.reason() == "restored from lost-events"


def test_a_restore_that_was_cut_short_goes_on(lost: Stage, new: Stage) -> None:
    new.new.take("lost-events", lost.items()[:3], NOW)

    new.new.take("lost-events", lost.items(), NOW)

    assert new.items() == lost.items()


def test_the_order_in_which_an_export_has_its_items_is_no_matter(lost: Stage, new: Stage) -> None:
    new.new.take("export", list(reversed(lost.items())), NOW)
    new.replay()

    assert new.items() == lost.items()
    assert new.projector(CATALOGUE, DynamoDBSource(new.recorder)).compare_heads() == []


def test_a_stage_that_holds_events_is_not_restored_into(lost: Stage, new: Stage) -> None:
    new.recorder.insert_events(household(7)[:1])

    with pytest.raises(RestoreFault, match="holds events already"):
        new.new.take("lost-events", lost.items(), NOW)

    assert new.halting.reason() is None


def test_two_sources_are_not_mixed(lost: Stage, new: Stage) -> None:
    new.new.take("lost-events", lost.items()[:2], NOW)

    with pytest.raises(RestoreFault, match="is being restored from lost-events"):
        new.new.take("another", lost.items(), NOW)


def test_an_event_that_differs_from_what_is_there_stops_the_restore(
    lost: Stage, new: Stage
) -> None:
    items = lost.items()
    new.new.take("lost-events", items, NOW)
    altered = {**items[0], "commit": {"S": "another"}}

    with pytest.raises(RestoreFault, match=f"of {items[0]['pk']['S']} is in"):
        new.new.take("lost-events", [altered], NOW)


def test_views_are_made_again_by_replay(lost: Stage, new: Stage) -> None:
    new.new.take("lost-events", lost.items(), NOW)

    done = new.replay()

    assert done == sum(head for _, head in DynamoDBSource(new.recorder).heads())
    orders = orders_of(TableView(ORDERS, new.tables), "USER-1").rows
    assert [(each.txn_type, each.status) for each in orders] == [
        ("ENTRY", "COMPLETE"),
        ("EXIT", "COMPLETE"),
    ]
    assert new.projector(CATALOGUE, DynamoDBSource(new.recorder)).compare_heads() == []
    assert outdated(CATALOGUE, new.tables) == []
    assert new.replay() == done  # what is done is not done again


def test_nothing_that_was_announced_is_announced_again(lost: Stage, new: Stage) -> None:
    new.new.take("lost-events", lost.items(), NOW)

    heads = dict(DynamoDBSource(new.recorder).heads())
    assert {stream: mark.version for stream, mark in new.gates.read(list(heads)).items()} == heads


def test_a_stream_that_cannot_be_shown_is_told(lost: Stage, new: Stage) -> None:
    odd = [item for item in lost.items() if item["pk"]["S"] == RUN]
    new.new.take("lost-events", odd[:1] + odd[2:], NOW)  # a commit is missing

    with pytest.raises(RestoreFault, match="cannot be shown"):
        new.replay(parts=1)


def sealed(stage: Stage, beyond: int = 0) -> list[Seal]:
    """What the lost stage had sealed; of its run, some events more than were restored."""
    own = stage.projector([AUDIT_LOGS], DynamoDBSource(stage.recorder))
    own.compare_heads()
    gates = stage.tables.live(AUDIT_LOGS.shape).heads()
    heads = [
        Head(
            stream=gate.stream,
            version=gate.version + (beyond if gate.stream == RUN else 0),
            hash=str(getattr(gate.body, "hash", "")),
        )
        for gate in gates
    ]
    return [Seal(number=1, at=NOW, previous="", heads=tuple(heads))]


def test_the_restored_chains_are_those_that_were_sealed(lost: Stage, new: Stage) -> None:
    new.new.take("lost-events", lost.items(), NOW)
    new.replay()

    report = audited(DynamoDBSource(new.recorder), new.tables, sealed(lost), ())

    assert (report.sound, report.streams, report.unaudited) == (True, 5, 0)


def test_events_after_the_moment_that_was_restored_are_named_as_lost(
    lost: Stage, new: Stage
) -> None:
    new.new.take("lost-events", lost.items(), NOW)
    new.replay()

    report = audited(DynamoDBSource(new.recorder), new.tables, sealed(lost, beyond=3), ())

    assert [(each.stream, each.kind) for each in report.findings] == [(RUN, "truncated")]


# ── before anything is sent ───────────────────────────────────────────────────────────────


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    """The broker, which went on whatever became of us: 65 calls were bought there."""
    venue = Venue(tmp_path, [row("09:20") | DEPTH])
    venue.at("09:20", 1)
    venue.buy(1, "101")
    venue.at("09:20", 500)
    return venue


def written(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Trading:
    """The write side of a stage."""
    for name, value in stage.local.environment.items():
        monkeypatch.setenv(name, value)
    return Trading(
        {
            "PERSISTENCE_MODULE": "adapters.store.dynamodb",
            "DYNAMODB_TABLE": stage.events,
            "MAPPER_TOPIC": "adapters.store.mapper:PydanticMapper",
        },
        entropy=bytes,
    )


@pytest.fixture
def restart(
    new: Stage, dynamodb: DynamoDBLocal, venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Restart]:
    """A platform restored from a time at which its run held the calls."""
    before = Stage(dynamodb)
    trading = written(before, monkeypatch)
    with acting(at(NOW)):
        for number in (1, 2):
            account = BrokerAccount.link(
                f"ACC-{number}", user_id="USER-1", broker="paper", account_name="Paper"
            )
            trading.save(account)
    open_run(trading, contract=venue.market.chain(DAY).get(CALL))
    trading.close()
    new.new.take("before", before.items(), NOW)
    new.replay()
    after = written(new, monkeypatch)
    runs = TableView(RUNS, new.tables)
    yield Restart(
        trading=after,
        tables=new.tables,
        halting=new.halting,
        open_runs=lambda account_id: [each.id for each in open_runs_on(runs, account_id)],
        broker=lambda _: venue.broker,
    )
    after.close()


def test_the_halt_ends_when_every_account_agrees(new: Stage, restart: Restart) -> None:
    reports = list(restart.reports())

    record = restart.release(reports, "compared", NOW)

    assert [(each.account_id, each.agrees) for each in reports] == [(ACCOUNT, True)]
    assert new.halting.reason() is None
    assert record is not None
    assert '"left_out": ["ACC-2"]' in record
    assert new.tables.recall(ENDED, NOW.isoformat()) == record
    assert restart.release(reports, "again", NOW) is None


def test_what_was_sold_after_the_backup_keeps_the_halt_until_it_is_named(
    new: Stage, restart: Restart, venue: Venue
) -> None:
    venue.sell(1, "99")
    venue.at("09:20", 900)
    reports = list(restart.reports())
    sold = f"{ACCOUNT} {CALL} MIS -65"

    with pytest.raises(StillHalted, match=sold):
        restart.release(reports, "compared", NOW)

    assert new.halting.reason() is not None
    assert restart.release(reports, "sold by hand", NOW, accepted=[sold])
    assert new.halting.reason() is None


def test_a_broker_that_cannot_be_read_keeps_the_halt(
    new: Stage, restart: Restart, venue: Venue
) -> None:
    venue.desk.faults.inject(ACCOUNT, Fault(kind=FaultKind.FAIL, method="orders"))

    with pytest.raises(StillHalted, match="the broker cannot be read"):
        restart.release(list(restart.reports()), "compared", NOW)

    assert new.halting.reason() is not None


def test_the_restored_run_is_the_one_that_was_lost(restart: Restart) -> None:
    run = restart.trading.load(OPEN, Run)

    assert not run.stage.ended
    assert [state.filled for state in run.slices.values()] == [65]
    assert run.net_premium == Decimal(-6500)
