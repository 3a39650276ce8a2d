from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contract import OptionType, Side
from domain.payoff import Position, bounded, net_premium, payoff, payoff_of, uncovered_short
from tests.domain.conftest import chain_of

WEEK = date(2026, 8, 18)


def leg(text: str, expiry: date = WEEK, underlying: str = "NIFTY") -> Position:
    side, quantity, strike, option_type, *price = text.split()
    return Position(
        underlying=underlying,
        option_type=OptionType(option_type),
        strike=Decimal(strike),
        expiry=expiry,
        side=Side(side),
        quantity=int(quantity),
        price=Decimal(price[0]) if price else Decimal(0),
    )


IRON_CONDOR = [
    leg("BUY 65 24200 PE 20"),
    leg("SELL 65 24300 PE 40"),
    leg("SELL 65 24700 CE 45"),
    leg("BUY 65 24800 CE 22"),
]


def test_an_iron_condor_is_bounded_on_both_sides() -> None:
    figures = payoff_of(IRON_CONDOR)

    assert bounded(IRON_CONDOR)
    assert figures.net_premium == 65 * (40 + 45 - 20 - 22)
    assert figures.max_profit == 65 * 43
    assert figures.max_loss == 65 * (100 - 43)
    assert figures.breakevens == (Decimal(24300 - 43), Decimal(24700 + 43))


def test_a_naked_call_has_no_limit_to_its_loss() -> None:
    figures = payoff_of([leg("SELL 65 24700 CE 45")])

    assert figures.max_loss is None
    assert figures.max_profit == 65 * 45
    assert figures.breakevens == (Decimal(24745),)


def test_a_naked_put_loses_down_to_zero_and_still_counts_as_unbounded() -> None:
    put = [leg("SELL 65 24300 PE 40")]

    assert payoff_of(put).max_loss == 65 * (24300 - 40)
    assert not bounded(put)


def test_a_bought_straddle_gains_without_limit_and_loses_its_premium() -> None:
    figures = payoff_of([leg("BUY 65 24500 CE 100"), leg("BUY 65 24500 PE 110")])

    assert figures.max_profit is None
    assert figures.max_loss == 65 * 210
    assert figures.breakevens == (Decimal(24290), Decimal(24710))


def test_a_ratio_spread_leaves_its_extra_short_uncovered() -> None:
    ratio = [leg("BUY 65 24500 CE 100"), leg("SELL 130 24700 CE 45")]

    assert uncovered_short(ratio) == 65
    assert payoff_of(ratio).max_loss is None


def test_nothing_held_is_worth_nothing() -> None:
    figures = payoff_of([])

    assert figures.max_profit == figures.max_loss == 0
    assert not figures.breakevens
    assert uncovered_short([]) == 0


@pytest.mark.parametrize(
    ("held", "naked"),
    [
        ([leg("SELL 65 24500 CE"), leg("BUY 65 24500 PE")], 65),
        ([leg("SELL 65 24500 CE"), leg("BUY 65 25500 CE")], 0),
        ([leg("SELL 65 24500 CE"), leg("BUY 65 24000 CE")], 0),
        ([leg("SELL 65 24500 CE"), leg("SELL 65 24500 PE")], 130),
        ([leg("SELL 65 24500 CE"), leg("BUY 65 25500 CE", underlying="NIFTYNXT50")], 65),
    ],
)
def test_a_long_covers_a_short_of_its_own_underlying_and_type(
    held: list[Position], naked: int
) -> None:
    assert uncovered_short(held) == naked


def test_a_long_that_expires_first_does_not_cover() -> None:
    later = WEEK + timedelta(days=7)

    assert uncovered_short([leg("SELL 65 24500 CE", WEEK), leg("BUY 65 24500 CE", later)]) == 0
    assert uncovered_short([leg("SELL 65 24500 CE", later), leg("BUY 65 24500 CE", WEEK)]) == 65


def test_a_contract_becomes_a_position() -> None:
    contract = chain_of(WEEK, "NIFTY", {WEEK: "26818"}, [24500]).contracts[0]

    held = Position.of(contract, Side.SELL, 65, Decimal(100))

    assert held == leg(f"SELL 65 24500 {contract.option_type.value} 100")
    assert held.signed == -65


positions = st.builds(
    lambda side, quantity, strike, option_type, weeks, price: leg(
        f"{side} {quantity} {strike} {option_type} {price}", WEEK + timedelta(weeks=weeks)
    ),
    st.sampled_from(["BUY", "SELL"]),
    st.integers(1, 2),
    st.sampled_from([24300, 24500, 24600, 24900]),
    st.sampled_from(["CE", "PE"]),
    st.integers(0, 2),
    st.integers(0, 400),
)


def _left_over_by_trying_every_pairing(held: list[Position]) -> int:
    shorts = [p for p in held if p.side is Side.SELL for _ in range(p.quantity)]
    longs = [p for p in held if p.side is Side.BUY for _ in range(p.quantity)]

    def most_covered(remaining: tuple[Position, ...], free: tuple[Position, ...]) -> int:
        if not remaining:
            return 0
        first, rest = remaining[0], remaining[1:]
        best = most_covered(rest, free)
        for i, long in enumerate(free):
            if long.option_type is first.option_type and long.expiry >= first.expiry:
                best = max(best, 1 + most_covered(rest, free[:i] + free[i + 1 :]))
        return best

    return len(shorts) - most_covered(tuple(shorts), tuple(longs))


@given(st.lists(positions, max_size=4))
def test_uncovered_units_are_what_the_best_pairing_leaves_over(held: list[Position]) -> None:
    expected = _left_over_by_trying_every_pairing(held)

    assert uncovered_short(held) == expected
    assert all(uncovered_short(order) == expected for order in permutations(held))


@given(st.lists(positions, min_size=1, max_size=5))
def test_no_spot_beats_the_stated_extremes(held: list[Position]) -> None:
    figures = payoff_of(held)

    values = [payoff(held, Decimal(spot)) for spot in range(0, 60000, 50)]

    if figures.max_profit is None:
        assert payoff(held, Decimal(10**9)) > max(values)
    else:
        assert max(values) == figures.max_profit
    if figures.max_loss is None:
        assert payoff(held, Decimal(10**9)) < min(values)
    else:
        assert max(-min(values), Decimal(0)) == figures.max_loss


@given(st.lists(positions, min_size=1, max_size=5))
def test_the_sign_of_the_profit_changes_only_at_breakevens(held: list[Position]) -> None:
    figures = payoff_of(held)

    edges = [Decimal(0), *figures.breakevens, Decimal(200000)]
    for breakeven in figures.breakevens:
        assert abs(payoff(held, breakeven)) < Decimal("1e-15")
    for low, high in pairwise(edges):
        inside = [payoff(held, low + (high - low) * k / 16) for k in range(1, 16)]
        assert not (min(inside) < Decimal("-1e-15") and max(inside) > Decimal("1e-15"))


@given(st.lists(positions, max_size=5))
def test_premium_is_what_is_kept_when_everything_expires_worthless(held: list[Position]) -> None:
    calls = [p for p in held if p.option_type is OptionType.CE]

    assert payoff(calls, Decimal(0)) == net_premium(calls)
