"""What Kite, the session and the hour do to a live day, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from typer.testing import CliRunner

from adapters.cli.main import app
from adapters.engine import Due
from adapters.simulators.kite.faults import Fault, FaultKind
from domain.account_terms import AccountStatus
from domain.run import Run
from domain.run_terms import Stage
from tests.adapters.loopback import echo, time_server
from tests.adapters.notify.stage import hanging
from tests.live.stage import LiveDay
from tests.live.trader import condor

TEN_MINUTES = 600


def kinds(day: LiveDay, run: Run) -> set[str]:
    """What the run alarmed."""
    history = day.platform.platform.trading.history(run.id)
    return {each.kind for each in history if isinstance(each, Run.Alerted)}


def outage(day: LiveDay) -> None:
    """From now on nothing works at Kite for ten minutes of the market's."""
    day.kite.inject(Fault(kind=FaultKind.OUTAGE, seconds=TEN_MINUTES))


def test_a_session_that_dies_during_the_day_is_told_and_the_next_login_lets_the_exit_go_on(
    begun: Callable[..., LiveDay],
) -> None:
    day = begun(9, 14, 20)
    trader = day.trader()
    account_id = trader.logged_in()
    entry, leave, later = trader.times(0.5, 2.5, 3.5)
    trader.trade(account_id, condor(entry, leave))
    day.wait(lambda: day.stage() is Stage.OPEN, "the entry")

    day.kite.expire_session(account_id)
    day.wait(
        lambda: day.account(account_id).status is AccountStatus.EXPIRED, "the loss to be noticed"
    )
    day.wait_until(later)
    blocked = day.run()
    trader.log_in()
    day.wait(lambda: day.run().stage.ended, "the exit")

    assert not blocked.stage.ended
    assert "EXIT_BLOCKED" in kinds(day, blocked), day.told()
    assert day.run().stage is Stage.CLOSED
    assert day.account(account_id).status is AccountStatus.CONNECTED
    assert day.net(account_id) == {}
    assert day.faults(account_id) == [], day.told()


def test_kite_down_for_ten_minutes_across_an_entry_misses_it_and_queries_stay_up(
    begun: Callable[..., LiveDay],
) -> None:
    day = begun(9, 14, 60)
    trader = day.trader()
    account_id = trader.logged_in()
    trader.trade(account_id, condor(*trader.times(3, 40), entry_grace_s=60))
    day.wait(lambda: day.stage() is Stage.PENDING, "the run to be opened")

    outage(day)
    day.wait(lambda: day.run().stage.ended, "the grace to pass")
    answers = trader.get("/runs"), trader.get("/orders"), trader.health()

    run = day.run()
    assert run.stage is Stage.SKIPPED, day.told()
    # Prices are down as well: the last look of the grace finds none, the first after it no time.
    assert run.skip_reason in ("STALE_SPOT", "MISSED"), day.told()
    assert all(answers)
    assert [each["kind"] for each in day.kite.struck()] == ["OUTAGE"]
    with day.judged() as judge:
        assert judge.placed(account_id) == []


def test_kite_down_for_ten_minutes_across_an_exit_is_retried_until_it_is_done(
    begun: Callable[..., LiveDay],
) -> None:
    day = begun(9, 14, 60)
    trader = day.trader()
    account_id = trader.logged_in()
    entry, leave, later = trader.times(2, 8, 9)
    trader.trade(account_id, condor(entry, leave))
    day.wait(lambda: day.stage() is Stage.OPEN, "the entry")

    outage(day)
    day.wait_until(later)
    during, answers = day.run(), (trader.get("/runs"), trader.get("/positions"))
    day.wait(lambda: day.run().stage.ended, "the exit")

    assert not during.stage.ended, day.told()
    assert all(answers)
    assert day.run().stage is Stage.CLOSED
    assert day.net(account_id) == {}
    assert day.faults(account_id) == [], day.told()


def test_without_a_login_the_platform_answers_and_skips_the_entry_with_the_reason(
    begun: Callable[..., LiveDay],
) -> None:
    day = begun(9, 14, 20)
    trader = day.trader()
    account_id = trader.link()
    day.wait(lambda: day.platform.market.chain(day.now.date()).contracts, "the lists")

    trader.trade(account_id, condor(*trader.times(1.5, 4)))
    day.wait(lambda: day.stage() is Stage.SKIPPED, "the entry to be skipped")

    shown = trader.get("/runs")["items"]
    assert [each["skip_reason"] for each in shown] == ["NOT_CONNECTED"], shown
    assert "log in" in str(shown), shown


