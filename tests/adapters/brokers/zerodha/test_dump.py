from __future__ import annotations

import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.brokers.zerodha.dump import Dump, of_two, read_dump, unpacked
from adapters.brokers.zerodha.spots import spot_key
from adapters.market.instruments import BadInstruments
from domain.chain import Chain
from domain.contract import OptionType
from tests.adapters.brokers.zerodha.lists import (
    BSE_SHARE,
    CALL,
    DAY,
    FUTURE,
    HEADER,
    INDEX,
    PUT,
    SENSEX,
    SHARE,
    listing,
    option,
)


def read(*rows: str, exchange: str = "NFO") -> Dump:
    return read_dump(exchange, listing(*rows), DAY)


def test_options_are_read_with_all_their_facts_and_futures_are_not_options() -> None:
    dump = read(CALL, PUT, FUTURE)

    contract = dump.contracts["NFO:NIFTY2681824500CE"]
    assert (contract.underlying, contract.expiry) == ("NIFTY", date(2026, 8, 18))
    assert (contract.lot, contract.tick) == (65, Decimal("0.05"))
    assert contract.strike == 24500
    assert (contract.freeze, contract.order_maximum) == (1800, 1755)
    assert dump.tokens == {"NFO:NIFTY2681824500CE": 1001, "NFO:NIFTY2681824500PE": 1002}


def test_indices_and_shares_are_read_for_their_tokens_alone() -> None:
    nse = read(INDEX, SHARE, exchange="NSE")
    bse = read(SENSEX, BSE_SHARE, exchange="BSE")

    assert nse.tokens == {"NSE:NIFTY 50": 256265, "NSE:M&M": 519937}
    assert bse.tokens == {"BSE:SENSEX": 265}
    assert not nse.contracts


def test_a_share_that_is_listed_twice_has_no_price_and_harms_no_other() -> None:
    dump = read(INDEX, SHARE, SHARE.replace("519937", "519938"), exchange="NSE")

    assert dump.tokens == {"NSE:NIFTY 50": 256265}
    assert dump.underlyings == {"NSE:NIFTY 50"}


def test_a_quoted_name_and_a_name_with_signs_are_read_as_they_are() -> None:
    quoted = option("NIFTY2681824500CE", 1001, name='"NIFTY"')
    signs = [
        option("M&M26AUG3000CE", 7, name="M&M"),
        option("BAJAJ-AUTO26AUG9000PE", 8, name="BAJAJ-AUTO"),
        option("360ONE26AUG1100PE", 9, name="360ONE"),
    ]

    dump = read(quoted, *signs)

    names = {contract.underlying for contract in dump.contracts.values()}
    assert names == {"NIFTY", "M&M", "BAJAJ-AUTO", "360ONE"}


@pytest.mark.parametrize(
    ("one", "other", "exchange"),
    [("NIFTY", "NIFTYNXT50", "NFO"), ("SENSEX", "SENSEX50", "BFO")],
)
def test_one_index_is_not_taken_for_another_whose_name_begins_alike(
    one: str, other: str, exchange: str
) -> None:
    rows = [
        option(f"{name}26AUG70000{kind}", n, name=name, expiry="2026-08-25", exchange=exchange)
        for n, (name, kind) in enumerate(((one, "CE"), (other, "CE"), (other, "PE")), start=1)
    ]

    chain = Chain(DAY, read(*rows, exchange=exchange).contracts.values())

    expiry = date(2026, 8, 25)
    assert len(chain.of_expiry(one, expiry)) == 1
    assert len(chain.of_expiry(other, expiry)) == 2
    assert chain.monthlies(one) == chain.monthlies(other) == [expiry]
    found = chain.option(other, expiry, OptionType.CE, Decimal(24500))
    assert found is not None
    assert found.tradingsymbol == f"{other}26AUG70000CE"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"lot": "0"}, "lot"),
        ({"lot": ""}, "lot"),
        ({"lot": "many"}, "lot"),
        ({"tick": "0"}, "tick"),
    ],
)
def test_an_option_without_a_lot_or_a_tick_is_left_out_with_the_reason(
    changes: dict[str, str], what: str
) -> None:
    dump = read(CALL, option("ODD26AUG100CE", 9, name="ODD", **changes))

    assert set(dump.contracts) == {"NFO:NIFTY2681824500CE"}
    (left,) = dump.left_out
    assert (left.key, left.underlying) == ("NFO:ODD26AUG100CE", "ODD")
    assert f"the {what} of ODD" in left.why


