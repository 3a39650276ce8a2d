"""The one-process engine: everything started in its order, and ended in the reverse."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Final

from adapters.account_care import care_for
from adapters.alarms import LatestAlarms
from adapters.brokers.registry import BROKERS
from adapters.engine import Due
from adapters.halt import Halt
from adapters.home_files import LOCK, install_of, take_lock
from adapters.housekeeping import Housekeeping
from adapters.loop import Loop
from adapters.outside import Outside
from adapters.reconcile_chore import ReconcileChore
from adapters.runtime import (
    Platform,
    Surroundings,
    assemble,
    open_read_side,
    open_trading,
    take_up,
)
from adapters.sealing import WITNESS, Key, Sealer, Seals
from adapters.store.emergency import EmergencyRecorder
from adapters.vault.audited import AuditedVault
from adapters.vault.file import open_vault
from adapters.venue import Ground, World
from commands.flatten import Flattening
from commands.ports import Broker, Lane
from commands.sending import Boundary, nowhere
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus
from domain.contract import Product
from domain.run import Run
from projections.advance import Changed
from projections.broker_accounts import BROKER_ACCOUNTS
from projections.replay import outdated, rebuild
from projections.runs import RUNS

LOG: Final = logging.getLogger("atp")
#: Read models whose changes may ask for something to be done.
WATCHED: Final = (RUNS.name, BROKER_ACCOUNTS.name)


class Embedded:
    """The platform as one process, in the world it is given."""

    def __init__(
        self,
        home: Path,
        world: World,
        *,
        sweep: timedelta = timedelta(seconds=5),
        boundary: Boundary = nowhere,
        alarm: Callable[[str], None] = LOG.error,
        alone: bool = True,
        vault_key_file: Path | None = None,
        heartbeat_url: str | None = None,
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.halt = Halt(home)
        self._hearers = [alarm]
        self._lock = take_lock(home / LOCK) if alone else None
        trading = open_trading(home, secrets.token_bytes, reserve=alone)
        self.vault = AuditedVault(open_vault(home, vault_key_file))
        ground = Ground(home=home, trading=trading, vault=self.vault, alarm=self.alarm)
        self.venue = world.open(ground)
        self.clock, self.market = self.venue.clock, self.venue.market
        self.alarms = LatestAlarms(self.clock)
        self._hearers.append(self.alarms.hear)
        self._connected: set[str] = set()
        self._brokers: dict[str, Broker] = {}
        self._lanes: dict[str, Lane] = {}
        self.reads = open_read_side(home, self.alarm)
        self.install = install_of(home)
        self.platform: Platform = assemble(
            trading,
            self.reads,
            Surroundings(clock=self.clock, market=self.market, broker=self.broker, lane=self.lane),
            install=self.install,
            worker=f"{os.getpid()}-{secrets.token_hex(4)}",
            sweep=sweep,
            patience=self.venue.patience,
            boundary=boundary,
            halted=self.halt.reason,
        )
        self.care = care_for(
            self.platform,
            self.broker,
            self.vault,
            self.clock,
            self.alarm,
            timekeeping=self.venue.timekeeping,
            address=self.venue.address,
        )
        self.comparing = ReconcileChore(self.platform, self.broker, self.clock, self.alarm)
        self.outside = Outside(
            self.platform,
            self.reads,
            self.vault,
            self.clock,
            label=self.venue.label,
            heartbeat_url=heartbeat_url,
            unwell=self.halt.reason,
        )
        self._hearers.append(self.outside.alarm)
        recorder = self.platform.trading.recorder
        if isinstance(recorder, EmergencyRecorder):
            recorder.alarm = self.alarm
        self.loop = Loop(
            self.platform.engine,
            self.clock,
            self.venue.speed,
            self.alarm,
            self.platform.turnstile,
        )
        self.flattening = Flattening(
            self.platform.trading,
            self.market,
            self.broker,
            self.platform.runs,
            self.platform.engine.notice,
            self.install,
        )
        self.seals = Seals(home / "seals")
        self.key = Key.at(home / "seal.key")
        self._stopping = Event()
        self._news: Thread | None = None

    def alarm(self, trouble: str) -> None:
        """Something a person should know of; any thread may say so."""
        for hear in self._hearers:
            hear(trouble)

    # ── ways to the brokers ───────────────────────────────────────────────────────────────

    @property
    def brokers(self) -> Sequence[str]:
        """Where accounts can be linked."""
        return tuple(BROKERS)

    def broker(self, account_id: str) -> Broker:
        """The account at its broker."""
        if account_id not in self._brokers:
            broker = self.venue.broker(account_id)
            self._brokers[account_id] = self.care.sessions.watched(broker, account_id)
        return self._brokers[account_id]

    def lane(self, account_id: str) -> Lane:
        if account_id not in self._lanes:
            self._lanes[account_id] = self.venue.lane(account_id)
        return self._lanes[account_id]

    def start_now(self, strategy_id: str, key: str, actor: str) -> list[str]:
        """Open a strategy's runs by hand, and look at them at once; raises Refused."""
        now = self.clock.now()
        opened = self.platform.engine.planner.start(strategy_id, key, actor, now)
        for run_id in opened:
            self.platform.engine.opened(run_id, now)
        return opened

    def leave_positions(self, account_id: str, keys: Sequence[str]) -> list[str]:
        """Open runs that leave positions nobody's run holds; raises Unavailable, SessionExpired."""
        account = self.platform.trading.load(account_id, BrokerAccount)
        return self.flattening.leave_positions(account, keys, "REQUEST", self.clock.now())

    def leave_drift(self, account_id: str, key: str, product: Product, name: str) -> str:
        """Open a run for what nothing explains there; raises Refused, and what a look raises."""
        now = self.clock.now()
        return self.flattening.leave_drift(account_id, key, product, name, now)

    def troubled(self) -> tuple[str, ...]:
        """What was alarmed lately, and what is not as it should be right now: each once."""
        present = (self.comparing, self.venue, self.outside)
        told = (*self.alarms.lasting(), *(text for each in present for text in each.troubles()))
        return tuple(dict.fromkeys(told))

    def witness(self) -> str | None:
        """What the views remember of the last seal, apart from the seals themselves."""
        return self.reads.tables.recall(*WITNESS)

    # ── life ──────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Bring the views up to date, take up what is open, then follow the clock."""
        self.refresh_views()
        self.venue.start(self.platform, self.care)
        self.take_up()
        self.platform.engine.chores["kill"] = self.flattening.watch
        sealer = Sealer(self.seals, self.key, self.reads.tables)
        house = Housekeeping(self.platform, sealer, self.clock, self.alarm)
        for each in (house, self.care, self.comparing, self.outside, self.venue):
            for name, chore in each.chores().items():
                self.platform.engine.chores[name] = chore
                self.platform.engine.wheel.at(self.clock.now(), Due(name))
        self.reads.follower.start()
        self.outside.start()
        self._news = Thread(target=self._watch_changes, name="news", daemon=True)
        self._news.start()
        self.loop.start()

    def refresh_views(self) -> None:
        """Rebuild what another edition of the code wrote, then apply what is new."""
        reads = self.reads
        if models := outdated(reads.projector.models, reads.tables):
            everything = len(models) == len(reads.projector.models)
            moved = reads.follower.moved_to if everything else None
            for _ in rebuild(models, reads.projector, reads.tables, reads.source, moved):
                pass
        reads.follower.catch_up()

    def take_up(self) -> None:
        """Know of every open run and of today's, and of blocks that are not done with."""
        for account_id in take_up(self.platform, self.clock.now()):
            self.heed_account(account_id)
            if self.platform.trading.load(account_id, BrokerAccount).block is not None:
                self.kill(account_id)

    def kill(self, account_id: str) -> None:
        """See to it that a blocked account becomes flat."""
        self.platform.engine.wheel.at(self.clock.now(), Due("kill", account_id))

    def _watch_changes(self) -> None:
        """What other processes wrote, or the API, is looked at as soon as the views show it."""
        with self.reads.feed.subscribed(lambda each: each.view in WATCHED) as news:
            while not self._stopping.is_set():
                for change in news.take(timeout=0.5):
                    self._heed(change)

    def _heed(self, change: Changed) -> None:
        if change.view == BROKER_ACCOUNTS.name:
            self.kill(change.stream)
            self.heed_account(change.stream)
        elif change.version > self.platform.trading.version_of(change.stream):
            self.platform.trading.load(change.stream, Run)
            self.platform.engine.opened(change.stream, self.clock.now())
            self.platform.engine.notice(change.stream)

    def heed_account(self, account_id: str) -> None:
        """One that was just connected is compared with its broker, and this machine examined."""
        account = self.platform.trading.load(account_id, BrokerAccount)
        connected = account.status is AccountStatus.CONNECTED
        if connected and account_id not in self._connected:
            self.comparing.reconcile_now(account_id)
            for chore in self.care.readiness.chores() if self.care.readiness else ():
                self.platform.engine.wheel.at(self.clock.now(), Due(chore))
        (self._connected.add if connected else self._connected.discard)(account_id)
        self.venue.heed(account_id)

    def stop(self, *, world_too: bool = False) -> None:
        """End in order; the world lives on, as a market does, unless it is to end as well."""
        self._stopping.set()
        self.loop.stop()
        if self._news is not None:
            self._news.join()
        self.venue.stop()
        self.outside.stop()
        if world_too:
            self.venue.end()
        self.reads.close()
        self.platform.trading.close()
        if self._lock is not None:
            self._lock.close()
