from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.chain import Chain, LeftOut
from domain.contract import OptionType
from domain.model import Refused
from domain.strikes import (
    ExpiryRule,
    LegSelector,
    atm_strike,
    expiry_of,
    moneyness,
    nearest_expiry,
    nearest_strike,
    select,
)
from tests.domain.conftest import chain_of

MONDAY = date(2026, 8, 17)
TUESDAYS = {
    date(2026, 8, 18): "26818",
    date(2026, 8, 25): "26AUG",
    date(2026, 9, 1): "26901",
    date(2026, 9, 29): "26SEP",
}
NIFTY = chain_of(MONDAY, "NIFTY", TUESDAYS, range(24000, 25001, 50))


def leg(**changes: object) -> LegSelector:
    return LegSelector.model_validate({"underlying": "NIFTY", "expiry": "WEEKLY"} | changes)


@pytest.mark.parametrize(
    ("underlying", "rule", "expiry"),
    [
        ("NIFTY", "WEEKLY", date(2026, 8, 18)),
        ("NIFTY", "NEXT_WEEKLY", date(2026, 8, 25)),
        ("NIFTY", "MONTHLY", date(2026, 8, 25)),
        ("NIFTY", "NEXT_MONTHLY", date(2026, 9, 29)),
        ("SENSEX", "WEEKLY", date(2026, 8, 20)),
        ("SENSEX", "NEXT_WEEKLY", date(2026, 8, 27)),
        ("SENSEX", "MONTHLY", date(2026, 8, 27)),
        ("BANKNIFTY", "MONTHLY", date(2026, 8, 25)),
        ("BANKNIFTY", "NEXT_MONTHLY", date(2026, 9, 29)),
        ("NIFTYNXT50", "MONTHLY", date(2026, 8, 25)),
        ("SENSEX50", "MONTHLY", date(2026, 8, 27)),
        ("RELIANCE", "MONTHLY", date(2026, 8, 25)),
        ("M&M", "NEXT_MONTHLY", date(2026, 9, 29)),
    ],
)
def test_expiries_of_a_real_listing_of_2026(
    dump_2026: Chain, underlying: str, rule: str, expiry: date
) -> None:
    assert expiry_of(dump_2026, underlying, ExpiryRule(rule)) == expiry


@pytest.mark.parametrize(
    ("rule", "expiry"),
    [
        ("WEEKLY", date(2025, 9, 30)),
        ("NEXT_WEEKLY", date(2025, 10, 7)),
        ("MONTHLY", date(2025, 9, 30)),
        ("NEXT_MONTHLY", date(2025, 10, 28)),
    ],
)
def test_the_nearest_weekly_may_be_the_monthly(dump_2025: Chain, rule: str, expiry: date) -> None:
    assert expiry_of(dump_2025, "NIFTY", ExpiryRule(rule)) == expiry


@pytest.mark.parametrize("underlying", ["BANKNIFTY", "NIFTYNXT50", "SENSEX50", "BANKEX", "TCS"])
@pytest.mark.parametrize("rule", [ExpiryRule.WEEKLY, ExpiryRule.NEXT_WEEKLY])
def test_underlyings_without_weeklies_refuse_one(
    dump_2026: Chain, underlying: str, rule: ExpiryRule
) -> None:
    with pytest.raises(Refused) as refusal:
        expiry_of(dump_2026, underlying, rule)

    assert refusal.value.code == "no-weekly"


def test_every_monthly_of_a_real_listing_is_the_last_of_its_month(dump_2026: Chain) -> None:
    for underlying in dump_2026.underlyings():
        expiries, monthlies = dump_2026.expiries(underlying), dump_2026.monthlies(underlying)
        last = {(e.year, e.month): e for e in expiries}
        expected = sorted(e for e in last.values() if e in monthlies or e.month != 10)
        assert monthlies == expected, underlying


