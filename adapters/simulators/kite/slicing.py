"""Kite's own slicing of what is too large for one order (`autoslice=true`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from adapters.simulators.kite.answers import KiteError
from adapters.simulators.kite.rows import Row
from domain.book import Ticket

MOST_SLICES: Final = 10


def sliced(ticket: Ticket, send: Callable[[Ticket], str]) -> Row:
    """The first slice is the parent of the others; a slice that is refused says so in its place."""
    most = ticket.contract.order_maximum
    if most is None or ticket.quantity < 2 * most:
        raise KiteError(
            f"Quantity should be greater than or equal to {2 * (most or ticket.quantity)} for"
            " order slicing."
        )
    whole, rest = divmod(ticket.quantity, most)
    quantities = [most] * whole + ([rest] if rest else [])
    if len(quantities) > MOST_SLICES:
        raise KiteError(f"An order is cut into {MOST_SLICES} slices at most.")
    parent = send(replace(ticket, quantity=quantities[0]))
    children: list[Row] = []
    for quantity in quantities[1:]:
        try:
            children.append({"order_id": send(replace(ticket, quantity=quantity))})
        except KiteError as error:
            children.append({"error": _told(error)})
    return {"order_id": parent, "children": children}


def _told(error: KiteError) -> Row:
    return {
        "code": error.status,
        "error_type": error.error_type,
        "message": error.message,
        "data": None,
    }
