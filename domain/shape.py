"""Whether legs have the shape that the strategy's type promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from domain.contract import OptionType, Side
from domain.definition import StrategyType
from domain.strikes import ExpiryRule

BUY, SELL, CE, PE = Side.BUY, Side.SELL, OptionType.CE, OptionType.PE


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeLeg:
    """A leg as far as its place is known: a strike in ₹, or strikes from the money."""

    side: Side
    option_type: OptionType | None
    strike: Decimal | None
    atm_offset: int | None
    expiry: date | ExpiryRule | None
    size: Fraction | None
    """In lots, or in units where no leg's lot is known; None where it cannot be compared."""


class Shape:
    """Legs seen from their sides, types and places; what is not known contradicts nothing."""

    def __init__(self, legs: Sequence[ShapeLeg]) -> None:
        self.legs = legs
        by_strike = all(leg.strike is not None for leg in legs)
        by_offset = all(leg.atm_offset is not None for leg in legs)
        self.ordered = by_strike or by_offset
        self._by_strike = by_strike

    def place(self, leg: ShapeLeg) -> Decimal:
        """Something that grows with the strike."""
        return (leg.strike if self._by_strike else Decimal(leg.atm_offset or 0)) or Decimal(0)

    def rising(self, *legs: ShapeLeg) -> bool:
        places = [self.place(leg) for leg in legs]
        return not self.ordered or all(a < b for a, b in pairwise(places))

    def level(self, *legs: ShapeLeg) -> bool:
        return not self.ordered or len({self.place(leg) for leg in legs}) == 1

    def made_of(self, *parts: tuple[Side, OptionType]) -> bool:
        """Exactly these parts, a leg each."""
        return Counter((leg.side, leg.option_type) for leg in self.legs) == Counter(parts)

    def part(self, side: Side, option_type: OptionType) -> ShapeLeg:
        return next(g for g in self.legs if (g.side, g.option_type) == (side, option_type))

    @property
    def one_expiry(self) -> bool:
        known = {leg.expiry for leg in self.legs if leg.expiry is not None}
        return len(known) <= 1

    @property
    def one_size(self) -> bool:
        return None in (sizes := {leg.size for leg in self.legs}) or len(sizes) <= 1


def _wings(shape: Shape) -> bool:
    return (
        shape.made_of((SELL, CE), (BUY, CE), (SELL, PE), (BUY, PE))
        and shape.one_expiry
        and shape.one_size
        and shape.rising(shape.part(SELL, CE), shape.part(BUY, CE))
        and shape.rising(shape.part(BUY, PE), shape.part(SELL, PE))
    )


def _iron_condor(shape: Shape) -> bool:
    return _wings(shape) and shape.rising(shape.part(SELL, PE), shape.part(SELL, CE))


def _iron_butterfly(shape: Shape) -> bool:
    return _wings(shape) and shape.level(shape.part(SELL, PE), shape.part(SELL, CE))


def _pair(shape: Shape) -> bool:
    twice = shape.made_of((SELL, CE), (SELL, PE)) or shape.made_of((BUY, CE), (BUY, PE))
    return twice and shape.one_expiry and shape.one_size


def _straddle(shape: Shape) -> bool:
    return _pair(shape) and shape.level(*shape.legs)


def _strangle(shape: Shape) -> bool:
    side = shape.legs[0].side if shape.legs else BUY
    return _pair(shape) and shape.rising(shape.part(side, PE), shape.part(side, CE))


def _vertical(option_type: OptionType, lower: Side) -> Callable[[Shape], bool]:
    def check(shape: Shape) -> bool:
        return (
            shape.made_of((BUY, option_type), (SELL, option_type))
            and shape.one_expiry
            and shape.one_size
            and shape.rising(
                shape.part(lower, option_type), shape.part(lower.opposite, option_type)
            )
        )

    return check


def _calendar(shape: Shape) -> bool:
    if not (shape.made_of((BUY, CE), (SELL, CE)) or shape.made_of((BUY, PE), (SELL, PE))):
        return False
    near, far = sorted(shape.legs, key=lambda leg: leg.side, reverse=True)  # SELL, BUY
    later = near.expiry != far.expiry
    if isinstance(near.expiry, date) and isinstance(far.expiry, date):
        later = near.expiry < far.expiry
    return later and shape.level(near, far) and shape.one_size


def _butterfly(shape: Shape) -> bool:
    if len(shape.legs) != 3 or len({leg.option_type for leg in shape.legs}) != 1:
        return False
    (body_side, count), *_ = Counter(leg.side for leg in shape.legs).most_common()[::-1]
    if count != 1:
        return False
    body = next(leg for leg in shape.legs if leg.side is body_side)
    low, high = sorted((leg for leg in shape.legs if leg is not body), key=shape.place)
    twice = None in (low.size, high.size, body.size) or (
        low.size == high.size and body.size == 2 * (low.size or 0)
    )
    return shape.one_expiry and twice and shape.rising(low, body, high)


#: What each type is, in words and as a check; CUSTOM is whatever its trader makes of it.
SHAPES: Final[Mapping[StrategyType, tuple[str, Callable[[Shape], bool]]]] = MappingProxyType(
    {
        StrategyType.IRON_CONDOR: (
            "a put and a call sold, the call at the higher strike, and one further out bought for "
            "each",
            _iron_condor,
        ),
        StrategyType.IRON_BUTTERFLY: (
            "a put and a call sold at one strike, and one further out bought for each",
            _iron_butterfly,
        ),
        StrategyType.STRADDLE: ("a call and a put on one side at one strike", _straddle),
        StrategyType.STRANGLE: (
            "a call and a put on one side, the call at the higher strike",
            _strangle,
        ),
        StrategyType.BULL_CALL_SPREAD: (
            "a call bought and one at a higher strike sold",
            _vertical(CE, BUY),
        ),
        StrategyType.BEAR_CALL_SPREAD: (
            "a call sold and one at a higher strike bought",
            _vertical(CE, SELL),
        ),
        StrategyType.BULL_PUT_SPREAD: (
            "a put sold and one at a lower strike bought",
            _vertical(PE, BUY),
        ),
        StrategyType.BEAR_PUT_SPREAD: (
            "a put bought and one at a lower strike sold",
            _vertical(PE, SELL),
        ),
        StrategyType.CALENDAR_SPREAD: (
            "an option sold and the same strike of a later expiry bought",
            _calendar,
        ),
        StrategyType.BUTTERFLY: (
            "options of one type at three strikes, twice as many on the other side in the middle",
            _butterfly,
        ),
    }
)


def misshapen(strategy_type: StrategyType, legs: Sequence[ShapeLeg]) -> str | None:
    """What the type promises and the legs are not; None where they agree."""
    if strategy_type is StrategyType.CUSTOM or any(leg.option_type is None for leg in legs):
        return None
    words, fits = SHAPES[strategy_type]
    if fits(Shape(legs)):
        return None
    return f"{strategy_type} is {words}, in equal size"
