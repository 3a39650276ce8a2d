"""From due slots to runs: who is due, why not, once, and by which version."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from commands.account import LinkAccount
from commands.basket import DeactivateBasket
from commands.strategy import (
    ActivateStrategy,
    DeactivateStrategy,
    EditStrategy,
    RevalidateStrategy,
)
from domain.basket import Target
from domain.chain import Chain, LeftOut
from domain.definition import Definition
from domain.refusal import Faulty
from domain.risk import RiskParams
from domain.run import Run
from domain.run_terms import Stage
from domain.strategy import Strategy, StrategyStatus
from tests.adapters.market.recorded_days import DAY, minute
from tests.commands.pit import CONDOR, Pit, condor


@pytest.fixture
def pit(tmp_path: Path) -> Pit:
    return Pit(tmp_path)


def scheduled(**changes: Any) -> Definition:
    return condor(schedule={**CONDOR["schedule"], **changes})


def test_a_run_is_opened_ahead_of_its_second_with_the_definition_of_now(pit: Pit) -> None:
    run = pit.run(pit.opened())

    assert run.stage is Stage.PENDING
    assert run.due_at == minute("09:20")
    assert run.id.endswith("-20260804T092000")
    assert run.definition == condor().model_dump(mode="json")
    assert run.terms.underlying == "NIFTY"
    assert run.terms.risk == RiskParams.model_validate({"max_loss": 5000})


def test_planned_twice_it_is_one_run(pit: Pit) -> None:
    run_id = pit.opened()

    assert pit.plan() == [run_id]
    assert pit.kinds(run_id) == ["Opened"]


def test_planned_by_two_processes_at_once_it_is_one_run(pit: Pit) -> None:
    pit.basket(pit.trader())

    with ThreadPoolExecutor(4) as pool:
        found = [f.result() for f in [pool.submit(pit.plan) for _ in range(8)]]

    assert len({run_id for runs in found for run_id in runs}) == 1
    assert pit.kinds(found[0][0]) == ["Opened"]


def test_an_edit_counts_for_the_next_run_and_not_for_the_open_one(pit: Pit) -> None:
    user = pit.trader()
    _, (strategy,) = pit.basket(user)
    (run_id,) = pit.plan()

    later = condor(risk_params={"max_loss": 1})
    pit.bus.execute(EditStrategy(strategy_id=strategy.id, definition=later), pit.asked(user))
    pit.plan()

    run = pit.run(run_id)
    assert run.terms.strategy_edition == 1
    assert run.terms.risk.max_loss == 5000


def test_deactivated_after_it_was_opened_the_run_goes_on(pit: Pit) -> None:
    user = pit.trader()
    _, (strategy,) = pit.basket(user)
    (run_id,) = pit.plan()

    pit.bus.execute(DeactivateStrategy(strategy_id=strategy.id), pit.asked(user))

    assert pit.follow(run_id, until="09:21").stage is Stage.OPEN


def test_only_an_active_strategy_of_an_active_basket_is_due(pit: Pit) -> None:
    user = pit.trader()
    basket, (strategy,) = pit.basket(user)
    pit.bus.execute(DeactivateBasket(basket_id=basket.id), pit.asked(user))
    assert pit.plan() == []

    other, (strategy,) = pit.basket(user)
    pit.slots.strategies = [strategy.id]
    pit.bus.execute(DeactivateStrategy(strategy_id=strategy.id), pit.asked(user))

    assert pit.plan() == []
    assert other.id != basket.id


def test_a_slot_of_another_minute_wakes_nobody(pit: Pit) -> None:
    pit.basket(pit.trader())

    assert pit.plan("09:21") == []


def test_a_slot_of_a_strategy_that_is_gone_wakes_nobody(pit: Pit) -> None:
    pit.slots.strategies = ["STRAT-GONE"]

    assert pit.plan() == []


def test_an_entry_within_the_minute_keeps_its_second(pit: Pit) -> None:
    pit.basket(pit.trader(), scheduled(entry_time="09:20:30"))

    (run_id,) = pit.plan()

    assert run_id.endswith("T092030")
    assert (pit.run(run_id).due_at - minute("09:20")).total_seconds() == 30


@pytest.mark.parametrize(
    ("day", "changes", "reason"),
    [
        (date(2026, 8, 8), {}, "MARKET_CLOSED"),  # a Saturday
        (date(2026, 8, 15), {}, "MARKET_CLOSED"),
        (date(2026, 8, 4), {"weekdays": ["MON"]}, "WEEKDAY"),
        (date(2026, 8, 4), {"skip_dates": ["2026-08-04"]}, "SKIP_DATE"),
        (date(2026, 8, 4), {"dte_min": 1}, "DTE"),
        (date(2026, 8, 5), {"dte_max": 7}, "NO_EXPIRY"),
    ],
)
def test_a_day_without_an_entry_is_skipped_with_the_reason(
    pit: Pit, day: date, changes: dict[str, Any], reason: str
) -> None:
    pit.basket(pit.trader(), scheduled(**changes))

    (run_id,) = pit.plan(day=day)

    run = pit.run(run_id)
    assert (run.stage, run.skip_reason) == (Stage.SKIPPED, reason)


def test_days_to_expiry_count_both_ends(pit: Pit) -> None:
    pit.basket(pit.trader(), scheduled(dte_min=0, dte_max=0))

    (run_id,) = pit.plan()

    assert pit.run(run_id).stage is Stage.PENDING


def test_two_accounts_are_two_runs_with_their_own_multipliers(pit: Pit) -> None:
    user = pit.trader()
    second = pit.bus.execute(LinkAccount(broker="paper", account_name="Two"), pit.asked(user))
    targets = (
        Target(account_id=user.accounts[0], multiplier=1),
        Target(account_id=second.id, multiplier=3),
    )
    pit.basket(user, targets=targets)

    first, other = pit.plan()
    pit.exchange.step(minute("09:20"))
    for run_id in (first, other):
        pit.follow(run_id, until="09:21")

    assert pit.net(first) != {}
    assert {k: 3 * units for k, units in pit.net(first).items()} == pit.net(other)


def test_a_multiplier_of_zero_switches_an_account_off(pit: Pit) -> None:
    user = pit.trader()
    pit.basket(user, targets=(Target(account_id=user.accounts[0], multiplier=0),))

    assert pit.plan() == []


def test_grace_and_hedge_timeout_of_its_own_are_taken_even_where_they_are_nothing(
    pit: Pit,
) -> None:
    pit.basket(pit.trader(), condor(entry_grace_s=0, hedge_timeout_s=30))

    (run_id,) = pit.plan()

    terms = pit.run(run_id).terms
    assert (terms.entry_grace_s, terms.hedge_timeout_s, terms.reprice_after_s) == (0, 30, 2)


def test_who_was_active_when_it_was_due_is_opened_late(pit: Pit) -> None:
    pit.basket(pit.trader())
    pit.at("09:20")
    pit.clock.sleep(30)

    (run_id,) = pit.plan()

    assert pit.follow(run_id, until="09:22").stage is Stage.OPEN


def test_what_nobody_was_there_for_is_missed_and_told(pit: Pit) -> None:
    pit.basket(pit.trader())
    pit.at("09:25")

    (run_id,) = pit.plan()

    assert pit.follow(run_id).skip_reason == "MISSED"


def test_who_is_activated_after_its_time_waits_for_another_day(pit: Pit) -> None:
    user = pit.trader()
    basket, (strategy,) = pit.basket(user)
    pit.bus.execute(DeactivateStrategy(strategy_id=strategy.id), pit.asked(user))
    pit.at("09:21")
    pit.bus.execute(ActivateStrategy(strategy_id=strategy.id), pit.asked(user))

    assert pit.plan() == []
    assert basket.id == strategy.basket_id


def test_an_expired_symbol_cannot_be_activated_and_so_never_is_due(pit: Pit) -> None:
    expired = {"action": "BUY", "symbol": "NIFTY24AUG18000CE", "qty": 65}

    with pytest.raises(Faulty):
        pit.basket(pit.trader(), condor(type="CUSTOM", legs=[expired]))


def with_lot(chain: Chain, lot: int) -> Chain:
    return Chain(chain.day, [c.model_copy(update={"lot": lot}) for c in chain.contracts])


def test_an_active_strategy_that_was_found_faulty_does_not_enter_and_says_why(
    pit: Pit,
) -> None:
    _, (strategy,) = pit.basket(pit.trader())
    pit.market.relisted = with_lot(pit.market.chain(DAY), 60)
    pit.bus.execute(RevalidateStrategy(strategy_id=strategy.id), pit.platform())

    (run_id,) = pit.plan()

    run = pit.run(run_id)
    assert (run.stage, run.skip_reason) == (Stage.SKIPPED, "NOT_A_LOT_MULTIPLE")
    assert told(pit, run_id) == "legs[0].qty: 65 is no multiple of the lot, 60"
    assert pit.trading.load(strategy.id, Strategy).status is StrategyStatus.ACTIVE


def test_a_fault_that_has_passed_by_itself_stops_nothing(pit: Pit) -> None:
    _, (strategy,) = pit.basket(pit.trader())
    pit.market.relisted = with_lot(pit.market.chain(DAY), 60)
    pit.bus.execute(RevalidateStrategy(strategy_id=strategy.id), pit.platform())
    pit.market.relisted = None

    (run_id,) = pit.plan()

    assert pit.run(run_id).stage is Stage.PENDING


def test_a_run_that_is_open_stays_with_its_definition_and_contracts_when_the_lot_changes(
    pit: Pit,
) -> None:
    _, (strategy,) = pit.basket(pit.trader())
    (run_id,) = pit.plan()
    pit.follow(run_id, until="09:21")
    pit.market.relisted = with_lot(pit.market.chain(DAY), 60)
    pit.bus.execute(RevalidateStrategy(strategy_id=strategy.id), pit.platform())
    assert {leg.contract.lot for leg in pit.follow(run_id, until="09:25").legs} == {65}
    pit.market.relisted = None  # the exchange takes back what it sold

    run = pit.follow(run_id, until="09:32")

    assert pit.trading.load(strategy.id, Strategy).faults
    assert run.stage is Stage.CLOSED
    assert run.definition == condor().model_dump(mode="json")
    assert {leg.contract.lot for leg in run.legs} == {65}
    assert pit.net(run_id) == {}


def test_a_lot_that_nobody_knows_stops_only_those_who_trade_that_underlying(
    pit: Pit,
) -> None:
    known = pit.market.chain(DAY)
    user = pit.trader()
    pit.basket(user, condor(name="Known"))
    legs = [{"action": "BUY", "lots": 1, "option_type": "CE",
             "selector": {"underlying": "LIQUOR", "expiry": "MONTHLY"}}]  # fmt: skip
    liquor = [c.model_copy(update={"underlying": "LIQUOR", "expiry": date(2026, 8, 25),
                                   "tradingsymbol": f"LIQUOR26AUG{c.strike}{c.option_type}"})
              for c in known.contracts]  # fmt: skip
    pit.market.relisted = Chain(DAY, [*known.contracts, *liquor])
    wanted = {**CONDOR["schedule"], "dte_max": 40}
    pit.basket(user, condor(name="Liquor", type="CUSTOM", legs=legs, schedule=wanted))
    why = "the lot of LIQUOR on 2026-08-04 is not known"
    pit.market.relisted = Chain(
        DAY, known.contracts, [LeftOut(c.key, "LIQUOR", why) for c in liquor]
    )

    first, second = pit.plan()

    assert pit.follow(first, until="09:21").stage is Stage.OPEN
    assert pit.run(second).skip_reason == "UNKNOWN_LOT"
    assert told(pit, second) == why


def told(pit: Pit, run_id: str) -> str:
    return next(e.detail for e in pit.trading.history(run_id) if isinstance(e, Run.Skipped))
