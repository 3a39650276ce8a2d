"""Orders and trades in the columns of Kite's books."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.simulators.kite.history import CANCELLED, PUT, OrderHistory, State
from adapters.simulators.kite.identity import kite_order_id, own_tag
from domain.book import BookTrade, OrderType
from domain.calendar import IST

Row = dict[str, Any]  # Any: a JSON object


def stamp(moment: datetime | None) -> str | None:
    """`2026-08-04 09:20:00` in India, without a zone, as Kite writes times."""
    return None if moment is None else f"{moment.astimezone(IST):%Y-%m-%d %H:%M:%S}"


def exchange_order_id(paper_id: str) -> str:
    return "13" + paper_id.rjust(14, "0")


def order_row(
    order: OrderHistory, state: State, user_id: str, instrument_token: int, *, first: bool = False
) -> Row:
    """A row of the order book, or one state of its history."""
    ticket = order.placed.ticket
    remaining = ticket.quantity - state.filled
    known = state.exchange_at is not None
    return {
        "placed_by": user_id,
        "account_id": user_id,
        "order_id": kite_order_id(order.placed.order_id),
        "exchange_order_id": exchange_order_id(order.placed.order_id) if known else None,
        "parent_order_id": None,
        "status": state.status,
        "status_message": state.message,
        "status_message_raw": state.message,
        "order_timestamp": stamp(state.requested_at),
        "exchange_update_timestamp": stamp(state.updated_at),
        "exchange_timestamp": stamp(state.exchange_at),
        "variety": "regular",
        "modified": state.modified,
        "exchange": ticket.contract.exchange,
        "tradingsymbol": ticket.contract.tradingsymbol,
        "instrument_token": 1 if first and state.status == PUT else instrument_token,
        # A market order with protection is booked as the limit order it becomes.
        "order_type": OrderType.LIMIT.value,
        "transaction_type": ticket.side.value,
        "validity": "DAY",
        "validity_ttl": 0,
        "product": ticket.product.value,
        "quantity": ticket.quantity,
        "disclosed_quantity": 0,
        "price": state.price,
        "trigger_price": 0,
        "average_price": state.average,
        "filled_quantity": state.filled,
        "pending_quantity": remaining,  # a cancelled row keeps it
        "cancelled_quantity": remaining if state.status == CANCELLED else 0,
        "market_protection": 0,
        "meta": {},
        **_tags(order),
        "guid": f"{order.placed.order_id}X",
    }


def _tags(order: OrderHistory) -> Row:
    """`tags` is absent where there are none; a converted market order has its tag there only."""
    tag = own_tag(order.placed.ticket.tag)
    if tag is None:
        return {"tag": None}
    converted = order.placed.ticket.order_type is OrderType.MARKET
    return {"tag": None if converted else tag, "tags": [tag]}


def trade_row(trade: BookTrade, instrument_tokens: Mapping[str, int]) -> Row:
    """A row of the trade book."""
    exchange, _, symbol = trade.key.partition(":")
    return {
        "trade_id": trade.trade_id,
        "order_id": kite_order_id(trade.broker_order_id),
        "exchange_order_id": exchange_order_id(trade.broker_order_id),
        "exchange": exchange,
        "tradingsymbol": symbol,
        "instrument_token": instrument_tokens.get(trade.key, 0),
        "transaction_type": trade.side.value,
        "product": trade.product,
        "average_price": trade.price,
        "quantity": trade.quantity,
        "fill_timestamp": stamp(trade.at),
        "exchange_timestamp": stamp(trade.at),
        "order_timestamp": f"{trade.at.astimezone(IST):%H:%M:%S}",
    }
