"""Differences between broker and platform over HTTP: found, shown, and settled by the trader."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.book import Ticket
from domain.calendar import ist_date
from domain.contract import Contract, Product, Side
from tests.adapters.api.practice import MORNING, Json, Person, Practice, ok, refused

ENTERED = MORNING + timedelta(minutes=52)


@pytest.fixture
def entered(practice: Practice, trader: Person) -> str:
    """The run of a condor that was entered at 09:20."""
    trader.active_condor()
    practice.pass_until(ENTERED)
    run_id: str = ok(trader.get("/runs"))["items"][0]["run_id"]
    return run_id


@pytest.fixture
def hedge(trader: Person, entered: str) -> Json:
    """A position that the run has bought."""
    items = ok(trader.get("/positions"))["items"]
    assert {part["run_id"] for each in items for part in each["parts"]} == {entered}
    found: Json = next(each for each in items if each["quantity"] > 0)
    return found


def contract(practice: Practice, key: str) -> Contract:
    found = practice.market.chain(ist_date(practice.clock.now())).get(key)
    assert found is not None
    return found


def trade(practice: Practice, person: Person, key: str, side: Side, units: int) -> None:
    """The trader deals past the platform."""
    quote = practice.market.quotes([key])[key]
    price = quote.ask if side is Side.BUY else quote.bid
    assert price is not None
    practice.broker(person.account_id).place(
        Ticket(
            tag="MANUAL",
            contract=contract(practice, key),
            side=side,
            quantity=units,
            product=Product.MIS,
            price=contract(practice, key).ticked(price * (2 if side is Side.BUY else 1), side),
        )
    )
    practice.pass_until(practice.clock.now() + timedelta(seconds=5))


def place(hedge: Json, **more: object) -> Json:
    return {"key": hedge["key"], "product": hedge["product"], **more}


def test_a_hedge_sold_by_hand_is_found_shown_and_adopted(
    practice: Practice, trader: Person, entered: str, hedge: Json
) -> None:
    path, units = f"/accounts/{trader.account_id}", hedge["quantity"]
    assert ok(trader.post(path + "/reconcile"))["outcome"] == "AGREES"
    trade(practice, trader, hedge["key"], Side.SELL, units)

    found = ok(trader.post(path + "/reconcile"))
    listed = ok(trader.get(path + "/drift"))["items"]

    assert found["outcome"] == "DIFFERS"
    assert found["items"] == listed
    (drift,) = listed
    assert (drift["kind"], drift["key"]) == ("NET", hedge["key"])
    assert (drift["expected"], drift["found"], drift["explained"]) == (units, 0, None)
    assert drift["since"] == practice.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "HALTED" in ok(trader.get(f"/runs/{entered}"))["alerts"]

    answered = ok(trader.post(path + "/adopt-position", place(hedge), key="K1"))
    again = ok(trader.post(path + "/adopt-position", place(hedge), key="K1"))

    assert answered["drifts"] == again["drifts"] == []
    assert ok(trader.post(path + "/reconcile"))["outcome"] == "AGREES"
    assert ok(trader.get(f"/runs/{entered}"))["alerts"] == {}
    held = {each["key"]: each["quantity"] for each in ok(trader.get("/positions"))["items"]}
    assert hedge["key"] not in held
    refused(trader.post(path + "/adopt-position", place(hedge)), 422, "nothing-there")


def test_what_is_not_at_the_broker_is_refused_by_its_field(
    practice: Practice, trader: Person, hedge: Json
) -> None:
    path, units = f"/accounts/{trader.account_id}", hedge["quantity"]
    trade(practice, trader, hedge["key"], Side.BUY, units)

    for ask in ("/adopt-position", "/ignore-position"):
        much = refused(trader.post(path + ask, place(hedge, quantity=2 * units)), 422, "not-there")
        none = refused(
            trader.post(path + ask, {"key": "NFO:X", "product": "MIS"}), 422, "nothing-there"
        )
        assert much["errors"][0]["field"] == "quantity"
        assert none["errors"][0]["field"] == "key"
    refused(trader.post(path + "/adopt-position", place(hedge, quantity=0)), 422, "not-there")


def test_what_was_bought_beside_is_ignored_or_explained(
    practice: Practice, trader: Person, hedge: Json
) -> None:
    path, units = f"/accounts/{trader.account_id}", hedge["quantity"]
    trade(practice, trader, hedge["key"], Side.BUY, units)
    ok(trader.post(path + "/reconcile"))

    explained = ok(trader.post(path + "/resolve-drift", place(hedge, how="a hedge of mine")))
    ignored = ok(trader.post(path + "/ignore-position", place(hedge, reason="mine")))

    assert explained["drifts"][0]["explained"] == "a hedge of mine"
    assert ignored["drifts"] == []
    parts = next(
        each["parts"]
        for each in ok(trader.get("/positions"))["items"]
        if each["key"] == hedge["key"]
    )
    assert sorted(part["kind"] for part in parts) == ["EXTERNAL", "RUN"]
    refused(trader.post(path + "/resolve-drift", place(hedge, how="?")), 422, "no-such-drift")


def test_a_difference_is_traded_away_by_one_run(
    practice: Practice, trader: Person, hedge: Json
) -> None:
    path, units = f"/accounts/{trader.account_id}", hedge["quantity"]
    trade(practice, trader, hedge["key"], Side.BUY, units)

    first = ok(trader.post(path + "/flatten-position", place(hedge), key="K1"))
    again = ok(trader.post(path + "/flatten-position", place(hedge), key="K1"))
    practice.pass_until(practice.clock.now() + timedelta(minutes=2))

    assert first == again
    assert ok(trader.get(f"/runs/{first['run_id']}"))["outcome"] == "DRIFT"
    assert ok(trader.post(path + "/reconcile"))["outcome"] == "AGREES"
    refused(trader.post(path + "/flatten-position", place(hedge)), 422, "nothing-there")


def test_the_account_of_somebody_else_is_not_there(
    trader: Person, stranger: Person, hedge: Json
) -> None:
    path = f"/accounts/{trader.account_id}"

    refused(stranger.get(path + "/drift"), 404, "not-found")
    for ask in ("adopt-position", "ignore-position", "flatten-position"):
        refused(stranger.post(f"{path}/{ask}", place(hedge)), 404, "not-found")
    refused(stranger.post(path + "/resolve-drift", place(hedge, how="x")), 404, "not-found")
    refused(stranger.post(path + "/reconcile"), 404, "not-found")


def test_a_broker_that_does_not_answer_is_said(
    practice: Practice, trader: Person, hedge: Json
) -> None:
    practice.desk.faults.expire_session(trader.account_id)
    path = f"/accounts/{trader.account_id}"

    found = ok(trader.post(path + "/reconcile"))
    answer = trader.post(path + "/adopt-position", place(hedge))

    assert found["outcome"] == "SILENT"
    assert found["trouble"]
    assert answer.status_code in (409, 502)


def test_only_an_order_of_unknown_outcome_is_declared_filled(trader: Person, entered: str) -> None:
    order = ok(trader.get(f"/orders/{entered}-ENTRY-1"))
    tag = order["legs"][0]["slices"][0]["tag"]
    said = {"tag": tag, "quantity": 65, "average_price": 10, "why": "contract note"}

    refused(trader.post(f"/orders/{entered}-ENTRY-1/filled", said), 409, "outcome-known")
    missing = trader.post(f"/orders/{entered}-ENTRY-1/filled", {**said, "tag": "NONE"})

    refused(missing, 422, "no-such-order")
