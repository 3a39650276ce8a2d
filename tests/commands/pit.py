"""A trading day in small: two traders' streams, a recorded market, and the real paper exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.brokers.paper.desk import Desk
from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.faults import Fault, FaultKind, Faults
from adapters.brokers.paper.ledger import Judge, PaperLedger
from adapters.brokers.paper.local import LocalPaperBroker
from adapters.brokers.paper.settings import PaperSettings
from adapters.clock import SteppedClock
from adapters.lane import MemoryLane
from adapters.market.reading import read_recording
from adapters.market.recorded import RecordedMarket
from commands.basket import ActivateBasket, ComposeBasket
from commands.bus import Bus
from commands.desk import Principal, Request, World
from commands.follow import Follower
from commands.gathering import Lookout
from commands.planner import Planner
from commands.planning import RunPlanner
from commands.ports import Broker, Lane
from commands.runs import RunBook
from commands.sending import Boundary, Dealer, nowhere
from commands.strategy import ActivateStrategy, DraftStrategy
from commands.user import RegisterUser
from domain.basket import Basket, Target
from domain.chain import Chain
from domain.definition import Definition
from domain.run import Run
from domain.steps import Settlement
from domain.strategy import Strategy
from domain.user import Role, User
from tests.adapters.market.recorded_days import DAY, Row, index_row, minute, row, write_parquet
from tests.commands.scene import PLATFORM, CountedTrading, CountingRecorder

KIND = PaperSettings(partial_rate=0, rejection_rate=0)
SYMBOL = "NIFTY26804{strike}{kind}"
STRIKES = range(24000, 25001, 100)
#: Sold for 80 and 75, hedged for 20 and 15: 65 × (80 + 75 − 20 − 15) = ₹7,800 net.
PRICES = {"24800CE": 80.0, "25000CE": 20.0, "24200PE": 75.0, "24000PE": 15.0}

CONDOR: dict[str, Any] = {
    "name": "Condor",
    "type": "IRON_CONDOR",
    "legs": [
        {"action": "SELL", "symbol": SYMBOL.format(strike=24800, kind="CE"), "qty": 65},
        {"action": "BUY", "symbol": SYMBOL.format(strike=25000, kind="CE"), "qty": 65},
        {"action": "SELL", "symbol": SYMBOL.format(strike=24200, kind="PE"), "qty": 65},
        {"action": "BUY", "symbol": SYMBOL.format(strike=24000, kind="PE"), "qty": 65},
    ],
    "schedule": {"entry_time": "09:20", "exit_time": "09:30"},
    "risk_params": {"max_loss": 5000},
}


def condor(**changes: Any) -> Definition:
    return Definition.model_validate({**CONDOR, **changes})


def quiet_rows(
    first: str = "09:17",
    count: int = 20,
    moves: Mapping[str, Mapping[str, float]] | None = None,
    silent: Sequence[str] = (),
) -> list[Row]:
    """Minutes of every strike at its price; `moves` gives another from a minute on."""
    rows: list[Row] = []
    start = minute(first)
    times = [f"{start + timedelta(minutes=n):%H:%M}" for n in range(count)]
    for at in times:
        if at in silent:
            continue
        rows.append(index_row(at, 24500.0))
    for strike in STRIKES:
        for kind in ("CE", "PE"):
            name = f"{strike}{kind}"
            price = PRICES.get(name, 40.0)
            for at in times:
                price = (moves or {}).get(name, {}).get(at, price)
                if at not in silent:
                    symbol = SYMBOL.format(strike=strike, kind=kind)
                    touch = {"bid": price - 0.05, "ask": price, "bid_qty": 6500, "ask_qty": 6500}
                    rows.append(row(at, symbol, price, **touch))
    return sorted(rows, key=lambda each: str(each["ts"]))


class Slots:
    """Every active strategy may be due at any minute: its own stream decides."""

    def __init__(self) -> None:
        self.strategies: list[str] = []

    def due(self, weekday: str, minute: str) -> Iterable[str]:
        return list(self.strategies) if weekday and minute else []

    def minutes(self, weekday: str) -> Iterable[str]:
        hours = range(9, 16) if weekday else ()
        return [f"{hour:02d}:{minute:02d}" for hour in hours for minute in range(60)]


class RelistedMarket(RecordedMarket):
    """The recorded market, whose list of contracts may change as a broker's does overnight."""

    relisted: Chain | None = None

    def chain(self, day: date) -> Chain:
        return self.relisted or super().chain(day)


class Killed(BaseException):
    """The process ends here."""


