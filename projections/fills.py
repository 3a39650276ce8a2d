"""What runs filled, as the read models of orders' consequences need it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from domain.calendar import ist_date
from domain.contract import Side
from domain.model import DomainEvent
from domain.run import Run
from projections.evolve import evolve
from projections.view import State

ZERO = Decimal(0)


class Belongs(State, frozen=True, kw_only=True):
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


class Fill(State, frozen=True, kw_only=True):
    """What one slice filled so far: units, and their average price in ₹."""

    leg: int
    side: Side
    quantity: int = 0
    price: Decimal = ZERO
    day: str = ""
    """The day (IST) it filled last, as text; nothing before it did."""
    settled: bool = False
    """Whether this is how the position ended at expiry, which costs STT alone, and longs only."""

    @property
    def value(self) -> Decimal:
        """₹, unsigned."""
        return self.quantity * self.price

    @property
    def cash(self) -> Decimal:
        """₹ received less ₹ paid."""
        return -self.side.sign * self.value


#: What may add to a position.
FILLS: Final = (Run.SliceSeen, Run.SliceDeclaredFilled, Run.Settled, Run.Adjusted)


def filled(fills: Mapping[str, Fill], event: DomainEvent) -> tuple[str, Fill] | None:
    """The fill that this event adds or replaces, and what it is known by; None if none.

    What a run settled or adjusted is a fill like any other, made by no slice.
    """
    match event:
        case Run.SliceSeen() | Run.SliceDeclaredFilled():
            was = fills[event.tag]
            if (was.quantity, was.price) == (event.filled, event.average_price):
                return None
            price, day = event.average_price, day_of(event.timestamp)
            return event.tag, evolve(was, quantity=event.filled, price=price, day=day)
        case Run.Settled():
            fill = _by_hand(event.leg, -event.quantity, event.price, event.timestamp)
            return f"#{event.originator_version}", evolve(fill, settled=True)
        case Run.Adjusted():
            fill = _by_hand(event.leg, event.quantity, event.price, event.timestamp)
            return f"#{event.originator_version}", fill
    return None


@lru_cache(maxsize=16384)
def day_of(moment: datetime) -> str:
    """The date in India, as text."""
    return ist_date(moment).isoformat()


def released(event: Run.PhaseReleased) -> dict[str, Fill]:
    """The slices of a phase, before anything filled."""
    return {each.tag: Fill(leg=each.leg, side=each.side) for each in event.slices}


def _by_hand(leg: int, units: int, price: Decimal, at: datetime) -> Fill:
    side = Side.BUY if units > 0 else Side.SELL
    return Fill(leg=leg, side=side, quantity=abs(units), price=price, day=day_of(at))
