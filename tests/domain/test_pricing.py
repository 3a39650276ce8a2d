from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import erf, exp, log, pi, sqrt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contract import OptionType, Side
from domain.parity import synthetic_spot
from domain.payoff import Position, intrinsic, payoff
from domain.pricing import Alive, greeks, implied_vol, option_price, profit_now, years_to_expiry
from tests.domain.conftest import read_day

FORWARD, STRIKE = Decimal(24500), Decimal(24600)
VOL, WEEK = 0.13, 7 / 365
CALL, PUT = OptionType.CE, OptionType.PE


def normal(x: float) -> float:
    return (1 + erf(x / sqrt(2))) / 2


def test_a_call_is_priced_by_the_formula_of_black() -> None:
    forward, strike, deviation = float(FORWARD), float(STRIKE), VOL * sqrt(WEEK)
    d1 = log(forward / strike) / deviation + deviation / 2
    density = exp(-d1 * d1 / 2) / sqrt(2 * pi)

    price = option_price(CALL, FORWARD, STRIKE, VOL, WEEK)
    found = greeks(CALL, FORWARD, STRIKE, VOL, WEEK)

    expected = forward * normal(d1) - strike * normal(d1 - deviation)
    assert float(price) == pytest.approx(expected, abs=0.005)
    assert found.delta == pytest.approx(normal(d1))
    assert found.gamma == pytest.approx(density / (forward * deviation))
    assert found.vega == pytest.approx(forward * density * sqrt(WEEK) / 100)
    assert found.theta == pytest.approx(-forward * density * VOL / (2 * sqrt(WEEK)) / 365)


def test_sensitivities_are_what_small_changes_do() -> None:
    step = Decimal(50)

    def at(forward: Decimal = FORWARD, vol: float = VOL, years: float = WEEK) -> float:
        return float(option_price(PUT, forward, STRIKE, vol, years))

    found = greeks(PUT, FORWARD, STRIKE, VOL, WEEK)

    slope = (at(FORWARD + step) - at(FORWARD - step)) / 100
    assert found.delta == pytest.approx(slope, abs=1e-3)
    assert found.vega == pytest.approx((at(vol=VOL + 0.005) - at(vol=VOL - 0.005)), abs=0.02)
    day = 0.5 / 365
    assert found.theta == pytest.approx(at(years=WEEK - day) - at(years=WEEK + day), rel=0.02)


def test_nothing_but_intrinsic_value_is_left_at_expiry() -> None:
    assert option_price(PUT, FORWARD, STRIKE, VOL, 0.0) == 100
    assert option_price(CALL, FORWARD, STRIKE, VOL, 0.0) == 0
    assert greeks(PUT, FORWARD, STRIKE, VOL, 0.0).delta == -1
    assert greeks(CALL, FORWARD, STRIKE, VOL, 0.0).delta == 0
    assert greeks(CALL, FORWARD, STRIKE, VOL, 0.0).theta == 0


@pytest.mark.parametrize(
    ("option_type", "price", "years"),
    [
        (PUT, "100", WEEK),  # no more than intrinsic
        (PUT, "60", WEEK),
        (CALL, "24500", WEEK),  # dearer than the underlying
        (PUT, "24600", WEEK),
        (CALL, "50", 0.0),
        (CALL, "12000", 0.001),  # thousands of per cent
    ],
)
def test_a_price_without_sense_has_no_volatility(
    option_type: OptionType, price: str, years: float
) -> None:
    assert implied_vol(option_type, FORWARD, STRIKE, Decimal(price), years) is None


def test_a_price_intrinsic_but_for_a_rounding_has_no_volatility() -> None:
    hair = Decimal("100.2000000000001")

    assert implied_vol(CALL, Decimal("24600.2"), Decimal(24500), hair, WEEK) is None


def test_time_runs_to_the_close_of_the_last_day() -> None:
    expiry = date(2026, 8, 18)
    close = datetime(2026, 8, 18, 10, 0, tzinfo=UTC)

    assert years_to_expiry(close - timedelta(days=1), expiry) == pytest.approx(1 / 365)
    assert years_to_expiry(close, expiry) == 0
    assert years_to_expiry(close + timedelta(minutes=5), expiry) == 0


