"""The paper broker inside this process: for stepped days and backtests, without a server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar

from adapters.brokers.paper.desk import ConnectionLost, Desk
from domain.book import (
    BookOrder,
    BookTrade,
    Funds,
    Margin,
    NetPosition,
    Profile,
    Ticket,
    Unavailable,
    Unknown,
)

T = TypeVar("T")


class LocalPaperBroker:
    """One account at a paper broker that shares this process and its clock."""

    def __init__(self, desk: Desk, account: str) -> None:
        self._desk = desk
        self._account = account

    def place(self, ticket: Ticket) -> str:
        return _sent(lambda: self._desk.place(self._account, ticket))

    def modify(self, broker_order_id: str, price: Decimal) -> None:
        _sent(lambda: self._desk.modify(self._account, broker_order_id, price))

    def cancel(self, broker_order_id: str) -> None:
        _sent(lambda: self._desk.cancel(self._account, broker_order_id))

    def orders(self) -> Sequence[BookOrder]:
        return _read(lambda: self._desk.orders(self._account))

    def trades(self) -> Sequence[BookTrade]:
        return _read(lambda: self._desk.trades(self._account))

    def positions(self) -> Sequence[NetPosition]:
        return _read(lambda: self._desk.positions(self._account))

    def funds(self) -> Funds:
        return _read(lambda: self._desk.funds(self._account))

    def basket_margin(self, tickets: Sequence[Ticket]) -> Margin:
        return _read(lambda: self._desk.basket_margin(self._account, tickets))

    def profile(self) -> Profile:
        return _read(lambda: self._desk.profile(self._account))

    def login_url(self) -> str:
        return self._desk.login_url(self._account)

    def exchange_token(self, request_token: str) -> str:
        return self._desk.exchange_token(self._account, request_token)


def _sent(request: Callable[[], T]) -> T:
    try:
        return request()
    except ConnectionLost:
        raise Unknown("the connection to the paper broker was lost") from None


def _read(request: Callable[[], T]) -> T:
    try:
        return request()
    except ConnectionLost:
        raise Unavailable("the connection to the paper broker was lost") from None
