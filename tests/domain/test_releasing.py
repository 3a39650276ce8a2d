"""Slices: how an order is cut, priced and named; and what the far touch makes of its limit."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contract import OptionType, Side
from domain.quote import Quote
from domain.releasing import sliced
from domain.touch import marketable
from tests.domain.adversary import DUE, condor, contract
from tests.domain.floor import HEDGE_CALL, Floor, plan_of

CALL = contract(24800, OptionType.CE)


def quote(**prices: object) -> Quote:
    found = {name: None if p is None else Decimal(str(p)) for name, p in prices.items()}
    return Quote(at=DUE, **found)  # type: ignore[arg-type]  # prices only


@given(lots=st.integers(1, 200), most=st.integers(1, 50))
def test_slices_add_up_and_none_is_above_the_maximum(lots: int, most: int) -> None:
    pieces = sliced(65 * lots, 65 * most)

    assert sum(pieces) == 65 * lots
    assert all(0 < piece <= 65 * most and piece % 65 == 0 for piece in pieces)
    assert len(pieces) == -(-lots // most)


def test_without_a_freeze_quantity_an_order_is_one() -> None:
    assert sliced(65_000, None) == [65_000]


def test_the_largest_order_is_a_whole_number_of_lots_below_the_freeze() -> None:
    assert contract(24800, OptionType.CE, freeze=1800).order_maximum == 1755


@pytest.mark.parametrize(
    ("side", "prices", "limit"),
    [
        (Side.BUY, {"bid": 99, "ask": 100}, "100.50"),
        (Side.SELL, {"bid": 99, "ask": 100}, "98.50"),
        (Side.BUY, {"bid": 1.9, "ask": 2}, "2.10"),
        (Side.SELL, {"bid": 0.1, "ask": 0.2}, "0.05"),
        (Side.SELL, {"bid": 0.05, "ask": 0.2}, "0.05"),
        (Side.BUY, {"last": 50}, "50.25"),
        (Side.BUY, {"bid": 49, "last": 50}, "50.25"),
        (Side.BUY, {"bid": 100.03, "ask": 101.01}, "101.55"),
    ],
)
def test_a_limit_is_the_far_touch_and_two_ticks_or_half_a_percent_on_a_tick(
    side: Side, prices: dict[str, float], limit: str
) -> None:
    assert marketable(CALL, side, quote(**prices), DUE) == Decimal(limit)


@pytest.mark.parametrize("prices", [{}, {"last": 0}, {"bid": 0, "last": 0}])
def test_where_nobody_has_a_price_nothing_is_guessed(prices: dict[str, float]) -> None:
    assert marketable(CALL, Side.SELL, quote(**prices), DUE) is None


def test_a_price_of_the_past_is_no_price() -> None:
    seen = quote(bid=99, ask=100)

    assert marketable(CALL, Side.BUY, seen, DUE + timedelta(seconds=5)) is not None
    assert marketable(CALL, Side.BUY, seen, DUE + timedelta(seconds=5, microseconds=1)) is None
    assert marketable(CALL, Side.BUY, None, DUE) is None


def test_each_slice_goes_out_at_the_touch_of_its_own_leg() -> None:
    floor = Floor(plan=plan_of(condor()))
    floor.prices[HEDGE_CALL] = ("20", "20.05")

    floor.follow()

    assert {s.leg: s.price for s in floor.sent()} == {1: Decimal("20.20"), 3: Decimal("100.50")}
