"""What Kite refuses: at its door, at risk management, and of orders that have ended."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

import pytest
from kiteconnect.exceptions import GeneralException, InputException, NetworkException

from adapters.simulators.kite.answers import KiteError
from adapters.simulators.kite.slicing import sliced
from domain.book import Ticket
from domain.calendar import at_ist
from domain.contract import Product, Side
from tests.adapters.simulators.kite_stage import DAY, Json, Stage

REFUSED: list[tuple[Json, str]] = [
    ({"quantity": 66}, "multiples of 65"),
    ({"quantity": 0}, "quantity"),
    ({"quantity": 1820}, "higher than the maximum quantity of 1755 \\(27 lots\\)"),
    ({"price": 100.02}, "Tick size for this script is 0.05"),
    ({"price": 0}, "Price is required"),
    ({"price": "NaN"}, "price"),
    ({"tag": "T" * 21}, "tag"),
    ({"tag": "not one"}, "tag"),
    ({"tradingsymbol": "NIFTY26NOV1CE"}, "expired or does not exist"),
    ({"exchange": "NSE", "tradingsymbol": "NIFTY 50"}, "expired or does not exist"),
    ({"transaction_type": "HOLD"}, "transaction_type"),
    ({"product": "CNC"}, "product"),
    ({"product": "BO"}, "product"),
    ({"order_type": "STOP"}, "order_type"),
    ({"order_type": "SL-M"}, "market protection"),
    ({"order_type": "SL"}, "does not know SL orders"),
    ({"variety": "amo"}, "variety amo"),
    ({"variety": "regularly"}, "variety"),
    ({"validity": "IOC"}, "valid IOC"),
    ({"validity": "WEEK"}, "validity"),
]


@pytest.mark.parametrize("percent", [0, 101, -2])
def test_protection_is_automatic_or_a_percentage(stage: Stage, percent: float) -> None:
    with pytest.raises(InputException, match="protection"):
        stage.client.place_order(**stage.order(order_type="MARKET", market_protection=percent))


@pytest.mark.parametrize(("change", "words"), REFUSED)
def test_what_kite_checks_itself_is_refused_and_not_booked(
    stage: Stage, change: Json, words: str
) -> None:
    with pytest.raises(InputException, match=words) as refused:
        stage.client.place_order(**{**stage.order(), **change})

    assert refused.value.code == 400
    assert stage.client.orders() == []


def test_orders_are_taken_while_the_market_is_open(stage: Stage) -> None:
    stage.clock.advance_to(at_ist(DAY, time(15, 41)))

    with pytest.raises(InputException, match="closed"):
        stage.client.place_order(**stage.order())


def test_what_risk_management_refuses_is_booked_as_rejected(stage: Stage) -> None:
    order = stage.order(side=Side.SELL, away="0.9", lots=27)

    ids = [stage.client.place_order(**{**order, "tag": f"S{n}"}) for n in range(2)]
    stage.pass_time()

    row = stage.row(ids[1])
    assert row["status"] == "REJECTED"
    assert "Insufficient funds. Required margin is" in row["status_message"]
    assert row["exchange_order_id"] is None


@pytest.mark.parametrize("what", ["modified", "cancelled"])
def test_a_finished_order_is_being_processed(stage: Stage, what: str) -> None:
    order_id = stage.place()

    ask = stage.client.modify_order if what == "modified" else stage.client.cancel_order
    with pytest.raises(InputException, match=f"cannot be {what} as it is being processed") as no:
        ask("regular", order_id)

    assert no.value.code == 400


def test_the_twenty_sixth_modification_is_one_too_many(stage: Stage) -> None:
    order_id = stage.place(away="0.7")
    for _ in range(25):
        stage.client.modify_order("regular", order_id, price=stage.row(order_id)["price"])
        stage.pass_time(1)

    with pytest.raises(NetworkException, match="Maximum allowed order modifications exceeded"):
        stage.client.modify_order("regular", order_id, price=100)


def test_a_change_of_the_quantity_is_refused(stage: Stage) -> None:
    order_id = stage.place(away="0.7", lots=2)

    with pytest.raises(InputException, match="quantity"):
        stage.client.modify_order("regular", order_id, quantity=65)


@pytest.mark.parametrize("call", ["modify_order", "cancel_order"])
def test_an_order_nobody_placed_is_not_found(stage: Stage, call: str) -> None:
    with pytest.raises(GeneralException, match="Couldn't find that `order_id`"):
        getattr(stage.client, call)("regular", "1900261118000000099")
    with pytest.raises(GeneralException, match="Couldn't find that `order_id`"):
        stage.client.order_history("1900261118000000099")


def test_a_change_that_the_exchange_refuses_leaves_the_order_open(stage: Stage) -> None:
    order_id = stage.place(away="0.7")
    price = stage.row(order_id)["price"]

    stage.client.modify_order("regular", order_id, price=10_000)
    stage.pass_time()

    row = stage.row(order_id)
    assert (row["status"], row["price"], row["modified"]) == ("OPEN", price, False)
    assert "price band" in row["status_message"]


def test_an_order_too_large_for_ten_slices_is_refused(stage: Stage) -> None:
    with pytest.raises(InputException, match="10 slices"):
        stage.client.place_autoslice_order(**stage.order(away="0.7", lots=271))


def test_a_slice_that_is_refused_says_so_in_its_place(stage: Stage) -> None:
    contract = stage.listed()
    whole = Ticket(
        tag="B1",
        contract=contract,
        side=Side.BUY,
        quantity=60 * contract.lot,
        product=Product.NRML,
        price=Decimal(100),
    )
    sent: list[int] = []

    def send(ticket: Ticket) -> str:
        sent.append(ticket.quantity)
        if len(sent) == 2:
            raise KiteError("Not this one.")
        return f"ID{len(sent)}"

    found = sliced(whole, send)

    assert sent == [1755, 1755, 390]
    assert found["order_id"] == "ID1"
    assert found["children"][0]["error"]["message"] == "Not this one."
    assert found["children"][1] == {"order_id": "ID3"}


def test_a_market_order_needs_a_last_price(stage: Stage) -> None:
    stage.clock.advance_to(at_ist(DAY.replace(day=19), time(9)))
    stage.log_in()
    order = stage.order(order_type="MARKET", market_protection=-1, contract=stage.listed())
    stage.clock.advance_to(at_ist(DAY.replace(day=19), time(9, 14, 59)))

    with pytest.raises(InputException, match="no last price"):
        stage.client.place_order(**order)
