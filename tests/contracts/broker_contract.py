"""What every broker keeps to, whoever it is; each adapter's tests inherit this suite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

import pytest

from commands.ports import Broker
from domain.book import BookOrder, OrderStatus, Rejected, Ticket
from domain.contract import Contract, Product, Side


class BrokerVenue(Protocol):
    """A broker with an empty account, in a market that is open."""

    broker: Broker
    call: Contract
    """Near the money, with somebody on both sides."""
    higher_call: Contract
    """Two strikes above."""

    def marketable(self, contract: Contract, side: Side) -> Decimal:
        """A limit that meets the market now."""
        ...

    def resting(self, contract: Contract, side: Side) -> Decimal:
        """A limit that does not, within the band."""
        ...

    def pass_time(self, seconds: float) -> None:
        """Let that much time of the market go by."""
        ...


def ticket(
    venue: BrokerVenue,
    side: Side,
    tag: str,
    *,
    lots: int = 1,
    rests: bool = False,
    contract: Contract | None = None,
) -> Ticket:
    """An order for some lots of the call."""
    contract = contract or venue.call
    price = venue.resting(contract, side) if rests else venue.marketable(contract, side)
    return Ticket(
        tag=tag,
        contract=contract,
        side=side,
        quantity=lots * contract.lot,
        product=Product.NRML,
        price=price,
    )


def by_tag(broker: Broker, tag: str) -> BookOrder | None:
    """The order of that tag, as a run looks for it."""
    found = [row for row in broker.orders() if tag in row.tags]
    return found[0] if found else None


def await_order(
    venue: BrokerVenue, tag: str, wanted: Callable[[BookOrder], bool] = lambda r: r.status.terminal
) -> BookOrder:
    """The order once it is as wanted; a broker has a minute of market time for it."""
    for _ in range(60):
        row = by_tag(venue.broker, tag)
        if row is not None and wanted(row):
            return row
        venue.pass_time(1)
    raise AssertionError(f"{tag} did not come to that: {by_tag(venue.broker, tag)}")


class BrokerContract:
    """Orders, positions and money."""

    def test_an_accepted_order_is_found_in_the_book_by_its_tag(self, venue: BrokerVenue) -> None:
        order = ticket(venue, Side.BUY, "B1", rests=True)

        order_id = venue.broker.place(order)

        row = by_tag(venue.broker, "B1")
        assert row is not None
        assert row.broker_order_id == order_id
        assert (row.key, row.side, row.quantity) == (venue.call.key, Side.BUY, venue.call.lot)
        assert (row.product, row.price) == ("NRML", order.price)
        assert (row.status, row.filled) == (OrderStatus.OPEN, 0)

    def test_a_marketable_order_fills_at_its_limit_or_better(self, venue: BrokerVenue) -> None:
        order = ticket(venue, Side.BUY, "B1")

        venue.broker.place(order)
        row = await_order(venue, "B1")

        assert order.price is not None
        assert (row.status, row.filled) == (OrderStatus.COMPLETE, venue.call.lot)
        assert 0 < row.average_price <= order.price

    def test_trades_add_up_to_the_order_and_to_the_position(self, venue: BrokerVenue) -> None:
        order_id = venue.broker.place(ticket(venue, Side.SELL, "S1", lots=3))
        row = await_order(venue, "S1")

        trades = [t for t in venue.broker.trades() if t.broker_order_id == order_id]
        positions = venue.broker.positions()

        assert sum(t.quantity for t in trades) == row.filled
        value = sum((t.quantity * t.price for t in trades), Decimal(0))
        assert abs(value / row.filled - row.average_price) < Decimal("0.001")
        assert len({t.trade_id for t in trades}) == len(trades)
        assert [(p.key, p.product, p.quantity) for p in positions] == [
            (venue.call.key, "NRML", -row.filled)
        ]

    def test_an_order_given_a_marketable_price_fills(self, venue: BrokerVenue) -> None:
        order_id = venue.broker.place(ticket(venue, Side.BUY, "B1", rests=True))
        venue.pass_time(1)

        venue.broker.modify(order_id, venue.marketable(venue.call, Side.BUY))

        assert await_order(venue, "B1").status is OrderStatus.COMPLETE

    def test_a_cancelled_order_ends_without_a_fill(self, venue: BrokerVenue) -> None:
        order_id = venue.broker.place(ticket(venue, Side.BUY, "B1", rests=True))
        venue.pass_time(1)

        venue.broker.cancel(order_id)

        row = await_order(venue, "B1")
        assert (row.status, row.filled) == (OrderStatus.CANCELLED, 0)
        assert list(venue.broker.positions()) == []

    def test_a_finished_order_can_be_neither_cancelled_nor_modified(
        self, venue: BrokerVenue
    ) -> None:
        order_id = venue.broker.place(ticket(venue, Side.BUY, "B1"))
        before = await_order(venue, "B1")

        with pytest.raises(Rejected):
            venue.broker.cancel(order_id)
        with pytest.raises(Rejected):
            venue.broker.modify(order_id, venue.marketable(venue.call, Side.BUY))

        assert by_tag(venue.broker, "B1") == before

    def test_an_order_nobody_placed_is_refused(self, venue: BrokerVenue) -> None:
        with pytest.raises(Rejected):
            venue.broker.cancel("260804999999999")

    def test_a_quantity_that_is_no_multiple_of_the_lot_places_nothing(
        self, venue: BrokerVenue
    ) -> None:
        order = replace(ticket(venue, Side.BUY, "B1"), quantity=venue.call.lot + 1)

        with pytest.raises(Rejected):
            venue.broker.place(order)

        assert by_tag(venue.broker, "B1") is None

    def test_two_orders_of_one_tag_are_two_orders(self, venue: BrokerVenue) -> None:
        """Brokers do not recognise a repeated tag: that is ours to prevent."""
        order = ticket(venue, Side.BUY, "B1", rests=True)

        ids = [venue.broker.place(order), venue.broker.place(order)]

        assert [row.broker_order_id for row in venue.broker.orders()] == ids

    def test_a_purchase_costs_cash_and_a_sale_blocks_margin(self, venue: BrokerVenue) -> None:
        before = venue.broker.funds()
        venue.broker.place(ticket(venue, Side.BUY, "B1", contract=venue.higher_call))
        bought = await_order(venue, "B1")
        between = venue.broker.funds()
        venue.broker.place(ticket(venue, Side.SELL, "S1"))
        await_order(venue, "S1")
        after = venue.broker.funds()

        assert before.cash - between.cash >= bought.filled * bought.average_price
        assert after.used > between.used
        assert after.available == after.cash - after.used

    def test_a_hedged_basket_needs_less_than_a_naked_sale(self, venue: BrokerVenue) -> None:
        sale = ticket(venue, Side.SELL, "S1")
        hedge = ticket(venue, Side.BUY, "B1", contract=venue.higher_call)

        naked = venue.broker.basket_margin([sale])
        hedged = venue.broker.basket_margin([hedge, sale])
        shorts_first = venue.broker.basket_margin([sale, hedge])

        assert 0 < hedged.final < naked.final
        assert hedged.peak < shorts_first.peak

    def test_held_hedges_count_in_the_margin_of_a_basket(self, venue: BrokerVenue) -> None:
        naked = venue.broker.basket_margin([ticket(venue, Side.SELL, "S1")])
        venue.broker.place(ticket(venue, Side.BUY, "B1", contract=venue.higher_call))
        await_order(venue, "B1")

        covered = venue.broker.basket_margin([ticket(venue, Side.SELL, "S2")])

        assert covered.final < naked.final

    def test_the_profile_says_who_is_logged_in(self, venue: BrokerVenue) -> None:
        profile = venue.broker.profile()

        assert profile.broker_user_id
        assert "OPTIONS" in profile.capabilities
        assert venue.broker.login_url()
