"""Positions as Kite counts them: carried into the day, bought and sold in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from adapters.brokers.paper.book import Position
from adapters.brokers.paper.entries import Filled, Line, Placed, Settled
from domain.calendar import ist_date
from domain.contract import Contract


@dataclass(slots=True)
class Turnover:
    """Units and ₹ of one side."""

    quantity: int = 0
    value: Decimal = Decimal(0)

    def add(self, quantity: int, price: Decimal) -> None:
        self.quantity += quantity
        self.value += quantity * price

    @property
    def average(self) -> Decimal:
        return self.value / self.quantity if self.quantity else Decimal(0)


@dataclass(slots=True)
class Holding:
    """One contract and product of one account, on `day`."""

    contract: Contract
    product: str
    day: date
    position: Position
    carried: int = 0
    carried_average: Decimal = Decimal(0)
    bought: Turnover = field(default_factory=Turnover)
    sold: Turnover = field(default_factory=Turnover)

    def turn(self, day: date) -> None:
        """A new day begins: what is held was carried."""
        if day != self.day:
            self.day = day
            self.carried, self.carried_average = self.position.quantity, self.position.average
            self.bought, self.sold = Turnover(), Turnover()

    def trade(self, signed: int, price: Decimal) -> None:
        (self.bought if signed > 0 else self.sold).add(abs(signed), price)
        self.position.trade(signed, price)


class Holdings:
    """Every holding of every account: the sum of the ledger's executions."""

    def __init__(self) -> None:
        self._contracts: dict[str, Contract] = {}
        self._held: dict[str, dict[tuple[str, str], Holding]] = {}

    def apply(self, line: Line) -> None:
        match line:
            case Placed():
                self._contracts[line.order_id] = line.ticket.contract
            case Filled():
                self._holding(line).trade(line.side.sign * line.quantity, line.price)
            case Settled():
                holding = self._held[line.account][line.key, line.product]
                holding.turn(ist_date(line.at))
                holding.position.trade(-line.quantity, line.price)

    def _holding(self, line: Filled) -> Holding:
        held = self._held.setdefault(line.account, {})
        day = ist_date(line.at)
        found = held.get((line.key, line.product))
        if found is None:
            contract = self._contracts[line.order_id]
            found = Holding(contract, line.product, day, Position(contract))
            held[line.key, line.product] = found
        found.turn(day)
        return found

    def of(self, account: str, day: date) -> list[Holding]:
        """What was held when the day began, or traded in it."""
        found = list(self._held.get(account, {}).values())
        for holding in found:
            holding.turn(day)
        return [h for h in found if h.carried or h.bought.quantity or h.sold.quantity]