def test_a_paper_account_trades_on_the_live_prices_beside_the_real_one(
    begun: Callable[..., LiveDay],
) -> None:
    day = begun(9, 14, 20)
    trader = day.trader()
    trader.logged_in()

    trader.trade(trader.paper_id, condor(*trader.times(0.5, 2.5)))
    day.wait(lambda: day.runs() and day.run().stage.ended, "the day's run to end")

    run = day.run()
    assert run.stage is Stage.CLOSED, day.told()
    assert run.terms.broker == "paper"
    with day.judged() as judge:
        assert judge.placed() == []


def test_a_platform_that_was_away_takes_up_its_run_and_leaves_it(
    begun: Callable[..., LiveDay],
) -> None:
    day = begun(9, 14, 20)
    trader = day.trader()
    account_id = trader.logged_in()
    trader.trade(account_id, condor(*trader.times(0.5, 2.5)))
    day.wait(lambda: day.stage() is Stage.OPEN, "the entry")

    day.stop_platform()
    day.start_again()
    day.wait(lambda: day.run().stage.ended, "the exit")

    assert day.run().stage is Stage.CLOSED, day.told()
    assert day.faults(account_id) == [], day.told()


def test_a_machine_whose_clock_is_off_or_whose_address_is_another_enters_nothing(
    begun: Callable[..., LiveDay],
) -> None:
    with time_server(2.0) as times, echo("203.0.113.99") as address:
        day = begun(9, 14, 20, {"ntp_servers": (times.place,), "address_urls": (address,)})
        trader = day.trader()
        account_id = trader.logged_in(static_ip="203.0.113.7")

        trader.trade(account_id, condor(*trader.times(0.5, 9)))
        day.wait(lambda: day.stage() is Stage.SKIPPED, "the entry to be skipped")
        off = day.run().skip_reason
        times.ahead = 0.0
        day.platform.platform.engine.wheel.at(day.now, Due("readiness"))
        trader.trade(account_id, condor(*trader.times(0.5, 9)))
        day.wait(lambda: len(day.runs()) == 2 and day.runs()[-1].stage.ended, "the other one")

    reasons = {run.skip_reason for run in day.runs()}
    assert off == "CLOCK_OFF", day.told()
    assert reasons == {"CLOCK_OFF", "ADDRESS_DIFFERS"}, day.told()
    assert any("203.0.113.99" in str(each) for each in trader.get("/inbox")["items"])


def test_the_kill_switch_turned_in_another_terminal_flattens_the_real_account(
    begun: Callable[..., LiveDay],
) -> None:
    day = begun(9, 14, 20)
    trader = day.trader()
    account_id = trader.logged_in()
    trader.trade(account_id, condor(*trader.times(0.5, 60)))
    day.wait(lambda: day.stage() is Stage.OPEN, "the entry")

    command = ["--home", str(day.home), "account", "block", account_id, "--reason", "enough"]
    done = CliRunner().invoke(app, command)
    day.wait(lambda: day.run().stage.ended, "the account to be flat")

    assert done.exit_code == 0, done.output
    assert day.run().exit_reason == "KILL", day.told()
    assert day.net(account_id) == {}
    assert day.faults(account_id) == [], day.told()


def test_a_place_that_never_takes_its_notifications_delays_no_order(
    begun: Callable[..., LiveDay],
) -> None:
    with hanging() as (port, waiting):
        day = begun(9, 14, 20)
        trader = day.trader()
        account_id = trader.logged_in()
        target = {"url": f"json://127.0.0.1:{port}"}
        assert trader.asked("PUT", "/notifications/targets/dead-end", target).status_code == 200

        trader.trade(account_id, condor(*trader.times(0.5, 2.5)))
        day.wait(lambda: bool(waiting), "somebody to be told of the entry")
        day.wait(lambda: day.run().stage.ended, "the exit")

    run = day.run()
    first = min(each.released_at for each in run.slices.values())
    assert run.stage is Stage.CLOSED, day.told()
    grace = timedelta(seconds=run.terms.entry_grace_s)
    assert run.due_at <= first <= run.due_at + grace, day.told()
    assert day.net(account_id) == {}
