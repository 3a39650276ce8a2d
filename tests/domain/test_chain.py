from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.chain import Chain, LeftOut, month_form
from domain.contract import OptionType
from tests.domain.conftest import chain_of

DAY, PAST, WEEK, MONTH = (date(2026, 8, d) for d in (17, 11, 18, 25))
CHAIN = chain_of(
    DAY,
    "NIFTY",
    {PAST: "26811", WEEK: "26818", MONTH: "26AUG"},
    [24450, 24500],
    missing=[(24450, "PE")],
)


def test_contracts_are_found_by_symbol_and_by_what_they_are() -> None:
    found = CHAIN.get("NFO:NIFTY26AUG24500PE")

    assert found is not None
    assert CHAIN.by_symbol("NIFTY26AUG24500PE") is found
    assert CHAIN.option("NIFTY", MONTH, OptionType.PE, Decimal("24500.0")) is found
    assert CHAIN.option("NIFTY", MONTH, OptionType.PE, Decimal(24450)) is None
    assert CHAIN.get("NFO:NIFTY24AUG18000CE") is None


def test_what_has_expired_is_listed_no_more() -> None:
    assert CHAIN.expiries("NIFTY") == [WEEK, MONTH]
    assert CHAIN.monthlies("NIFTY") == [MONTH]
    assert CHAIN.expiries("GOLD") == []


def test_only_strikes_with_a_call_and_a_put_make_the_ladder() -> None:
    assert CHAIN.ladder("NIFTY", WEEK) == [Decimal(24500)]
    assert CHAIN.strikes("NIFTY", WEEK, OptionType.CE) == [Decimal(24450), Decimal(24500)]
    assert CHAIN.ladder("GOLD", WEEK) == []


def test_an_underlying_lists_weeklies_if_an_expiry_is_no_monthly() -> None:
    assert CHAIN.lists_weeklies("NIFTY")
    assert not CHAIN.lists_weeklies("GOLD")
    assert CHAIN.underlyings() == ["NIFTY"]


@pytest.mark.parametrize(
    ("expiry", "text"),
    [(MONTH, "26AUG"), (date(2027, 1, 26), "27JAN"), (date(2026, 12, 29), "26DEC")],
)
def test_a_monthly_names_year_and_month(expiry: date, text: str) -> None:
    assert month_form(expiry) == text


def test_real_listings_have_the_weeklies_that_are_known(dump_2025: Chain, dump_2026: Chain) -> None:
    with_weeklies = [
        [u for u in chain.underlyings() if chain.lists_weeklies(u)]
        for chain in (dump_2025, dump_2026)
    ]

    assert with_weeklies == [["NIFTY"], ["NIFTY", "SENSEX"]]


def test_what_is_listed_without_a_lot_is_refused_by_name_and_nothing_else_is() -> None:
    why = "the lot of LIQUOR is not known"
    chain = Chain(DAY, CHAIN.contracts, [LeftOut("NFO:LIQUOR26AUG100CE", "LIQUOR", why)])

    refused = chain.underlying_refused("LIQUOR")

    assert refused is not None
    assert (refused.code, refused.message) == ("unknown-lot", why)
    assert chain.symbol_refused("LIQUOR26AUG100CE").message == why
    assert chain.underlying_refused("NIFTY") is None
    assert chain.symbol_refused("LIQUOR26AUG105CE").code == "unknown-symbol"


def test_what_an_exchange_lists_may_be_unknown_while_another_is_traded() -> None:
    chain = Chain(DAY, CHAIN.contracts, unknown=["no list of BFO: timed out"])

    refused = chain.underlying_refused("SENSEX")

    assert refused is not None
    assert (refused.code, refused.message) == ("no-listing", "no list of BFO: timed out")
    assert chain.symbol_refused("SENSEX2682080000CE").code == "no-listing"
    assert chain.underlying_refused("NIFTY") is None
