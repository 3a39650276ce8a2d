"""Positions, funds, margins and charges through the official client."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

import pytest
from kiteconnect.exceptions import InputException

from domain.calendar import at_ist
from domain.charges import charges
from domain.contract import Side
from tests.adapters.simulators.kite_stage import ACCOUNT, DAY, Stage, key_of


def near(left: float, right: float) -> bool:
    return abs(left - right) < 0.01


def test_positions_add_up_to_the_trades(stage: Stage) -> None:
    stage.place(lots=3)
    stage.place(side=Side.SELL, away="0.9", tag="S1")

    (net,) = stage.client.positions()["net"]
    (day,) = stage.client.positions()["day"]

    trades = stage.client.trades()
    bought = sum(t["quantity"] * t["average_price"] for t in trades[:-1])
    sold = trades[-1]["quantity"] * trades[-1]["average_price"]
    assert (net["quantity"], net["buy_quantity"], net["sell_quantity"]) == (130, 195, 65)
    assert near(net["buy_value"], bought)
    assert near(net["sell_value"], sold)
    assert near(net["pnl"], sold - bought + 130 * net["last_price"])
    assert near(net["average_price"], bought / 195)
    assert (day["quantity"], day["overnight_quantity"]) == (130, 0)


def test_a_position_is_by_product(stage: Stage) -> None:
    stage.place()
    stage.place(product="MIS", tag="B2")

    found = {(key_of(p), p["product"]): p["quantity"] for p in stage.client.positions()["net"]}

    key = stage.listed().key
    assert found == {(key, "NRML"): 65, (key, "MIS"): 65}


def test_a_short_position_is_negative(stage: Stage) -> None:
    stage.place(side=Side.SELL, away="0.9")

    (net,) = stage.client.positions()["net"]

    assert net["quantity"] == -65
    assert (net["day_sell_quantity"], net["day_buy_quantity"]) == (65, 0)


def test_what_is_flat_is_still_a_row_of_its_day(stage: Stage) -> None:
    stage.place()
    stage.place(side=Side.SELL, away="0.9", tag="S1")

    (net,) = stage.client.positions()["net"]

    assert (net["quantity"], net["average_price"]) == (0, 0)
    assert near(net["pnl"], net["sell_value"] - net["buy_value"])


def test_overnight_positions_are_in_net_and_not_in_day(stage: Stage) -> None:
    contract = stage.listed()
    stage.place(lots=2, contract=contract)
    (before,) = stage.client.positions()["net"]
    stage.clock.advance_to(at_ist(DAY.replace(day=19), time(10)))
    stage.log_in()

    carried = stage.client.positions()
    stage.place(side=Side.SELL, away="0.9", tag="S1", contract=contract)
    sold = stage.client.positions()

    (net,) = carried["net"]
    assert carried["day"] == []
    assert (net["quantity"], net["overnight_quantity"]) == (130, 130)
    assert near(net["average_price"], before["average_price"])
    assert [(p["quantity"], p["overnight_quantity"]) for p in sold["net"]] == [(65, 130)]
    assert [(p["quantity"], p["day_sell_quantity"]) for p in sold["day"]] == [(-65, 65)]


def test_an_expired_position_is_gone_the_next_day(stage: Stage) -> None:
    contract = stage.market.chain(DAY).contracts[0]
    expiry = contract.expiry
    stage.place(contract=contract)
    stage.clock.advance_to(at_ist(expiry, time(18)))
    stage.log_in()
    stage.clock.advance_to(at_ist(expiry.replace(day=expiry.day + 2), time(10)))
    stage.log_in()

    assert stage.client.positions() == {"net": [], "day": []}


def test_funds_are_those_of_the_exchange(stage: Stage) -> None:
    stage.place(side=Side.SELL, away="0.9")

    margins = stage.client.margins()
    equity = stage.client.margins("equity")

    funds = stage.exchange.funds(ACCOUNT)
    assert equity == margins["equity"]
    assert near(equity["net"], float(funds.available))
    assert near(equity["available"]["live_balance"], float(funds.available))
    assert near(equity["available"]["cash"], float(funds.cash))
    assert near(equity["utilised"]["debits"], float(funds.used))
    assert funds.used > 0
    with pytest.raises(InputException, match="segment"):
        stage.client.margins("shares")


def test_a_hedged_basket_needs_less_than_its_orders_by_themselves(stage: Stage) -> None:
    sale = stage.order(side=Side.SELL, away="0.9")
    hedge = stage.order(contract=stage.listed(100))

    basket = stage.client.basket_order_margins([hedge, sale])
    naked = stage.client.order_margins([sale])
    compact = stage.client.basket_order_margins([hedge, sale], mode="compact")

    assert 0 < basket["final"]["total"] < basket["initial"]["total"]
    assert [row["tradingsymbol"] for row in basket["orders"]] == [
        hedge["tradingsymbol"], sale["tradingsymbol"],
    ]  # fmt: skip
    assert near(sum(row["total"] for row in basket["orders"]), basket["initial"]["total"])
    assert near(naked[0]["total"], basket["orders"][1]["total"])
    assert [list(row) for row in compact["orders"]] == [["total"], ["total"]]


def test_held_hedges_count_only_where_positions_are_considered(stage: Stage) -> None:
    stage.place(contract=stage.listed(100))
    sale = stage.order(side=Side.SELL, away="0.9")

    covered = stage.client.basket_order_margins([sale])["final"]["total"]
    naked = stage.client.basket_order_margins([sale], consider_positions=False)["final"]["total"]

    assert 0 < covered < naked


def test_charges_are_those_of_the_table(stage: Stage) -> None:
    order_id = stage.place(side=Side.SELL, away="0.9")
    row = stage.row(order_id)
    row = {
        name: row[name]
        for name in (
            "order_id", "exchange", "tradingsymbol", "transaction_type", "variety", "product",
            "order_type", "quantity", "average_price",
        )
    }  # fmt: skip

    (note,) = stage.client.get_virtual_contract_note([row])

    wanted = charges(DAY, "NFO", Side.SELL, 65, Decimal(str(row["average_price"])))
    assert note["price"] == row["average_price"]
    assert near(note["charges"]["total"], float(wanted.total))
    assert note["charges"]["transaction_tax_type"] == "stt"
    assert near(note["charges"]["gst"]["total"], float(wanted.gst))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"order_id": ""}, "order_id"),
        ({"average_price": 0}, "average_price"),
        ({"tradingsymbol": "X"}, "does not exist"),
        ({"quantity": "many"}, "quantity"),
    ],
)
def test_charges_need_an_order_and_its_price(
    stage: Stage, change: dict[str, object], words: str
) -> None:
    row = {**stage.order(), "order_id": "1", "average_price": 100, **change}

    with pytest.raises(InputException, match=words):
        stage.client.get_virtual_contract_note([row])


def test_a_body_that_is_no_array_is_refused(stage: Stage) -> None:
    with pytest.raises(InputException, match="array"):
        stage.client.order_margins({"exchange": "NFO"})


def test_there_are_no_shares(stage: Stage) -> None:
    assert stage.client.holdings() == []
