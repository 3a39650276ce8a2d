"""The state of the paper broker: nothing but the sum of its ledger's lines."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from adapters.brokers.paper.entries import (
    Arrived,
    CancelAsked,
    Cancelled,
    Filled,
    Line,
    Modified,
    ModifyAsked,
    Opened,
    Placed,
    Refused,
    Settled,
)
from domain.book import BookOrder, BookTrade, OrderStatus, Ticket
from domain.calendar import ist_date
from domain.contract import Contract

ZERO: Final = Decimal(0)
PAISA: Final = Decimal("0.0001")


@dataclass(slots=True, kw_only=True)
class Order:
    """One order, from its registration to its end."""

    account: str
    order_id: str
    ticket: Ticket
    placed_at: datetime
    shown_from: datetime
    refusal: str | None
    first_fill: int
    price: Decimal
    arrived: bool = False
    status: OrderStatus = OrderStatus.OPEN
    filled: int = 0
    value: Decimal = ZERO
    charged: Decimal = ZERO
    modifications: int = 0
    message: str | None = None

    @property
    def remaining(self) -> int:
        return self.ticket.quantity - self.filled

    @property
    def average(self) -> Decimal:
        return (self.value / self.filled).quantize(PAISA) if self.filled else ZERO

    def row(self) -> BookOrder:
        """As the order book shows it."""
        return BookOrder(
            broker_order_id=self.order_id,
            tags=(self.ticket.tag,),
            key=self.ticket.contract.key,
            side=self.ticket.side,
            product=self.ticket.product,
            quantity=self.ticket.quantity,
            filled=self.filled,
            average_price=self.average,
            status=self.status,
            price=self.price,
            message=self.message,
            placed_at=self.placed_at,
        )


@dataclass(slots=True)
class Position:
    """Net units of one contract and product, and their average price in ₹."""

    contract: Contract
    quantity: int = 0
    average: Decimal = ZERO

    def trade(self, signed: int, price: Decimal) -> None:
        """More of the same moves the average; less leaves it; the other side starts anew."""
        after = self.quantity + signed
        if self.quantity * signed >= 0:
            paid = self.average * abs(self.quantity) + price * abs(signed)
            self.average = paid / abs(after) if after else ZERO
        elif self.quantity * after <= 0:
            self.average = price if after else ZERO
        self.quantity = after


@dataclass(slots=True)
class Account:
    """Cash in ₹ after premiums and charges, positions, and the orders and trades of each day."""

    cash: Decimal
    positions: dict[tuple[str, str], Position] = field(default_factory=dict)
    orders: dict[date, list[Order]] = field(default_factory=dict)
    trades: dict[date, list[BookTrade]] = field(default_factory=dict)
    settled: list[Settled] = field(default_factory=list)


#: A request on its way to the exchange: when it takes effect, its number, and its line.
OnItsWay = tuple[datetime, int, Placed | ModifyAsked | CancelAsked]


class Book:
    """Accounts, orders, requests on their way and liquidity taken."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.orders: dict[str, Order] = {}
        self.open: dict[str, Order] = {}
        """Orders that have not ended; `live` ones have reached the exchange."""
        self.live: dict[str, Order] = {}
        self.on_the_way: list[OnItsWay] = []
        self.taken: Counter[tuple[str, str, datetime]] = Counter()
        self.lines = 0
        self.fills = 0

    def apply(self, line: Line) -> None:
        """Let what was written down count."""
        self.lines += 1
        match line:
            case Opened():
                self.accounts[line.account] = Account(line.cash)
            case Placed():
                self._placed(line)
            case ModifyAsked() | CancelAsked():
                if isinstance(line, ModifyAsked):
                    self.orders[line.order_id].modifications += 1
                insort(self.on_the_way, (line.takes_effect_at, self.lines, line))
            case Arrived():
                order = self.orders[line.order_id]
                order.arrived = True
                self.live[order.order_id] = order
                self._answered(line.order_id, Placed)
            case Refused():
                self._end(line.order_id, OrderStatus.REJECTED, line.message)
            case Modified():
                self._modified(line)
            case Cancelled():
                self._answered(line.order_id, CancelAsked)
                if line.done:
                    self._end(line.order_id, OrderStatus.CANCELLED, line.message)
            case Filled():
                self._filled(line)
            case Settled():
                self._settled(line)

    def _placed(self, line: Placed) -> None:
        order = Order(
            account=line.account,
            order_id=line.order_id,
            ticket=line.ticket,
            placed_at=line.at,
            shown_from=line.shown_from,
            refusal=line.refusal,
            first_fill=line.first_fill,
            price=line.ticket.price or ZERO,
        )
        self.orders[line.order_id] = self.open[line.order_id] = order
        account = self.accounts[line.account]
        account.orders.setdefault(ist_date(line.at), []).append(order)
        insort(self.on_the_way, (line.arrives_at, self.lines, line))

    def _end(self, order_id: str, status: OrderStatus, message: str) -> None:
        order = self.orders[order_id]
        order.status, order.message = status, message
        self.live.pop(order_id, None)
        self.open.pop(order_id, None)
        self._answered(order_id, Placed)

    def _answered(self, order_id: str, kind: type[Placed | ModifyAsked | CancelAsked]) -> None:
        """The first such request of that order is no longer on its way."""
        for index, (_, _, asked) in enumerate(self.on_the_way):
            if isinstance(asked, kind) and asked.order_id == order_id:
                del self.on_the_way[index]
                return

    def _modified(self, line: Modified) -> None:
        order = self.orders[line.order_id]
        self._answered(line.order_id, ModifyAsked)
        if not order.status.terminal:
            order.message = line.message
        if line.price is not None:
            order.price = line.price

    def _filled(self, line: Filled) -> None:
        order, account = self.orders[line.order_id], self.accounts[line.account]
        signed = line.side.sign * line.quantity
        self.fills += 1
        self.taken[line.source] += line.quantity
        order.filled += line.quantity
        order.value += line.quantity * line.price
        order.charged += line.charges
        account.cash -= signed * line.price + line.charges
        held = account.positions.setdefault(
            (line.key, line.product), Position(order.ticket.contract)
        )
        held.trade(signed, line.price)
        account.trades.setdefault(ist_date(line.at), []).append(_trade(line))
        if order.remaining == 0:
            order.status = OrderStatus.COMPLETE
            self.live.pop(order.order_id)
            self.open.pop(order.order_id)

    def _settled(self, line: Settled) -> None:
        account = self.accounts[line.account]
        account.cash += line.quantity * line.price - line.charges
        account.positions[line.key, line.product].trade(-line.quantity, line.price)
        account.settled.append(line)


def _trade(line: Filled) -> BookTrade:
    return BookTrade(
        trade_id=line.trade_id,
        broker_order_id=line.order_id,
        key=line.key,
        side=line.side,
        product=line.product,
        quantity=line.quantity,
        price=line.price,
        at=line.at,
    )
