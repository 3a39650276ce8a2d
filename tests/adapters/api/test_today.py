"""The day as the desk shows it: what is due, what it made so far, and when it would leave."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.run_terms import Stage
from tests.adapters.api.practice import MORNING, Json, Person, Practice, ok, refused

ENTERED = MORNING + timedelta(minutes=52)
#: A condor of 15:10 is in, shortly before the close.
BEFORE_CLOSE = MORNING + timedelta(hours=6, minutes=42)
#: The night is over, and the market open.
NEXT_MORNING = MORNING + timedelta(days=1, minutes=46)


def entry(trader: Person) -> Json:
    """The one entry that today has."""
    shown = ok(trader.get("/runs/due"))
    assert shown["complete"] is True
    found: Json = shown["items"][0]
    return found


def test_what_is_due_today_names_its_times_and_the_accounts_it_enters_on(trader: Person) -> None:
    _, strategy_id = trader.active_condor()

    found = entry(trader)

    assert found["strategy_id"] == strategy_id
    assert found["name"] == "NIFTY Iron Condor"
    assert (found["due_at"], found["exit_at"]) == ("2026-08-03T03:50:00Z", "2026-08-03T09:30:00Z")
    assert found["reason"] is None
    assert found["entries"] == [
        {"account_id": trader.account_id, "multiplier": 1, "run_id": None, "reason": None}
    ]


def test_an_entry_that_was_opened_names_its_run(practice: Practice, trader: Person) -> None:
    trader.active_condor()
    practice.pass_until(ENTERED)

    run_id = ok(trader.get("/runs"))["items"][0]["run_id"]
    assert entry(trader)["entries"][0]["run_id"] == run_id


def test_an_entry_outside_of_its_days_to_expiry_is_announced_with_the_reason(
    trader: Person,
) -> None:
    basket_id = trader.basket()["basket_id"]
    schedule = {"entry_time": "09:20", "exit_time": "15:00", "dte_min": 3, "dte_max": 7}
    strategy_id = trader.strategy(basket_id, schedule=schedule)["strategy_id"]
    ok(trader.post(f"/strategies/{strategy_id}/activate"))
    ok(trader.post(f"/baskets/{basket_id}/activate"))

    reason = entry(trader)["reason"]

    assert reason["code"] == "dte"
    assert "it enters at 3 to 7" in reason["message"]


def test_an_entry_of_a_basket_that_rests_says_so(trader: Person) -> None:
    basket_id, _ = trader.active_condor()
    ok(trader.post(f"/baskets/{basket_id}/deactivate"))

    assert entry(trader)["reason"]["code"] == "basket-inactive"


def test_an_entry_on_a_blocked_account_says_so(trader: Person) -> None:
    trader.active_condor()
    ok(trader.post(f"/accounts/{trader.account_id}/block", {"reason": "enough"}))

    reason = entry(trader)["entries"][0]["reason"]

    assert reason == {"code": "blocked", "message": "blocked: enough"}


def test_who_activates_after_the_time_is_told_that_it_has_passed(
    practice: Practice, trader: Person
) -> None:
    practice.pass_until(ENTERED)
    trader.active_condor()

    assert entry(trader)["entries"][0]["reason"]["code"] == "passed"


def test_nothing_is_due_of_a_strategy_that_is_not_active_or_on_another_day(
    practice: Practice, trader: Person, stranger: Person
) -> None:
    _, strategy_id = trader.active_condor()
    assert ok(stranger.get("/runs/due"))["items"] == []

    practice.clock.advance_to(MORNING + timedelta(days=5))
    trader.sign_in()
    assert ok(trader.get("/runs/due"))["items"] == []  # a Saturday

    ok(trader.post(f"/strategies/{strategy_id}/deactivate"))
    assert ok(trader.get("/runs/due"))["items"] == []


def test_what_today_made_is_the_same_by_run_account_and_basket(
    practice: Practice, trader: Person
) -> None:
    basket_id, strategy_id = trader.active_condor()
    practice.pass_until(ENTERED)

    now = ok(trader.get("/pnl/now"))

    run = now["runs"][0]
    positions = ok(trader.get("/positions"))["items"]
    assert (run["strategy_id"], run["held"]) == (strategy_id, True)
    assert run["gross"] == pytest.approx(sum(each["unrealised"] for each in positions))
    assert run["charges"] > 0
    assert run["net"] == pytest.approx(run["gross"] - run["charges"])
    assert now["total"] == {
        "gross": run["gross"],
        "charges": run["charges"],
        "net": run["net"],
        "runs": 1,
        "unmarked": 0,
    }
    assert now["accounts"] == [{"account_id": trader.account_id, **now["total"]}]
    assert now["baskets"] == [{"basket_id": basket_id, **now["total"]}]


def test_a_run_that_ended_made_what_its_day_says(practice: Practice, trader: Person) -> None:
    trader.active_condor()
    practice.pass_until(ENTERED)
    run_id = ok(trader.get("/runs"))["items"][0]["run_id"]
    ok(trader.post(f"/runs/{run_id}/exit", {"detail": "enough"}))
    practice.pass_until(ENTERED + timedelta(minutes=5))

    now = ok(trader.get("/pnl/now"))

    day = ok(trader.get("/pnl/daily"))["items"][0]
    assert now["runs"][0]["held"] is False
    assert now["total"]["gross"] == pytest.approx(day["gross"])
    assert now["total"]["net"] == pytest.approx(day["net"])


def test_a_run_without_a_fresh_price_is_counted_and_not_summed(
    practice: Practice, trader: Person
) -> None:
    trader.active_condor()
    practice.pass_until(ENTERED)
    practice.clock.advance_to(MORNING + timedelta(hours=12))

    now = ok(trader.get("/pnl/now"))

    assert (now["runs"][0]["gross"], now["runs"][0]["net"]) == (None, None)
    assert (now["total"]["gross"], now["total"]["unmarked"]) == (0, 1)


def test_a_run_that_was_carried_counts_from_the_mark_of_the_day_before(
    practice: Practice, trader: Person
) -> None:
    basket_id = trader.basket()["basket_id"]
    late = {"entry_time": "15:10", "exit_time": "15:25", "dte_min": 0, "dte_max": 7}
    changes = {"holding": "POSITIONAL", "exit_after_sessions": 1, "risk_params": {}}
    strategy_id = trader.strategy(basket_id, schedule=late, **changes)["strategy_id"]
    ok(trader.post(f"/strategies/{strategy_id}/activate"))
    ok(trader.post(f"/baskets/{basket_id}/activate"))
    practice.pass_until(BEFORE_CLOSE)
    run_id = ok(trader.get("/runs"))["items"][0]["run_id"]
    ok(trader.post(f"/strategies/{strategy_id}/deactivate"))
    practice.pass_until(NEXT_MORNING)

    now = ok(trader.get("/pnl/now"))

    yesterday = ok(trader.get("/pnl/daily"))["items"][0]
    positions = ok(trader.get("/positions"))["items"]
    whole = sum(each["unrealised"] for each in positions)
    assert [each["run_id"] for each in now["runs"]] == [run_id]
    assert yesterday["unmarked"] == 0
    assert now["total"]["gross"] == pytest.approx(whole - yesterday["gross"])
    assert now["total"]["charges"] == 0


def test_nobody_sees_what_others_made(practice: Practice, trader: Person, stranger: Person) -> None:
    trader.active_condor()
    practice.pass_until(ENTERED)
    run_id = ok(trader.get("/runs"))["items"][0]["run_id"]

    now = ok(stranger.get("/pnl/now"))

    assert (now["runs"], now["accounts"], now["baskets"]) == ([], [], [])
    assert now["total"]["gross"] == 0
    refused(stranger.get(f"/runs/{run_id}/limits"), 404, "not-found")


def test_the_limits_of_a_run_are_told_in_rupees(practice: Practice, trader: Person) -> None:
    trader.active_condor()
    practice.pass_until(ENTERED)
    run = ok(trader.get("/runs"))["items"][0]

    found = ok(trader.get(f"/runs/{run['run_id']}/limits"))

    assert (found["max_loss"], found["target_profit"]) == (-5000, 2000.5)
    assert found["stop_loss"] == pytest.approx(-run["net_premium"] / 2)
    assert ok(trader.get("/pnl/limits"))["items"] == [{"run_id": run["run_id"], **found}]


def test_the_limits_of_runs_that_ended_or_are_of_others_are_not_told(
    practice: Practice, trader: Person, stranger: Person
) -> None:
    trader.active_condor()
    practice.pass_until(ENTERED)
    run_id = ok(trader.get("/runs"))["items"][0]["run_id"]

    others = ok(stranger.get("/pnl/limits"))["items"]
    ok(trader.post(f"/runs/{run_id}/exit", {}))
    practice.pass_until(ENTERED + timedelta(minutes=5))

    assert (others, ok(trader.get("/pnl/limits"))["items"]) == ([], [])


def test_runs_are_listed_since_a_moment(practice: Practice, trader: Person) -> None:
    trader.active_condor()
    practice.pass_until(ENTERED)

    assert len(ok(trader.get("/runs", since="2026-08-03T00:00:00Z"))["items"]) == 1
    assert ok(trader.get("/runs", since="2026-08-04T00:00:00Z"))["items"] == []
    refused(trader.get("/runs", since="2026-08-04T00:00:00"), 422, "invalid-fields")


def test_reasons_are_told_in_words(trader: Person) -> None:
    told = ok(trader.get("/runs/reasons"))

    assert told["stages"].keys() == {stage.value for stage in Stage}
    assert told["stages"]["OPEN"] == "Open"
    assert told["exits"]["STOP_LOSS"]["means"] == "its stop loss is hit"
    assert told["skips"]["DTE"]["planned"] is True
    assert told["alerts"]["EXIT_BLOCKED"]["do"].startswith("what it holds stays open")


def test_unfinished_runs_of_an_account_are_listed_until_they_end(
    practice: Practice, trader: Person
) -> None:
    trader.active_condor()
    practice.pass_until(ENTERED)
    asked: Json = {"account_id": trader.account_id, "unfinished": "true"}
    run_id = ok(trader.get("/runs", **asked))["items"][0]["run_id"]

    ok(trader.post(f"/runs/{run_id}/exit", {}))
    practice.pass_until(ENTERED + timedelta(minutes=5))

    assert ok(trader.get("/runs", **asked))["items"] == []
    refused(trader.get("/runs", unfinished="true"), 422, "which-account")
