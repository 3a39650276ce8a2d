"""What option positions are worth at expiry, and which shorts nothing covers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.contract import Contract, OptionType, Side

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Units bought or sold of one option at `price`; strike and price in ₹."""

    underlying: str
    option_type: OptionType
    strike: Decimal
    expiry: date
    side: Side
    quantity: int
    price: Decimal = ZERO

    @classmethod
    def of(cls, contract: Contract, side: Side, quantity: int, price: Decimal = ZERO) -> Position:
        return cls(
            underlying=contract.underlying,
            option_type=contract.option_type,
            strike=contract.strike,
            expiry=contract.expiry,
            side=side,
            quantity=quantity,
            price=price,
        )

    @property
    def signed(self) -> int:
        """Units, negative when short."""
        return self.side.sign * self.quantity


def uncovered_short(positions: Iterable[Position]) -> int:
    """Units sold that no bought option covers; 0 means the loss is bounded.

    A long covers a short of the same underlying and type, at any strike, if it lives at least as
    long as the short. The most that pairing leaves over (Hall's theorem) is the worst excess of
    shorts over longs among the options that live until some date or longer.
    """
    books: dict[tuple[str, OptionType], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for p in positions:
        books[p.underlying, p.option_type][p.expiry] += p.signed
    return sum(_deficiency(by_expiry) for by_expiry in books.values())


def _deficiency(by_expiry: dict[date, int]) -> int:
    worst = excess = 0
    for expiry in sorted(by_expiry, reverse=True):
        excess -= by_expiry[expiry]
        worst = max(worst, excess)
    return worst


def bounded(positions: Iterable[Position]) -> bool:
    """Whether every short is covered. A naked put counts as unbounded, as a naked call does."""
    return uncovered_short(positions) == 0


def intrinsic(option_type: OptionType, strike: Decimal, spot: Decimal) -> Decimal:
    """₹ a unit that exercise would bring with the underlying at `spot`."""
    in_the_money = spot - strike if option_type is OptionType.CE else strike - spot
    return max(in_the_money, ZERO)


def net_premium(positions: Iterable[Position]) -> Decimal:
    """₹ received for what was sold less ₹ paid for what was bought: positive is a credit."""
    return sum((-p.signed * p.price for p in positions), ZERO)


def payoff(positions: Iterable[Position], spot: Decimal) -> Decimal:
    """Profit in ₹, charges excluded, if everything expires with the underlying at `spot`.

    Options of a later expiry are counted at intrinsic value: flattering to shorts, hard on longs.
    """
    return sum(
        (p.signed * (intrinsic(p.option_type, p.strike, spot) - p.price) for p in positions), ZERO
    )


@dataclass(frozen=True, slots=True)
class Payoff:
    """The profit at expiry over all spots, in ₹; None where it has no limit."""

    net_premium: Decimal
    max_profit: Decimal | None
    max_loss: Decimal | None
    """Positive: what may be lost. 0 where nothing can be."""
    breakevens: tuple[Decimal, ...]


def payoff_of(positions: Sequence[Position]) -> Payoff:
    """Extremes and breakevens of options on one underlying."""
    corners = [ZERO, *sorted({p.strike for p in positions})]
    values = [payoff(positions, spot) for spot in corners]
    slope = sum(p.signed for p in positions if p.option_type is OptionType.CE)
    return Payoff(
        net_premium=net_premium(positions),
        max_profit=None if slope > 0 else max(values),
        max_loss=None if slope < 0 else max(-min(values), ZERO),
        breakevens=_breakevens(corners, values, slope),
    )


def _breakevens(
    corners: Sequence[Decimal], values: Sequence[Decimal], slope: int
) -> tuple[Decimal, ...]:
    found = {spot for spot, value in zip(corners, values, strict=True) if value == 0 and spot > 0}
    for i in range(len(corners) - 1):
        (a, b), (va, vb) = corners[i : i + 2], values[i : i + 2]
        if va * vb < 0:
            found.add(a + (b - a) * va / (va - vb))
    if values[-1] * slope < 0:  # beyond the last strike the line goes on, towards zero
        found.add(corners[-1] - values[-1] / slope)
    return tuple(sorted(found))
