"""Making a run's plan within the account's limits and its money, at the second it is due."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.brokers.paper.faults import FaultKind
from adapters.brokers.paper.settings import PaperSettings
from commands.account import SetLimits
from domain.account import BrokerAccount
from domain.account_terms import Limits
from domain.model import Origin, Refused, acting
from domain.run import Run
from domain.run_terms import Stage
from domain.user import User
from tests.commands.pit import KIND, Pit, condor


def refused(pit: Pit, run_id: str) -> str:
    with pytest.raises(Refused) as found:
        pit.run_planner(pit.run(run_id), pit.clock.now())
    return found.value.code


@pytest.fixture
def pit(tmp_path: Path) -> Pit:
    return Pit(tmp_path)


def needed(folder: Path) -> Decimal:
    """₹ that the condor needs at its second, as an account that is too poor is told."""
    pit = poor(_folder(folder, "poor"), 5_000)
    run = pit.follow(pit.opened(), until="09:22")
    told = next(e.detail for e in pit.trading.history(run.id) if isinstance(e, Run.Skipped))
    return Decimal(told.removeprefix("needs ₹").partition(",")[0])


def poor(folder: Path, cash: int) -> Pit:
    return Pit(folder, settings=KIND.model_copy(update={"cash": Decimal(cash)}))


def test_a_plan_names_contracts_and_units_and_when_it_will_leave(pit: Pit) -> None:
    run_id = pit.opened()

    made = pit.run_planner(pit.run(run_id), pit.clock.now())

    assert [leg.quantity for leg in made.legs] == [65] * 4
    assert made.allowed_uncovered == 0
    assert made.exit_at is not None


def test_an_account_without_a_session_enters_nothing(pit: Pit) -> None:
    run_id = pit.opened()
    account = pit.trading.load(pit.run(run_id).terms.account_id, BrokerAccount)
    with acting(Origin(at=pit.clock.now(), actor="broker", correlation_id="T")):
        account.session_ended("token expired", expired=True)
    pit.trading.save(account)

    assert refused(pit, run_id) == "not-connected"


def test_a_session_that_died_unnoticed_is_noticed_when_margin_is_asked(pit: Pit) -> None:
    run_id = pit.opened()
    pit.faults.expire_session(pit.run(run_id).terms.account_id)

    run = pit.follow(run_id, until="09:22")

    assert run.skip_reason == "NOT_CONNECTED"


@pytest.mark.parametrize("kind", [FaultKind.FAIL, FaultKind.DROP_REQUEST, FaultKind.THROTTLE])
def test_a_broker_that_cannot_tell_the_margin_is_asked_again_each_second(
    pit: Pit, kind: FaultKind
) -> None:
    run_id = pit.opened()
    pit.fault(kind, run_id, method="basket_margin", times=2)

    run = pit.follow(run_id, until="09:22")

    assert run.stage is Stage.OPEN


def test_a_margin_that_the_broker_will_not_compute_is_final(pit: Pit) -> None:
    run_id = pit.opened()
    pit.fault(FaultKind.REJECT, run_id, method="basket_margin", message="invalid basket")

    assert refused(pit, run_id) == "rejected"


def test_a_plan_beyond_a_limit_of_the_account_is_skipped_by_its_name(pit: Pit) -> None:
    run_id = pit.opened()
    run = pit.run(run_id)
    user = pit.trading.load(run.owner, User)
    limits = SetLimits(account_id=run.terms.account_id, limits=Limits(max_lots=3))
    pit.bus.execute(limits, pit.asked(user))

    assert pit.follow(run_id, until="09:22").skip_reason == "MAX_LOTS"


def test_too_little_money_is_no_entry(tmp_path: Path) -> None:
    pit = poor(tmp_path, 5_000)
    run_id = pit.opened()

    run = pit.follow(run_id, until="09:22")

    assert run.skip_reason == "MARGIN"
    assert pit.judge().placed() == []


def test_98_percent_of_the_money_may_be_used(tmp_path: Path) -> None:
    sum_ = needed(tmp_path)
    for cash, enough in ((sum_ / Decimal("0.98") + 1, True), (sum_ / Decimal("0.98") - 1, False)):
        pit = Pit(
            _folder(tmp_path, f"with-{enough}"), settings=KIND.model_copy(update={"cash": cash})
        )
        run_id = pit.opened()

        assert (pit.follow(run_id, until="09:22").stage is Stage.OPEN) is enough


def test_two_runs_of_one_second_do_not_both_take_the_same_money(tmp_path: Path) -> None:
    sum_ = needed(tmp_path)
    settings = PaperSettings(partial_rate=0, rejection_rate=0, cash=sum_ * Decimal("1.5"))
    pit = Pit(_folder(tmp_path, "pit"), settings=settings)
    pit.basket(pit.trader(), condor(name="One"), condor(name="Two"))
    first, second = pit.plan()
    pit.run_planner(pit.run(first), pit.clock.now())

    assert refused(pit, second) == "margin"


def test_a_reservation_that_nobody_used_lapses(tmp_path: Path) -> None:
    sum_ = needed(tmp_path)
    settings = KIND.model_copy(update={"cash": sum_ * Decimal("1.5")})
    pit = Pit(_folder(tmp_path, "pit"), settings=settings)
    pit.basket(pit.trader(), condor(name="One"), condor(name="Two"))
    first, second = pit.plan()
    pit.run_planner(pit.run(first), pit.clock.now())

    pit.clock.sleep(121)

    assert pit.run_planner(pit.run(second), pit.clock.now()).legs


def test_armed_ahead_the_margin_is_not_asked_again_at_the_second(pit: Pit) -> None:
    run_id = pit.opened()
    pit.run_planner.arm(pit.run(run_id), pit.clock.now())
    pit.fault(FaultKind.FAIL, run_id, method="basket_margin")

    made = pit.run_planner(pit.run(run_id), pit.clock.now() + timedelta(seconds=45))

    assert made.legs


def test_an_old_answer_about_margin_is_asked_anew(pit: Pit) -> None:
    run_id = pit.opened()
    pit.run_planner.arm(pit.run(run_id), pit.clock.now())
    pit.clock.sleep(121)
    pit.fault(FaultKind.FAIL, run_id, method="basket_margin")

    assert refused(pit, run_id) == "broker-unavailable"


def _folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name
