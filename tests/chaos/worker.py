"""One platform of a stepped world, wired as in life but for its threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from adapters.account_care import care_for, linked_accounts
from adapters.brokers.paced import Paced
from adapters.brokers.zerodha.broker import ZerodhaBroker
from adapters.clock import SteppedClock
from adapters.engine import Due
from adapters.lane import FileLane
from adapters.market.simulated import SimulatedMarket
from adapters.reconcile_chore import ReconcileChore
from adapters.runtime import Surroundings, assemble, open_read_side, open_trading, take_up
from adapters.vault.file import FileVault
from commands.flatten import Flattening
from commands.planner import DueSlots
from commands.ports import Broker, Lane
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus
from tests.chaos.fate import Fate, Traced

VAULT_KEY = bytes(32)
SWEEP = timedelta(seconds=10)


class WrongClock:
    """The machine's clock: the true time, and how far it is off; its monotonic time is true."""

    def __init__(self, true: SteppedClock) -> None:
        self._true = true
        self.off = timedelta()

    def now(self) -> datetime:
        return self._true.now() + self.off

    def monotonic(self) -> float:
        return self._true.monotonic()

    def sleep(self, seconds: float) -> None:
        self._true.sleep(seconds)

    def true(self, moment: datetime) -> datetime:
        """The true time at which this clock shows that moment."""
        return moment - self.off


@dataclass(frozen=True, kw_only=True)
class Place:
    """What every platform of one machine shares."""

    home: Path
    seed: int
    clock: WrongClock
    market: SimulatedMarket
    settings: dict[str, str]
    paper: Callable[[str], Broker]
    """The way to an account that is not at Zerodha."""
    sent: Callable[[str, str, bool], None]
    alarms: list[str] = field(default_factory=list)
    slots: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


class Remembered:
    """Due slots, looked up once for each minute of the week: after the first morning nobody edits
    a strategy, and a platform that starts looks at every minute of a week.
    """

    def __init__(self, slots: DueSlots, known: dict[tuple[str, str], tuple[str, ...]]) -> None:
        self._slots = slots
        self._known = known

    def due(self, weekday: str, minute: str) -> Iterable[str]:
        if (weekday, minute) not in self._known:
            self._known[weekday, minute] = tuple(self._slots.due(weekday, minute))
        return self._known[weekday, minute]

    def minutes(self, weekday: str) -> Iterable[str]:
        return self._slots.minutes(weekday)


class Worker:
    """A platform; nothing of it outlives its process but what it stored."""

    def __init__(self, place: Place, number: int) -> None:
        self.place = place
        self.name = f"worker-{number}"
        self.fate = Fate()
        self._brokers: dict[str, Broker] = {}
        self._wires: list[ZerodhaBroker] = []
        self._seen: dict[str, tuple[int, bool]] = {}
        self.vault = FileVault(place.home / "vault.json", VAULT_KEY)
        trading = open_trading(place.home, Random(f"{place.seed}-{number}").randbytes)
        self.reads = open_read_side(place.home, place.alarms.append)
        self.platform = assemble(
            trading,
            self.reads,
            Surroundings(
                clock=place.clock, market=place.market, broker=self.broker, lane=self.lane
            ),
            install="CHAOS",
            worker=self.name,
            sweep=SWEEP,
            boundary=self.fate,
        )
        self.care = care_for(
            self.platform, self.broker, self.vault, place.clock, place.alarms.append
        )
        self.comparing = ReconcileChore(
            self.platform, self.broker, place.clock, place.alarms.append
        )
        engine = self.platform.engine
        engine.planner = replace(
            engine.planner, slots=Remembered(engine.planner.slots, place.slots)
        )
        self.flattening = Flattening(
            trading, place.market, self.broker, self.platform.runs, engine.notice, "CHAOS"
        )
        engine.chores["kill"] = self.flattening.watch
        for each in (self.care, self.comparing):
            engine.chores.update(each.chores())

    # ── ways to the brokers ───────────────────────────────────────────────────────────────

    def broker(self, account_id: str) -> Broker:
        if account_id not in self._brokers:
            self._brokers[account_id] = self._connected(account_id)
        return self._brokers[account_id]

    def _connected(self, account_id: str) -> Broker:
        place = self.place
        account = self.platform.trading.load(account_id, BrokerAccount)
        if account.paper:
            return place.paper(account_id)
        zerodha = ZerodhaBroker(account_id, place.settings, self.vault)
        self._wires.append(zerodha)
        return Traced(
            Paced(zerodha, place.clock),
            lambda over: self.care.sessions.lost(account_id, over),
            self.fate,
            place.clock,
            lambda tag, late: place.sent(tag, self.name, late),
        )

    def lane(self, account_id: str) -> Lane:
        return FileLane(self.place.home / "lanes" / account_id, self.place.clock)

    # ── life ──────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Begin with what was left behind."""
        now = self.place.clock.now()
        self.reads.follower.catch_up()
        take_up(self.platform, now)
        self.platform.engine.begin()
        for name in (*self.care.chores(), *self.comparing.chores()):
            self.platform.engine.wheel.at(now, Due(name))
        self.heed()

    def heed(self) -> None:
        """Look whether anything happened to an account, as the platform's feed tells."""
        self.reads.follower.catch_up()
        now, trading = self.place.clock.now(), self.platform.trading
        for account_id in linked_accounts(self.reads.tables):
            account = trading.load(account_id, BrokerAccount)
            known, was_connected = self._seen.get(account_id, (0, False))
            if account.version == known:
                continue
            connected = account.status is AccountStatus.CONNECTED
            self._seen[account_id] = (account.version, connected)
            if account.block is not None:
                self.platform.engine.wheel.at(now, Due("kill", account_id))
            if connected and not was_connected:
                self.comparing.reconcile_now(account_id)

    def next_due(self) -> datetime | None:
        """When it has something to do next, by the true time."""
        due = self.platform.engine.wheel.next_due()
        return None if due is None else self.place.clock.true(due)

    def turn(self) -> None:
        self.platform.engine.turn(self.place.clock.now())

    def bury(self) -> None:
        """Its process is gone, and with it what it held open."""
        self.platform.trading.close()
        self.reads.close()
        for wire in self._wires:
            wire.kite._wire.close()
