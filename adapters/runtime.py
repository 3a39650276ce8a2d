"""The one place that wires the platform together: write side, read side and what follows runs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from adapters.brokers.paper.underlyings import closing_price
from adapters.engine import Engine
from adapters.store.mapper import PydanticMapper
from adapters.store.sqlite import open_sqlite
from adapters.turnstile import BrokerAside, ClockAside, Turnstile
from adapters.views.source import SQLiteSource
from adapters.views.sqlite import SQLiteTables
from commands.application import Trading
from commands.bus import Bus
from commands.desk import World
from commands.follow import LEASE_RESERVE_S
from commands.follow import Follower as RunFollower
from commands.gathering import Lookout
from commands.identity import Entropy
from commands.planner import Planner
from commands.planning import RunPlanner
from commands.ports import Broker, Clock, Lane, MarketData
from commands.runs import RunBook
from commands.sending import Boundary, Dealer, nowhere
from domain.calendar import at_ist, ist_date
from domain.ledger import held
from domain.payoff import intrinsic
from domain.run import Run
from domain.schedule import Weekday
from domain.steps import Settlement
from projections.advance import Parked, Projector
from projections.broker_accounts import BROKER_ACCOUNTS
from projections.catalogue import CATALOGUE
from projections.due_slots import DUE_SLOTS, due_in, minutes_of
from projections.feed import Feed
from projections.follower import Follower as ViewFollower
from projections.runs import RUNS, RunRow, open_runs, runs_touching
from projections.view import TableView

LOG: Final = logging.getLogger("atp")
STORE, VIEWS, RESERVE = "events.sqlite", "views.sqlite", "emergency.journal"


def open_trading(folder: Path, entropy: Entropy, *, reserve: bool = False) -> Trading:
    """The write side on the SQLite file of this folder.

    With a reserve, runs with open exposure go on while the disk is full: for the one process that
    follows runs.
    """
    environment = {
        "PERSISTENCE_MODULE": "adapters.store.sqlite",
        "SQLITE_DBNAME": str(folder / STORE),
        "MAPPER_TOPIC": "adapters.store.mapper:PydanticMapper",
    }
    if reserve:
        environment["PERSISTENCE_MODULE"] = "adapters.store.emergency"
        environment["EMERGENCY_JOURNAL"] = str(folder / RESERVE)
    return Trading(environment, entropy=entropy)


@dataclass(frozen=True, kw_only=True)
class ReadSide:
    """The views of one process, and what keeps them up with the store."""

    tables: SQLiteTables
    source: SQLiteSource
    projector: Projector
    feed: Feed
    follower: ViewFollower

    def close(self) -> None:
        self.follower.stop()
        self.tables.close()


def open_read_side(folder: Path, alarm: Callable[[str], None] = LOG.error) -> ReadSide:
    """The views in this folder, following the store beside them once told to."""
    recorder = open_sqlite(folder / STORE)
    tables, source, feed = SQLiteTables(folder / VIEWS), SQLiteSource(recorder), Feed()
    mapper = PydanticMapper(transcoder=None)  # type: ignore[arg-type]  # it has its own JSON

    def parked(stopped: Parked) -> None:
        alarm(f"parked: {stopped}")

    projector = Projector(CATALOGUE, tables, source, mapper.to_domain_event, parked)
    follower = ViewFollower(recorder, projector, tables, feed, alarm)
    return ReadSide(tables=tables, source=source, projector=projector, feed=feed, follower=follower)


class SlotsView:
    """Due slots as the view has them, once it holds everything stored so far."""

    def __init__(self, reads: ReadSide) -> None:
        self._follower = reads.follower
        self._tables = reads.tables
        self._view = TableView(DUE_SLOTS, reads.tables)

    def due(self, weekday: str, minute: str) -> Iterable[str]:
        if weekday not in Weekday.__members__:
            return []
        self._follower.catch_up()
        rows = due_in(self._view, Weekday(weekday), time.fromisoformat(minute))
        return [row.strategy_id for row in rows]

    def minutes(self, weekday: str) -> Iterable[str]:
        """Found by going through all strategies, which a start may do and a minute may not."""
        self._follower.catch_up()
        return minutes_of(self._tables.live(DUE_SLOTS.shape).heads(), weekday)


class StoredRuns:
    """Open runs as the store has them: those included that another process has opened or ended."""

    def __init__(self, trading: Trading, known: RunBook, reads: ReadSide) -> None:
        self._trading = trading
        self._known = known
        self._follower = reads.follower
        self._rows = TableView(RUNS, reads.tables)

    def of_strategy(self, strategy_id: str) -> Sequence[str]:
        self._learn(row for row in self._open() if row.strategy_id == strategy_id)
        return self._alive(self._known.of_strategy(strategy_id))

    def of_account(self, account_id: str) -> Sequence[str]:
        self._learn(row for row in self._open() if row.account_id == account_id)
        return self._alive(self._known.of_account(account_id))

    def touching(self, account_id: str, day: date) -> Sequence[Run]:
        self._follower.catch_up()
        self._learn(runs_touching(self._rows, account_id, at_ist(day, time.min)))
        return self._known.touching(account_id, day)

    def _open(self) -> Iterable[RunRow]:
        self._follower.catch_up()
        return open_runs(self._rows)

    def _learn(self, rows: Iterable[RunRow]) -> None:
        known = set(self._known.known())
        for row in rows:
            if row.id not in known:
                self._known.add(self._trading.load(row.id, Run))

    def _alive(self, run_ids: Iterable[str]) -> Sequence[str]:
        loaded = [self._trading.load(run_id, Run) for run_id in run_ids]
        return [run.id for run in loaded if not run.stage.ended]


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a platform lives in: its time, its market and the ways to its brokers."""

    clock: Clock
    market: MarketData
    broker: Callable[[str], Broker]
    lane: Callable[[str], Lane]
    turnstile: Turnstile = field(default_factory=Turnstile)
    """Where those who decide go one by one; waits for the world belong beside it."""


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Everything that decides, wired."""

    trading: Trading
    bus: Bus
    runs: RunBook
    engine: Engine
    reads: ReadSide
    turnstile: Turnstile


def assemble(
    trading: Trading,
    reads: ReadSide,
    world: Surroundings,
    *,
    install: str,
    worker: str,
    parity: bool = False,
    sweep: timedelta | None = None,
    patience: int = 1,
    boundary: Boundary = nowhere,
    halted: Callable[[], str | None] = lambda: None,
) -> Platform:
    """Wire the write side, the planner and the follower of runs for one worker."""
    runs = RunBook(trading)
    turnstile = world.turnstile
    reads.follower.yields_to = lambda: turnstile.busy

    def broker(account_id: str) -> Broker:
        return BrokerAside(world.broker(account_id), turnstile)

    run_planner = RunPlanner(
        trading,
        world.market,
        broker,
        lambda account, now: runs.today(account, now, world.market),
        parity=parity,
    )
    lookout = Lookout(
        trading=trading,
        market=world.market,
        broker=broker,
        plan=run_planner,
        settlement=lambda run, now: settlements(run, world.market, now),
        open_runs=runs.runs_of,
    )
    dealers: dict[str, Dealer] = {}

    def dealer(account_id: str) -> Dealer:
        if account_id not in dealers:
            dealers[account_id] = Dealer(
                broker=broker(account_id),
                lane=world.lane(account_id),
                clock=ClockAside(world.clock, turnstile),
                boundary=boundary,
            )
        return dealers[account_id]

    follower = RunFollower(
        trading,
        world.clock,
        lookout,
        dealer,
        worker=worker,
        reserve_s=LEASE_RESERVE_S * patience,
        boundary=boundary,
        aside=turnstile.briefly,
    )
    planner = Planner(
        trading=trading,
        market=world.market,
        slots=SlotsView(reads),
        install=install,
        patience=patience,
    )
    engine = Engine(
        trading=trading,
        clock=world.clock,
        planner=planner,
        run_planner=run_planner,
        follower=follower,
        runs=runs,
        sweep=sweep,
        halted=halted,
    )
    bus = Bus(trading, World(chain=run_planner.chain, open_runs=StoredRuns(trading, runs, reads)))
    return Platform(
        trading=trading, bus=bus, runs=runs, engine=engine, reads=reads, turnstile=turnstile
    )


def take_up(platform: Platform, now: datetime) -> list[str]:
    """Know of every open run and of today's, as the views have them; answers linked accounts.

    What was carried into today and ended on it is today's, too.
    """
    trading, tables = platform.trading, platform.reads.tables
    runs = TableView(RUNS, tables)
    for row in open_runs(runs):
        platform.runs.add(trading.load(row.id, Run))
    today = at_ist(ist_date(now), time.min)
    linked = tables.live(BROKER_ACCOUNTS.shape).heads()
    accounts = [item.stream for item in linked if item.body is not None]
    for account_id in accounts:
        for row in runs_touching(runs, account_id, today):
            platform.runs.add(trading.load(row.id, Run))
    return accounts


def settlements(run: Run, market: MarketData, now: datetime) -> Mapping[str, Settlement]:
    """What each expired leg pays, estimated from the underlying at the close."""
    found: dict[str, Settlement] = {}
    for number, leg in enumerate(run.legs):
        if held(run, number) == 0:
            continue
        contract = leg.contract
        price = closing_price(market, contract.underlying, contract.expiry, now)
        if price is not None:
            worth = intrinsic(contract.option_type, contract.strike, price)
            found[leg.contract.key] = Settlement(price=worth, estimated=True)
    return found
