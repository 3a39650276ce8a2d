"""The toy broker's words and ours; nothing here calls anybody."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final  # Any: JSON

from domain.book import (
    BookOrder,
    BookTrade,
    Funds,
    Margin,
    NetPosition,
    OrderStatus,
    Profile,
    Rejected,
    Ticket,
)
from domain.contract import Product, Side

LONGEST_REF: Final = 20
ENDED: Final = {
    "done": OrderStatus.COMPLETE,
    "gone": OrderStatus.CANCELLED,
    "refused": OrderStatus.REJECTED,
}
PRODUCTS: Final = {True: Product.NRML.value, False: Product.MIS.value}
SIDES: Final = {"B": Side.BUY, "S": Side.SELL}


def order(ticket: Ticket) -> dict[str, Any]:
    """An order to be sent; raises Rejected for what would be refused anyway."""
    if not (ticket.tag.isascii() and ticket.tag.isalnum() and len(ticket.tag) <= LONGEST_REF):
        raise Rejected(f"the tag {ticket.tag!r} would not be kept")
    most = ticket.contract.order_maximum
    if most is not None and ticket.quantity > most:
        raise Rejected(f"{ticket.quantity} is more than one order may hold, {most}")
    return margin_order(ticket)


def margin_order(ticket: Ticket) -> dict[str, Any]:
    """An order whose margin is asked: it has no tag yet, and may be larger than one may be."""
    if ticket.price is None:
        raise Rejected("an order needs a limit")
    return {
        "ref": ticket.tag,
        "what": ticket.contract.key,
        "way": "B" if ticket.side is Side.BUY else "S",
        "units": ticket.quantity,
        "carry": ticket.product is Product.NRML,
        "paise": paise(ticket.price),
    }


def paise(price: Decimal) -> int:
    """₹ in whole paise."""
    return int(price * 100)


def rows(told: Any) -> list[dict[str, Any]]:
    """A list, be it empty; anything else is no book, and raises TypeError."""
    if not isinstance(told, list):
        raise TypeError("no list")
    return told


def book_order(row: dict[str, Any]) -> BookOrder:
    return BookOrder(
        broker_order_id=str(row["no"]),
        tags=(row["ref"],),
        key=row["what"],
        side=SIDES[row["way"]],
        product=PRODUCTS[row["carry"]],
        quantity=row["units"],
        filled=row["filled"],
        average_price=Decimal(row["rupees"]),
        status=ENDED.get(row["state"], OrderStatus.OPEN),
        price=Decimal(row["paise"]) / 100 or None,
        message=row["why"],
    )


def book_trade(row: dict[str, Any]) -> BookTrade:
    return BookTrade(
        trade_id=row["id"],
        broker_order_id=str(row["no"]),
        key=row["what"],
        side=SIDES[row["way"]],
        product=PRODUCTS[row["carry"]],
        quantity=row["units"],
        price=Decimal(row["rupees"]),
        at=datetime.fromtimestamp(row["at_ms"] / 1000, UTC),
    )


def positions(told: Any) -> list[NetPosition]:
    """What is held; flat positions are none."""
    return [
        NetPosition(
            key=row["what"],
            product=PRODUCTS[row["carry"]],
            quantity=row["units"],
            average_price=Decimal(row["rupees"]),
        )
        for row in rows(told)
        if row["units"]
    ]


def funds(told: dict[str, Any]) -> Funds:
    free, bound = Decimal(told["free"]), Decimal(told["bound"])
    return Funds(available=free, used=bound, cash=free + bound)


def margin(told: dict[str, Any]) -> Margin:
    return Margin(final=Decimal(told["at_the_end"]), peak=Decimal(told["on_the_way"]))


def profile(told: dict[str, Any]) -> Profile:
    able = tuple(name.upper() for name in told["may"])
    return Profile(broker_user_id=told["user"], name=told["user"], capabilities=able)
