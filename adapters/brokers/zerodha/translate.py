"""Kite's rows in our words; nothing here calls anybody."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, TypeVar  # Any: rows as the client returns them

from pydantic import TypeAdapter, ValidationError

from adapters.brokers.zerodha.rows import (
    BasketRow,
    FundsRow,
    OrderRow,
    Positions,
    ProfileRow,
    TradeRow,
    moment,
)
from domain.book import (
    BookOrder,
    BookTrade,
    Funds,
    NetPosition,
    OrderStatus,
    Profile,
    Unavailable,
)
from domain.calendar import ist_date

#: What an exchange on the profile lets the account trade.
CAPABILITIES: Final = {
    "OPTIONS": {"NFO", "BFO"},
    "EQUITY": {"NSE", "BSE"},
    "COMMODITY": {"MCX"},
}
#: Statuses that are final; the others, known or not, may still fill.
ENDED: Final = {
    status.value: status
    for status in (OrderStatus.COMPLETE, OrderStatus.CANCELLED, OrderStatus.REJECTED)
}

R = TypeVar("R")
_ORDERS: Final = TypeAdapter(tuple[OrderRow, ...])
_TRADES: Final = TypeAdapter(tuple[TradeRow, ...])
_POSITIONS: Final = TypeAdapter(Positions)
_FUNDS: Final = TypeAdapter(FundsRow)
_BASKET: Final = TypeAdapter(BasketRow)
_PROFILE: Final = TypeAdapter(ProfileRow)


def order_id(told: Any) -> str | None:
    """The id of a new order, which is a text; None where Kite did not say it."""
    return str(told) if isinstance(told, str | int) and str(told) else None


def orders(rows: Any) -> list[BookOrder]:
    """The order book; raises Unavailable rather than leave a row out."""
    return [_order(row) for row in _read(_ORDERS, rows, "order book")]


def trades(rows: Any) -> list[BookTrade]:
    """The trades of the day; raises Unavailable."""
    return [_trade(row) for row in _read(_TRADES, rows, "trade book")]


def positions(told: Any) -> list[NetPosition]:
    """What is held; flat positions, which Kite lists until the evening, are left out."""
    return [
        NetPosition(
            key=f"{row.exchange}:{row.tradingsymbol}",
            product=row.product,
            quantity=row.quantity,
            average_price=row.average_price,
            last_price=row.last_price or None,
        )
        for row in _read(_POSITIONS, told, "positions").net
        if row.quantity
    ]


def funds(told: Any) -> Funds:
    """Premium paid is spent, so it is not in `used` but gone from `cash`."""
    row = _read(_FUNDS, told, "funds")
    used = row.utilised.debits - row.utilised.option_premium
    return Funds(available=row.net, used=used, cash=row.net + used)


def basket_total(told: Any) -> Decimal:
    """What a basket as a whole needs in ₹."""
    return _read(_BASKET, told, "margins").final.total


def profile(told: Any) -> Profile:
    row = _read(_PROFILE, told, "profile")
    able = [name for name, exchanges in CAPABILITIES.items() if exchanges & {*row.exchanges}]
    return Profile(broker_user_id=row.user_id, name=row.user_name, capabilities=tuple(able))


def _order(row: OrderRow) -> BookOrder:
    named = (row.tag, *(row.tags or ()))
    return BookOrder(
        broker_order_id=row.order_id,
        tags=tuple(dict.fromkeys(tag for tag in named if tag)),
        key=f"{row.exchange}:{row.tradingsymbol}",
        side=row.transaction_type,
        product=row.product,
        quantity=row.quantity,
        filled=row.filled_quantity or 0,
        average_price=row.average_price,
        status=ENDED.get(row.status, OrderStatus.OPEN),
        price=row.price or None,
        message=row.status_message or None,
        placed_at=moment(row.order_timestamp) if row.order_timestamp else None,
    )


def _trade(row: TradeRow) -> BookTrade:
    told = [t for t in (row.fill_timestamp, row.exchange_timestamp, row.order_timestamp) if t]
    dated = [at for at in map(moment, told) if at is not None]
    at = moment(told[0], ist_date(dated[0])) if dated else None
    quantity = row.filled if row.quantity is None else row.quantity
    if at is None or quantity is None:
        raise Unavailable(f"Kite's trade {row.trade_id} has no time or no quantity")
    return BookTrade(
        trade_id=row.trade_id,
        broker_order_id=row.order_id,
        key=f"{row.exchange}:{row.tradingsymbol}",
        side=row.transaction_type,
        product=row.product,
        quantity=quantity,
        price=row.average_price,
        at=at,
    )


def _read(form: TypeAdapter[R], told: Any, what: str) -> R:
    try:
        return form.validate_python(told)
    except ValidationError as error:
        (first, *_) = error.errors(include_input=False, include_url=False)
        where = ".".join(str(part) for part in first["loc"])
        raise Unavailable(f"Kite's {what} cannot be read: {where}: {first['msg']}") from None