def test_a_fixed_expiry_has_to_be_listed_and_alive() -> None:
    assert expiry_of(NIFTY, "NIFTY", date(2026, 9, 1)) == date(2026, 9, 1)
    for day in (date(2026, 9, 2), date(2026, 8, 11)):
        with pytest.raises(Refused, match="no"):
            expiry_of(NIFTY, "NIFTY", day)


def test_an_underlying_without_options_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        expiry_of(NIFTY, "GOLD", ExpiryRule.MONTHLY)

    assert refusal.value.code == "no-options"


def test_no_second_monthly_is_invented() -> None:
    single = chain_of(MONDAY, "DALBHARAT", {date(2026, 8, 25): "26AUG"}, [1000])

    with pytest.raises(Refused) as refusal:
        expiry_of(single, "DALBHARAT", ExpiryRule.NEXT_MONTHLY)

    assert refusal.value.code == "no-expiry"


@pytest.mark.parametrize(
    ("price", "strike"),
    [("24512.3", 24500), ("24525", 24500), ("24525.05", 24550), ("20000", 24000), ("9e9", 25000)],
)
def test_at_the_money_is_the_nearest_strike_and_a_tie_takes_the_lower(
    price: str, strike: int
) -> None:
    assert atm_strike(NIFTY, "NIFTY", date(2026, 8, 18), Decimal(price)) == strike


@pytest.mark.parametrize("option_type", list(OptionType))
@pytest.mark.parametrize(("offset", "strike"), [(0, 24500), (3, 24650), (-4, 24300)])
def test_offsets_go_up_for_calls_and_puts_alike(
    option_type: OptionType, offset: int, strike: int
) -> None:
    found = select(NIFTY, leg(atm_offset=offset), option_type, Decimal("24510"))

    assert found.contract.strike == strike
    assert found.atm == 24500
    assert found.contract.option_type is option_type
    assert found.contract.expiry == date(2026, 8, 18)


def test_offsets_count_listed_strikes_where_the_grid_is_uneven() -> None:
    uneven = chain_of(MONDAY, "NIFTY", TUESDAYS, [23000, 24000, 24400, 24450, 24500, 25000, 26000])

    strikes = [
        select(uneven, leg(atm_offset=n), OptionType.CE, Decimal(24460)).contract.strike
        for n in range(-3, 4)
    ]

    assert strikes == [23000, 24000, 24400, 24450, 24500, 25000, 26000]


def test_a_strike_with_only_a_call_is_left_out_for_both() -> None:
    one_sided = chain_of(
        MONDAY, "NIFTY", TUESDAYS, [24400, 24450, 24500, 24550], missing=[(24500, "PE")]
    )

    straddle = [select(one_sided, leg(), side, Decimal(24495)).contract for side in OptionType]
    above = select(one_sided, leg(atm_offset=-1), OptionType.CE, Decimal(24530)).contract

    assert [contract.strike for contract in straddle] == [24450, 24450]
    assert above.strike == 24450


@pytest.mark.parametrize("offset", [11, -11])
def test_beyond_the_listed_strikes_nothing_is_guessed(offset: int) -> None:
    with pytest.raises(Refused) as refusal:
        select(NIFTY, leg(atm_offset=offset), OptionType.CE, Decimal(24500))

    assert refusal.value.code == "no-strike"
    assert refusal.value.field == "atm_offset"


def test_a_real_listing_is_walked_strike_by_strike(dump_2026: Chain) -> None:
    found = select(dump_2026, leg(atm_offset=2), OptionType.PE, Decimal("24339.80"))
    bank = select(
        dump_2026, leg(underlying="BANKNIFTY", expiry="MONTHLY"), OptionType.CE, Decimal(57449)
    )

    assert found.contract.tradingsymbol == "NIFTY2681824450PE"
    assert found.contract.lot == 65
    assert bank.contract.tradingsymbol == "BANKNIFTY26AUG57400CE"


