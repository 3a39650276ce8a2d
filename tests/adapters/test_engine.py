"""What is due when: planning ahead, arming, following, sweeping, and looking back after a stop."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from adapters.brokers.paper.faults import FaultKind
from adapters.engine import Due, Engine
from commands.strategy import ActivateStrategy, DeactivateStrategy
from domain.model import Origin, acting
from domain.run import Run
from domain.run_terms import Stage
from tests.adapters.market.recorded_days import minute
from tests.commands.pit import Pit

WEDNESDAY = date(2026, 8, 5)


def engine_of(pit: Pit, sweep: timedelta | None = None) -> Engine:
    return Engine(
        trading=pit.trading,
        clock=pit.clock,
        planner=pit.planner,
        run_planner=pit.run_planner,
        follower=pit.follower,
        runs=pit.runs,
        sweep=sweep,
    )


@pytest.fixture
def pit(tmp_path: Path) -> Pit:
    return Pit(tmp_path)


def turn_until(engine: Engine, pit: Pit, until: datetime) -> None:
    """Do what is due at its time, up to that moment."""
    while (due := engine.wheel.next_due()) is not None and due <= until:
        pit.exchange.step(max(due, pit.clock.now()))
        engine.turn(pit.clock.now())
    pit.exchange.step(until)


def test_a_day_goes_by_itself_once_it_has_begun(pit: Pit) -> None:
    pit.basket(pit.trader())
    engine = engine_of(pit)

    engine.begin()
    turn_until(engine, pit, minute("09:35"))

    (run_id,) = pit.runs.known()
    assert pit.run(run_id).outcome == "TIME"
    assert pit.runs.open() == []


def test_a_run_is_opened_two_minutes_ahead_armed_and_fired_at_its_second(pit: Pit) -> None:
    pit.basket(pit.trader())
    engine = engine_of(pit)

    engine.begin()
    engine.turn(pit.clock.now())
    (run_id,) = pit.runs.open()
    turn_until(engine, pit, minute("09:19"))
    assert pit.kinds(run_id) == ["Opened"]
    pit.fault(FaultKind.FAIL, run_id, method="basket_margin")  # arming meets it, the entry does not
    turn_until(engine, pit, minute("09:19") + timedelta(seconds=15))
    turn_until(engine, pit, minute("09:20"))

    assert pit.judge().placed()[0].at == minute("09:20")
    assert pit.run(run_id).stage is Stage.ENTERING


def test_what_arming_finds_is_no_verdict_yet(pit: Pit) -> None:
    pit.basket(pit.trader())
    engine = engine_of(pit)
    engine.begin()
    engine.turn(pit.clock.now())
    (run_id,) = pit.runs.open()
    pit.fault(FaultKind.FAIL, run_id, method="basket_margin")

    turn_until(engine, pit, minute("09:21"))

    assert pit.run(run_id).stage is Stage.OPEN


def test_an_open_run_is_taken_up_again_after_a_restart(pit: Pit) -> None:
    run_id = pit.opened()
    pit.follow(run_id, until="09:22")
    engine = engine_of(pit)

    engine.begin()
    turn_until(engine, pit, minute("09:35"))

    assert pit.run(run_id).stage is Stage.CLOSED


def test_a_slot_that_passed_while_nobody_was_there_is_told_as_missed(pit: Pit) -> None:
    pit.basket(pit.trader())
    pit.at("09:25")
    engine = engine_of(pit)

    engine.begin()
    turn_until(engine, pit, minute("09:25"))

    (run_id,) = pit.runs.known()
    assert pit.run(run_id).skip_reason == "MISSED"


def test_a_slot_of_an_earlier_day_is_told_as_missed_once(pit: Pit) -> None:
    user = pit.trader()
    _, (strategy,) = pit.basket(user)
    pit.exchange.step(minute("12:00", WEDNESDAY))

    for _ in range(2):
        engine = engine_of(pit)
        engine.begin()
        turn_until(engine, pit, minute("12:00", WEDNESDAY))

    tuesday, wednesday = sorted(pit.runs.known())
    assert tuesday.endswith("-20260804T092000")
    assert wednesday.endswith("-20260805T092000")
    assert pit.run(tuesday).skip_reason == "MISSED"
    assert pit.kinds(tuesday) == ["Opened", "Skipped"]
    assert tuesday.startswith(f"RUN-{strategy.id}-")


def test_what_was_not_wanted_on_the_earlier_day_is_not_missed(pit: Pit) -> None:
    user = pit.trader()
    _, (strategy,) = pit.basket(user)
    pit.bus.execute(DeactivateStrategy(strategy_id=strategy.id), pit.asked(user))
    pit.at("09:25")
    pit.bus.execute(ActivateStrategy(strategy_id=strategy.id), pit.asked(user))
    pit.exchange.step(minute("12:00", WEDNESDAY))
    engine = engine_of(pit)

    engine.begin()
    turn_until(engine, pit, minute("12:00", WEDNESDAY))

    (wednesday,) = pit.runs.known()
    assert wednesday.endswith("-20260805T092000")


def test_one_looks_back_to_the_last_day_on_which_somebody_was_at_work(pit: Pit) -> None:
    pit.basket(pit.trader())
    engine = engine_of(pit)
    engine.begin()
    turn_until(engine, pit, minute("09:35"))
    pit.exchange.step(minute("12:00", date(2026, 8, 7)))
    engine = engine_of(pit)

    engine.begin()
    turn_until(engine, pit, minute("12:00", date(2026, 8, 7)))

    days = [run_id[-15:-7] for run_id in sorted(pit.runs.known())]
    assert days == ["20260804", "20260805", "20260806", "20260807"]
    assert pit.run(min(pit.runs.known())).outcome == "TIME"
    assert engine.wheel.next_due() is not None


def test_within_its_grace_such_a_slot_is_still_entered(pit: Pit) -> None:
    pit.basket(pit.trader())
    pit.at("09:20")
    pit.clock.sleep(40)
    engine = engine_of(pit)

    engine.begin()
    turn_until(engine, pit, minute("09:21"))

    (run_id,) = pit.runs.open()
    assert pit.run(run_id).stage is Stage.OPEN


def test_the_sweep_finds_what_another_process_wrote(pit: Pit) -> None:
    pit.basket(pit.trader())
    engine = engine_of(pit, sweep=timedelta(seconds=5))
    engine.begin()
    turn_until(engine, pit, minute("09:22"))
    (run_id,) = pit.runs.open()
    other = pit.process()
    run = other.load(run_id, Run)
    with acting(Origin(at=pit.clock.now(), actor="USER-1", correlation_id="X")):
        run.request_exit("REQUEST", "from another process")
    other.save(run)

    turn_until(engine, pit, minute("09:22") + timedelta(seconds=10))

    assert pit.run(run_id).outcome == "REQUEST"


def test_the_sweep_forgets_what_another_process_ended(pit: Pit) -> None:
    pit.basket(pit.trader())
    engine = engine_of(pit, sweep=timedelta(seconds=5))
    engine.begin()
    turn_until(engine, pit, minute("09:22"))
    (run_id,) = pit.runs.open()
    pit.follow(run_id, by=pit.follower_of("W1", trading=pit.process()))

    assert engine.sweep_all("", pit.clock.now()) == pit.clock.now() + timedelta(seconds=5)

    assert pit.runs.open() == []


def test_without_a_sweep_none_is_due(pit: Pit) -> None:
    engine = engine_of(pit)

    assert engine.sweep_all("", pit.clock.now()) is None


def test_news_of_a_run_means_looking_at_it_now(pit: Pit) -> None:
    engine = engine_of(pit)

    engine.notice("RUN-1")
    engine.retry(Due("follow", "RUN-2"), 2)

    assert engine.wheel.pop_due(pit.clock.now()) == [Due("follow", "RUN-1")]
    assert engine.wheel.next_due() == pit.clock.now() + timedelta(seconds=2)


def test_work_on_a_run_belongs_to_its_account_and_other_work_to_none(pit: Pit) -> None:
    run = pit.run(pit.opened())
    engine = engine_of(pit)

    assert engine.account_of(Due("follow", run.id)) == run.terms.account_id
    assert engine.account_of(Due("plan")) is None


def test_a_run_skipped_ahead_of_time_is_not_followed(pit: Pit) -> None:
    pit.basket(pit.trader())
    engine = engine_of(pit)
    engine.begin()
    engine.turn(pit.clock.now())
    (run_id,) = pit.runs.open()
    run = pit.run(run_id)
    with acting(Origin(at=pit.clock.now(), actor="USER-1", correlation_id="X")):
        run.skip("WITHDRAWN", "not today")
    pit.trading.save(run)

    turn_until(engine, pit, minute("09:22"))

    assert pit.judge().placed() == []
    assert pit.runs.open() == []
