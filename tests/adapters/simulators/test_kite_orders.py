"""Orders through the official client: what Kite books, changes and tells."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from kiteconnect.exceptions import InputException

from adapters.brokers.paper.ledger import Judge
from adapters.simulators.kite.orders import HandTrade
from domain.calendar import at_ist
from domain.contract import Side
from tests.adapters.simulators.kite_stage import ACCOUNT, DAY, USER, Stage, key_of, statuses


def test_an_order_goes_through_kites_statuses_to_its_fill(stage: Stage) -> None:
    order_id = stage.client.place_order(**stage.order())
    at_once = stage.row(order_id)
    stage.pass_time()

    row = stage.row(order_id)
    states = stage.client.order_history(order_id)

    assert (at_once["status"], at_once["exchange_order_id"]) == ("PUT ORDER REQ RECEIVED", None)
    assert statuses(states) == [
        "PUT ORDER REQ RECEIVED", "VALIDATION PENDING", "OPEN PENDING", "OPEN", "COMPLETE",
    ]  # fmt: skip
    assert states[0]["instrument_token"] == 1
    assert states[-1]["instrument_token"] == row["instrument_token"] != 1
    assert (row["status"], row["filled_quantity"], row["pending_quantity"]) == ("COMPLETE", 65, 0)
    assert 0 < row["average_price"] <= row["price"]
    assert (row["tag"], row["tags"]) == ("B1", ["B1"])
    assert (row["account_id"], row["placed_by"]) == (USER, USER)


def test_an_order_id_is_text_that_no_float_holds(stage: Stage) -> None:
    order_id = stage.place()

    assert isinstance(order_id, str)
    assert len(order_id) == 19
    assert int(float(order_id)) != int(order_id) or int(order_id) > 2**53


def test_an_order_between_two_statuses_is_neither_open_nor_ended(stage: Stage) -> None:
    order_id = stage.client.place_order(**stage.order())
    seen = set()
    for _ in range(40):
        stage.pass_time(0.1)
        seen.add(stage.row(order_id)["status"])
        stage.pass_time(0.1)

    assert "COMPLETE" in seen
    assert seen <= {"VALIDATION PENDING", "OPEN PENDING", "OPEN", "COMPLETE"}


def test_a_resting_order_is_changed_and_then_cancelled(stage: Stage) -> None:
    order_id = stage.place(away="0.7")
    price = stage.order(away="0.8")["price"]

    answered = stage.client.modify_order("regular", order_id, price=price, quantity=65)
    stage.pass_time()
    changed = stage.row(order_id)
    stage.client.cancel_order("regular", order_id)
    pending = stage.row(order_id)["status"]
    stage.pass_time()

    row = stage.row(order_id)
    assert answered == order_id
    assert (changed["status"], changed["price"], changed["modified"]) == ("OPEN", price, True)
    assert pending == "CANCEL PENDING"
    assert (row["status"], row["pending_quantity"], row["cancelled_quantity"]) == (
        "CANCELLED", 65, 65,
    )  # fmt: skip
    assert statuses(stage.client.order_history(order_id))[4:] == [
        "MODIFY VALIDATION PENDING", "MODIFY PENDING", "MODIFIED", "OPEN", "CANCEL PENDING",
        "CANCELLED",
    ]  # fmt: skip


def test_a_market_order_needs_protection_and_becomes_a_limit_order(stage: Stage) -> None:
    naked = stage.order(order_type="MARKET")
    del naked["price"]

    with pytest.raises(InputException, match="market protection"):
        stage.client.place_order(**naked)
    order_id = stage.client.place_order(**naked, market_protection=-1)
    stage.pass_time()

    row = stage.row(order_id)
    assert (row["order_type"], row["market_protection"]) == ("LIMIT", 0)
    assert (row["tag"], row["tags"]) == (None, ["B1"])
    assert row["status"] == "COMPLETE"
    # Between 100 and 500 ₹ automatic protection is two per cent.
    assert row["average_price"] <= row["price"] <= row["average_price"] * 1.03


def test_an_order_becomes_a_market_order_with_protection_only(stage: Stage) -> None:
    order_id = stage.place(away="0.7")

    with pytest.raises(InputException, match="market protection"):
        stage.client.modify_order("regular", order_id, order_type="MARKET")
    stage.client.modify_order("regular", order_id, order_type="MARKET", market_protection=5)
    stage.pass_time()

    assert stage.row(order_id)["status"] == "COMPLETE"


def test_trades_are_listed_by_day_and_by_order(stage: Stage) -> None:
    first, second = stage.place(), stage.place(side=Side.SELL, away="0.9", tag="S1")

    trades = stage.client.trades()
    of_second = stage.client.order_trades(second)

    assert [trade["order_id"] for trade in trades] == [first, second]
    assert [trade["trade_id"] for trade in of_second] == [trades[1]["trade_id"]]
    assert (of_second[0]["transaction_type"], of_second[0]["quantity"]) == ("SELL", 65)
    assert len(of_second[0]["order_timestamp"]) == len("10:00:02")
    assert of_second[0]["fill_timestamp"].date() == DAY


def test_a_repeated_tag_is_another_order(stage: Stage) -> None:
    ids = [stage.place(), stage.place()]

    rows = stage.client.orders()

    assert [row["order_id"] for row in rows] == ids
    assert [row["tags"] for row in rows] == [["B1"], ["B1"]]


def test_an_order_without_a_tag_has_none(stage: Stage) -> None:
    order_id = stage.place(tag=None)

    row = stage.row(order_id)

    assert row["tag"] is None
    assert "tags" not in row


def test_the_book_lives_one_day(stage: Stage) -> None:
    stage.place()
    stage.clock.advance_to(at_ist(DAY.replace(day=19), time(10)))
    stage.log_in()

    assert stage.client.orders() == []
    assert stage.client.trades() == []
    assert [p["overnight_quantity"] for p in stage.client.positions()["net"]] == [65]


def test_too_much_for_one_order_can_be_sliced_by_kite(stage: Stage) -> None:
    order = stage.order(away="0.7", lots=60)
    small = {**order, "quantity": 27 * 65}

    with pytest.raises(InputException, match="greater than or equal to 3510"):
        stage.client.place_autoslice_order(**small)
    found = stage.client.place_autoslice_order(**order)

    rows = stage.client.orders()
    ids = [found["order_id"], *(child["order_id"] for child in found["children"])]
    assert [row["order_id"] for row in rows] == ids
    assert [row["quantity"] for row in rows] == [1755, 1755, 390]


def test_a_hand_trade_is_the_traders_own_order(stage: Stage) -> None:
    contract = stage.listed()

    order_id = stage.kite.hand_trade(
        ACCOUNT, HandTrade(key=contract.key, side=Side.SELL, quantity=130)
    )
    stage.pass_time()

    row = stage.row(order_id)
    (position,) = stage.client.positions()["net"]
    assert (row["tag"], row["status"], row["quantity"]) == (None, "COMPLETE", 130)
    assert (key_of(position), position["quantity"]) == (contract.key, -130)


def test_a_restarted_simulator_knows_every_order(tmp_path: Any) -> None:
    before = Stage(ledger=tmp_path / "ledger.sqlite")
    before.log_in()
    filled, resting = before.place(), before.place(away="0.7", tag="B2")
    rows = before.client.orders()
    position = before.client.positions()["net"]
    before.stop()

    after = Stage(ledger=tmp_path / "ledger.sqlite", at=before.clock.now())
    after.log_in()

    judge = Judge(tmp_path / "ledger.sqlite")
    assert after.client.orders() == rows
    assert [row["order_id"] for row in rows] == [filled, resting]
    assert after.client.positions()["net"] == position
    assert [line.ticket.tag for line in judge.placed(ACCOUNT)] == ["B1", "B2"]
    judge.close()
    after.stop()


def test_the_price_of_an_order_reaches_the_exchange_to_the_paisa(stage: Stage) -> None:
    order = stage.order(away="0.7")

    stage.client.place_order(**order)

    (row,) = stage.exchange.orders(ACCOUNT)
    assert row.price == Decimal(str(order["price"]))
