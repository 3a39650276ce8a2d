"""What is sent to Kite, in its forms; nothing here calls anybody."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from domain.book import OrderType, Rejected, Ticket
from domain.contract import Contract

REGULAR: Final = "regular"
DAY: Final = "DAY"
LONGEST_TAG: Final = 20
#: Orders without a limit of their own are refused without market protection since 1 Apr 2026.
UNPROTECTED: Final = frozenset(("MARKET", "SL-M"))
#: The broker's own band; 0 or nothing would be refused.
AUTOMATIC: Final = -1


def order_form(ticket: Ticket) -> dict[str, str | int]:
    """The form of a new order; raises Rejected for what Kite would refuse, or misunderstand."""
    _check_tag(ticket.tag)
    _check_quantity(ticket.contract, ticket.quantity)
    form: dict[str, str | int] = {
        "variety": REGULAR,
        "exchange": ticket.contract.exchange,
        "tradingsymbol": ticket.contract.tradingsymbol,
        "transaction_type": ticket.side.value,
        "quantity": ticket.quantity,
        "product": ticket.product.value,
        "order_type": ticket.order_type.value,
        "validity": DAY,
        "tag": ticket.tag,
    }
    return form | priced(ticket.order_type.value, ticket.price)


def priced(order_type: str, price: Decimal | None) -> dict[str, str | int]:
    """The limit of an order in ₹, or the protection of one that has none; raises Rejected."""
    if order_type in UNPROTECTED:
        return {"market_protection": AUTOMATIC}
    if price is None or price <= 0:
        raise Rejected("a limit order needs a price")
    return {"price": plain(price)}


def modify_form(broker_order_id: str, price: Decimal) -> dict[str, str | int]:
    """The form of a new limit; also an order sent as MARKET is a LIMIT in Kite's book."""
    limit = OrderType.LIMIT.value
    kept: dict[str, str | int] = {"order_type": limit, "validity": DAY}
    return order_path(broker_order_id) | kept | priced(limit, price)


def order_path(broker_order_id: str) -> dict[str, str | int]:
    """Where an order is changed; raises Rejected for what cannot be the id of one."""
    if not (broker_order_id.isascii() and broker_order_id.isalnum()):
        raise Rejected(f"Couldn't find that `order_id`: {broker_order_id!r}")
    return {"variety": REGULAR, "order_id": broker_order_id}


def margin_row(ticket: Ticket) -> dict[str, str | int | float]:
    """One order of a basket whose margin is asked; no price means the market's."""
    limited = ticket.price is not None and ticket.order_type is OrderType.LIMIT
    return {
        "exchange": ticket.contract.exchange,
        "tradingsymbol": ticket.contract.tradingsymbol,
        "transaction_type": ticket.side.value,
        "variety": REGULAR,
        "product": ticket.product.value,
        "order_type": (OrderType.LIMIT if limited else OrderType.MARKET).value,
        "quantity": ticket.quantity,
        "price": float(ticket.price or 0),  # a JSON number, whose text is the price again
        "trigger_price": 0,
    }


def plain(price: Decimal) -> str:
    """The digits, never with an exponent."""
    return f"{price:f}"


def _check_tag(tag: str) -> None:
    if not (0 < len(tag) <= LONGEST_TAG and tag.isascii() and tag.isalnum()):
        raise Rejected(f"the tag {tag!r} is not 1 to {LONGEST_TAG} letters and digits")


def _check_quantity(contract: Contract, quantity: int) -> None:
    """Kite's own slicing is not used: a slice of its making would not carry our tag."""
    if quantity <= 0 or quantity % contract.lot:
        raise Rejected(f"{quantity} is no positive multiple of the lot, {contract.lot}")
    most = contract.order_maximum
    if most is not None and quantity > most:
        raise Rejected(
            f"{quantity} of {contract.key} is more than one order may hold: {most} units,"
            f" the whole lots within the freeze quantity of {contract.freeze}"
        )
