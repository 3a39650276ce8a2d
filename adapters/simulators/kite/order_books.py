"""The order book, the states of an order, and the trade book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Raw

from adapters.simulators.kite.answers import GENERAL, KiteError, encoded, success
from adapters.simulators.kite.history import OrderHistory, State
from adapters.simulators.kite.identity import paper_order_id
from adapters.simulators.kite.rows import order_row, trade_row
from adapters.simulators.kite.venue import Call
from adapters.simulators.kite.wire import Answer

NOT_FOUND: Final = "Couldn't find that `order_id`."


def own_order(call: Call, kite_id: str) -> OrderHistory:
    """The order of that id, which has to be the caller's; raises KiteError."""
    order = call.venue.histories.by_id.get(paper_order_id(kite_id))
    if order is None or order.placed.account != call.account:
        raise KiteError(NOT_FOUND, GENERAL, 404)
    return order


def orders(call: Call) -> Answer:
    """The order book of the day."""
    with call.venue.now() as at:
        listed, user_id = call.venue.listed(at), call.app.user_id
        return success(
            [
                _row(order, order.now(at), user_id, listed.tokens)
                for order in call.venue.histories.of_day(call.account, listed.day)
                if order.placed.shown_from <= at
            ]
        )


def _row(order: OrderHistory, state: State, user_id: str, tokens: Mapping[str, int]) -> Raw:
    """The row as JSON, which is the same as long as the state is: books are read all the time."""
    if order.shown is None or order.shown[0] is not state:
        token = tokens.get(order.placed.ticket.contract.key, 0)
        order.shown = state, encoded(order_row(order, state, user_id, token))
    return Raw(order.shown[1])


def history(call: Call) -> Answer:
    """Every state of an order, oldest first."""
    with call.venue.now() as at:
        order = own_order(call, call.parts[0])
        if order.placed.shown_from > at:
            raise KiteError(NOT_FOUND, GENERAL, 404)
        token = call.venue.listed(at).tokens.get(order.placed.ticket.contract.key, 0)
        return success(
            [
                order_row(order, state, call.app.user_id, token, first=True)
                for state in order.until(at)
            ]
        )


def trades(call: Call) -> Answer:
    """The trade book of the day."""
    with call.venue.now() as at:
        tokens = call.venue.listed(at).tokens
        found = call.venue.exchange.trades(call.account)
        return success([trade_row(trade, tokens) for trade in found])


def order_trades(call: Call) -> Answer:
    """The executions of one order."""
    with call.venue.now() as at:
        order = own_order(call, call.parts[0])
        tokens = call.venue.listed(at).tokens
        return success(
            [
                trade_row(trade, tokens)
                for trade in call.venue.exchange.trades(call.account)
                if trade.broker_order_id == order.placed.order_id
            ]
        )
