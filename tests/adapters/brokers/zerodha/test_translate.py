"""Kite's rows in our words."""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.brokers.zerodha import translate
from adapters.brokers.zerodha.rows import moment
from domain.book import BookOrder, NetPosition, OrderStatus, Unavailable
from domain.contract import Side
from tests.adapters.brokers.zerodha.recorded import told


@pytest.fixture(params=["UTC", "Asia/Kolkata", "America/New_York"])
def host_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """The host may live anywhere."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def book() -> dict[str, BookOrder]:
    """The recorded book by the last digits of the order ids."""
    return {row.broker_order_id[-3:]: row for row in translate.orders(told("orders"))}


def test_an_order_is_read_to_the_paisa() -> None:
    assert book()["101"] == BookOrder(
        broker_order_id="2608040000000000101",
        tags=("HEDGE1",),
        key="NFO:NIFTY2680424500CE",
        side=Side.BUY,
        product="MIS",
        quantity=130,
        filled=130,
        average_price=Decimal("112.1"),
        status=OrderStatus.COMPLETE,
        price=Decimal("112.35"),
        placed_at=datetime(2026, 8, 4, 3, 50, 1, tzinfo=UTC),
    )


def test_a_tag_counts_wherever_kite_puts_it() -> None:
    assert book()["102"].tags == ("autoslice", "SHORT1")
    assert book()["104"].tags == ("SHORT2",)
    assert book()["107"].tags == ()


def test_a_partial_fill_is_open_and_a_cancelled_order_keeps_its_fills() -> None:
    assert (book()["102"].status, book()["102"].filled) == (OrderStatus.OPEN, 65)
    assert (book()["103"].status, book()["103"].filled) == (OrderStatus.CANCELLED, 65)


def test_what_remains_is_told_by_quantity_and_fills_and_not_by_pending() -> None:
    rows = told("orders")
    for row in rows:
        row["pending_quantity"] = row["cancelled_quantity"] = 999

    assert translate.orders(rows) == translate.orders(told("orders"))


def test_a_rejected_order_says_why() -> None:
    rejected = book()["104"]

    assert (rejected.status, rejected.filled) == (OrderStatus.REJECTED, 0)
    assert rejected.message is not None
    assert rejected.message.startswith("Insufficient funds")


@given(status=st.text(max_size=30))
def test_whatever_is_not_known_to_have_ended_may_still_fill(status: str) -> None:
    rows = told("orders")[:1]
    rows[0]["status"] = status
    ended = {"COMPLETE", "CANCELLED", "REJECTED"}

    (row,) = translate.orders(rows)

    assert row.status.terminal == (status in ended)


@pytest.mark.parametrize("number", ["105", "106", "107"])
def test_an_order_under_way_is_open(number: str) -> None:
    assert book()[number].status is OrderStatus.OPEN


def test_an_order_without_a_limit_has_no_price() -> None:
    assert book()["107"].price is None


def test_an_order_id_that_came_as_a_number_is_the_same_text() -> None:
    rows = told("orders")[:1]
    rows[0]["order_id"] = int(rows[0]["order_id"])

    assert translate.orders(rows)[0].broker_order_id == "2608040000000000101"


@given(paise=st.integers(1, 10**9))
def test_no_float_makes_a_price_inexact(paise: int) -> None:
    rows = told("orders")[:1]
    rows[0]["average_price"] = paise / 100

    assert translate.orders(rows)[0].average_price == Decimal(paise) / 100


@pytest.mark.parametrize("missing", ["order_id", "quantity", "transaction_type", "status"])
def test_a_book_with_a_row_that_cannot_be_read_is_no_book(missing: str) -> None:
    rows = told("orders")
    del rows[3][missing]

    with pytest.raises(Unavailable, match=f"order book cannot be read: 3.{missing}"):
        translate.orders(rows)


def test_an_answer_without_rows_is_no_empty_book() -> None:
    with pytest.raises(Unavailable):
        translate.orders(None)


def test_times_are_indian_wherever_the_host_stands(host_zone: str) -> None:
    naive = datetime(2026, 8, 4, 9, 20, 1)  # noqa: DTZ001  # as the client makes them
    expected = datetime(2026, 8, 4, 3, 50, 1, tzinfo=UTC)

    assert moment("2026-08-04 09:20:01") == expected, host_zone
    assert moment(naive) == expected
    assert moment("2026-08-04T09:20:01+0530") == expected
    assert moment("09:20:01", date(2026, 8, 4)) == expected


@pytest.mark.parametrize("text", ["09:20:01", "", "soon", "2026-13-04 09:20:01", "99:99:99"])
def test_a_time_that_is_none_is_not_guessed(text: str) -> None:
    assert moment(text) is None


def test_trades_are_read_with_their_day_and_whatever_the_quantity_is_called(host_zone: str) -> None:
    trades = translate.trades(told("trades"))

    assert [(t.trade_id, t.quantity, t.price) for t in trades] == [
        ("10000001", 65, Decimal("112.1")),
        ("10000002", 65, Decimal("112.15")),
        ("10000003", 65, Decimal("112.1")),
    ]
    assert [t.at for t in trades] == [
        datetime(2026, 8, 4, 3, 50, second, tzinfo=UTC) for second in (1, 2, 3)
    ], host_zone


@pytest.mark.parametrize("gone", [("quantity",), ("fill_timestamp", "exchange_timestamp")])
def test_a_trade_without_its_quantity_or_its_day_is_not_guessed(gone: tuple[str, ...]) -> None:
    rows = told("trades")[:1]
    for name in gone:
        rows[0][name] = None

    with pytest.raises(Unavailable, match="10000001"):
        translate.trades(rows)


def test_positions_are_net_by_product_without_the_flat_ones() -> None:
    assert translate.positions(told("positions")) == [
        NetPosition(
            key="NFO:NIFTY2680424500CE",
            product="MIS",
            quantity=130,
            average_price=Decimal("112.1"),
            last_price=Decimal("115.05"),
        ),
        NetPosition(
            key="NFO:NIFTY2680424500CE",
            product="NRML",
            quantity=-65,
            average_price=Decimal("240.333333"),
            last_price=Decimal("115.05"),
        ),
    ]


def test_premium_paid_is_spent_and_what_positions_block_is_used() -> None:
    funds = translate.funds(told("margins"))

    assert funds.available == Decimal("874215.35")
    assert funds.used == Decimal("111211.65")
    assert funds.cash == funds.available + funds.used == Decimal("985427.00")


def test_a_basket_needs_what_it_needs_as_a_whole() -> None:
    assert translate.basket_total(told("basket")) == Decimal("35453.21")


def test_the_profile_says_what_may_be_traded() -> None:
    profile = translate.profile(told("profile"))

    assert (profile.broker_user_id, profile.name) == ("AB1234", "A Trader")
    assert profile.capabilities == ("OPTIONS", "EQUITY")


def test_an_account_without_a_derivative_segment_trades_no_options() -> None:
    answer = copy.deepcopy(told("profile"))
    answer["exchanges"] = ["NSE", "MCX"]

    assert translate.profile(answer).capabilities == ("EQUITY", "COMMODITY")


@pytest.mark.parametrize(
    ("answer", "order_id"),
    [("2608040000000000101", "2608040000000000101"), (2608040000000000101, "2608040000000000101"),
     ("", None), (None, None), ({}, None)],
)  # fmt: skip
def test_an_order_id_is_a_text_or_was_not_told(answer: object, order_id: str | None) -> None:
    assert translate.order_id(answer) == order_id
