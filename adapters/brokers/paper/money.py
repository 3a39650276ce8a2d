"""Charges, funds and margins of a paper account, in ₹."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from adapters.brokers.paper.book import ZERO, Account, Book, Order
from adapters.brokers.paper.underlyings import Underlyings
from commands.ports import MarketData
from domain.book import Funds, Margin, Ticket
from domain.calendar import ist_date
from domain.charges import charges
from domain.contract import Side
from domain.margin import blocked, estimate
from domain.payoff import Position


def charges_of(order: Order, quantity: int, price: Decimal, now: datetime) -> Decimal:
    """What this fill adds to the charges of its order, whose brokerage is paid once."""
    filled = order.filled + quantity
    average = (order.value + quantity * price) / filled
    contract, side = order.ticket.contract, order.ticket.side
    of_order = charges(ist_date(now), contract.exchange, side, filled, average).total
    return of_order - order.charged


class Money:
    """What accounts have, and what is blocked of it, by the domain's estimate of margins."""

    def __init__(self, market: MarketData, book: Book) -> None:
        self._book = book
        self._underlyings = Underlyings(market)

    def funds(self, account: str, now: datetime, without: Order | None = None) -> Funds:
        """Cash after premiums and charges; used is what positions and open orders block."""
        held = self._book.accounts[account]
        live = [order for order in self._live(account) if order is not without]
        positions = _held(held) + _open_sales(live)
        used = blocked(positions, self._spots(positions, now), ist_date(now))
        used += sum((o.remaining * o.price for o in live if o.ticket.side is Side.BUY), ZERO)
        return Funds(available=held.cash - used, used=used, cash=held.cash)

    def needed(
        self, account: str, tickets: Sequence[Ticket], now: datetime, without: Order | None = None
    ) -> Margin:
        """What these orders need in this sequence beyond what is blocked already."""
        live = [order for order in self._live(account) if order is not without]
        held = _held(self._book.accounts[account]) + _open_sales(live)
        orders = [Position.of(t.contract, t.side, t.quantity, t.price or ZERO) for t in tickets]
        return estimate(orders, self._spots([*held, *orders], now), ist_date(now), held)

    def shortfall(self, order: Order, now: datetime) -> str | None:
        """Why the money does not suffice for this order; None when it does, or frees more."""
        needed = self.needed(order.account, [order.ticket], now, without=order).peak
        available = self.funds(order.account, now, without=order).available
        if needed <= max(available, ZERO):
            return None
        return (
            f"Insufficient funds. Required margin is {needed} but available margin is {available}."
        )

    def _live(self, account: str) -> list[Order]:
        return [order for order in self._book.live.values() if order.account == account]

    def _spots(self, positions: Sequence[Position], now: datetime) -> dict[str, Decimal]:
        """Without any price of an underlying its strikes stand for it."""
        highest: dict[str, Decimal] = {}
        for p in positions:
            highest[p.underlying] = max(p.strike, highest.get(p.underlying, ZERO))
        return {
            name: self._underlyings.price(name, now, strike) for name, strike in highest.items()
        }


def _held(account: Account) -> list[Position]:
    return [
        Position.of(
            held.contract,
            Side.BUY if held.quantity > 0 else Side.SELL,
            abs(held.quantity),
            held.average,
        )
        for held in account.positions.values()
        if held.quantity
    ]


def _open_sales(orders: Sequence[Order]) -> list[Position]:
    return [
        Position.of(order.ticket.contract, Side.SELL, order.remaining, order.price)
        for order in orders
        if order.ticket.side is Side.SELL
    ]
