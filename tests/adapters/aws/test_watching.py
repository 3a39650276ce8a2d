"""The watcher takes up what is open, and leaves entries to the executors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from adapters.aws.watching import Watching
from adapters.engine import Engine
from domain.calendar import at_ist, ist_date
from domain.ledger import held
from domain.model import Origin, acting
from domain.run import Run
from domain.run_terms import Stage
from tests.adapters.api.practice import Person, condor, made, ok
from tests.adapters.aws.house import House

ENTRY = time(9, 20)


@pytest.fixture
def run_id(house: House, trader: Person, account_id: str) -> str:
    """A condor's run, due at twenty past nine, opened by the schedule."""
    targets = [{"account_id": account_id, "multiplier": 1}]
    basket_id = trader.basket(targets=targets)["basket_id"]
    strategy = made(trader.post(f"/baskets/{basket_id}/strategies", condor()))
    ok(trader.post(f"/strategies/{strategy['strategy_id']}/activate"))
    ok(trader.post(f"/baskets/{basket_id}/activate"))
    at = at_ist(ist_date(house.clock.now()), ENTRY)
    house.clock.advance_to(at - timedelta(seconds=40))
    planner = house.platform.platform.engine.planner
    (run_id,) = planner.open_strategy(strategy["strategy_id"], at, house.clock.now())
    house.project()
    return run_id


def turn(house: House, engine: Engine, until: datetime, done: Callable[[], bool]) -> None:
    """Do what is due, one thing after the other, as time passes."""
    while house.clock.now() < until and not done():
        following = engine.wheel.next_due() or until
        house.clock.advance_to(max(house.clock.now(), min(following, until)))
        engine.turn(house.clock.now())


def entered(house: House, run_id: str) -> Run:
    """By a worker that has the run in hand, as an executor has."""
    engine, clock = house.platform.platform.engine, house.clock
    engine.opened(run_id, clock.now())

    def in_the_market() -> bool:
        return house.platform.trading.load(run_id, Run).stage is Stage.OPEN

    turn(house, engine, clock.now() + timedelta(minutes=2), in_the_market)
    house.project()
    return house.platform.trading.load(run_id, Run)


def test_what_is_not_entered_yet_is_left_to_its_executor(
    house: House, run_id: str, tmp_path: Path
) -> None:
    other = house.worker(tmp_path / "other")
    watch = Watching(other).watch

    watch.learn("", house.clock.now())
    due_at = other.trading.load(run_id, Run).due_at
    house.clock.advance_to(due_at)

    assert watch.runs.open() == [run_id]
    assert watch.follow(run_id, due_at) == due_at + timedelta(seconds=20)
    assert len(other.trading.history(run_id)) == 1


def test_a_run_that_another_worker_entered_is_left_at_its_second(
    house: House, run_id: str, tmp_path: Path
) -> None:
    run = entered(house, run_id)
    assert run.stage is Stage.OPEN
    assert run.exit_at is not None
    other = house.worker(tmp_path / "other")
    watch = Watching(other).watch
    house.clock.advance_to(run.exit_at - timedelta(seconds=5))

    watch.learn("", house.clock.now())
    turn(
        house,
        watch,
        run.exit_at + timedelta(minutes=2),
        lambda: watch.trading.load(run_id, Run).stage.ended,
    )

    left = watch.trading.load(run_id, Run)
    assert left.stage is Stage.CLOSED
    assert left.exit_reason == "TIME"
    assert all(held(left, number) == 0 for number in range(len(left.legs)))


def test_accounts_with_open_runs_have_their_streams(
    house: House, run_id: str, tmp_path: Path
) -> None:
    account_id = house.platform.trading.load(run_id, Run).terms.account_id
    watching = Watching(house.worker(tmp_path / "other"))
    watching.watch.learn("", house.clock.now())

    try:
        watching.link("", house.clock.now())

        assert watching.feed.standing(account_id) is not None
    finally:
        watching.feed.stop()


def test_a_run_that_another_worker_ended_is_let_go(
    house: House, run_id: str, tmp_path: Path
) -> None:
    watch = Watching(house.worker(tmp_path / "other")).watch
    watch.learn("", house.clock.now())
    assert watch.runs.open() == [run_id]

    trading = house.platform.trading
    run = trading.load(run_id, Run)
    with acting(Origin(at=house.clock.now(), actor="schedule", correlation_id="test")):
        run.skip("MARGIN", "not enough")
    trading.save(run)
    house.project()
    watch.learn("", house.clock.now())

    assert watch.runs.open() == []
