"""The one place that wires the platform together: write side, read side and what follows runs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from adapters.brokers.paper.underlyings import closing_price
from adapters.engine import Engine
from adapters.reads import LocalReads, ReadSide, SlotsView, StoredRuns
from adapters.store.mapper import PydanticMapper
from adapters.store.sqlite import open_sqlite
from adapters.turnstile import BrokerAside, ClockAside, Turnstile
from adapters.views.source import SQLiteSource
from adapters.views.sqlite import SQLiteTables
from commands.application import Trading
from commands.bus import Bus
from commands.desk import OpenRuns, World
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
from domain.steps import Settlement
from projections.advance import Parked, Projector
from projections.broker_accounts import BROKER_ACCOUNTS
from projections.catalogue import CATALOGUE
from projections.feed import Feed
from projections.follower import Follower as ViewFollower
from projections.runs import RUNS, runs_touching
from projections.runs import open_runs as all_open
from projections.tables import Source, Tables
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


def open_read_side(folder: Path, alarm: Callable[[str], None] = LOG.error) -> LocalReads:
    """The views in this folder, following the store beside them once told to."""
    recorder = open_sqlite(folder / STORE)
    tables, source, feed = SQLiteTables(folder / VIEWS), SQLiteSource(recorder), Feed()
    projector = projector_of(tables, source, alarm)
    follower = ViewFollower(recorder, projector, tables, feed, alarm)
    return LocalReads(
        tables=tables, source=source, projector=projector, feed=feed, follower=follower
    )


def projector_of(tables: Tables, source: Source, alarm: Callable[[str], None]) -> Projector:
    """What applies stored events to every view; a stream that has to be parked is alarmed."""
    mapper = PydanticMapper(transcoder=None)  # type: ignore[arg-type]  # it has its own JSON

    def parked(stopped: Parked) -> None:
        alarm(f"parked: {stopped}")

    return Projector(CATALOGUE, tables, source, mapper.to_domain_event, parked)


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
    runs: RunBook | None = None,
    open_runs: OpenRuns | None = None,
) -> Platform:
    """Wire the write side, the planner and the follower of runs for one worker.

    Unless given, `runs` are those this worker comes to know, and `open_runs` what the store has.
    """
    runs = runs or RunBook(trading)
    turnstile = world.turnstile
    reads.yield_to(lambda: turnstile.busy)

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
    stored = open_runs or StoredRuns(trading, runs, reads)
    bus = Bus(trading, World(chain=run_planner.chain, open_runs=stored))
    return Platform(
        trading=trading, bus=bus, runs=runs, engine=engine, reads=reads, turnstile=turnstile
    )


def take_up(platform: Platform, now: datetime) -> list[str]:
    """Know of every open run and of today's, as the views have them; answers linked accounts.

    What was carried into today and ended on it is today's, too.
    """
    trading, tables = platform.trading, platform.reads.tables
    runs = TableView(RUNS, tables)
    for row in all_open(runs):
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
