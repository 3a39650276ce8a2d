"""Margins and charges of orders that were executed or are only imagined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec

from adapters.simulators.kite.answers import KiteError, success
from adapters.simulators.kite.forms import NOT_LISTED, number, product_of, side_of
from adapters.simulators.kite.rows import Row
from adapters.simulators.kite.venue import NOBODY, Call
from adapters.simulators.kite.wire import Answer
from domain.book import OrderType, Ticket
from domain.calendar import ist_date
from domain.charges import Charges, charges
from domain.contract import Side

ZERO: Final = Decimal(0)
NOTHING: Final = Charges()


def order_margins(call: Call) -> Answer:
    """What each order needs by itself, positions considered."""
    with call.venue.now() as at:
        day = ist_date(at)
        tickets = _tickets(call, day)
        return success([_margin(_needed(call, [each]), day, each) for each in tickets])


def basket_margins(call: Call) -> Answer:
    """`initial` is the sum of the orders by themselves, `final` what they need together."""
    with call.venue.now() as at:
        day = ist_date(at)
        tickets = _tickets(call, day)
        alone = [_needed(call, [ticket]) for ticket in tickets]
        together = _needed(call, tickets)
    rows = [_margin(total, day, each) for total, each in zip(alone, tickets, strict=True)]
    compact = call.request.query.get("mode", [""])[-1] == "compact"
    return success(
        {
            "initial": _margin(sum(alone, ZERO)),
            "final": _margin(together),
            "orders": [{"total": row["total"]} for row in rows] if compact else rows,
            "charges": _charges(NOTHING),
        }
    )


def _needed(call: Call, tickets: Sequence[Ticket]) -> Decimal:
    """₹ beyond what is blocked, with the account's positions or as if there were none."""
    considered = call.request.query.get("consider_positions", ["true"])[-1].lower() == "true"
    if considered:
        return call.venue.exchange.basket_margin(call.account, tickets).final
    now = call.venue.clock.now()
    return call.venue.without_positions.needed(NOBODY, tickets, now).final


def _margin(total: Decimal, day: date | None = None, ticket: Ticket | None = None) -> Row:
    of_order = _charges_of(day, ticket) if day and ticket else NOTHING
    return {
        "type": "equity" if ticket else "",
        "tradingsymbol": ticket.contract.tradingsymbol if ticket else "",
        "exchange": ticket.contract.exchange if ticket else "",
        "span": total,
        **dict.fromkeys(("exposure", "option_premium", "additional", "bo", "cash", "var"), ZERO),
        "pnl": {"realised": ZERO, "unrealised": ZERO},
        "leverage": 1 if ticket else 0,
        "charges": _charges(of_order),
        "total": total,
    }


def order_charges(call: Call) -> Answer:
    """What executed, or imagined, orders cost: the contract note in advance."""
    with call.venue.now() as at:
        day, rows = ist_date(at), _body(call)
        tickets = _tickets(call, day, price="average_price")
    for row in rows:
        if not row.get("order_id"):
            raise KiteError("Missing or empty field `order_id`")
    return success([_note(day, row, ticket) for row, ticket in zip(rows, tickets, strict=True)])


def _note(day: date, row: Row, ticket: Ticket) -> Row:
    return {
        "transaction_type": ticket.side.value,
        "tradingsymbol": ticket.contract.tradingsymbol,
        "exchange": ticket.contract.exchange,
        "variety": row.get("variety", "regular"),
        "product": ticket.product.value,
        "order_type": row.get("order_type", "LIMIT"),
        "quantity": ticket.quantity,
        "price": ticket.price,
        "charges": _charges(_charges_of(day, ticket), ticket.side),
    }


def _charges_of(day: date, ticket: Ticket) -> Charges:
    contract = ticket.contract
    return charges(day, contract.exchange, ticket.side, ticket.quantity, ticket.price or ZERO)


def _charges(of: Charges, side: Side | None = None) -> Row:
    return {
        "transaction_tax": of.stt,
        "transaction_tax_type": "stt" if side else "",
        "exchange_turnover_charge": of.exchange,
        "sebi_turnover_charge": of.sebi,
        "brokerage": of.brokerage,
        "stamp_duty": of.stamp,
        "gst": {"igst": of.gst, "cgst": ZERO, "sgst": ZERO, "total": of.gst},
        "total": of.total,
    }


def _body(call: Call) -> Sequence[Row]:
    try:
        return msgspec.json.decode(call.request.body, type=list[dict[str, Any]])  # Any: JSON
    except msgspec.DecodeError:
        raise KiteError("Invalid JSON: an array of orders is needed.") from None


def _tickets(call: Call, day: date, price: str = "price") -> list[Ticket]:
    """The orders of a JSON body; a market order counts at the last price."""
    return [_imagined(call, day, {k: str(v) for k, v in row.items()}, price) for row in _body(call)]


def _imagined(call: Call, day: date, row: Mapping[str, str], price_field: str) -> Ticket:
    key = f"{row.get('exchange')}:{row.get('tradingsymbol')}"
    contract = call.venue.market.chain(day).get(key)
    if contract is None:
        raise KiteError(NOT_LISTED)
    price = number(row, price_field) or ZERO
    if price_field == "average_price" and not price:
        raise KiteError("Missing or empty field `average_price`")
    if not price:
        known = call.venue.prices.of([key]).get(key)
        price = known.last if known else ZERO
    return Ticket(
        tag="",
        contract=contract,
        side=side_of(row),
        quantity=int(number(row, "quantity") or 0),
        product=product_of(row),
        order_type=OrderType.LIMIT,
        price=price,
    )
