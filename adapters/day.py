"""One trading day, replayed as fast as the machine can and always the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from adapters.brokers.paper.desk import Desk
from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.ledger import PaperLedger
from adapters.brokers.paper.local import LocalPaperBroker
from adapters.brokers.paper.settings import PaperSettings
from adapters.clock import SteppedClock
from adapters.demo import BasketFile, Demo, compose
from adapters.lane import MemoryLane
from adapters.runtime import Platform, Surroundings, assemble, open_read_side, open_trading
from commands.ports import Broker, MarketData
from domain.calendar import MARKET
from domain.run import Run

BEFORE_OPEN = timedelta(minutes=10)
AFTER_CLOSE = timedelta(minutes=30)
#: No day needs more turns than this; one that does is going in circles.
MOST_TURNS = 2_000_000


class NoSession(ValueError):
    """The day asked for is no trading day."""


@dataclass(frozen=True, kw_only=True)
class DayResult:
    """What is left of a day: the platform with its streams, and who traded."""

    platform: Platform
    exchange: PaperExchange
    demo: Demo
    runs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Pit:
    """Where a day's orders go: the exchange, what it sees, and a folder for files."""

    exchange: PaperExchange
    market: MarketData
    clock: SteppedClock
    folder: Path
    seed: int


#: How orders come to the exchange: straight, or by way of another broker's wire.
Way = Callable[[Pit], AbstractContextManager[Callable[[str], Broker]]]


@contextmanager
def straight(pit: Pit) -> Iterator[Callable[[str], Broker]]:
    """Brokers that call the exchange in this very thread."""
    desk = Desk(pit.exchange, pit.clock)
    brokers: dict[str, Broker] = {}

    def broker(account_id: str) -> Broker:
        if account_id not in brokers:
            pit.exchange.open_account(account_id)
            brokers[account_id] = LocalPaperBroker(desk, account_id)
        return brokers[account_id]

    yield broker


def play_day(
    day: date,
    market_of: Callable[[SteppedClock], MarketData],
    basket: BasketFile,
    folder: Path,
    *,
    seed: int = 1,
    settings: PaperSettings | None = None,
    way: Way = straight,
    watch: Callable[[Run], None] = lambda _: None,
) -> DayResult:
    """Play the day with this basket on a paper account; its files are left in `folder`.

    Raises NoSession, and what a basket that cannot be activated raises.
    """
    session = MARKET.session(day)
    if session is None:
        raise NoSession(MARKET.why_closed(day) or f"{day} is no trading day")
    clock = SteppedClock(session.open - BEFORE_OPEN)
    market = market_of(clock)
    chosen = settings or PaperSettings(seed=seed)
    exchange = PaperExchange(market, clock, PaperLedger(folder / "paper.sqlite"), chosen)
    lanes: dict[str, MemoryLane] = {}
    chance = random.Random(seed)
    pit = Pit(exchange=exchange, market=market, clock=clock, folder=folder, seed=seed)
    with way(pit) as broker:
        platform = assemble(
            open_trading(folder, chance.randbytes),
            open_read_side(folder),
            Surroundings(
                clock=clock,
                market=market,
                broker=broker,
                lane=lambda account: lanes.setdefault(account, MemoryLane(clock)),
            ),
            install=f"DAY{seed}",
            worker="day",
            parity=True,
        )
        demo = compose(platform.bus, basket, clock.now())
        platform.engine.begin()
        pass_time(platform, exchange, clock, session.close + AFTER_CLOSE, watch)
        platform.reads.catch_up()
    return DayResult(
        platform=platform, exchange=exchange, demo=demo, runs=tuple(platform.runs.known())
    )


def pass_time(
    platform: Platform,
    exchange: PaperExchange,
    clock: SteppedClock,
    until: datetime,
    watch: Callable[[Run], None],
) -> None:
    """From event to event: the market's, the broker's and the platform's, in that order."""
    seen: dict[str, int] = {}
    for _ in range(MOST_TURNS):
        now = clock.now()
        due = [t for t in (platform.engine.wheel.next_due(), exchange.next_event(now)) if t]
        following = min(due, default=until)
        if following > until:
            return
        exchange.step(max(following, now))
        platform.engine.turn(clock.now())
        for run_id in platform.runs.known():
            version = platform.trading.version_of(run_id)
            if seen.get(run_id) != version:
                seen[run_id] = version
                watch(platform.trading.load(run_id, Run, verify=False))
    raise RuntimeError("the day does not end")
