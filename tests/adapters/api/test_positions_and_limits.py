"""Positions, daily results, limits and the kill switch over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.adapters.api.practice import MORNING, Person, Practice, ok, refused

ENTERED = MORNING + timedelta(minutes=52)


@pytest.fixture
def entered(practice: Practice, trader: Person) -> str:
    """The run of a condor that was entered at 09:20."""
    trader.active_condor()
    practice.pass_until(ENTERED)
    run_id: str = ok(trader.get("/runs"))["items"][0]["run_id"]
    return run_id


def test_positions_add_up_to_what_runs_hold(trader: Person, entered: str) -> None:
    items = ok(trader.get("/positions"))["items"]

    assert sum(each["quantity"] for each in items) == 0
    assert {part["run_id"] for each in items for part in each["parts"]} == {entered}
    assert all(each["unrealised"] is not None for each in items)
    assert ok(trader.get("/positions", account_id=trader.account_id))["items"] == items


def test_a_position_says_what_it_is_of_and_what_each_source_makes(
    trader: Person, entered: str
) -> None:
    items = ok(trader.get("/positions"))["items"]

    for each in items:
        (part,) = each["parts"]
        assert part["run_id"] == entered
        assert each["contract"]["underlying"] == "NIFTY"
        assert each["quantity"] % each["contract"]["lot"] == 0
        for figure in ("quantity", "average_price", "realised", "unrealised"):
            assert part[figure] == each[figure]


def test_leaving_a_position_leaves_the_run_that_holds_it(
    practice: Practice, trader: Person, entered: str
) -> None:
    key = ok(trader.get("/positions"))["items"][0]["key"]
    sent = {"account_id": trader.account_id, "key": key}

    assert ok(trader.post("/positions/exit", sent, key="K1")) == {"runs": [entered]}

    practice.pass_until(ENTERED + timedelta(minutes=5))
    assert ok(trader.get("/positions"))["items"] == []
    closed = ok(trader.get("/positions", closed_on="2026-08-03"))["items"]
    assert len(closed) == 4
    assert ok(trader.post("/positions/exit", sent, key="K1")) == {"runs": [entered]}
    refused(trader.post("/positions/exit", sent), 409, "nothing-held")
    day = ok(trader.get("/pnl/daily"))["items"][0]
    assert (day["day"], day["runs"]) == ("2026-08-03", 1)
    assert day["net"] == pytest.approx(day["gross"] - day["charges"])


@pytest.mark.usefixtures("entered")
def test_somebody_elses_position_is_not_there(trader: Person, stranger: Person) -> None:
    sent = {"account_id": trader.account_id, "key": "NFO:NIFTY"}

    refused(stranger.post("/positions/exit", sent), 404, "not-found")
    refused(stranger.get("/positions", account_id=trader.account_id), 404, "not-found")
    assert ok(stranger.get("/positions"))["items"] == []


@pytest.mark.parametrize("since", ["2025-01-01", "2026-09-01"])
def test_results_are_asked_for_in_reasonable_spans(trader: Person, since: str) -> None:
    answer = trader.get("/pnl/daily", since=since, until="2026-08-04")

    refused(answer, 422, "bad-span")


def test_results_of_an_account_and_of_a_strategy(trader: Person, entered: str) -> None:
    strategy_id = ok(trader.get(f"/runs/{entered}"))["strategy_id"]

    whole = ok(trader.get("/pnl/daily"))
    of_account = ok(trader.get("/pnl/daily", account_id=trader.account_id))
    of_strategy = ok(trader.get("/pnl/daily", strategy_id=strategy_id))

    assert whole == of_account == of_strategy


def test_limits_are_replaced_whole_and_hold_for_the_next_entry(
    practice: Practice, trader: Person
) -> None:
    trader.active_condor()
    path = f"/accounts/{trader.account_id}/limits"
    ok(trader.put(path, {"max_lots": 2, "max_notional": "123456.75"}, edition=1))

    limits = ok(trader.get(path))

    assert (limits["max_lots"], limits["max_notional"]) == (2, 123456.75)
    refused(trader.put(path, {}, edition=1), 412, "stale-edition")
    refused(trader.put(path, {"max_lots": 0}), 422, "invalid-fields")
    practice.pass_until(ENTERED)
    run = ok(trader.get("/runs"))["items"][0]
    assert (run["stage"], run["skip_reason"]) == ("SKIPPED", "MAX_LOTS")


def test_the_kill_switch_flattens_and_stops_entries_until_released(
    practice: Practice, trader: Person, entered: str
) -> None:
    path = f"/accounts/{trader.account_id}"

    blocked = ok(trader.post(f"{path}/block", {"reason": "enough"}, key="K1"))

    assert blocked["block"]["reason"] == "enough"
    practice.pass_until(ENTERED + timedelta(minutes=5))
    run = ok(trader.get(f"/runs/{entered}"))
    assert (run["stage"], run["exit_reason"]) == ("CLOSED", "KILL")
    assert ok(trader.get("/positions"))["items"] == []
    assert ok(trader.post(f"{path}/release", {"reason": "calm again"}))["block"] is None


def test_only_ones_own_account_is_blocked(trader: Person, stranger: Person) -> None:
    path = f"/accounts/{trader.account_id}/block"

    refused(stranger.post(path, {"reason": "mischief"}), 404, "not-found")

    account = f"/users/{trader.user_id}/broker-accounts/{trader.account_id}"
    assert ok(trader.get(account))["block"] is None


def test_the_account_of_the_requirements_is_linked_and_unlinked(trader: Person) -> None:
    sent = {
        "account_id": "ACC123",
        "user_id": "USER789",
        "broker": "zerodha",
        "account_name": "Primary Trading Account",
        "secrets_ref": "arn:aws:secretsmanager:ap-south-1:123456789012:secret:zerodha-ACC123",
        "status": "CONNECTED",
        "last_sync": "2025-01-15T10:30:00Z",
        "capabilities": ["OPTIONS", "EQUITY"],
    }
    path = f"/users/{trader.user_id}/broker-accounts"

    linked = trader.post(path, sent, key="K1")

    account = linked.json()
    assert (linked.status_code, account["status"]) == (201, "DISCONNECTED")
    assert linked.headers["location"] == f"{path}/{account['account_id']}"
    assert len(ok(trader.get(path))["items"]) == 2
    renamed = {**account, "account_name": "Second"}
    edited = ok(trader.put(linked.headers["location"], renamed, edition=1))
    assert edited["account_name"] == "Second"
    assert trader.delete(linked.headers["location"]).status_code == 204
    refused(trader.get(linked.headers["location"]), 404, "not-found")
    refused(trader.get(f"/accounts/{account['account_id']}/funds"), 404, "not-found")
