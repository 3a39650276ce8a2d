"""What happens at the exchange: orders arrive, change, fill and end, at their time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

from adapters.brokers.paper.book import Book, Order
from adapters.brokers.paper.entries import (
    Arrived,
    CancelAsked,
    Cancelled,
    Filled,
    Line,
    Modified,
    ModifyAsked,
    Placed,
    Refused,
)
from adapters.brokers.paper.fills import Offer, band, fill_price, fill_quantity, offer
from adapters.brokers.paper.fills import in_force as counts
from adapters.brokers.paper.money import Money, charges_of
from adapters.brokers.paper.settings import PaperSettings
from commands.ports import MarketData
from domain.contract import Contract, Side
from domain.quote import Candle, Quote

OUT_OF_BAND = "The order price is outside the price band (limit price protection) of {} to {}."


@runtime_checkable
class TrueBars(Protocol):
    """A market that knows the whole bar of the present minute, as only a recording can."""

    def bar(self, key: str) -> Candle | None:
        """The true bar of the minute; None where prices are snapshots."""
        ...


class Matching:
    """Brings orders and the market together; every change goes through `write`."""

    def __init__(
        self,
        market: MarketData,
        book: Book,
        settings: PaperSettings,
        money: Money,
        write: Callable[[Line], None],
    ) -> None:
        self._market = market
        self._bars = market if isinstance(market, TrueBars) else None
        self._book = book
        self._settings = settings
        self._money = money
        self._write = write

    def take_effect(self, asked: Placed | ModifyAsked | CancelAsked, now: datetime) -> None:
        """A request has reached the exchange."""
        order = self._book.orders[asked.order_id]
        match asked:
            case Placed():
                self._arrive(order, asked, now)
            case ModifyAsked():
                self._modify(order, asked, now)
            case CancelAsked():
                self._cancel(order, now)

    def _arrive(self, order: Order, asked: Placed, now: datetime) -> None:
        quote = self._quote(order.ticket.contract)
        refusal = (
            asked.refusal
            or out_of_band(order.ticket.side, order.price, quote, self._settings)
            or self._money.shortfall(order, now)
        )
        if refusal is not None:
            self._write(
                Refused(at=now, account=order.account, order_id=order.order_id, message=refusal)
            )
            return
        self._write(Arrived(at=now, account=order.account, order_id=order.order_id))
        self.match(order, now, arriving=True)

    def _modify(self, order: Order, asked: ModifyAsked, now: datetime) -> None:
        refusal: str | None
        if order.status.terminal:
            refusal = order.message or f"Too late: the order is {order.status}."
        else:
            quote = self._quote(order.ticket.contract)
            refusal = out_of_band(order.ticket.side, asked.price, quote, self._settings)
        self._write(
            Modified(
                at=now,
                account=order.account,
                order_id=order.order_id,
                price=None if refusal else asked.price,
                message=refusal,
            )
        )
        if refusal is None and order.arrived:
            self.match(order, now, arriving=True)

    def _cancel(self, order: Order, now: datetime) -> None:
        done = not order.status.terminal
        message = "Cancelled by request." if done else f"Too late: the order is {order.status}."
        self._write(
            Cancelled(
                at=now, account=order.account, order_id=order.order_id, done=done, message=message
            )
        )

    def match(self, order: Order, now: datetime, *, arriving: bool = False) -> None:
        """Give the order what the market offers it now, if anything."""
        contract, side = order.ticket.contract, order.ticket.side
        quote = self._quote(contract)
        if quote is None or not counts(quote, now):
            return
        bar = self._bars.bar(contract.key) if self._bars else None
        found = offer(contract, side, quote, bar, self._settings)
        price = fill_price(side, order.price, found, arriving=arriving) if found else None
        if found is None or price is None:
            return
        taken = self._book.taken[found.source]
        most = order.first_fill if order.filled == 0 else None
        quantity = fill_quantity(contract, order.remaining, found, taken, most)
        if quantity > 0:
            self._write(self._fill(order, quantity, found, price, now))

    def _fill(
        self, order: Order, quantity: int, found: Offer, price: Decimal, now: datetime
    ) -> Filled:
        return Filled(
            at=now,
            account=order.account,
            order_id=order.order_id,
            trade_id=f"{now:%y%m%d}{self._book.fills + 1:08d}",
            key=order.ticket.contract.key,
            side=order.ticket.side,
            product=order.ticket.product,
            quantity=quantity,
            price=price,
            charges=charges_of(order, quantity, price, now),
            source=found.source,
        )

    def _quote(self, contract: Contract) -> Quote | None:
        return self._market.quotes([contract.key]).get(contract.key)


def out_of_band(
    side: Side, price: Decimal, quote: Quote | None, settings: PaperSettings
) -> str | None:
    """Why the exchange refuses that price: too high to buy at, or too low to sell at."""
    if quote is None or quote.last is None:
        return None
    low, high = band(quote.last, settings)
    outside = price > high if side is Side.BUY else price < low
    return OUT_OF_BAND.format(low, high) if outside else None
