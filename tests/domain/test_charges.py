from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.charge_rates import RATES
from domain.charges import Charges, charges, contract_note, exercise
from domain.contract import Side
from domain.model import Refused

AUG_2026 = date(2026, 8, 17)


def rupees(text: str) -> Decimal:
    return Decimal(text)


def test_selling_a_lot_of_nifty_in_2026() -> None:
    # turnover 65*100 = 6500; STT 0.15 % = 9.75; NSE 0.03553 % = 2.30945; SEBI 0.0065;
    # GST 18 % of (20 + 2.30945 + 0.0065) = 4.016871
    assert charges(AUG_2026, "NFO", Side.SELL, 65, rupees("100")) == Charges(
        brokerage=rupees("20"),
        stt=rupees("9.75"),
        exchange=rupees("2.31"),
        sebi=rupees("0.01"),
        gst=rupees("4.02"),
    )


def test_buying_a_lot_of_sensex_in_2026() -> None:
    # turnover 20*250 = 5000; BSE 0.0325 % = 1.625; SEBI 0.005; stamp 0.003 % = 0.15;
    # GST 18 % of 21.63 = 3.8934
    found = charges(AUG_2026, "BFO", Side.BUY, 20, rupees("250"))

    assert found == Charges(
        brokerage=rupees("20"),
        exchange=rupees("1.63"),
        sebi=rupees("0.01"),
        stamp=rupees("0.15"),
        gst=rupees("3.89"),
    )
    assert found.total == rupees("25.68")


@pytest.mark.parametrize(
    ("day", "stt"),
    [
        (date(2021, 6, 11), "5.00"),
        (date(2023, 4, 3), "6.25"),
        (date(2025, 8, 29), "10.00"),
        (date(2026, 3, 30), "10.00"),
        (date(2026, 4, 1), "15.00"),
    ],
)
def test_the_tax_on_a_sale_is_that_of_its_day(day: date, stt: str) -> None:
    assert charges(day, "NFO", Side.SELL, 100, rupees("100")).stt == rupees(stt)


def test_an_order_without_a_fill_costs_nothing() -> None:
    assert charges(AUG_2026, "NFO", Side.SELL, 0, rupees("100")).total == 0


def test_only_the_holder_of_what_ends_in_the_money_pays_exercise_tax() -> None:
    assert exercise(AUG_2026, 65, rupees("120")) == Charges(stt=rupees("11.70"))
    assert exercise(AUG_2026, -65, rupees("120")) == Charges(stt=rupees("0"))
    assert exercise(AUG_2026, 65, rupees("0")) == Charges(stt=rupees("0"))


def test_a_contract_note_states_taxes_in_whole_rupees() -> None:
    order = charges(AUG_2026, "NFO", Side.SELL, 65, rupees("100"))

    note = contract_note([order, order, order])

    assert note.stt == 29
    assert note.brokerage == 60
    assert note.gst == rupees("12.06")


@pytest.mark.parametrize(("day", "exchange"), [(date(2019, 1, 1), "NFO"), (AUG_2026, "MCX")])
def test_without_a_rate_the_cost_is_not_guessed(day: date, exchange: str) -> None:
    with pytest.raises(Refused, match="has no"):
        charges(day, exchange, Side.SELL, 65, rupees("100"))


def test_every_rate_names_its_source() -> None:
    assert all(rate.source for rate in RATES)


@given(
    st.dates(date(2020, 1, 1), date(2027, 12, 31)),
    st.sampled_from(["NFO", "BFO"]),
    st.sampled_from(list(Side)),
    st.integers(1, 5_000),
    st.decimals("0.05", 3_000, places=2),
)
def test_charges_are_paise_and_never_negative(
    day: date, exchange: str, side: Side, quantity: int, price: Decimal
) -> None:
    found = charges(day, exchange, side, quantity, price)

    parts = (found.brokerage, found.stt, found.exchange, found.sebi, found.stamp, found.gst)
    assert found.total == sum(parts)
    assert all(part >= 0 and part == part.quantize(Decimal("0.01")) for part in parts)
    assert (found.stt == 0) or side is Side.SELL
    assert (found.stamp == 0) or side is Side.BUY
