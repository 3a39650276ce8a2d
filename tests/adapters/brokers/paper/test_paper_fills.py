"""Paper fills: what an order gets from the market, and at which price."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from adapters.brokers.paper.settings import PaperSettings
from domain.book import OrderStatus
from domain.contract import Side
from tests.adapters.brokers.paper.venue import KIND, LOT, Venue
from tests.adapters.market.recorded_days import Row, minutes, row

DEPTH: Row = {"bid": 99.5, "ask": 100.5, "bid_qty": 10 * LOT, "ask_qty": 2 * LOT}
BAR: Row = {"open": 100.0, "high": 100.1, "low": 99.9, "close": 100.0, "bar": "1m_ohlc"}


def test_a_marketable_order_takes_the_touch_and_not_its_limit(tmp_path: Path) -> None:
    venue = Venue(tmp_path, [row("09:20") | DEPTH])
    venue.at("09:20", 1)

    bought, sold = venue.buy(1, "101"), venue.sell(1, "99")
    venue.at("09:20", 500)

    assert venue.row(bought).average_price == Decimal("100.5")
    assert venue.row(sold).average_price == Decimal("99.5")


def test_an_order_reaches_the_market_20_to_200_ms_after_it_was_sent(tmp_path: Path) -> None:
    venue = Venue(tmp_path, [row("09:20") | DEPTH])
    venue.at("09:20", 1)
    bought = venue.buy(1, "101")

    venue.at("09:20", 20)
    before = venue.row(bought)
    venue.at("09:20", 201)

    assert before.filled == 0
    (trade,) = venue.broker.trades()
    assert 20 <= (trade.at - before.placed_at).total_seconds() * 1000 <= 200  # type: ignore[operator]


def test_a_decision_at_the_full_minute_fills_at_the_next_price(tmp_path: Path) -> None:
    venue = Venue(tmp_path, [row("09:19", price=90), row("09:20", price=100)])
    venue.at("09:20")

    bought = venue.buy(1, "101")
    venue.at("09:20", 300)

    assert venue.row(bought).average_price == Decimal("100.25")


def test_no_more_than_displayed_is_taken_and_the_rest_waits_for_the_next_minute(
    tmp_path: Path,
) -> None:
    venue = Venue(tmp_path, [row(at) | DEPTH for at in minutes(2)])
    venue.at("09:20", 1)

    bought = venue.buy(3, "101")
    venue.at("09:20", 500)
    partly = venue.row(bought)
    venue.at("09:21", 1)
    whole = venue.row(bought)

    assert (partly.status, partly.filled) == (OrderStatus.OPEN, 2 * LOT)
    assert (whole.status, whole.filled) == (OrderStatus.COMPLETE, 3 * LOT)
    assert [trade.price for trade in venue.broker.trades()] == [Decimal("100.5"), Decimal(101)]


def test_what_one_order_took_is_not_there_for_the_next(tmp_path: Path) -> None:
    venue = Venue(tmp_path, [row("09:20") | DEPTH])
    venue.at("09:20", 1)

    orders = [venue.buy(1, "101") for _ in range(3)]
    venue.at("09:20", 500)

    assert sum(venue.row(order).filled for order in orders) == 2 * LOT


def test_without_depth_a_fifth_of_the_minutes_volume_is_ours_at_most(tmp_path: Path) -> None:
    venue = Venue(tmp_path, [row("09:20", volume=10 * LOT)])
    venue.at("09:20", 1)

    bought, sold = venue.buy(2, "101"), venue.sell(1, "99")
    venue.at("09:20", 500)

    assert venue.row(bought).filled + venue.row(sold).filled == 2 * LOT


def test_a_minute_without_trade_fills_nothing(tmp_path: Path) -> None:
    venue = Venue(tmp_path, [row("09:20", volume=0)])
    venue.at("09:20", 1)

    bought = venue.buy(1, "101")
    venue.at("09:20", 500)

    assert venue.row(bought).filled == 0


def test_where_volume_is_unknown_too_the_whole_order_fills(tmp_path: Path) -> None:
    venue = Venue(tmp_path, [row("09:20")])
    venue.at("09:20", 1)

    bought = venue.buy(5, "101")
    venue.at("09:20", 500)

    assert venue.row(bought).status is OrderStatus.COMPLETE


@pytest.mark.parametrize(
    ("last", "side", "limit", "paid"),
    [
        (100.0, Side.BUY, "101", "100.25"),
        (100.0, Side.SELL, "99", "99.75"),
        (2.0, Side.BUY, "3", "2.05"),
        (2.0, Side.SELL, "1", "1.95"),
        (101.0, Side.BUY, "102", "101.30"),
    ],
)
def test_without_bid_and_ask_the_last_price_slips_by_a_tick_or_a_quarter_percent(
    tmp_path: Path, last: float, side: Side, limit: str, paid: str
) -> None:
    venue = Venue(tmp_path, [row("09:20", price=last)])
    venue.at("09:20", 1)

    order = venue.broker.place(venue.ticket(side, 1, limit))
    venue.at("09:20", 500)

    assert venue.row(order).average_price == Decimal(paid)


def test_slip_beyond_the_limit_is_no_fill(tmp_path: Path) -> None:
    venue = Venue(tmp_path, [row("09:20", price=100)])
    venue.at("09:20", 1)

    bought = venue.buy(1, "100.20")
    venue.at("09:20", 500)

    assert venue.row(bought).filled == 0


def test_a_fill_lies_inside_the_true_bar(tmp_path: Path) -> None:
    venue = Venue(tmp_path, [row("09:20") | BAR])
    venue.at("09:20", 1)

    bought, sold = venue.buy(1, "101"), venue.sell(1, "99")
    venue.at("09:20", 500)

    assert venue.row(bought).average_price == Decimal("100.1")
    assert venue.row(sold).average_price == Decimal("99.9")


def test_an_order_that_waited_gets_its_limit_and_no_better(tmp_path: Path) -> None:
    cheaper: Row = {"bid": 89.5, "ask": 90.5, "bid_qty": LOT, "ask_qty": LOT}
    venue = Venue(tmp_path, [row("09:20") | DEPTH, row("09:21", price=90) | cheaper])
    venue.at("09:20", 1)

    bought = venue.buy(1, "95")
    venue.at("09:20", 500)
    waiting = venue.row(bought)
    venue.at("09:21", 1)

    assert waiting.filled == 0
    assert venue.row(bought).average_price == Decimal(95)


def test_a_minute_without_a_row_fills_nothing(tmp_path: Path) -> None:
    venue = Venue(tmp_path, [row("09:20"), row("09:40")])
    venue.at("09:21")  # the price of 09:20 still counts for a decision

    bought = venue.buy(1, "101")
    venue.at("09:39")
    silent = venue.row(bought)
    venue.at("09:40", 1)

    assert silent.filled == 0
    assert venue.row(bought).status is OrderStatus.COMPLETE


def test_nobody_on_the_other_side_is_no_fill(tmp_path: Path) -> None:
    venue = Venue(tmp_path, [row("09:20", bid=99.5, bid_qty=LOT, ask_qty=0)])
    venue.at("09:20", 1)

    bought = venue.buy(1, "101")
    venue.at("09:20", 500)

    assert venue.row(bought).filled == 0


def test_some_orders_fill_in_parts_by_seed(tmp_path: Path) -> None:
    part = KIND.model_copy(update={"partial_rate": 1.0})
    venue = Venue(tmp_path, [row(at) for at in minutes(2)], part)
    venue.at("09:20", 1)

    bought, single = venue.buy(4, "101"), venue.buy(1, "101")
    venue.at("09:20", 500)
    partly = venue.row(bought)
    venue.at("09:21", 1)

    assert 0 < partly.filled < 4 * LOT
    assert partly.filled % LOT == 0
    assert venue.row(bought).status is OrderStatus.COMPLETE
    assert venue.row(single).status is OrderStatus.COMPLETE


def test_by_default_the_market_is_never_entirely_kind() -> None:
    settings = PaperSettings()

    assert (settings.partial_rate, settings.rejection_rate) == (0.02, 0.005)
    assert (settings.latency_min_ms, settings.latency_max_ms) == (20, 200)
