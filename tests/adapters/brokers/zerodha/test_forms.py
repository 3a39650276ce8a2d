"""What is sent to Kite."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.brokers.zerodha.forms import (
    margin_row,
    modify_form,
    order_form,
    order_path,
    priced,
)
from domain.book import OrderType, Rejected
from domain.contract import Side
from domain.releasing import sliced
from domain.slices import Phase, tag_of
from tests.adapters.brokers.zerodha.tickets import CALL, ticket


def test_a_limit_order_names_contract_side_units_price_and_tag() -> None:
    form = order_form(ticket())

    assert form == {
        "variety": "regular",
        "exchange": "NFO",
        "tradingsymbol": "NIFTY2680424500CE",
        "transaction_type": "BUY",
        "quantity": 130,
        "product": "MIS",
        "order_type": "LIMIT",
        "validity": "DAY",
        "tag": "HEDGE1",
        "price": "112.35",
    }


def test_a_market_order_goes_with_protection_and_without_a_price() -> None:
    form = order_form(ticket(order_type=OrderType.MARKET))

    assert form["order_type"] == "MARKET"
    assert form["market_protection"] == -1
    assert "price" not in form


@pytest.mark.parametrize("order_type", ["MARKET", "SL-M"])
def test_no_order_without_a_limit_goes_without_protection(order_type: str) -> None:
    assert priced(order_type, None) == {"market_protection": -1}


@pytest.mark.parametrize("price", [None, Decimal(0), Decimal("-0.05")])
def test_a_limit_order_without_a_price_is_not_sent(price: Decimal | None) -> None:
    with pytest.raises(Rejected, match="needs a price"):
        order_form(ticket(price=price))


@pytest.mark.parametrize("tag", ["", "A" * 21, "RUN-1", "HEDGE 1", "हेज", "A_1"])
def test_a_tag_that_kite_would_not_keep_is_not_sent(tag: str) -> None:
    with pytest.raises(Rejected, match="tag"):
        order_form(ticket(tag=tag))


@given(
    install=st.text(max_size=12), run=st.text(max_size=60), phase=st.sampled_from(Phase),
    leg=st.integers(0, 9), number=st.integers(1, 99), attempt=st.integers(1, 99),
)  # fmt: skip
def test_every_tag_of_a_slice_is_one_that_kite_keeps(
    install: str, run: str, phase: Phase, leg: int, number: int, attempt: int
) -> None:
    tag = tag_of(install, run, phase, leg, number, attempt)

    assert order_form(ticket(tag=tag))["tag"] == tag


def test_an_order_above_the_whole_lots_within_the_freeze_quantity_is_refused_by_name() -> None:
    assert order_form(ticket(quantity=1755))["quantity"] == 1755
    with pytest.raises(Rejected, match=r"1820 of NFO:NIFTY2680424500CE .* 1755 units.* 1800"):
        order_form(ticket(quantity=1820))


@given(lots=st.integers(1, 500))
def test_what_a_run_cuts_into_slices_goes_out_in_forms_of_at_most_1755(lots: int) -> None:
    pieces = sliced(lots * CALL.lot, CALL.order_maximum)
    sent = [order_form(ticket(quantity=piece))["quantity"] for piece in pieces]

    assert sent == pieces
    assert sum(pieces) == lots * CALL.lot
    assert max(pieces) <= 1755
    assert "autoslice" not in order_form(ticket(quantity=pieces[0]))


@pytest.mark.parametrize("quantity", [0, -65, 66])
def test_units_that_are_no_whole_lots_are_not_sent(quantity: int) -> None:
    with pytest.raises(Rejected, match="multiple of the lot, 65"):
        order_form(ticket(quantity=quantity))


def test_a_price_is_written_in_digits() -> None:
    assert order_form(ticket(price=Decimal("1E+2")))["price"] == "100"
    assert modify_form("2608040000000000101", Decimal("0.05"))["price"] == "0.05"


def test_a_new_limit_is_asked_of_a_limit_order() -> None:
    assert modify_form("2608040000000000101", Decimal("112.40")) == {
        "variety": "regular",
        "order_id": "2608040000000000101",
        "order_type": "LIMIT",
        "validity": "DAY",
        "price": "112.40",
    }


@pytest.mark.parametrize("order_id", ["", "../session/token", "1/2", "1?x=1"])
def test_what_is_no_order_id_is_asked_nowhere(order_id: str) -> None:
    with pytest.raises(Rejected, match="order_id"):
        order_path(order_id)


def test_the_margin_of_a_whole_leg_is_asked_though_no_single_order_could_hold_it() -> None:
    row = margin_row(ticket(tag="", quantity=6500, side=Side.SELL))

    assert (row["quantity"], row["order_type"], row["price"]) == (6500, "LIMIT", 112.35)


def test_the_margin_of_a_leg_without_a_price_is_asked_at_the_market() -> None:
    row = margin_row(ticket(tag="", price=None))

    assert (row["order_type"], row["price"]) == ("MARKET", 0)
