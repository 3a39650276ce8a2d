"""The kill switch: nothing new goes out, every run leaves, and what nobody explains is left too."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.account import ResumeTrading, StopTrading
from commands.flatten import Flattening
from domain.account import BrokerAccount
from domain.account_terms import FlattenScope
from domain.book import Ticket
from domain.contract import Product, Side
from domain.run import Run
from domain.run_terms import Stage
from domain.user import User
from tests.commands.pit import SYMBOL, Pit

STRAY = "NFO:" + SYMBOL.format(strike=24500, kind="CE")


@pytest.fixture
def pit(tmp_path: Path) -> Pit:
    return Pit(tmp_path)


def flattening(pit: Pit, noticed: list[str]) -> Flattening:
    return Flattening(pit.trading, pit.market, pit.broker, pit.runs, noticed.append, "TEST")


def block(pit: Pit, run: Run, scope: FlattenScope = FlattenScope.OWN) -> None:
    owner = pit.trading.load(run.terms.user_id, User)
    stop = StopTrading(account_id=run.terms.account_id, reason="enough", scope=scope)
    pit.bus.execute(stop, pit.asked(owner))


def by_hand(pit: Pit, account: str, side: Side, units: int) -> None:
    """The trader trades at the broker's own terminal."""
    contract = pit.market.chain(pit.clock.now().date()).get(STRAY)
    assert contract is not None
    price = contract.tick * 1000 if side is Side.BUY else contract.tick * 700
    ticket = Ticket(
        tag="HAND", contract=contract, side=side, quantity=units, product=Product.MIS, price=price
    )
    pit.broker(account).place(ticket)


def test_a_block_makes_every_open_run_leave_and_is_done_when_none_is_open(pit: Pit) -> None:
    run_id = pit.opened()
    run = pit.follow(run_id, until="09:25")
    block(pit, run)
    noticed: list[str] = []
    kill = flattening(pit, noticed)

    again = kill.watch(run.terms.account_id, pit.clock.now())
    left = pit.follow(run_id, until="09:26")
    pit.runs.ended(run_id)
    done = kill.watch(run.terms.account_id, pit.clock.now())

    assert noticed == [run_id]
    assert again is not None
    assert (left.stage, left.outcome) == (Stage.CLOSED, "KILL")
    assert pit.net(run_id) == {}
    assert done is None


def test_a_run_that_waits_for_its_second_is_withdrawn(pit: Pit) -> None:
    run_id = pit.opened()
    block(pit, pit.run(run_id))

    flattening(pit, []).watch(pit.run(run_id).terms.account_id, pit.clock.now())
    run = pit.follow(run_id)

    assert (run.stage, run.skip_reason) == (Stage.SKIPPED, "KILL")
    assert pit.judge().placed() == []


def test_an_account_that_trades_again_is_left_alone(pit: Pit) -> None:
    run_id = pit.opened()
    run = pit.follow(run_id, until="09:25")
    block(pit, run)
    owner = pit.trading.load(run.terms.user_id, User)
    resume = ResumeTrading(account_id=run.terms.account_id, reason="calm again")
    pit.bus.execute(resume, pit.asked(owner))

    assert flattening(pit, []).watch(run.terms.account_id, pit.clock.now()) is None
    assert pit.run(run_id).exit_reason is None


def test_what_the_trader_holds_beside_our_runs_stays_unless_all_is_asked(pit: Pit) -> None:
    run_id = pit.opened()
    run = pit.follow(run_id, until="09:24")
    by_hand(pit, run.terms.account_id, Side.BUY, 65)
    pit.at("09:25")
    block(pit, run)

    flattening(pit, []).watch(run.terms.account_id, pit.clock.now())
    pit.follow(run_id, until="09:27")

    assert pit.net(run_id) == {STRAY: 65}


@pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
def test_all_means_positions_that_no_run_explains_too_and_a_run_leaves_them(
    pit: Pit, side: Side
) -> None:
    run_id = pit.opened()
    run = pit.follow(run_id, until="09:24")
    account = run.terms.account_id
    by_hand(pit, account, side, 130)
    pit.at("09:25")
    block(pit, run, FlattenScope.ALL)
    noticed: list[str] = []
    kill = flattening(pit, noticed)

    kill.watch(account, pit.clock.now())
    kill.watch(account, pit.clock.now())
    strays = [each for each in dict.fromkeys(noticed) if each != run_id]
    for each in (run_id, *strays):
        pit.follow(each, until="09:28")

    (stray,) = strays
    assert pit.run(stray).outcome == "KILL"
    assert pit.trading.load(stray, Run).terms.strategy_id == "FLATTEN"
    assert pit.net(run_id) == {}
    assert pit.judge().sent_twice() == []


def test_one_contract_can_be_left_by_its_name_and_a_run_keeps_its_own(pit: Pit) -> None:
    run_id = pit.opened()
    run = pit.follow(run_id, until="09:24")
    account = pit.trading.load(run.terms.account_id, BrokerAccount)
    by_hand(pit, account.id, Side.BUY, 65)
    pit.at("09:25")
    held = pit.net(run_id)

    (stray,) = flattening(pit, []).leave_positions(account, [STRAY], "REQUEST", pit.clock.now())
    none = flattening(pit, []).leave_positions(account, [*held], "REQUEST", pit.clock.now())
    pit.follow(stray, until="09:27")

    assert none == []
    assert pit.net(run_id) == {key: units for key, units in held.items() if key != STRAY}
