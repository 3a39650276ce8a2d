"""What Kite, the session and the hour do to a live day, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable

from adapters.simulators.kite.faults import Fault, FaultKind
from domain.account_terms import AccountStatus
from domain.run import Run
from domain.run_terms import Stage
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
    trader.trade(account_id, condor("09:17:00", "09:20:00"))
    day.wait(lambda: day.stage() is Stage.OPEN, "the entry")

    day.kite.expire_session(account_id)
    day.wait(
        lambda: day.account(account_id).status is AccountStatus.EXPIRED, "the loss to be noticed"
    )
    day.wait_until(9, 21)
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
    trader.trade(account_id, condor("09:22:00", "10:00:00", entry_grace_s=60))
    day.wait(lambda: day.stage() is Stage.PENDING, "the run to be opened")

    outage(day)
    day.wait(lambda: day.run().stage.ended, "the grace to pass")
    answers = trader.get("/runs"), trader.get("/orders"), trader.health()

    run = day.run()
    assert run.stage is Stage.SKIPPED, day.told()
    assert run.skip_reason == "MISSED", day.told()
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
    trader.trade(account_id, condor("09:20:00", "09:28:00"))
    day.wait(lambda: day.stage() is Stage.OPEN, "the entry")

    outage(day)
    day.wait_until(9, 29)
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

    trader.trade(account_id, condor("09:17:00", "09:20:00"))
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

    trader.trade(trader.paper_id, condor("09:18:00", "09:21:00"))
    day.wait(lambda: day.runs() and day.run().stage.ended, "the day's run to end")

    run = day.run()
    assert run.stage is Stage.CLOSED, day.told()
    assert run.terms.broker == "paper"
    with day.judged() as judge:
        assert judge.placed() == []
