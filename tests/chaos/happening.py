"""What each misfortune, and each whim of the trader, does to the world."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from adapters.simulators.kite.answers import KiteError
from adapters.simulators.kite.orders import HandTrade
from commands.account import ResumeTrading, StopTrading
from commands.run import CancelOrder, ExitRun
from domain.account_terms import FlattenScope
from domain.book import Rejected
from domain.calendar import ist_date
from domain.contract import Contract, OptionType, Product, Side
from domain.model import Refused
from domain.run import Run
from domain.run_terms import Stage
from tests.chaos import trader
from tests.chaos.script import Happening, What
from tests.chaos.worker import Worker

if TYPE_CHECKING:
    from tests.chaos.world import World


def happen(world: World, it: Happening) -> None:
    """Let it happen now."""
    world.note(it.told())
    world.happened[it.what] += it.what is not What.WIRE
    account = world.accounts[it.account]
    match it.what:
        case What.WIRE if it.fault is not None:
            world.kite.inject(it.fault)
        case What.TOKEN:
            world.kite.expire_session(account)
        case What.LOGIN:
            trader.log_in(world, it)
        case What.OUTAGE if it.fault is not None:
            world.kite.faults.fall(it.fault, world.time.now())
        case What.JUMP:
            jump(world, it)
        case What.HAND_OWNED | What.HAND_FOREIGN:
            trade_by_hand(world, it, account)
        case What.OFF:
            switch_off(world, it)
        case _ if (worker := world.desk_worker) is not None:
            befall(world, worker, it, account)
        case _:
            world.note("nobody is there for it")


def befall(world: World, worker: Worker, it: Happening, account: str) -> None:
    """What only a platform at work can meet."""
    match it.what:
        case What.DEATH:
            world.deaths_left, world.gap_s = it.times, it.seconds
            worker.fate.die_in(it.n, it.where)
            if it.fault is not None:
                world.kite.inject(it.fault)
        case What.STALL:
            worker.fate.stand_still_in(
                it.n, it.where, lambda: world.stand_still(worker, it.seconds)
            )
        case What.EXIT | What.CANCEL:
            leave(world, worker, it)
        case What.KILL:
            scope = FlattenScope.ALL if it.pick % 3 == 0 else FlattenScope.OWN
            stop = StopTrading(account_id=account, reason="that is enough", scope=scope)
            worker.platform.bus.execute(stop, trader.request(world))
            worker.heed()
        case What.RESUME:
            resume = ResumeTrading(account_id=account, reason="on we go")
            worker.platform.bus.execute(resume, trader.request(world))
        case _:
            raise ValueError(f"nobody knows how to let a {it.what} happen")


def jump(world: World, it: Happening) -> None:
    """The machine's clock jumps, and after a while it is put right again."""
    world.jumps += 1
    world.clock.off += timedelta(seconds=it.seconds)
    if world.clock.off:
        back = it.at + timedelta(seconds=10 + it.pick % 110)
        world.later(replace(it, at=back, seconds=-it.seconds))


def switch_off(world: World, it: Happening) -> None:
    world.stop_all()
    world.off_until = world.time.now() + timedelta(seconds=it.seconds) if it.seconds < 1e5 else None


def open_runs(worker: Worker) -> list[Run]:
    load = worker.platform.trading.load
    return [load(run_id, Run, verify=False) for run_id in sorted(worker.platform.runs.open())]


def leave(world: World, worker: Worker, it: Happening) -> None:
    """The trader leaves a run, or cancels its entry."""
    runs = [run for run in open_runs(worker) if run.stage is not Stage.PENDING]
    if not runs:
        return
    run = runs[it.pick % len(runs)]
    exits = it.what is What.EXIT
    command = ExitRun(run_id=run.id) if exits else CancelOrder(run_id=run.id, order="ENTRY-1")
    try:
        worker.platform.bus.execute(command, trader.request(world))
    except Refused as refusal:
        world.note(f"refused: {refusal}")
        return
    if it.pick % 2:  # else the sweep finds it, as what another process wrote
        worker.platform.engine.notice(run.id)


def trade_by_hand(world: World, it: Happening, account: str) -> None:
    """The trader deals in Kite itself."""
    owned = it.what is What.HAND_OWNED
    trade = in_owned(world, it, account) if owned else in_foreign(world, it)
    if trade is None:
        return
    try:
        world.kite.hand_trade(account, trade)
        world.note(f"by hand: {trade.side} {trade.quantity} {trade.key} {trade.product}")
    except (KiteError, Rejected) as refusal:
        world.note(f"no trade by hand: {refusal}")


def in_owned(world: World, it: Happening, account: str) -> HandTrade | None:
    """A contract that a run of this account holds: more of it, or some or all of it gone."""
    worker = world.desk_worker
    runs = [] if worker is None else open_runs(worker)
    legs = [
        (run, leg) for run in runs if run.terms.account_id == account for leg in run.legs
    ]  # fmt: skip
    if not legs:
        return None
    run, leg = legs[it.pick % len(legs)]
    against = it.pick % 3
    side = leg.side.opposite if against else leg.side
    units = leg.quantity if against == 2 else leg.contract.lot
    units = min(units, leg.contract.order_maximum or units)
    return HandTrade(
        key=leg.contract.key, side=side, quantity=units, product=run.terms.product
    )  # fmt: skip


def in_foreign(world: World, it: Happening) -> HandTrade | None:
    contract = foreign(world, it)
    if contract is None:
        return None
    product = Product.MIS if it.pick % 2 else Product.NRML
    side = Side.BUY if it.pick % 3 else Side.SELL
    return HandTrade(key=contract.key, side=side, quantity=contract.lot, product=product)


def foreign(world: World, it: Happening) -> Contract | None:
    """A weekly option further from the money than any strategy goes."""
    chain = world.market.chain(ist_date(world.time.now()))
    spot = world.market.spot("NIFTY")
    if spot is None or spot.last is None:
        return None
    strikes = sorted({c.strike for c in chain.contracts if c.underlying == "NIFTY"})
    above = [strike for strike in strikes if strike > spot.last]
    expiries = chain.expiries("NIFTY")
    kind = OptionType.CE if it.pick % 2 else OptionType.PE
    return chain.option("NIFTY", expiries[it.pick % 2], kind, above[12 + it.pick % 5])
