"""Every word about expiries, strikes and days, on lists that are not as one would draw them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.calendar import DteBasis, dte
from domain.chain import Chain
from domain.contract import OptionType
from domain.model import Refused
from domain.strikes import ExpiryRule, LegSelector, expiry_of, nearest_expiry, select
from tests.domain.conftest import chain_of

CE, PE = OptionType.CE, OptionType.PE
#: 24 Nov 2026 is a holiday: the monthly of November expires on the Monday before.
FRIDAY = date(2026, 11, 20)
MOVED = {
    date(2026, 11, 23): "26NOV",
    date(2026, 12, 1): "26D01",
    date(2026, 12, 8): "26D08",
    date(2026, 12, 29): "26DEC",
}
NIFTY = chain_of(FRIDAY, "NIFTY", MOVED, range(24000, 25001, 50))


def selector(**changes: object) -> LegSelector:
    return LegSelector.model_validate({"underlying": "NIFTY", "expiry": "WEEKLY"} | changes)


def chosen(chain: Chain, price: str, option_type: OptionType = CE, **changes: object) -> Decimal:
    found = select(chain, selector(**changes), option_type, Decimal(price))
    return found.contract.strike


@pytest.mark.parametrize(
    ("rule", "expiry"),
    [
        ("WEEKLY", date(2026, 11, 23)),
        ("NEXT_WEEKLY", date(2026, 12, 1)),
        ("MONTHLY", date(2026, 11, 23)),
        ("NEXT_MONTHLY", date(2026, 12, 29)),
    ],
)
def test_an_expiry_that_a_holiday_moved_is_where_the_rows_say(rule: str, expiry: date) -> None:
    assert expiry_of(NIFTY, "NIFTY", ExpiryRule(rule)) == expiry


def test_on_its_own_day_an_expiry_is_the_nearest_and_on_the_next_it_is_gone() -> None:
    contracts = NIFTY.contracts
    on, after = (Chain(date(2026, 11, day), contracts) for day in (23, 25))

    assert expiry_of(on, "NIFTY", ExpiryRule.WEEKLY) == date(2026, 11, 23)
    assert expiry_of(on, "NIFTY", ExpiryRule.MONTHLY) == date(2026, 11, 23)
    assert expiry_of(after, "NIFTY", ExpiryRule.WEEKLY) == date(2026, 12, 1)
    assert expiry_of(after, "NIFTY", ExpiryRule.MONTHLY) == date(2026, 12, 29)


def test_days_to_a_moved_expiry_are_counted_from_its_row() -> None:
    expiry = nearest_expiry(NIFTY, [("NIFTY", ExpiryRule.WEEKLY)])(FRIDAY)

    assert expiry == date(2026, 11, 23)
    assert dte(FRIDAY, expiry, DteBasis.CALENDAR) == 3
    assert dte(FRIDAY, expiry, DteBasis.TRADING) == 1
    assert dte(expiry, expiry, DteBasis.TRADING) == 0
    assert dte(date(2026, 11, 25), date(2026, 12, 1), DteBasis.TRADING) == 4


def test_a_monthly_whose_date_was_changed_stays_the_monthly_of_its_month() -> None:
    listed = chain_of(
        date(2026, 8, 17), "NIFTY", {date(2026, 8, 18): "26818", date(2026, 8, 27): "26AUG"}, [1]
    )

    assert expiry_of(listed, "NIFTY", ExpiryRule.MONTHLY) == date(2026, 8, 27)


def test_a_symbol_of_another_month_makes_no_monthly() -> None:
    moved_out = {date(2026, 8, 18): "26818", date(2026, 9, 1): "26AUG", date(2026, 9, 29): "26SEP"}
    listed = chain_of(date(2026, 8, 17), "NIFTY", moved_out, [1])

    assert expiry_of(listed, "NIFTY", ExpiryRule.MONTHLY) == date(2026, 9, 29)
    assert expiry_of(listed, "NIFTY", ExpiryRule.NEXT_WEEKLY) == date(2026, 9, 1)


def test_where_only_monthlies_are_left_a_weekly_is_refused_and_not_replaced() -> None:
    monthlies = chain_of(FRIDAY, "NIFTY", {date(2026, 11, 23): "26NOV"}, [24000])

    with pytest.raises(Refused) as refusal:
        expiry_of(monthlies, "NIFTY", ExpiryRule.WEEKLY)

    assert refusal.value.code == "no-weekly"


def test_a_grid_may_be_wide_outside_and_narrow_around_the_money() -> None:
    strikes = [20000, 22000, 23000, 23500, 23900, 23950, 24000, 24050, 24500, 25000, 27000]
    uneven = chain_of(FRIDAY, "NIFTY", MOVED, strikes)

    for option_type in OptionType:
        found = [chosen(uneven, "23990", option_type, atm_offset=n) for n in range(-6, 5)]
        assert found == strikes


@pytest.mark.parametrize("price", ["24275", "24274.99", "24275.01"])
def test_halfway_between_two_distant_strikes_the_nearer_counts_and_a_tie_takes_the_lower(
    price: str,
) -> None:
    wide = chain_of(FRIDAY, "NIFTY", MOVED, [24050, 24500])

    assert chosen(wide, price) == (24500 if price == "24275.01" else 24050)


def test_strikes_that_lack_one_type_are_no_strikes_for_either() -> None:
    missing = [(24450, "PE"), (24500, "CE"), (24550, "CE")]
    listed = chain_of(FRIDAY, "NIFTY", MOVED, range(24300, 24701, 50), missing=missing)

    atm = [chosen(listed, "24500", option_type) for option_type in OptionType]
    above = [chosen(listed, "24500", option_type, atm_offset=1) for option_type in OptionType]

    assert atm == [24400, 24400]  # 24400 and 24600 are as near: the lower
    assert above == [24600, 24600]


def test_an_expiry_with_calls_alone_has_no_money() -> None:
    calls = chain_of(FRIDAY, "NIFTY", MOVED, [24000, 24050], missing=[(24000, "PE"), (24050, "PE")])

    with pytest.raises(Refused) as refusal:
        chosen(calls, "24010")

    assert refusal.value.code == "no-strike"
    assert refusal.value.field == "expiry"


def test_strikes_of_a_stock_may_have_paise_and_its_name_signs() -> None:
    adjusted = [Decimal("132.5"), Decimal(135), Decimal("137.45")]
    rows = [
        each.model_copy(update={"strike": strike, "tradingsymbol": f"M&M26DEC{strike}{kind}"})
        for strike in adjusted
        for kind in OptionType
        for each in chain_of(FRIDAY, "M&M", {date(2026, 12, 29): "26DEC"}, [1]).contracts
        if each.option_type is kind
    ]

    chain = Chain(FRIDAY, rows)

    assert chosen(chain, "136.3", PE, underlying="M&M", expiry="MONTHLY") == Decimal("137.45")
    assert chain.by_symbol("M&M26DEC132.5CE") is not None
    found = chain.option("M&M", date(2026, 12, 29), CE, Decimal("137.450"))
    assert found is not None
    assert found.tradingsymbol == "M&M26DEC137.45CE"


def test_a_contract_is_found_by_exchange_and_symbol_and_by_what_it_is() -> None:
    by_key = NIFTY.get("NFO:NIFTY26D0124500PE")

    assert by_key is not None
    assert NIFTY.option("NIFTY", date(2026, 12, 1), PE, Decimal(24500)) is by_key
    assert NIFTY.get("BFO:NIFTY26D0124500PE") is None
    assert NIFTY.option("NIFTY", date(2026, 12, 2), PE, Decimal(24500)) is None
    assert NIFTY.option("NIFTY", date(2026, 12, 1), PE, Decimal(24525)) is None


def test_real_stocks_have_monthlies_and_a_money(dump_2026: Chain) -> None:
    for underlying, price in (("M&M", "3307"), ("NAM-INDIA", "900"), ("RELIANCE", "1385")):
        found = select(
            dump_2026,
            selector(underlying=underlying, expiry="MONTHLY", atm_offset=1),
            CE,
            Decimal(price),
        )
        assert found.contract.underlying == underlying
        assert found.contract.strike > found.atm
        assert found.contract.expiry == date(2026, 8, 25)


def test_every_selector_on_a_real_list_finds_a_contract_of_its_own_underlying(
    dump_2026: Chain,
) -> None:
    for underlying in dump_2026.underlyings():
        expiry = expiry_of(dump_2026, underlying, ExpiryRule.MONTHLY)
        ladder = dump_2026.ladder(underlying, expiry)
        middle = ladder[len(ladder) // 2]
        for option_type in OptionType:
            leg = selector(underlying=underlying, expiry="MONTHLY", atm_offset=1)
            found = select(dump_2026, leg, option_type, middle)
            assert found.contract.strike == ladder[len(ladder) // 2 + 1]
            assert found.contract.underlying == underlying