def test_an_expiry_that_is_no_session_counts_to_half_past_three() -> None:
    holiday = date(2026, 11, 24)

    assert years_to_expiry(datetime(2026, 11, 23, 10, 0, tzinfo=UTC), holiday) == 1 / 365


def test_importing_the_rules_does_not_load_the_pricing_library() -> None:
    code = "import sys, domain.pricing, domain.margin; sys.exit('QuantLib' in sys.modules)"

    root = Path(__file__).parents[2]

    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_a_recorded_chain_has_a_believable_smile(recorded_data: Path) -> None:
    day = read_day(recorded_data / "days" / "2026-08-17.parquet", "NIFTY", every=30)
    at, quotes = sorted(day.minutes.items())[2]
    expiry = day.chain.expiries("NIFTY")[1]
    forward = synthetic_spot(day.chain, "NIFTY", expiry, quotes, at)
    years = years_to_expiry(at, expiry)

    vols = {
        (contract.strike, contract.option_type): implied_vol(
            contract.option_type, forward, contract.strike, price, years
        )
        for contract in day.chain.contracts
        if contract.expiry == expiry and abs(contract.strike - forward) < 300
        for price in [quotes[contract.key].last]
        if price is not None
    }

    assert len(vols) > 15
    assert all(vol is not None and 0.05 < vol < 0.40 for vol in vols.values())
    for (strike, option_type), vol in vols.items():
        if option_type is CALL:
            assert vol == pytest.approx(vols[strike, PUT], abs=0.02)


cases = st.tuples(
    st.sampled_from(list(OptionType)),
    st.decimals(20_000, 30_000, places=2),
    st.integers(400, 600).map(lambda n: Decimal(n * 50)),
    st.floats(0.05, 1.5),
    st.floats(1 / 365, 1.0),
)


@given(cases)
def test_a_volatility_found_gives_the_price_back(
    case: tuple[OptionType, Decimal, Decimal, float, float],
) -> None:
    option_type, forward, strike, vol, years = case
    price = option_price(option_type, forward, strike, vol, years)

    found = implied_vol(option_type, forward, strike, price, years)

    if found is None:
        assert price <= intrinsic(option_type, strike, forward) + Decimal("0.01")
    else:
        assert abs(option_price(option_type, forward, strike, found, years) - price) <= Decimal(
            "0.01"
        )


@given(cases)
def test_put_call_parity_holds(case: tuple[OptionType, Decimal, Decimal, float, float]) -> None:
    _, forward, strike, vol, years = case

    call = option_price(CALL, forward, strike, vol, years)
    put = option_price(PUT, forward, strike, vol, years)

    assert abs((call - put) - (forward - strike)) <= Decimal("0.02")
    delta = greeks(CALL, forward, strike, vol, years).delta
    assert delta - greeks(PUT, forward, strike, vol, years).delta == pytest.approx(1)


def held(side: Side, price: Decimal) -> Position:
    return Position(
        underlying="NIFTY",
        option_type=CALL,
        strike=STRIKE,
        expiry=date(2026, 11, 24),
        side=side,
        quantity=75,
        price=price,
    )


def test_a_position_that_nothing_moved_has_made_nothing() -> None:
    paid = option_price(CALL, FORWARD, STRIKE, VOL, WEEK)
    alive = [Alive(held(Side.BUY, paid), FORWARD, VOL, WEEK)]

    assert profit_now(alive, Decimal(0)) == 0
    assert profit_now(alive, Decimal(100)) > 0 > profit_now(alive, Decimal(-100))


def test_with_no_time_left_today_is_expiry() -> None:
    sold = held(Side.SELL, Decimal(90))
    alive = [Alive(sold, FORWARD, VOL, 0.0)]

    for move in (Decimal(-300), Decimal(0), Decimal(300)):
        assert profit_now(alive, move) == payoff([sold], FORWARD + move)
