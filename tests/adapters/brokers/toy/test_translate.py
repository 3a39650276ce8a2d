"""The toy broker's rows in our words, each rule of docs/add-a-broker.md by a row of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.book import OrderStatus, Rejected
from domain.contract import Product, Side
from tests.adapters.brokers.toy import translate
from tests.adapters.brokers.zerodha.tickets import CALL, ticket

ROW: dict[str, Any] = {
    "no": 9_007_199_254_740_993, "ref": "HEDGE1", "what": CALL.key, "way": "B", "carry": False,
    "units": 130, "filled": 65, "rupees": "112.35", "paise": 11_240, "state": "working",
    "why": None,
}  # fmt: skip


def test_a_partial_fill_is_open_and_its_id_keeps_all_digits() -> None:
    order = translate.book_order(ROW)

    assert (order.status, order.quantity, order.filled) == (OrderStatus.OPEN, 130, 65)
    assert order.broker_order_id == "9007199254740993"
    assert (order.tags, order.key, order.side) == (("HEDGE1",), CALL.key, Side.BUY)
    assert (order.product, order.price) == (Product.MIS.value, Decimal("112.40"))


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("done", OrderStatus.COMPLETE),
        ("gone", OrderStatus.CANCELLED),
        ("refused", OrderStatus.REJECTED),
        ("on its way", OrderStatus.OPEN),
    ],
)
def test_whatever_is_not_known_to_have_ended_may_still_fill(
    state: str, status: OrderStatus
) -> None:
    assert translate.book_order({**ROW, "state": state}).status is status


def test_times_of_trades_are_aware() -> None:
    fill = {"id": "T1", "no": 7, "what": CALL.key, "way": "S", "carry": True, "units": 65,
            "rupees": "99.05", "at_ms": 1_785_814_800_000}  # fmt: skip

    trade = translate.book_trade(fill)

    assert trade.at == datetime(2026, 8, 4, 3, 40, tzinfo=UTC)
    assert (trade.side, trade.product, trade.price) == (Side.SELL, "NRML", Decimal("99.05"))


def test_positions_are_signed_by_product_without_the_flat_ones() -> None:
    short = {"what": CALL.key, "carry": True, "units": -65, "rupees": "99.05"}

    (held,) = translate.positions([short, {**short, "carry": False, "units": 0}])

    assert (held.key, held.product, held.quantity) == (CALL.key, "NRML", -65)


def test_money_that_is_bound_is_still_cash() -> None:
    funds = translate.funds({"free": "70000.50", "bound": "30000"})

    assert funds.available == funds.cash - funds.used == Decimal("70000.50")


def test_an_order_is_sent_in_units_and_paise() -> None:
    sent = translate.order(ticket())

    assert (sent["units"], sent["paise"], sent["ref"]) == (130, 11_235, "HEDGE1")


@pytest.mark.parametrize("changes", [{"tag": "A" * 21}, {"tag": "NO-DASH"}, {"quantity": 1_820}])
def test_what_would_be_cut_or_refused_is_not_sent(changes: dict[str, Any]) -> None:
    with pytest.raises(Rejected):
        translate.order(ticket(**changes))
