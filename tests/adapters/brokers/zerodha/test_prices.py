from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.brokers.zerodha.prices import quotes_of
from domain.quote import LIVE

CALL, PUT, SENSEX, INDEX = "NFO:CALL", "NFO:PUT", "BFO:CALL", "NSE:NIFTY 50"
SENT = datetime(2026, 8, 17, 4, 30, 0, 400_000, tzinfo=UTC)
Json = dict[str, Any]  # Any: JSON


def told(at: str = "2026-08-17 10:00:00", traded: str | None = None, **more: Any) -> Json:
    """A row at a time of day in India."""
    depth = {
        "buy": [{"price": 100.05, "quantity": 130, "orders": 2}],
        "sell": [{"price": 100.15, "quantity": 65, "orders": 1}],
    }
    row = {"last_price": 100.1, "timestamp": at, "last_trade_time": traded or at, "depth": depth}
    return {**row, "oi": 1300, **more}


def test_a_row_shows_the_touch_and_what_was_traded_last() -> None:
    quote = quotes_of({CALL: told()}, SENT, LIVE)[CALL]

    assert (quote.bid, quote.ask) == (Decimal("100.05"), Decimal("100.15"))
    assert (quote.bid_qty, quote.ask_qty, quote.oi) == (130, 65, 1300)
    assert quote.last == Decimal("100.1")
    assert quote.at == datetime(2026, 8, 17, 4, 30, tzinfo=UTC)


def test_the_clients_naive_times_are_those_of_india() -> None:
    at = datetime(2026, 8, 17, 10, 0)  # noqa: DTZ001  # as the client makes them

    assert quotes_of({CALL: told() | {"timestamp": at}}, SENT, LIVE)[CALL].at == datetime(
        2026, 8, 17, 4, 30, tzinfo=UTC
    )


def test_a_quiet_contract_is_as_young_as_the_others_of_its_exchange() -> None:
    rows = {CALL: told(), PUT: told("2026-08-17 09:58:00"), SENSEX: told("2026-08-17 09:59:00")}

    found = quotes_of(rows, SENT, LIVE)

    assert found[PUT].at == found[CALL].at
    assert found[PUT].fresh(SENT)
    assert not found[SENSEX].fresh(SENT)  # nothing shows that its feed lives


def test_a_last_price_that_was_traded_long_ago_is_left_out() -> None:
    rows = {CALL: told(traded="2026-08-17 09:59:50"), PUT: told(last_price=0)}

    found = quotes_of(rows, SENT, LIVE)

    assert (found[CALL].last, found[PUT].last) == (None, None)
    assert found[CALL].bid == Decimal("100.05")


def test_an_index_has_a_last_price_alone() -> None:
    row = {"instrument_token": 256265, "last_price": 24501.15, "timestamp": "2026-08-17 10:00:00"}

    quote = quotes_of({INDEX: row}, SENT, LIVE)[INDEX]

    assert (quote.last, quote.bid, quote.ask) == (Decimal("24501.15"), None, None)


def test_an_empty_side_has_no_touch() -> None:
    empty = [{"price": 0, "quantity": 0, "orders": 0}] * 5
    row = told(depth={"buy": empty, "sell": []})

    quote = quotes_of({CALL: row}, SENT, LIVE)[CALL]

    assert (quote.bid, quote.ask, quote.bid_qty, quote.ask_qty) == (None, None, None, None)


def test_nothing_is_seen_later_than_it_was_asked_for() -> None:
    ahead = told("2026-08-17 10:00:03")

    assert quotes_of({CALL: ahead}, SENT, LIVE)[CALL].at == SENT


@pytest.mark.parametrize(
    "row", [None, {}, [], "x", {"last_price": "many"}, {"last_price": 1, "depth": 3}]
)
def test_a_row_in_no_known_form_is_absent_and_harms_no_other(row: object) -> None:
    found = quotes_of({CALL: told(), PUT: row}, SENT, LIVE)

    assert found.keys() == {CALL}


def test_a_row_without_a_time_is_absent_where_no_other_has_one() -> None:
    undated = {CALL: told() | {"timestamp": None}}

    assert quotes_of(undated, SENT, LIVE) == {}
    assert quotes_of({**undated, PUT: told()}, SENT, timedelta(minutes=1)).keys() == {CALL, PUT}
