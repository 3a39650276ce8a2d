"""The runs a process knows, and what an account did today by them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from commands.runs import RunBook
from domain.limits import Today
from domain.model import Origin, acting
from domain.run import Run
from tests.commands.pit import Pit, condor, quiet_rows


@pytest.fixture
def pit(tmp_path: Path) -> Pit:
    return Pit(tmp_path)


def account_of(pit: Pit, run_id: str) -> str:
    return pit.run(run_id).terms.account_id


def test_a_run_is_known_once(pit: Pit) -> None:
    run = pit.run(pit.opened())

    assert not pit.runs.add(run)
    assert pit.runs.known() == pit.runs.open() == [run.id]


def test_open_runs_are_found_by_strategy_and_by_account(pit: Pit) -> None:
    run = pit.run(pit.opened())

    assert pit.runs.of_strategy(run.terms.strategy_id) == [run.id]
    assert pit.runs.of_account(run.terms.account_id) == [run.id]
    assert [each.id for each in pit.runs.runs_of(run.terms.account_id)] == [run.id]
    assert pit.runs.of_account("ACC-OTHER") == pit.runs.of_strategy("STRAT-OTHER") == []


def test_a_run_that_ended_is_known_and_no_longer_open(pit: Pit) -> None:
    run = pit.follow(pit.opened())

    pit.runs.ended(run.id)
    pit.runs.ended(run.id)

    assert pit.runs.open() == []
    assert pit.runs.known() == [run.id]


def test_a_run_that_had_ended_before_is_not_open(pit: Pit) -> None:
    run = pit.follow(pit.opened())
    fresh = RunBook(pit.trading)

    assert fresh.add(run)

    assert fresh.open() == []


def test_a_day_without_trades_counts_nothing(pit: Pit) -> None:
    run_id = pit.opened()

    today = pit.runs.today(account_of(pit, run_id), pit.clock.now(), pit.market)

    assert today == Today(orders=0, open_runs=0, profit=Decimal(0))


def test_open_runs_count_at_their_mark_and_ended_ones_at_what_they_made(pit: Pit) -> None:
    run_id = pit.opened()
    run = pit.follow(run_id, until="09:22")

    during = pit.runs.today(run.terms.account_id, pit.clock.now(), pit.market)
    run = pit.follow(run_id)
    pit.runs.ended(run_id)
    after = pit.runs.today(run.terms.account_id, pit.clock.now(), pit.market)

    assert (during.orders, during.open_runs) == (4, 1)
    assert during.profit == 65 * 4 * Decimal("-0.05")  # four spreads of a tick
    assert (after.orders, after.open_runs, after.profit) == (8, 0, run.realised)


def test_without_a_mark_premiums_received_are_no_profit(pit: Pit) -> None:
    run = pit.follow(pit.opened(), until="09:22")
    pit.clock.sleep(3600)

    today = pit.runs.today(run.terms.account_id, pit.clock.now(), pit.market)

    assert today.profit == 0


def test_a_run_carried_over_night_counts_today_with_what_it_made_since_yesterday(
    pit: Pit,
) -> None:
    run_id = pit.opened(condor(holding="POSITIONAL", product="NRML", exit_dte=0))
    run = pit.follow(run_id, until="09:22")
    with acting(Origin(at=pit.clock.now(), actor="system", correlation_id="M")):
        run.mark("2026-08-04", Decimal(-1000))
    pit.trading.save(run)
    tomorrow = pit.clock.now() + timedelta(days=1)

    today = pit.runs.today(run.terms.account_id, tomorrow, pit.market)

    assert (today.orders, today.open_runs) == (0, 1)
    assert today.profit == 0  # no price of tomorrow is known

    with acting(Origin(at=tomorrow, actor="system", correlation_id="M")):
        run = pit.trading.load(run_id, Run)
        run.request_exit("TRADER", "")
        run.close("TRADER", Decimal(-1300), Decimal(0))
    pit.trading.save(run)
    pit.runs.ended(run_id)

    closed = pit.runs.today(run.terms.account_id, tomorrow, pit.market)
    assert closed.open_runs == 0
    assert closed.profit == -300
    started_later = RunBook(pit.trading)
    started_later.add(pit.trading.load(run_id, Run))
    assert started_later.today(run.terms.account_id, tomorrow, pit.market) == closed
    later = pit.runs.today(run.terms.account_id, tomorrow + timedelta(days=1), pit.market)
    assert later.profit == 0


def test_another_account_s_losses_are_not_counted(tmp_path: Path) -> None:
    pit = Pit(tmp_path, quiet_rows(moves={"24800CE": {"09:21": 120.0}}))
    run = pit.follow(pit.opened(), until="09:22")

    other = pit.runs.today("ACC-OTHER", pit.clock.now(), pit.market)

    assert pit.runs.today(run.terms.account_id, pit.clock.now(), pit.market).profit < -2000
    assert other.profit == 0
