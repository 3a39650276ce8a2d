"""What runs filled, as the read models of orders' consequences need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from domain.contract import Side
from domain.model import DomainEvent
from domain.run import Run

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Belongs:
    """Whose a run is: every row made from it is found by these."""

    user_id: str
    account_id: str
    basket_id: str
    strategy_id: str
    broker: str
    product: str

    @classmethod
    def to(cls, opened: Run.Opened) -> Belongs:
        terms = opened.terms
        return cls(
            user_id=terms.user_id,
            account_id=terms.account_id,
            basket_id=terms.basket_id,
            strategy_id=terms.strategy_id,
            broker=terms.broker,
            product=terms.product,
        )


@dataclass(frozen=True, kw_only=True)
class Fill:
    """What one slice filled so far: units, and their average price in ₹."""

    leg: int
    side: Side
    quantity: int = 0
    price: Decimal = ZERO

    @property
    def value(self) -> Decimal:
        """₹, unsigned."""
        return self.quantity * self.price

    @property
    def cash(self) -> Decimal:
        """₹ received less ₹ paid."""
        return -self.side.sign * self.value


def filled(fills: Mapping[str, Fill], event: DomainEvent) -> tuple[str, Fill] | None:
    """The fill that this event adds or replaces, and what it is known by; None if none.

    What a run settled or adjusted is a fill like any other, made by no slice.
    """
    match event:
        case Run.SliceSeen():
            was = fills[event.tag]
            if (was.quantity, was.price) == (event.filled, event.average_price):
                return None
            price = event.average_price
            return event.tag, Fill(leg=was.leg, side=was.side, quantity=event.filled, price=price)
        case Run.Settled():
            return _by_hand(event.originator_version, event.leg, -event.quantity, event.price)
        case Run.Adjusted():
            return _by_hand(event.originator_version, event.leg, event.quantity, event.price)
    return None


def released(event: Run.PhaseReleased) -> dict[str, Fill]:
    """The slices of a phase, before anything filled."""
    return {each.tag: Fill(leg=each.leg, side=each.side) for each in event.slices}


def _by_hand(version: int, leg: int, units: int, price: Decimal) -> tuple[str, Fill]:
    side = Side.BUY if units > 0 else Side.SELL
    return f"#{version}", Fill(leg=leg, side=side, quantity=abs(units), price=price)
