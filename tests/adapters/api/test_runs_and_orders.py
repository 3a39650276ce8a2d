"""Runs and orders over HTTP, on a day that goes on between the requests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.adapters.api.practice import MORNING, Person, Practice, made, ok, refused

#: Minutes past half past eight, IST.
ENTERED = MORNING + timedelta(minutes=52)


@pytest.fixture
def entered(practice: Practice, trader: Person) -> str:
    """The run of a condor that was entered at 09:20."""
    trader.active_condor()
    practice.pass_until(ENTERED)
    run_id: str = ok(trader.get("/runs"))["items"][0]["run_id"]
    return run_id


def test_a_run_shows_its_legs_and_premium(trader: Person, entered: str) -> None:
    run = ok(trader.get(f"/runs/{entered}"))

    assert (run["stage"], len(run["legs"])) == ("OPEN", 4)
    assert run["net_premium"] > 0


def test_orders_look_as_the_requirements_say(trader: Person, entered: str) -> None:
    order = ok(trader.get("/orders"))["items"][0]

    assert order["order_id"] == f"{entered}-ENTRY-1"
    assert (order["txn_type"], order["status"]) == ("ENTRY", "COMPLETE")
    assert order["broker_order_id"] is not None
    assert [leg["status"] for leg in order["legs"]] == ["COMPLETE"] * 4
    one = ok(trader.get(f"/orders/{order['order_id']}"))
    assert one == order
    by = [f"/strategies/{order['strategy_id']}/orders", f"/baskets/{order['basket_id']}/orders"]
    for path in (*by, f"/runs/{entered}/orders"):
        assert ok(trader.get(path))["items"] == [order]
    assert ok(trader.get("/orders", account_id=trader.account_id))["items"] == [order]


def test_leaving_a_run_closes_it_and_says_who_asked(
    practice: Practice, trader: Person, entered: str
) -> None:
    ok(trader.post(f"/runs/{entered}/exit", {"detail": "enough for today"}, key="K1"))
    practice.pass_until(ENTERED + timedelta(minutes=5))

    run = ok(trader.get(f"/runs/{entered}"))

    told = (run["stage"], run["exit_reason"], run["exit_detail"])
    assert told == ("CLOSED", "REQUEST", "enough for today")
    refused(trader.post(f"/runs/{entered}/exit", {}), 409, "run-ended")
    again = ok(trader.post(f"/runs/{entered}/exit", {"detail": "enough for today"}, key="K1"))
    assert again["run_id"] == entered


def test_a_complete_order_is_neither_moved_nor_cancelled(trader: Person, entered: str) -> None:
    path = f"/orders/{entered}-ENTRY-1"

    refused(trader.put(path, {"price": 10}), 409, "order-ended")
    refused(trader.post(f"{path}/cancel"), 409, "order-ended")
    refused(trader.post(f"{path}/absent", {"tag": "NONE", "why": "looked"}), 422, "no-such-order")


def test_a_run_is_started_by_hand_once_by_one_key(practice: Practice, trader: Person) -> None:
    _, strategy_id = trader.active_condor()
    practice.pass_until(ENTERED)

    first = made(trader.post(f"/strategies/{strategy_id}/runs", key="now"))
    second = made(trader.post(f"/strategies/{strategy_id}/runs", key="now"))

    assert [run["run_id"] for run in first["runs"]] == [run["run_id"] for run in second["runs"]]
    practice.pass_until(ENTERED + timedelta(minutes=2))
    run = ok(trader.get(f"/runs/{first['runs'][0]['run_id']}"))
    assert run["stage"] == "OPEN"


def test_nothing_is_started_while_the_market_is_closed(practice: Practice, trader: Person) -> None:
    _, strategy_id = trader.active_condor()

    refused(trader.post(f"/strategies/{strategy_id}/runs"), 422, "market-closed")

    last = practice.platform.trading.history(trader.user_id)[-1]
    assert type(last).__name__ == "CommandRefused"


def test_somebody_elses_runs_and_orders_are_not_there(stranger: Person, entered: str) -> None:
    answers = [
        stranger.get(f"/runs/{entered}"),
        stranger.get(f"/runs/{entered}/orders"),
        stranger.post(f"/runs/{entered}/exit", {}),
        stranger.get(f"/orders/{entered}-ENTRY-1"),
        stranger.put(f"/orders/{entered}-ENTRY-1", {"price": 10}),
        stranger.post(f"/orders/{entered}-ENTRY-1/cancel"),
        stranger.get("/orders/nonsense"),
    ]

    assert [refused(each, 404, "not-found")["status"] for each in answers] == [404] * 7
    assert ok(stranger.get("/runs"))["items"] == []


def test_a_strategy_with_an_open_run_is_not_deleted(trader: Person, entered: str) -> None:
    run = ok(trader.get(f"/runs/{entered}"))

    refused(trader.delete(f"/strategies/{run['strategy_id']}"), 409, "open-runs")
    path = f"/users/{trader.user_id}/broker-accounts/{trader.account_id}"
    refused(trader.delete(path), 409, "open-runs")


def test_the_money_is_told_by_the_broker(trader: Person, entered: str) -> None:
    funds = ok(trader.get(f"/accounts/{trader.account_id}/funds"))

    assert entered
    assert funds["used"] > 0
    assert funds["available"] < funds["cash"]


def test_a_live_order_is_moved_and_cancelled(practice: Practice, trader: Person) -> None:
    trader.active_condor()
    practice.pass_until(MORNING + timedelta(minutes=50, milliseconds=10))
    order = ok(trader.get("/orders"))["items"][0]
    path = f"/orders/{order['order_id']}"
    live = [each for leg in order["legs"] for each in leg["slices"] if each["status"] == "OPEN"]
    assert len(live) == 2

    wished = {"price": round(live[0]["price"] + 0.05, 2), "tag": live[0]["tag"]}
    moved = ok(trader.put(path, wished))

    assert moved["order_id"] == order["order_id"]
    refused(trader.put(path, {"price": 10}), 422, "which-slice")
    refused(trader.put(path, {**wished, "price": 10.01}), 422, "not-a-tick-multiple")
    refused(trader.put(path, {**wished, "tag": "NONE"}), 422, "no-such-order")
    wish = practice.platform.trading.history(order["run_id"])[-1]
    assert (type(wish).__name__, wish.actor) == ("PriceWished", trader.user_id)
    ok(trader.post(f"{path}/cancel", key="K1"))
    practice.pass_until(ENTERED)
    run = ok(trader.get(f"/runs/{order['run_id']}"))
    assert (run["stage"], run["exit_reason"]) == ("CLOSED", "CANCELLED")
    assert ok(trader.get("/positions"))["items"] == []


def test_a_price_wished_on_a_stale_edition_is_refused(practice: Practice, trader: Person) -> None:
    trader.active_condor()
    practice.pass_until(MORNING + timedelta(minutes=50, milliseconds=10))
    order = ok(trader.get("/orders"))["items"][0]
    path = f"/orders/{order['order_id']}"
    slices = [each for leg in order["legs"] for each in leg["slices"]]
    live = next(each for each in slices if each["status"] == "OPEN")
    higher = {"price": round(live["price"] + 0.05, 2), "tag": live["tag"]}
    first = trader.get(path).headers["ETag"]

    moved = trader.put(path, higher, edition=1)

    assert (first, moved.headers["ETag"], ok(moved)["edition"]) == ('"1"', '"2"', 2)
    again = {**higher, "price": round(live["price"] + 0.1, 2)}
    refused(trader.put(path, again, edition=1), 412, "stale-edition")
    assert ok(trader.get(path))["edition"] == 2
    ok(trader.put(path, again, edition=2))
    run = trader.get(f"/runs/{order['run_id']}")
    assert (run.headers["ETag"], ok(run)["edition"]) == ('"3"', 3)


def test_runs_are_listed_by_basket_or_by_account(trader: Person, entered: str) -> None:
    run = ok(trader.get(f"/runs/{entered}"))

    by_basket = ok(trader.get("/runs", basket_id=run["basket_id"]))["items"]
    by_account = ok(trader.get("/runs", account_id=run["account_id"]))["items"]
    by_strategy = ok(trader.get(f"/strategies/{run['strategy_id']}/runs"))["items"]

    assert by_basket == by_account == by_strategy == [run]
    both = trader.get("/runs", basket_id=run["basket_id"], account_id=run["account_id"])
    refused(both, 422, "one-listing")
