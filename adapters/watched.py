"""A broker whose session is watched: who finds it dead gets the error, and others hear of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Protocol, TypeVar, runtime_checkable

from commands.ports import Broker
from domain.book import (
    BookOrder,
    BookTrade,
    Funds,
    Margin,
    NetPosition,
    Profile,
    SessionExpired,
    Ticket,
)

T = TypeVar("T")


@runtime_checkable
class Closable(Protocol):
    """A broker that can end its session, so that a token found later is worth nothing."""

    def end_session(self) -> None:
        """Kill the token at the broker; raises what a changing call may raise."""
        ...


class Watched:
    """Passes everything on; tells `lost` of a session that is over, and raises it all the same."""

    def __init__(self, broker: Broker, lost: Callable[[SessionExpired], None]) -> None:
        self.broker = broker
        self._lost = lost

    def place(self, ticket: Ticket) -> str:
        return self._asked(lambda: self.broker.place(ticket))

    def modify(self, broker_order_id: str, price: Decimal) -> None:
        self._asked(lambda: self.broker.modify(broker_order_id, price))

    def cancel(self, broker_order_id: str) -> None:
        self._asked(lambda: self.broker.cancel(broker_order_id))

    def orders(self) -> Sequence[BookOrder]:
        return self._asked(self.broker.orders)

    def trades(self) -> Sequence[BookTrade]:
        return self._asked(self.broker.trades)

    def positions(self) -> Sequence[NetPosition]:
        return self._asked(self.broker.positions)

    def funds(self) -> Funds:
        return self._asked(self.broker.funds)

    def basket_margin(self, tickets: Sequence[Ticket]) -> Margin:
        return self._asked(lambda: self.broker.basket_margin(tickets))

    def profile(self) -> Profile:
        return self._asked(self.broker.profile)

    # Logging in and out does not presuppose a session.

    def login_url(self) -> str:
        return self.broker.login_url()

    def exchange_token(self, request_token: str) -> str:
        return self.broker.exchange_token(request_token)

    def end_session(self) -> None:
        """Kill the token at the broker, where it can be killed."""
        if isinstance(self.broker, Closable):
            self.broker.end_session()

    def _asked(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except SessionExpired as over:
            self._lost(over)
            raise
