"""The platform on AWS: the parts of the one-process engine over other adapters.

Every worker (a function's container, or the watcher) has all of it; what it does not use is never
opened. Views are fed by the projector, and work is handed on by queues.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from adapters.account_care import AccountCare, care_for
from adapters.api.context import ApiContext
from adapters.aws import heartbeat
from adapters.aws.clients import Clients
from adapters.aws.desks import Desks, Outbox, Workflows
from adapters.aws.halting import Halting
from adapters.aws.logins import KeptLogins
from adapters.aws.open_runs import SharedRuns, SharedTrading
from adapters.aws.queues import handing_on
from adapters.aws.settings import AwsSettings
from adapters.aws.venue import CARRIER, NO_PAPER, AwsVenue
from adapters.reads import ReadSide
from adapters.rehearsal import clock_of
from adapters.runtime import Platform, Surroundings, assemble, projector_of
from adapters.store.dynamodb import DynamoDBRecorder
from adapters.vault.audited import AuditedVault
from adapters.vault.secrets_manager import SecretsManagerVault
from adapters.venue import Ground
from adapters.views.dynamodb import DynamoDBTables
from adapters.views.dynamodb_source import DynamoDBSource
from commands.flatten import Flattening
from commands.ports import Broker, Clock, Lane
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus
from domain.model import Refused
from domain.run import Run
from projections.feed import Feed
from projections.tables import Tables

if TYPE_CHECKING:  # many functions never speak to the broker, and start without its client
    from adapters.brokers.zerodha.market import KiteMarket

LOG: Final = logging.getLogger("atp")
#: How often a worker notes in the audit which secrets it read; AWS itself logs each that it gave.
READS_EVERY: Final = timedelta(minutes=15)


def scratch() -> Path:
    """The only place that a function may write to on its machine."""
    return Path(os.environ.get("TMPDIR", "/tmp")) / "atp"


class AwsPlatform:
    """One worker's platform; each part is opened when it is first needed."""

    def __init__(
        self,
        settings: AwsSettings,
        clients: Clients,
        folder: Path,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock
        self.settings = settings
        self.clients = clients
        self.folder = folder
        self.worker = secrets.token_hex(8)
        self._noted: datetime | None = None
        self._brokers: dict[str, Broker] = {}
        self._lanes: dict[str, Lane] = {}

    # ── what is kept ──────────────────────────────────────────────────────────────────────

    @cached_property
    def trading(self) -> SharedTrading:
        environment = {
            "PERSISTENCE_MODULE": "adapters.store.dynamodb",
            "DYNAMODB_TABLE": self.settings.events_table,
            "MAPPER_TOPIC": "adapters.store.mapper:PydanticMapper",
        }
        return SharedTrading(environment, entropy=secrets.token_bytes)

    @cached_property
    def recorder(self) -> DynamoDBRecorder:
        recorder = self.trading.recorder
        assert isinstance(recorder, DynamoDBRecorder)
        return recorder

    @cached_property
    def tables(self) -> DynamoDBTables:
        return DynamoDBTables(self.recorder.client, self.settings.prefix)

    @cached_property
    def source(self) -> DynamoDBSource:
        return DynamoDBSource(self.recorder)

    @cached_property
    def reads(self) -> ReadSide:
        tables: Tables = self.tables
        projector = projector_of(tables, self.source, self.alarm)
        return ReadSide(tables=tables, source=self.source, projector=projector, feed=Feed())

    @cached_property
    def vault(self) -> AuditedVault:
        path, key = self.settings.told("vault_path"), self.settings.secrets_key
        vault = SecretsManagerVault(self.clients.secrets, prefix=path, kms_key=key)
        return AuditedVault(vault)

    # ── where it trades ───────────────────────────────────────────────────────────────────

    @cached_property
    def venue(self) -> AwsVenue:
        ground = Ground(home=self.folder, trading=self.trading, vault=self.vault, alarm=self.alarm)
        return AwsVenue(
            self.settings, ground, self.tables, self.recorder.client, self.clients.s3, self.clock
        )

    @cached_property
    def clock(self) -> Clock:
        return self._clock or clock_of(self.settings.rehearsal)

    @property
    def market(self) -> KiteMarket:
        return self.venue.market

    def broker(self, account_id: str) -> Broker:
        """The account at its broker, its session watched; raises PaperElsewhere, UnknownBroker."""
        broker = self.venue.broker(account_id)
        if account_id not in self._brokers:
            self._brokers[account_id] = self.care.sessions.watched(broker, account_id)
        return self._brokers[account_id]

    def lane(self, account_id: str) -> Lane:
        if account_id not in self._lanes:
            self._lanes[account_id] = self.venue.lane(account_id)
        return self._lanes[account_id]

    def ready(self, account_id: str) -> Refused | None:
        """Why nothing may be entered on this account here; None where nothing speaks against it."""
        account = self.trading.load(account_id, BrokerAccount, verify=False)
        if account.paper:
            return Refused("paper-elsewhere", NO_PAPER)
        if account.foreign_address is not None:
            found, declared = account.foreign_address, account.static_ip
            text = f"orders would leave from {found}, declared is {declared}"
            return Refused("address-differs", text)
        return None

    # ── what decides ──────────────────────────────────────────────────────────────────────

    @cached_property
    def runs(self) -> SharedRuns:
        return SharedRuns(self.trading, self.tables)

    @cached_property
    def platform(self) -> Platform:
        runs = self.runs
        made = assemble(
            self.trading,
            self.reads,
            Surroundings(clock=self.clock, market=self.market, broker=self.broker, lane=self.lane),
            install=self.settings.install,
            worker=self.worker,
            patience=self.settings.patience,
            halted=self.halting.reason,
            runs=runs,
            open_runs=runs,
        )
        made.engine.run_planner.ready = self.ready
        made.engine.serves = self.desks.serves
        return made

    @cached_property
    def care(self) -> AccountCare:
        made = care_for(self.platform, self.broker, self.vault, self.clock, self.alarm)
        made.sessions.logins = KeptLogins(self.tables, self.clock.now)
        made.sessions.connected = self.connected
        self.platform.engine.chores |= made.chores()
        return made

    @cached_property
    def flattening(self) -> Flattening:
        return Flattening(
            self.trading,
            self.market,
            self.broker,
            self.platform.runs,
            self.notice,
            self.settings.install,
        )

    @cached_property
    def halting(self) -> Halting:
        region = self.recorder.client.meta.region_name
        return Halting(self.tables, self.settings.writer_region, region)

    # ── how work is handed on ─────────────────────────────────────────────────────────────

    @cached_property
    def desks(self) -> Desks:
        return Desks(self.settings, self.trading)

    def queue(self, name: str) -> Outbox:
        """`execute`, `dispatch`, `reconcile` or `connected`; raises NotConfigured."""
        return Outbox(self.clients, self.settings, self.desks, f"{name}_queue")

    @cached_property
    def workflow(self) -> Workflows:
        return Workflows(self.clients, self.settings, self.desks, self.trading)

    def notice(self, run_id: str) -> None:
        """Something happened to this run: have it followed, in its account's turn."""
        account_id = self.trading.load(run_id, Run, verify=False).terms.account_id
        body = {"what": "follow", "key": run_id, "account_id": account_id}
        self.queue("dispatch").send(body, group=account_id)

    def kill(self, account_id: str) -> None:
        """The account was blocked: have it made flat."""
        body = {"what": "kill", "key": account_id, "account_id": account_id}
        self.queue("dispatch").send(body, group=account_id)

    def connected(self, account_id: str) -> None:
        """The account was just logged in: have it looked after from its own address."""
        with handing_on(account_id):
            self.queue("connected").send({"account_id": account_id})

    def heed_account(self, account_id: str) -> None:
        """Something happened to the account: while it is logged in, prices may come through it."""
        account = self.trading.load(account_id, BrokerAccount)
        if account.status is AccountStatus.CONNECTED and not account.paper:
            self.tables.remember(*CARRIER, account_id)

    def alarm(self, trouble: str) -> None:
        """Something a person should know of: what is logged as an error is counted and alarmed."""
        LOG.error(trouble)

    def beat(self, next_due: datetime | None = None) -> None:
        """The schedule was looked at just now."""
        heartbeat.beat(self.tables, self.clock.now(), next_due)

    # ── life ──────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def at_work(self) -> Iterator[AwsPlatform]:
        """One call of a function: nothing old is believed in it, and nothing it found is lost."""
        self.trading.doubt()
        self.runs.doubt()
        try:
            yield self
        finally:
            self.finish()

    def finish(self) -> None:
        """Note what was put off: sessions found dead, and which secrets were read."""
        if "care" not in vars(self):
            return
        now = self.clock.now()
        self.care.sessions.note_lost("", now)
        if self._noted is None or now - self._noted >= READS_EVERY:
            self.care.mornings.note_reads("", now)
            self._noted = now

    def context(self) -> ApiContext:
        """What the endpoints need."""
        from adapters.aws.serving import context_of

        return context_of(self)

    def close(self) -> None:
        if "venue" in vars(self):
            self.venue.stop()
        if "trading" in vars(self):
            self.trading.close()


def open_platform(
    settings: AwsSettings,
    clients: Clients | None = None,
    folder: Path | None = None,
    clock: Clock | None = None,
) -> AwsPlatform:
    """A platform of these settings, in its own time, unless services or a clock are given."""
    return AwsPlatform(settings, clients or Clients(), folder or scratch(), clock)


@cache
def platform() -> AwsPlatform:
    """This container's platform; asked for in a handler, so that no two containers share one."""
    return open_platform(AwsSettings())
