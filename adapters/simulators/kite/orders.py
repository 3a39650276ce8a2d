"""Orders placed, changed and cancelled, with Kite's rules and words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from adapters.simulators.kite.answers import INPUT, NETWORK, KiteError, success
from adapters.simulators.kite.forms import (
    NOT_LISTED,
    check_validity,
    check_variety,
    limit_of,
    needed,
    number,
    one_of,
    product_of,
    protection_of,
    quantity_of,
    side_of,
    tag_of,
    type_of,
)
from adapters.simulators.kite.history import OrderHistory
from adapters.simulators.kite.identity import HAND_TAG, NO_TAG, kite_order_id
from adapters.simulators.kite.order_books import own_order
from adapters.simulators.kite.slicing import sliced
from adapters.simulators.kite.venue import Call, Venue
from adapters.simulators.kite.wire import Answer
from domain.book import OrderType, Rejected, Ticket
from domain.contract import Contract, Product, Side

TOO_OFTEN: Final = "Maximum allowed order modifications exceeded."
#: Automatic protection: up to a last price of so many ₹, so many per cent; options (Zerodha, 2026).
AUTOMATIC: Final = ((10, 5), (100, 3), (500, 2))
AUTOMATIC_ABOVE: Final = 1


def place(call: Call) -> Answer:
    """Register an order; the answer says nothing about the exchange."""
    check_variety(call.parts[0])
    with call.venue.now() as at:
        form = call.request.form
        listed = _listed(call.venue, form, at)
        autoslice = form.get("autoslice") == "true"
        ticket = _ticket(call.venue, call.account, form, listed, autoslice)

        def send(one: Ticket) -> str:
            return kite_order_id(_sent(call, one))

        return success(sliced(ticket, send) if autoslice else {"order_id": send(ticket)})


def _sent(call: Call, ticket: Ticket) -> str:
    try:
        return call.venue.exchange.place(call.account, ticket, call.treatment)
    except Rejected as refusal:
        raise KiteError(str(refusal)) from None


def _listed(venue: Venue, form: Mapping[str, str], at: datetime) -> Contract:
    key = f"{needed(form, 'exchange')}:{needed(form, 'tradingsymbol')}"
    listed = venue.listed(at)
    contract = venue.market.chain(listed.day).get(key) if key in listed.tokens else None
    if contract is None:
        raise KiteError(NOT_LISTED)
    return contract


def _ticket(
    venue: Venue, account: str, form: Mapping[str, str], listed: Contract, autoslice: bool
) -> Ticket:
    side, kind = side_of(form), type_of(form)
    check_validity(form)
    tag = tag_of(form)
    quantity = quantity_of(form, listed, sliced=autoslice)
    price = (
        _protected(venue, listed, side, protection_of(form))
        if kind is OrderType.MARKET
        else limit_of(form, listed)
    )
    return Ticket(
        tag=tag or unnamed(venue, account, NO_TAG),
        contract=listed,
        side=side,
        quantity=quantity,
        product=product_of(form),
        order_type=kind,
        price=price,
    )


def unnamed(venue: Venue, account: str, prefix: str) -> str:
    """A tag of the ledger's own for an order that has none."""
    of_account = venue.exchange.account(account).orders.values()
    return f"{prefix}{sum(map(len, of_account)) + 1}"


def _protected(venue: Venue, of: Contract, side: Side, percent: Decimal | None) -> Decimal:
    """The limit that a market order becomes: the last price and its protection."""
    price = venue.prices.of([of.key]).get(of.key)
    if price is None:
        raise KiteError("Market orders are not taken while there is no last price.")
    last = price.last
    if percent is None:
        steps = (Decimal(share) for upto, share in AUTOMATIC if last < upto)
        percent = next(steps, Decimal(AUTOMATIC_ABOVE))
    return of.ticked(last * (1 + side.sign * percent / 100), side)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandTrade:
    """What the trader does in Kite itself; at the market unless a price is given."""

    key: str
    side: Side
    quantity: int
    product: Product = Product.NRML
    price: Decimal | None = None


def trade_by_hand(venue: Venue, account: str, trade: HandTrade) -> str:
    """The trader's own order, as if placed in Kite itself; its id. Raises KiteError."""
    exchange, _, symbol = trade.key.partition(":")
    form = {
        "exchange": exchange,
        "tradingsymbol": symbol,
        "transaction_type": trade.side.value,
        "quantity": str(trade.quantity),
        "product": trade.product.value,
        "order_type": "LIMIT" if trade.price else "MARKET",
        "price": str(trade.price or ""),
        "market_protection": "-1",
    }
    with venue.now() as at:
        try:
            ticket = _ticket(venue, account, form, _listed(venue, form, at), autoslice=False)
            tag = unnamed(venue, account, HAND_TAG)
            return kite_order_id(venue.exchange.place(account, replace(ticket, tag=tag)))
        except Rejected as refusal:
            raise KiteError(str(refusal)) from None


def modify(call: Call) -> Answer:
    """Ask for another limit; other changes than of the price are not simulated."""
    check_variety(call.parts[0])
    with call.venue.now():
        order, form = own_order(call, call.parts[1]), call.request.form
        price = _new_price(call.venue, order, form)
        paper_id = order.placed.order_id
        return _asked(call, lambda: call.venue.exchange.modify(call.account, paper_id, price))


def _new_price(venue: Venue, order: OrderHistory, form: Mapping[str, str]) -> Decimal:
    ticket, state = order.placed.ticket, order.states[-1]
    kind = one_of(form, "order_type", ("LIMIT", "MARKET")) if "order_type" in form else "LIMIT"
    quantity = number(form, "quantity")
    if quantity is not None and quantity != ticket.quantity:
        raise KiteError("The simulator does not know a change of the quantity.")
    if kind == OrderType.MARKET:
        return _protected(venue, ticket.contract, ticket.side, protection_of(form))
    return limit_of(form, ticket.contract) if form.get("price") else state.price


def cancel(call: Call) -> Answer:
    """Ask for the end of an order."""
    check_variety(call.parts[0])
    with call.venue.now():
        paper_id = own_order(call, call.parts[1]).placed.order_id
        return _asked(call, lambda: call.venue.exchange.cancel(call.account, paper_id))


def _asked(call: Call, act: Callable[[], None]) -> Answer:
    try:
        act()
    except Rejected as refusal:
        error_type = NETWORK if str(refusal) == TOO_OFTEN else INPUT
        raise KiteError(str(refusal), error_type) from None
    return success({"order_id": call.parts[1]})