class Pit:
    """The platform in one thread, its broker and its market on one stepped clock."""

    def __init__(
        self,
        folder: Path,
        rows: Sequence[Row] | None = None,
        settings: PaperSettings = KIND,
        at: str = "09:18",
    ) -> None:
        self.clock = SteppedClock(minute(at))
        recording = read_recording(write_parquet(folder / f"{DAY}.parquet", rows or quiet_rows()))
        self.market = RelistedMarket([recording], self.clock)
        self.ledger = folder / "paper.sqlite"
        self.exchange = PaperExchange(self.market, self.clock, PaperLedger(self.ledger), settings)
        self.faults = Faults()
        self.desk = Desk(self.exchange, self.clock, self.faults)
        self.recorder = CountingRecorder()
        self.trading = CountedTrading(self.recorder)
        self.runs = RunBook(self.trading)
        self.run_planner = RunPlanner(
            self.trading,
            self.market,
            self.broker,
            lambda account, now: self.runs.today(account, now, self.market),
            parity=True,
        )
        self.bus = Bus(self.trading, World(chain=self.run_planner.chain, open_runs=self.runs))
        self.slots = Slots()
        self.planner = Planner(
            trading=self.trading, market=self.market, slots=self.slots, install="TEST"
        )
        self.lanes: dict[str, Lane] = {}
        self.follower = self.follower_of("W1")

    # ── the platform ──────────────────────────────────────────────────────────────────────

    def broker(self, account_id: str) -> Broker:
        self.exchange.open_account(account_id)
        return LocalPaperBroker(self.desk, account_id)

    def lane(self, account_id: str) -> Lane:
        return self.lanes.setdefault(account_id, MemoryLane(self.clock))

    def follower_of(
        self, worker: str, boundary: Boundary = nowhere, trading: CountedTrading | None = None
    ) -> Follower:
        """Another worker, or another process if it has its own view of the streams."""
        own = trading or self.trading

        def dealer(account: str) -> Dealer:
            return Dealer(
                broker=self.broker(account),
                lane=self.lane(account),
                clock=self.clock,
                boundary=boundary,
            )

        return Follower(
            own, self.clock, self.lookout(own), dealer, worker=worker, boundary=boundary
        )

    def lookout(self, trading: CountedTrading) -> Lookout:
        return Lookout(
            trading=trading,
            market=self.market,
            broker=self.broker,
            plan=self.run_planner,
            settlement=self.settlement,
            open_runs=lambda account: [
                trading.load(run_id, Run) for run_id in self.runs.of_account(account)
            ],
        )

    def settlement(self, run: Run, now: datetime) -> Mapping[str, Settlement]:
        worth = Settlement(price=Decimal(0), estimated=now > run.due_at)
        return {leg.contract.key: worth for leg in run.legs}

    def process(self) -> CountedTrading:
        """The streams as another process sees them."""
        return CountedTrading(self.recorder)

    # ── traders ───────────────────────────────────────────────────────────────────────────

    def trader(self, email: str = "trader@example.com") -> User:
        request = Request(principal=PLATFORM, at=self.clock.now(), correlation_id="test")
        return self.bus.execute(RegisterUser(email=email), request)

    def asked(self, user: User) -> Request:
        principal = Principal(user_id=user.id, roles=frozenset((Role.TRADER,)))
        return Request(principal=principal, at=self.clock.now(), correlation_id="test")

    def platform(self) -> Request:
        """What the platform asks by itself."""
        return Request(principal=PLATFORM, at=self.clock.now(), correlation_id="test")

    def basket(
        self, user: User, *definitions: Definition, targets: Sequence[Target] = ()
    ) -> tuple[Basket, list[Strategy]]:
        """A basket with these strategies, all of it active."""
        asked = self.asked(user)
        basket = self.bus.execute(ComposeBasket(name="Weekly", targets=tuple(targets)), asked)
        found = []
        for definition in definitions or (condor(),):
            drafted = self.bus.execute(
                DraftStrategy(basket_id=basket.id, definition=definition), asked
            )
            found.append(self.bus.execute(ActivateStrategy(strategy_id=drafted.id), asked))
        self.slots.strategies += [each.id for each in found]
        return self.bus.execute(ActivateBasket(basket_id=basket.id), asked), found

    def opened(self, *definitions: Definition, day: date = DAY) -> str:
        """The run of a new trader's condor, opened by the planner."""
        self.basket(self.trader(), *definitions)
        (run_id,) = self.plan(day=day)
        return run_id

    def plan(self, at: str = "09:20", day: date = DAY) -> list[str]:
        found = self.planner.plan_minute(minute(at, day), self.clock.now())
        for run_id in found:
            self.runs.add(self.run(run_id))
        return found

    # ── time ──────────────────────────────────────────────────────────────────────────────

    def at(self, text: str) -> None:
        """Let it become that time of the day, the exchange included."""
        self.exchange.step(minute(text))

    def follow(
        self,
        run_id: str,
        until: str | datetime = "09:35",
        by: Follower | None = None,
        each: Callable[[], None] = lambda: None,
    ) -> Run:
        """Follow the run whenever it wants to be looked at, until that time or its end."""
        end = minute(until) if isinstance(until, str) else until
        while True:
            wake = (by or self.follower).follow(run_id)
            each()
            if wake is None or wake > end:
                return self.run(run_id)
            self.exchange.step(max(wake, self.clock.now()))

    # ── what was seen ─────────────────────────────────────────────────────────────────────

    def run(self, run_id: str) -> Run:
        return self.trading.load(run_id, Run)

    def fault(self, kind: FaultKind, run_id: str, **more: Any) -> None:
        """Something to go wrong with the next call of the run's account."""
        self.faults.inject(self.run(run_id).terms.account_id, Fault(kind=kind, **more))

    def kinds(self, run_id: str) -> list[str]:
        return [type(event).__name__ for event in self.trading.history(run_id)]

    def net(self, run_id: str) -> dict[str, int]:
        positions = self.exchange.positions(self.run(run_id).terms.account_id)
        return {position.key: position.quantity for position in positions}

    def judge(self) -> Judge:
        return Judge(self.ledger)
