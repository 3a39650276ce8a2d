"""A world in one process whose platform may die at any moment, and be started again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from adapters.brokers.paper.desk import Desk
from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.ledger import PaperLedger
from adapters.brokers.paper.local import LocalPaperBroker
from adapters.brokers.paper.settings import PaperSettings
from adapters.clock import SteppedClock
from adapters.demo import BasketFile, compose, trader
from adapters.lane import FileLane
from adapters.market.simulated import SimulatedMarket
from adapters.runtime import (
    Platform,
    Surroundings,
    assemble,
    open_read_side,
    open_trading,
    take_up,
)
from commands.ports import Broker
from commands.run import DeclareAbsent
from commands.sending import Boundary, nowhere
from domain.book import Ticket
from domain.calendar import at_ist
from domain.run import Run
from domain.slices import SliceStatus
from tests.kill.judging import Case, broken_views

DAY = date(2026, 8, 5)
BEGIN = at_ist(DAY, time(9, 14, 30))
LATEST = at_ist(DAY, time(15, 50))
MINUTE = timedelta(minutes=1)
CASH = 500_000_000  # enough for thirty lots of everything


class Killed(BaseException):
    """The process is gone: nothing may catch this and go on."""


@dataclass
class Doom:
    """Ends the platform at the n-th boundary it reaches; never if n is 0."""

    n: int = 0
    reached: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> None:
        self.reached.append(name)
        if len(self.reached) == self.n:
            raise Killed(name)


@dataclass
class Stall:
    """Stops the platform at its n-th boundary for so long, while another takes its place."""

    world: SteppedWorld
    n: int
    seconds: float
    reached: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> None:
        self.reached.append(name)
        if len(self.reached) == self.n:
            self.stop()

    def stop(self) -> None:
        rival = self.world.assembled(nowhere)
        self.world.take_up(rival)
        until = self.world.clock.now() + timedelta(seconds=self.seconds)
        self.world.work(until, rival)
        self.world.pass_until(until)
        self.world.working.append(rival)


class StoppedOnTheWire(LocalPaperBroker):
    """The last bytes of the n-th order wait in a stopped process, past every look at the clock."""

    def __init__(self, world: SteppedWorld, account: str, stall: Stall) -> None:
        super().__init__(world.desk, account)
        self.stall = stall

    def place(self, ticket: Ticket) -> str:
        self.stall("on the wire")
        if len(self.stall.reached) == self.stall.n:
            self.stall.world.on_the_wire.append(ticket.tag)
        return super().place(ticket)


class SteppedWorld:
    """Store, market and paper broker live on; platforms come and go."""

    def __init__(
        self, home: Path, basket: BasketFile, *, trader: bool = True, **rules: object
    ) -> None:
        self.home = home
        self.trader = trader
        self.working: list[Platform] = []
        self.on_the_wire: list[str] = []
        self.clock = SteppedClock(BEGIN)
        self.market = SimulatedMarket(self.clock)
        self.ledger = home / "paper.sqlite"
        settings = PaperSettings.model_validate({"cash": CASH, **rules})
        self.exchange = PaperExchange(self.market, self.clock, PaperLedger(self.ledger), settings)
        self.desk = Desk(self.exchange, self.clock)
        self.workers = 0
        self.planned = len(basket.strategies)
        platform = self.assembled(nowhere)
        compose(platform.bus, basket, self.clock.now())
        self.bury(platform)

    def broker(self, account_id: str) -> Broker:
        self.exchange.open_account(account_id)
        return LocalPaperBroker(self.desk, account_id)

    def assembled(
        self, boundary: Boundary, broker: Callable[[str], Broker] | None = None
    ) -> Platform:
        """A platform of a worker that never was before."""
        self.workers += 1
        return assemble(
            open_trading(self.home, random.Random(self.workers).randbytes),
            open_read_side(self.home),
            Surroundings(
                clock=self.clock,
                market=self.market,
                broker=broker or self.broker,
                lane=lambda account: FileLane(self.home / "lanes" / account, self.clock),
            ),
            install="KILL",
            worker=f"worker-{self.workers}",
            sweep=timedelta(seconds=10),
            boundary=boundary,
        )

    def take_up(self, platform: Platform) -> None:
        """Begin with what was left behind, as after a start."""
        platform.reads.catch_up()
        take_up(platform, self.clock.now())
        platform.engine.begin()

    def live(
        self,
        boundary: Boundary = nowhere,
        until: datetime = LATEST,
        broker: Callable[[str], Broker] | None = None,
    ) -> bool:
        """Start a platform and let it work; False if it was killed on the way."""
        self.working = [self.assembled(boundary, broker)]
        try:
            self.take_up(self.working[0])
            self.work(until)
        except Killed:
            return False
        finally:
            for platform in self.working:
                self.bury(platform)
        return True

    def work(self, until: datetime, only: Platform | None = None) -> None:
        """From event to event, the broker's before the platforms', until the day's runs ended."""
        looks = self.clock.now()
        while not self.done(only or self.working[-1]):
            at_work = [only] if only else list(self.working)
            now = self.clock.now()
            due = [platform.engine.wheel.next_due() for platform in at_work]
            following = min(t for t in (*due, self.exchange.next_event(now), until) if t)
            self.pass_until(following)
            for platform in at_work:
                platform.engine.turn(self.clock.now())
            if self.trader and self.clock.now() >= looks:
                self.look_at_unknown(at_work[-1])
                looks = self.clock.now() + MINUTE
            if self.clock.now() >= until:
                return

    def look_at_unknown(self, platform: Platform) -> None:
        """The trader looks up at the broker what the platform cannot find, and says so."""
        for run_id in platform.runs.open():
            run = platform.trading.load(run_id, Run)
            lost = [t for t, s in run.slices.items() if s.status is SliceStatus.UNKNOWN]
            for tag in lost if "UNKNOWN_ORDER" in run.alerts else ():
                if not self.known_at_broker(run, tag):
                    asked = trader(run.terms.user_id, self.clock.now())
                    platform.bus.execute(DeclareAbsent(run_id=run.id, tag=tag, why="seen"), asked)
                    platform.engine.notice(run.id)

    def known_at_broker(self, run: Run, tag: str) -> bool:
        orders = self.desk.orders(run.terms.account_id)
        return any(tag in order.tags for order in orders)

    def done(self, platform: Platform) -> bool:
        return len(platform.runs.known()) == self.planned and not platform.runs.open()

    def pass_until(self, moment: datetime) -> None:
        """The market and the broker go on."""
        self.exchange.step(max(moment, self.clock.now()))

    def pass_seconds(self, seconds: float) -> None:
        self.pass_until(self.clock.now() + timedelta(seconds=seconds))

    def bury(self, platform: Platform) -> None:
        platform.trading.close()
        platform.reads.close()

    def close(self) -> None:
        self.exchange.ledger.close()

    def faults(self) -> str:
        """What is wrong after the day, with everything that happened; empty if nothing is."""
        case = Case.of(self.home, self.ledger, self.on_the_wire)
        wrong = [*case.faults(), *broken_views(self.home)]
        if len(case.runs) != self.planned:
            wrong.append(f"{self.planned} runs were planned, there are {len(case.runs)}")
        return "\n".join([*wrong, case.told()]) if wrong else ""
