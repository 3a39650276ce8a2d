from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contract import OptionType, Side
from domain.margin import MARGIN_RATES, blocked, estimate, hedge_first
from domain.payoff import Position

MONDAY, TUESDAY, LATER = date(2026, 8, 17), date(2026, 8, 18), date(2026, 8, 25)
SPOT = {"NIFTY": Decimal(24500), "NIFTYNXT50": Decimal(70000), "TCS": Decimal(3000)}


def leg(text: str, expiry: date = TUESDAY, underlying: str = "NIFTY") -> Position:
    side, quantity, strike, option_type, price = text.split()
    return Position(
        underlying=underlying,
        option_type=OptionType(option_type),
        strike=Decimal(strike),
        expiry=expiry,
        side=Side(side),
        quantity=int(quantity),
        price=Decimal(price),
    )


SHORT_CALL = leg("SELL 65 24500 CE 100")
CONDOR = [
    leg("SELL 65 24700 CE 45"),
    leg("BUY 65 24900 CE 15"),
    leg("SELL 65 24300 PE 40"),
    leg("BUY 65 24100 PE 12"),
]


def test_a_naked_short_blocks_its_scan_range_and_exposure() -> None:
    # worst spot 24500*1.09 costs 2205 a unit; exposure 2 % of 24500 is 490
    assert blocked([SHORT_CALL], SPOT, MONDAY) == 65 * (2205 + 490)


def test_a_short_far_from_the_money_blocks_for_the_extreme_move() -> None:
    far = leg("SELL 65 28000 CE 1")

    # 9 % up is 26705: no liability; 18 % up is 28910: 35 % of 910 a unit
    assert blocked([far], SPOT, MONDAY) == 65 * (Decimal("318.5") + 490)


def test_expiry_day_asks_for_more() -> None:
    more = blocked([SHORT_CALL], SPOT, TUESDAY) - blocked([SHORT_CALL], SPOT, MONDAY)

    assert more == 65 * 490
    before_the_circular = leg("SELL 65 24500 CE 100", date(2024, 11, 14))
    assert blocked([before_the_circular], SPOT, date(2024, 11, 14)) == 65 * (2205 + 490)


def test_bought_options_block_nothing_and_cost_their_premium() -> None:
    straddle = [leg("BUY 65 24500 CE 100"), leg("BUY 65 24500 PE 90")]

    margin = estimate(straddle, SPOT, MONDAY)

    assert blocked(straddle, SPOT, MONDAY) == 0
    assert margin.final == margin.peak == 65 * 190


def test_a_spread_blocks_its_width() -> None:
    spread = [leg("SELL 65 24500 CE 100"), leg("BUY 65 24600 CE 60")]

    assert blocked(spread, SPOT, MONDAY) == 65 * (100 + 490)


def test_an_iron_condor_loses_on_one_side_only() -> None:
    assert blocked(CONDOR, SPOT, MONDAY) == 65 * (200 + 2 * 490)


def test_hedge_first_peaks_lower_than_shorts_first() -> None:
    hedged = estimate(hedge_first(CONDOR), SPOT, MONDAY)
    shorts_first = estimate(sorted(CONDOR, key=lambda p: p.side is Side.BUY), SPOT, MONDAY)

    assert [p.side for p in hedge_first(CONDOR)] == [Side.BUY, Side.BUY, Side.SELL, Side.SELL]
    assert hedged.final == shorts_first.final == hedged.peak == 65 * (200 + 2 * 490 + 27)
    assert shorts_first.peak > 2 * hedged.peak


def test_a_long_that_expires_first_gives_no_benefit() -> None:
    early, late = leg("BUY 65 24500 CE 90", TUESDAY), leg("BUY 65 24500 CE 90", LATER)
    short = leg("SELL 65 24500 CE 100", LATER)

    assert blocked([short, early], SPOT, MONDAY) == blocked([short], SPOT, MONDAY)
    assert blocked([short, late], SPOT, MONDAY) == 0
    calendar = [leg("SELL 65 24500 CE 100", TUESDAY), late]
    assert blocked(calendar, SPOT, MONDAY) == 65 * 490


def test_one_index_does_not_hedge_another() -> None:
    other = leg("BUY 65 70000 CE 300", underlying="NIFTYNXT50")

    assert blocked([SHORT_CALL, other], SPOT, MONDAY) == blocked([SHORT_CALL], SPOT, MONDAY)


def test_a_stock_blocks_more_of_its_value_than_an_index() -> None:
    stock = leg("SELL 175 3000 CE 60", LATER, "TCS")

    assert blocked([stock], SPOT, MONDAY) == 175 * (540 + 105)


def test_buying_back_needs_its_premium_less_what_it_sets_free() -> None:
    buy_back = leg("BUY 65 24500 CE 120")

    margin = estimate([buy_back], SPOT, MONDAY, held=[SHORT_CALL])

    assert (margin.final, margin.peak) == (Decimal(0), Decimal(0))


def test_a_hedge_already_held_counts() -> None:
    hedge = leg("BUY 65 24600 CE 60")

    margin = estimate([SHORT_CALL], SPOT, MONDAY, held=[hedge])

    assert margin.final == 65 * (100 + 490)


def test_nothing_ordered_needs_nothing() -> None:
    assert estimate([], SPOT, MONDAY, held=[SHORT_CALL]).peak == 0


def test_an_underlying_without_a_price_is_not_guessed() -> None:
    with pytest.raises(KeyError):
        blocked([leg("SELL 20 80000 CE 100", underlying="SENSEX")], SPOT, MONDAY)


def test_every_rate_names_its_source() -> None:
    assert all(row.source for row in MARGIN_RATES)


legs = st.builds(
    lambda side, lots, strike, option_type, expiry, price: leg(
        f"{side} {65 * lots} {strike} {option_type} {price}", expiry
    ),
    st.sampled_from(["BUY", "SELL"]),
    st.integers(1, 3),
    st.integers(470, 510).map(lambda n: n * 50),
    st.sampled_from(["CE", "PE"]),
    st.sampled_from([TUESDAY, LATER]),
    st.integers(1, 500),
)


@given(st.lists(legs, max_size=5), legs)
def test_another_long_never_blocks_more_and_another_short_never_less(
    held: list[Position], more: Position
) -> None:
    before, after = blocked(held, SPOT, MONDAY), blocked([*held, more], SPOT, MONDAY)

    assert after <= before if more.side is Side.BUY else after >= before


@given(st.lists(legs, max_size=5))
def test_the_peak_is_at_least_the_end(orders: list[Position]) -> None:
    margin = estimate(orders, SPOT, MONDAY)

    assert margin.peak >= margin.final >= 0
