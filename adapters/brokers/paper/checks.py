"""What is refused at the door: such an order is answered with Rejected and never in the book."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from domain.book import OrderType, Rejected, Ticket
from domain.calendar import MARKET, ist_date
from domain.contract import Contract

MAX_TAG: Final = 20
EXCHANGES: Final = ("NFO", "BFO")


def check_ticket(ticket: Ticket, listed: Contract | None, now: datetime) -> Contract:
    """The contract as the exchange lists it; raises Rejected for what it would not look at."""
    check_hours(now)
    if not ticket.tag.isascii() or not ticket.tag.isalnum() or len(ticket.tag) > MAX_TAG:
        raise Rejected(f"Tag {ticket.tag!r} is not 1 to {MAX_TAG} letters and digits.")
    known = listed is not None and listed.exchange in EXCHANGES
    if listed is None or not known or listed.expiry < ist_date(now):
        raise Rejected(
            "The instrument you are placing an order for has either expired or does not exist."
        )
    _check_quantity(ticket.quantity, listed)
    if ticket.price is None and ticket.order_type is OrderType.MARKET:
        raise Rejected("Market orders without market protection are not allowed.")
    if ticket.price is None:
        raise Rejected("A limit order needs a price.")
    check_price(ticket.price, listed)
    return listed


def check_hours(now: datetime) -> None:
    """Orders are taken during the session only."""
    session = MARKET.session(ist_date(now))
    if session is None or not session.open <= now < session.close:
        raise Rejected("Markets are closed right now.")


def _check_quantity(quantity: int, listed: Contract) -> None:
    if quantity <= 0 or quantity % listed.lot:
        raise Rejected(f"Quantity {quantity} is no multiple of the lot size {listed.lot}.")
    maximum = listed.order_maximum
    if maximum is not None and quantity > maximum:
        raise Rejected(
            f"The order quantity {quantity} ({quantity // listed.lot} lots) is higher than the"
            f" maximum quantity of {maximum} ({maximum // listed.lot} lots) allowed by the"
            " exchanges."
        )


def check_price(price: Decimal, listed: Contract) -> None:
    """A price is positive and on a tick."""
    if price <= 0 or price % listed.tick:
        raise Rejected(
            f"Price {price} is no multiple of the tick size {listed.tick} for this contract."
        )
