"""A day on which the trader deals past the platform, and the platform looks each minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.brokers.paper.faults import Fault, FaultKind
from adapters.engine import Due
from adapters.reads import StoredRuns
from adapters.reconcile_chore import ReconcileChore
from commands.bus import Bus
from commands.desk import World
from commands.reconciling import Outcome, Reconciling
from commands.runs import RunBook
from domain.account import BrokerAccount
from domain.book import Ticket
from domain.calendar import ist_date
from domain.contract import Contract, Product, Side
from domain.run import Run
from domain.run_terms import Stage
from domain.user import Role
from tests.adapters.api.practice import MORNING, Person, Practice, ok

ENTERED = MORNING + timedelta(minutes=52)
CLOSED = MORNING + timedelta(hours=7, minutes=10)


class Day:
    """A platform that compares itself with its broker, and a trader with a condor."""

    def __init__(self, folder: Path) -> None:
        self.practice = Practice(folder)
        self.alarms: list[str] = []
        platform = self.practice.platform
        self.chore = ReconcileChore(
            platform, self.practice.broker, self.practice.clock, self.alarms.append
        )
        for name, chore in self.chore.chores().items():
            platform.engine.chores[name] = chore
            platform.engine.wheel.at(self.practice.clock.now(), Due(name))
        self.trader: Person = self.practice.admit("trader@example.com", Role.TRADER)

    def enter(self) -> None:
        """A condor that stays until its time comes."""
        basket_id = self.trader.basket()["basket_id"]
        calm = {"max_loss": 500_000}
        times = {"entry_time": "09:20", "exit_time": "09:45"}
        made = self.trader.strategy(basket_id, risk_params=calm, schedule=times)
        strategy_id = made["strategy_id"]
        ok(self.trader.post(f"/strategies/{strategy_id}/activate"))
        ok(self.trader.post(f"/baskets/{basket_id}/activate"))
        self.practice.pass_until(ENTERED)

    @property
    def run(self) -> Run:
        (run_id,) = [r for r in self.practice.platform.runs.known() if "STRAT" in r]
        return self.practice.platform.trading.load(run_id, Run)

    @property
    def account(self) -> BrokerAccount:
        return self.practice.platform.trading.load(self.trader.account_id, BrokerAccount)

    def facts(self, kind: str) -> list[datetime]:
        """When this was recorded of the account."""
        history = self.practice.platform.trading.history(self.account.id)
        return [e.timestamp for e in history if type(e).__name__ == kind]

    def net(self) -> dict[str, int]:
        positions = self.practice.exchange.positions(self.account.id)
        return {each.key: each.quantity for each in positions if each.quantity}

    def hedge(self) -> Contract:
        return next(leg.contract for leg in self.run.legs if leg.side is Side.BUY)

    def foreign(self) -> Contract:
        ours = {leg.contract.key for leg in self.run.legs}
        chain = self.practice.market.chain(ist_date(self.practice.clock.now()))
        near = [c for c in chain.contracts if c.underlying == "NIFTY" and c.key not in ours]
        middle = self.run.legs[0].contract.strike
        return min(near, key=lambda c: (abs(c.strike - middle), c.expiry, c.key))

    def trade(self, contract: Contract, side: Side, units: int) -> None:
        quote = self.practice.market.quotes([contract.key])[contract.key]
        assert quote.bid is not None
        assert quote.ask is not None
        price = quote.ask + 5 if side is Side.BUY else quote.bid - 5
        ticket = Ticket(
            tag="MANUAL",
            contract=contract,
            side=side,
            quantity=units,
            product=Product.MIS,
            price=contract.ticked(price, side),
        )
        self.practice.broker(self.account.id).place(ticket)

    def after(self, **time: float) -> None:
        self.practice.pass_until(self.practice.clock.now() + timedelta(**time))


@pytest.fixture
def day(tmp_path: Path) -> Day:
    return Day(tmp_path)


def test_a_day_without_hand_trades_is_compared_and_never_differs(day: Day) -> None:
    day.enter()

    day.practice.pass_until(CLOSED)

    assert day.run.stage is Stage.CLOSED
    assert day.alarms == []
    assert day.facts("DriftFound") == []
    compared = day.facts("Reconciled")
    assert len(compared) == 2  # the first time, and at the close
    assert compared[-1] > MORNING + timedelta(hours=7)


def test_hand_trades_in_foreign_contracts_are_external_and_halt_nothing(day: Day) -> None:
    day.enter()

    contract = day.foreign()
    day.trade(contract, Side.BUY, contract.lot)
    day.after(minutes=2)
    held = {place: each.quantity for place, each in day.account.external.items()}
    day.practice.pass_until(CLOSED)

    assert held == {(contract.key, "MIS"): contract.lot}
    assert (day.run.outcome, day.run.stage) == ("TIME", Stage.CLOSED)
    assert day.alarms == []
    assert day.net() == {contract.key: contract.lot}


def test_a_hedge_sold_by_hand_halts_within_two_minutes_and_the_exit_sells_it_no_second_time(
    day: Day,
) -> None:
    day.enter()
    hedge, units = day.hedge(), day.run.legs[0].quantity

    day.trade(hedge, Side.SELL, units)
    day.after(minutes=2)

    assert len(day.alarms) == 1
    assert hedge.key in day.alarms[0]
    assert "HALTED" in day.run.alerts
    body = {"key": hedge.key, "product": "MIS"}
    day.practice.pass_until(MORNING + timedelta(minutes=80))
    waiting = day.run
    assert waiting.stage is Stage.EXITING
    assert day.net() == {}
    ok(day.trader.post(f"/accounts/{day.account.id}/adopt-position", body))
    day.after(minutes=1)
    assert day.run.stage is Stage.CLOSED
    assert day.alarms == day.alarms[:1]


def test_what_was_bought_beside_a_hedge_stays_when_the_run_has_left(day: Day) -> None:
    day.enter()
    hedge = day.hedge()

    day.trade(hedge, Side.BUY, hedge.lot)
    day.practice.pass_until(CLOSED)

    assert (day.run.outcome, day.run.stage) == ("TIME", Stage.CLOSED)
    assert len(day.facts("DriftFound")) == len(day.facts("DriftResolved")) == 1
    assert day.net() == {hedge.key: hedge.lot}
    assert [each.quantity for each in day.account.external.values()] == [hedge.lot]


def test_who_connects_is_compared_at_once(day: Day) -> None:
    day.practice.pass_until(MORNING + timedelta(minutes=1))
    before = day.facts("Reconciled")

    day.chore.reconcile_now(day.account.id)
    day.after(seconds=5)

    assert len(day.facts("Reconciled")) == len(before) + 1


def test_a_broker_that_does_not_answer_is_asked_again_the_next_minute(day: Day) -> None:
    day.enter()
    day.trade(day.hedge(), Side.SELL, day.run.legs[0].quantity)
    silent = Fault(kind=FaultKind.FAIL, method="trades", times=1)
    day.practice.desk.faults.inject(day.account.id, silent)

    day.after(minutes=1)
    first, trouble = list(day.alarms), day.chore.troubles()
    day.after(minutes=1)

    assert (first, len(day.alarms)) == ([], 1)
    assert "HALTED" in day.run.alerts
    (told,) = trouble
    assert told.startswith(f"{day.account.id} cannot be compared with its broker: ")
    assert day.chore.troubles() == ()


def test_a_broker_is_not_called_silent_once_nothing_is_open_there(day: Day) -> None:
    day.enter()
    silent = Fault(kind=FaultKind.FAIL, method="trades", times=20)
    day.practice.desk.faults.inject(day.account.id, silent)
    day.after(minutes=1)
    assert len(day.chore.troubles()) == 1

    ok(day.trader.post(f"/runs/{day.run.id}/exit"))
    day.after(minutes=2)

    assert day.run.stage.ended
    assert day.chore.troubles() == ()


def test_a_platform_that_did_not_open_a_run_compares_with_it_all_the_same(day: Day) -> None:
    day.enter()
    platform = day.practice.platform
    stored = StoredRuns(platform.trading, RunBook(platform.trading), platform.reads)
    world = World(chain=platform.bus.world.chain, open_runs=stored)
    other = Reconciling(bus=Bus(platform.trading, world), broker=day.practice.broker)

    found = other.settle(day.account.id, day.practice.clock.now())

    assert found.outcome is Outcome.AGREES
    assert day.account.external == {}
    assert list(stored.of_account(day.account.id)) == [day.run.id]
    assert list(stored.of_strategy(day.run.terms.strategy_id)) == [day.run.id]
    day.practice.pass_until(CLOSED)
    assert list(stored.of_account(day.account.id)) == []