@pytest.mark.parametrize(
    ("rows", "exchange", "problem"),
    [
        ((CALL, CALL), "NFO", "listed twice"),
        ((CALL, option("NIFTY2681824550CE", 1001)), "NFO", "the same token"),
        ((CALL, option("NIFTY2681824550CE", 0)), "NFO", "no token"),
        ((CALL, PUT[:-10]), "NFO", "row 2"),
        ((CALL, PUT[:-1]), "NFO", "row 2"),
        ((CALL, INDEX), "NFO", "no instrument of NFO"),
        ((FUTURE,), "NFO", "no options"),
        ((BSE_SHARE,), "BSE", "no indices"),
        ((option("NIFTY2681824500CE", 1, expiry="18-08-2026"),), "NFO", "row 1"),
        ((option("NIFTY2681824500CE", 1, strike="high"),), "NFO", "row 1"),
    ],
)
def test_a_list_that_is_damaged_is_refused_whole(
    rows: tuple[str, ...], exchange: str, problem: str
) -> None:
    with pytest.raises(BadInstruments, match=problem):
        read(*rows, exchange=exchange)


def test_an_exchange_may_list_nothing_as_long_as_it_never_listed_anything() -> None:
    empty = read()

    assert (empty.rows, empty.contracts) == (0, {})
    of_two("NFO", None, empty)
    with pytest.raises(BadInstruments):
        of_two("NFO", read(CALL), empty)


def test_a_list_without_its_columns_is_refused() -> None:
    with pytest.raises(BadInstruments, match="lot_size"):
        read_dump("NFO", HEADER.replace("lot_size,", "") + "\n", DAY)


@settings(deadline=None)
@given(cut=st.integers(1, 400))
def test_a_packed_list_that_was_cut_is_refused(cut: int) -> None:
    body = gzip.compress(listing(CALL, PUT, FUTURE).encode())

    with pytest.raises(BadInstruments):
        unpacked("NFO", body[: -min(cut, len(body) - 2)])


@settings(deadline=None)
@given(cut=st.integers(1, 2_000))
def test_a_plain_list_that_was_cut_within_a_row_is_refused(cut: int) -> None:
    whole = listing(*[option(f"NIFTY26818{k}CE", k) for k in range(24000, 24020)])
    left = whole[: max(len(whole) - cut, 0)]
    within = not left.endswith((",NFO-OPT,NFO", ",NFO-OPT,NFO\n"))

    if within:
        with pytest.raises(BadInstruments):
            read_dump("NFO", left, DAY)
    else:
        assert read_dump("NFO", left, DAY).rows < 21


def test_a_list_half_as_long_as_the_last_is_taken_for_a_cut_one() -> None:
    before = read(CALL, PUT, FUTURE)

    with pytest.raises(BadInstruments, match="1 rows, and 3 the last time"):
        of_two("NFO", before, read(CALL))

    of_two("NFO", before, read(CALL, PUT))
    of_two("NFO", None, read(CALL))


def test_plain_and_packed_lists_are_read_alike_and_what_is_no_text_is_refused() -> None:
    text = listing(CALL)

    assert unpacked("NFO", text.encode()) == unpacked("NFO", gzip.compress(text.encode())) == text
    with pytest.raises(BadInstruments):
        unpacked("NFO", b"\xff\xfe\x00")


@pytest.mark.parametrize(
    ("underlying", "key"),
    [
        ("NIFTY", "NSE:NIFTY 50"),
        ("SENSEX", "BSE:SENSEX"),
        ("M&M", "NSE:M&M"),
        ("BANKNIFTY", None),
        ("NIFTYFPI", None),
    ],
)
def test_the_spot_is_the_index_or_the_share_that_is_listed(
    underlying: str, key: str | None
) -> None:
    listed = {"NSE:NIFTY 50", "BSE:SENSEX", "NSE:M&M", "NSE:NIFTY"}

    assert spot_key(underlying, listed) == key


def test_real_lists_are_read_whole(recorded_data: Path) -> None:
    path = recorded_data / "instruments" / "2026-08-17_NFO_BFO.csv.gz"
    header, *rows = gzip.decompress(path.read_bytes()).decode().splitlines()
    of = {
        exchange: read_dump(
            exchange,
            "\n".join([header, *(row for row in rows if row.endswith(f",{exchange}"))]),
            DAY,
        )
        for exchange in ("NFO", "BFO")
    }

    assert {exchange: len(dump.contracts) for exchange, dump in of.items()} == {
        "NFO": 35043,
        "BFO": 4246,
    }
    assert of["NFO"].contracts["NFO:NIFTY2681824450PE"].freeze == 1800
    assert of["BFO"].contracts["BFO:SENSEX26AUG80000CE"].lot == 20
    assert of["NFO"].contracts["NFO:GAIL26AUG170CE"].tick == Decimal("0.01")
    assert not of["NFO"].left_out
    assert all(token >> 8 for token in of["NFO"].tokens.values())