def test_the_leg_of_one_index_is_not_found_in_another(dump_2026: Chain) -> None:
    for underlying in ("NIFTY", "NIFTYNXT50", "SENSEX", "SENSEX50"):
        found = select(
            dump_2026, leg(underlying=underlying, expiry="MONTHLY"), OptionType.CE, Decimal(50_000)
        )
        assert found.contract.underlying == underlying


def test_a_selector_reads_a_rule_or_a_date() -> None:
    assert leg(expiry="NEXT_MONTHLY").expiry is ExpiryRule.NEXT_MONTHLY
    assert leg(expiry="2026-08-25").expiry == date(2026, 8, 25)
    text = leg(expiry="2026-08-25", atm_offset=-2).model_dump_json()
    assert LegSelector.model_validate_json(text) == leg(expiry="2026-08-25", atm_offset=-2)


@pytest.mark.parametrize(
    ("option_type", "offset", "said"),
    [
        ("CE", 0, "ATM"),
        ("CE", 2, "OTM2"),
        ("PE", 2, "ITM2"),
        ("CE", -1, "ITM1"),
        ("PE", -1, "OTM1"),
    ],
)
def test_moneyness_is_said_as_traders_do(option_type: str, offset: int, said: str) -> None:
    assert moneyness(OptionType(option_type), offset) == said


def test_the_expiry_of_a_later_day_is_foreseen_as_far_as_the_listing_has_no_gap() -> None:
    weekly = nearest_expiry(NIFTY, [("NIFTY", ExpiryRule.WEEKLY)])
    monthly = nearest_expiry(NIFTY, [("NIFTY", ExpiryRule.MONTHLY)])
    both = nearest_expiry(NIFTY, [("NIFTY", ExpiryRule.NEXT_WEEKLY), ("NIFTY", ExpiryRule.MONTHLY)])

    assert weekly(date(2026, 8, 18)) == date(2026, 8, 18)
    assert weekly(date(2026, 8, 26)) == date(2026, 9, 1)
    assert weekly(date(2026, 9, 2)) is None
    assert monthly(date(2026, 9, 2)) == date(2026, 9, 29)
    assert monthly(date(2026, 9, 30)) is None
    assert both(date(2026, 8, 19)) == date(2026, 8, 25)
    assert both(date(2026, 8, 26)) is None


def test_an_index_without_weeklies_has_no_weekly_to_foresee(dump_2026: Chain) -> None:
    assert nearest_expiry(dump_2026, [("BANKNIFTY", ExpiryRule.WEEKLY)])(MONDAY) is None
    assert nearest_expiry(dump_2026, [("BANKNIFTY", date(2026, 12, 29))])(MONDAY) == date(
        2026, 12, 29
    )


@given(
    st.lists(st.integers(1, 2000), min_size=1, max_size=30, unique=True).map(sorted),
    st.decimals(0, 2100, places=2),
)
def test_no_listed_strike_is_nearer_than_the_chosen_one(ladder: list[int], price: Decimal) -> None:
    strikes = [Decimal(strike) for strike in ladder]

    chosen = strikes[nearest_strike(strikes, price)]

    best = min(abs(strike - price) for strike in strikes)
    assert chosen == min(strike for strike in strikes if abs(strike - price) == best)


def test_an_expiry_without_a_known_lot_is_not_passed_over_for_the_next() -> None:
    later = chain_of(MONDAY, "NIFTY", {date(2026, 8, 25): "26AUG", date(2026, 9, 1): "26901"}, [1])
    unknown = [LeftOut("NFO:NIFTY268181CE", "NIFTY", "the lot of NIFTY is not known")]
    chain = Chain(MONDAY, later.contracts, unknown)

    with pytest.raises(Refused) as refusal:
        expiry_of(chain, "NIFTY", ExpiryRule.WEEKLY)

    assert refusal.value.code == "unknown-lot"
    assert nearest_expiry(chain, [("NIFTY", ExpiryRule.WEEKLY)])(MONDAY) is None
