"""Black-76 on the forward: prices, implied volatility and Greeks of European options.

Prices, strikes and forwards come in and go out as Decimal ₹; what is computed in between, and
whatever is a sensitivity or a volatility, is float. Interest is left out: Indian index options are
priced off the forward that put–call parity shows, and live for days or weeks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt
from typing import TYPE_CHECKING, Final

from domain.calendar import MARKET, Calendar, at_ist
from domain.contract import OptionType
from domain.payoff import Position, intrinsic

if TYPE_CHECKING:
    import QuantLib

YEAR: Final = timedelta(days=365)
DAYS: Final = 365.0
PAISA: Final = Decimal("0.01")
#: More than 1000 % a year is no volatility but a wrong price.
WILDEST: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeks:
    """Of one bought unit, in ₹: delta and gamma per rupee of the forward, theta per calendar day,
    vega per percentage point of volatility."""

    delta: float
    gamma: float
    theta: float
    vega: float


def years_to_expiry(now: datetime, expiry: date, calendar: Calendar = MARKET) -> float:
    """Years of 365 days until options stop trading on their last day; 0 once they have."""
    session = calendar.session(expiry)
    end = session.close if session else at_ist(expiry, time(15, 30))
    return max((end - now) / YEAR, 0.0)


def option_price(
    option_type: OptionType, forward: Decimal, strike: Decimal, vol: float, years: float
) -> Decimal:
    """₹ a unit, to the paisa; intrinsic value where no time or no volatility is left."""
    if _settled(forward, vol, years):
        return intrinsic(option_type, strike, forward)
    value = _black(option_type, forward, strike, vol, years).value()
    return Decimal(value).quantize(PAISA, ROUND_HALF_UP)


def implied_vol(
    option_type: OptionType, forward: Decimal, strike: Decimal, price: Decimal, years: float
) -> float | None:
    """The yearly volatility that explains the price; None where none does.

    A price at or below intrinsic value has no time value to explain, and one above 1000 % a year
    is not believed.
    """
    import QuantLib  # heavy: only who prices pays for it, and only once

    limit = forward if option_type is OptionType.CE else strike
    if years <= 0 or forward <= 0 or not intrinsic(option_type, strike, forward) < price < limit:
        return None
    kind = QuantLib.Option.Call if option_type is OptionType.CE else QuantLib.Option.Put
    try:
        deviation = QuantLib.blackFormulaImpliedStdDev(
            kind, float(strike), float(forward), float(price), 1.0
        )
    except RuntimeError:
        return None  # QuantLib's way to say that no deviation gives this price
    vol = float(deviation) / sqrt(years)
    return vol if 0 < vol <= WILDEST else None


def greeks(
    option_type: OptionType, forward: Decimal, strike: Decimal, vol: float, years: float
) -> Greeks:
    """Sensitivities on the forward; at expiry only the delta of what is in the money is left."""
    if _settled(forward, vol, years):
        in_the_money = intrinsic(option_type, strike, forward) > 0
        sign = 1.0 if option_type is OptionType.CE else -1.0
        return Greeks(delta=sign * in_the_money, gamma=0.0, theta=0.0, vega=0.0)
    black = _black(option_type, forward, strike, vol, years)
    gamma = float(black.gammaForward())
    return Greeks(
        delta=float(black.deltaForward()),
        gamma=gamma,
        theta=-0.5 * gamma * (vol * float(forward)) ** 2 / DAYS,
        vega=float(black.vega(years)) / 100,
    )


@dataclass(frozen=True, slots=True)
class Alive:
    """A position before its expiry: what its price implies, in years of 365 days."""

    position: Position
    forward: Decimal
    vol: float
    years: float


def profit_now(alive: Iterable[Alive], move: Decimal) -> Decimal:
    """Profit in ₹, charges excluded, were every forward this many ₹ higher now at the same IV."""
    return sum(
        (each.position.signed * (_value(each, move) - each.position.price) for each in alive),
        Decimal(0),
    )


def _value(each: Alive, move: Decimal) -> Decimal:
    p = each.position
    return option_price(p.option_type, each.forward + move, p.strike, each.vol, each.years)


def _settled(forward: Decimal, vol: float, years: float) -> bool:
    return years <= 0 or vol <= 0 or forward <= 0


def _black(
    option_type: OptionType, forward: Decimal, strike: Decimal, vol: float, years: float
) -> QuantLib.BlackCalculator:
    import QuantLib

    kind = QuantLib.Option.Call if option_type is OptionType.CE else QuantLib.Option.Put
    payoff = QuantLib.PlainVanillaPayoff(kind, float(strike))
    return QuantLib.BlackCalculator(payoff, float(forward), vol * sqrt(years), 1.0)
