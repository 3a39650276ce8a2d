"""One container of a function: a platform over DynamoDB, its broker by Kite's wire."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

from eventsourcing.persistence import StoredEvent

from adapters.account_care import care_for
from adapters.aws.open_runs import SharedRuns, SharedTrading
from adapters.brokers.paced import Paced
from adapters.brokers.zerodha.broker import ZerodhaBroker
from adapters.lane import Pace
from adapters.lanes.dynamodb import DynamoDBLane, schema
from adapters.market.simulated import SimulatedMarket
from adapters.reads import ReadSide
from adapters.runtime import Platform, Surroundings, assemble, projector_of
from adapters.store.dynamodb import DynamoDBRecorder, connect
from adapters.store.dynamodb_table import create_table
from adapters.vault.file import FileVault
from adapters.views.dynamodb import DynamoDBTables
from adapters.views.dynamodb_source import DynamoDBSource
from commands.flatten import Flattening
from commands.ports import Broker, Clock, Lane
from domain.account import BrokerAccount
from projections.catalogue import CATALOGUE
from projections.feed import Feed
from tests.chaos.fate import Fate, Traced


def laid_out() -> str:
    """The tables of a new stage, empty; answers what their names begin with."""
    client, prefix = connect(), f"day{uuid4().hex[:8]}-"
    create_table(client, f"{prefix}events")
    client.create_table(TableName=f"{prefix}lanes", **schema())
    DynamoDBTables(client, prefix).create(*(model.shape for model in CATALOGUE))
    client.close()
    return prefix


INSTALL = "AWSDAY"
VAULT_KEY = bytes(32)


@dataclass(frozen=True, kw_only=True)
class Place:
    """What all containers share; nothing else outlives them."""

    home: Path
    seed: int
    clock: Clock
    market: SimulatedMarket
    kite: dict[str, str]
    events: str
    lanes: str
    prefix: str
    stored: Callable[[Sequence[StoredEvent]], None]
    sent: Callable[[str, str, bool], None]
    alarms: list[str] = field(default_factory=list)
    pace: Pace | None = None
    """Another than every lane's own."""


class Container:
    """What one function has in memory, from its first call to its last."""

    def __init__(self, place: Place, function: str, number: int) -> None:
        self.place = place
        self.name = f"{function}-{number}"
        self.fate = Fate()
        self._brokers: dict[str, Broker] = {}
        self._wires: list[ZerodhaBroker] = []
        self.vault = FileVault(place.home / "vault.json", VAULT_KEY)
        environment = {
            "PERSISTENCE_MODULE": "adapters.store.dynamodb",
            "DYNAMODB_TABLE": place.events,
            "MAPPER_TOPIC": "adapters.store.mapper:PydanticMapper",
        }
        entropy = Random(f"{place.seed}-{self.name}").randbytes
        monotonic = place.clock.monotonic
        self.trading = SharedTrading(environment, entropy=entropy, monotonic=monotonic)
        self.recorder = self._heard(self.trading.recorder)
        self.tables = DynamoDBTables(self.recorder.client, place.prefix)
        self.source = DynamoDBSource(self.recorder)
        projector = projector_of(self.tables, self.source, place.alarms.append)
        reads = ReadSide(tables=self.tables, source=self.source, projector=projector, feed=Feed())
        self.runs = SharedRuns(self.trading, self.tables, monotonic=monotonic)
        self.platform: Platform = assemble(
            self.trading,
            reads,
            Surroundings(
                clock=place.clock, market=place.market, broker=self.broker, lane=self.lane
            ),
            install=INSTALL,
            worker=self.name,
            boundary=self.fate,
            runs=self.runs,
            open_runs=self.runs,
        )
        self.care = care_for(
            self.platform, self.broker, self.vault, place.clock, place.alarms.append
        )

    def _heard(self, recorder: Any) -> DynamoDBRecorder:  # Any: the library's own type says less
        """Whatever is stored goes into the table's stream."""
        assert isinstance(recorder, DynamoDBRecorder)
        insert = recorder.insert_events

        def inserted(events: Sequence[StoredEvent], **more: Any) -> None:
            insert(events, **more)
            self.place.stored(events)

        setattr(recorder, "insert_events", inserted)  # noqa: B010  # a method is no variable
        return recorder

    # ── ways to the brokers ───────────────────────────────────────────────────────────────

    def broker(self, account_id: str) -> Broker:
        if account_id not in self._brokers:
            zerodha = ZerodhaBroker(account_id, self.place.kite, self.vault)
            self._wires.append(zerodha)
            self._brokers[account_id] = Traced(
                Paced(zerodha, self.place.clock),
                lambda over: self.care.sessions.lost(account_id, over),
                self.fate,
                self.place.clock,
                lambda tag, late: self.place.sent(tag, self.name, late),
            )
        return self._brokers[account_id]

    def lane(self, account_id: str) -> Lane:
        place = self.place
        return DynamoDBLane(self.recorder.client, place.lanes, account_id, place.clock, place.pace)

    def flattening(self, notice: Callable[[str], None]) -> Flattening:
        return Flattening(self.trading, self.place.market, self.broker, self.runs, notice, INSTALL)

    # ── life ──────────────────────────────────────────────────────────────────────────────

    def begin(self) -> None:
        """A call begins: nothing old is believed in it."""
        self.trading.doubt()
        self.runs.doubt()

    def account(self, account_id: str) -> BrokerAccount:
        return self.trading.load(account_id, BrokerAccount)

    def bury(self) -> None:
        """It is gone, and with it what it held open."""
        self.trading.close()
        for wire in self._wires:
            wire.kite._wire.close()
