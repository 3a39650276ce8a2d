"""Which call is answered by what, and with which others it is counted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from adapters.simulators.kite import (
    margins,
    market_calls,
    order_books,
    orders,
    portfolio,
    user,
)
from adapters.simulators.kite.answers import GENERAL, KiteError
from adapters.simulators.kite.limits import Kind
from adapters.simulators.kite.venue import Call
from adapters.simulators.kite.wire import Answer


@dataclass(frozen=True, slots=True)
class Route:
    """One call of a trader who is logged in; a star stands for one part of the path."""

    method: str
    pattern: str
    kind: Kind
    answer: Callable[[Call], Answer]

    def parts(self, path: str) -> tuple[str, ...] | None:
        """What stands for the stars; None for another path."""
        found = re.fullmatch(self.pattern.replace("*", "([^/]+)"), path)
        return found.groups() if found else None


ROUTES: Final = (
    Route("GET", "/user/profile", Kind.OTHER, user.profile),
    Route("GET", "/user/margins", Kind.OTHER, portfolio.funds),
    Route("GET", "/user/margins/*", Kind.OTHER, portfolio.funds),
    Route("POST", "/orders/*", Kind.ORDER, orders.place),
    Route("PUT", "/orders/*/*", Kind.ORDER, orders.modify),
    Route("DELETE", "/orders/*/*", Kind.ORDER, orders.cancel),
    Route("GET", "/orders", Kind.OTHER, order_books.orders),
    Route("GET", "/orders/*/trades", Kind.OTHER, order_books.order_trades),
    Route("GET", "/orders/*", Kind.OTHER, order_books.history),
    Route("GET", "/trades", Kind.OTHER, order_books.trades),
    Route("GET", "/portfolio/positions", Kind.OTHER, portfolio.positions),
    Route("GET", "/portfolio/holdings", Kind.OTHER, portfolio.holdings),
    Route("POST", "/margins/orders", Kind.OTHER, margins.order_margins),
    Route("POST", "/margins/basket", Kind.OTHER, margins.basket_margins),
    Route("POST", "/charges/orders", Kind.OTHER, margins.order_charges),
    Route("GET", "/quote", Kind.QUOTE, market_calls.quote),
    Route("GET", "/quote/ohlc", Kind.QUOTE, market_calls.quote_ohlc),
    Route("GET", "/quote/ltp", Kind.QUOTE, market_calls.quote_ltp),
    Route("GET", "/instruments/historical/*/*", Kind.HISTORICAL, market_calls.historical),
)


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """The route and its parts; raises KiteError 404 or 405."""
    other = False
    for route in ROUTES:
        parts = route.parts(path)
        if parts is None:
            continue
        if route.method == method:
            return route, parts
        other = True
    if other:
        raise KiteError("Method not allowed", GENERAL, 405)
    raise KiteError("Route not found", GENERAL, 404)
