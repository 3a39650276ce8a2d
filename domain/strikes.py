"""Which listed option a leg means: its expiry, and its strike by distance from the money."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from domain.chain import Chain
from domain.contract import Contract, OptionType
from domain.model import Refused
from domain.value import Value

#: The longest way from one weekly or monthly expiry to the next; a holiday moves one to earlier.
WEEK: Final = timedelta(days=9)
FIVE_WEEKS: Final = timedelta(days=37)


class ExpiryRule(StrEnum):
    """An expiry by its place among the listed ones."""

    WEEKLY = "WEEKLY"
    NEXT_WEEKLY = "NEXT_WEEKLY"
    MONTHLY = "MONTHLY"
    NEXT_MONTHLY = "NEXT_MONTHLY"

    @property
    def weekly(self) -> bool:
        return self in (ExpiryRule.WEEKLY, ExpiryRule.NEXT_WEEKLY)

    @property
    def place(self) -> int:
        """0 for the nearest, 1 for the one after it."""
        return 1 if self in (ExpiryRule.NEXT_WEEKLY, ExpiryRule.NEXT_MONTHLY) else 0


class ReferencePrice(StrEnum):
    """What the money is measured by; SYNTHETIC is put–call parity of the leg's own expiry."""

    SPOT = "SPOT"
    FUTURE = "FUTURE"
    SYNTHETIC = "SYNTHETIC"


class LegSelector(Value, frozen=True, extra="forbid"):
    """A strike `atm_offset` listed strikes above the money, or below it, calls and puts alike.

    On which option type, side and quantity it is used is the leg's business.
    """

    underlying: str
    expiry: ExpiryRule | date
    atm_offset: Annotated[int, Field(ge=-10_000, le=10_000)] = 0
    reference: ReferencePrice = ReferencePrice.SPOT


@dataclass(frozen=True, slots=True)
class Selected:
    """The contract a leg means, and the at-the-money strike it was counted from, in ₹."""

    contract: Contract
    atm: Decimal


def expiry_of(chain: Chain, underlying: str, expiry: ExpiryRule | date) -> date:
    """The listed expiry that the rule means; raises Refused where none does.

    A weekly is the nearest expiry, a monthly included, of an underlying that lists weeklies.
    """
    if (refused := chain.underlying_refused(underlying)) is not None:
        raise refused
    listed = chain.expiries(underlying)
    if not listed:
        raise Refused("no-options", f"{underlying} has no listed options", "underlying")
    candidates: Sequence[date]
    if not isinstance(expiry, ExpiryRule):
        candidates = [e for e in listed if e == expiry]
    elif not expiry.weekly:
        candidates = chain.monthlies(underlying)
    elif chain.lists_weeklies(underlying):
        candidates = listed
    else:
        raise Refused("no-weekly", f"{underlying} lists monthly options only", "expiry")
    place = _place(expiry)
    if place >= len(candidates):
        raise Refused("no-expiry", f"{underlying} has no {expiry} expiry listed", "expiry")
    return candidates[place]


def nearest_strike(ladder: Sequence[Decimal], price: Decimal) -> int:
    """The place of the strike nearest to the price; a tie takes the lower."""
    above = bisect_left(ladder, price)
    if above == 0:
        return 0
    if above == len(ladder) or price - ladder[above - 1] <= ladder[above] - price:
        return above - 1
    return above


def atm_strike(chain: Chain, underlying: str, expiry: date, price: Decimal) -> Decimal:
    """The listed strike nearest to the price; raises Refused where none is listed."""
    ladder = _ladder(chain, underlying, expiry)
    return ladder[nearest_strike(ladder, price)]


def select(
    chain: Chain, selector: LegSelector, option_type: OptionType, price: Decimal
) -> Selected:
    """The option meant when the reference price is `price` ₹; raises Refused if none is listed.

    Only strikes with both a call and a put count, so that the same offset is the same strike for
    both, and a straddle is a straddle. Beyond the last listed strike nothing is guessed.
    """
    expiry = expiry_of(chain, selector.underlying, selector.expiry)
    ladder = _ladder(chain, selector.underlying, expiry)
    atm = nearest_strike(ladder, price)
    place = atm + selector.atm_offset
    if not 0 <= place < len(ladder):
        message = (
            f"ATM{selector.atm_offset:+d} is beyond the strikes listed for {selector.underlying} "
            f"on {expiry}: {ladder[0]} to {ladder[-1]}"
        )
        raise Refused("no-strike", message, "atm_offset")
    contract = chain.option(selector.underlying, expiry, option_type, ladder[place])
    if contract is None:
        raise Refused("no-strike", f"{ladder[place]} {option_type} is not listed", "atm_offset")
    return Selected(contract, ladder[atm])


def moneyness(option_type: OptionType, atm_offset: int) -> str:
    """How a trader says it: ATM, OTM2, ITM1."""
    if atm_offset == 0:
        return "ATM"
    out = (atm_offset > 0) is (option_type is OptionType.CE)
    return f"{'OTM' if out else 'ITM'}{abs(atm_offset)}"


def nearest_expiry(
    chain: Chain, legs: Sequence[tuple[str, ExpiryRule | date]]
) -> Callable[[date], date | None]:
    """A look-up of the expiry that will be the nearest of these legs on some later day.

    It answers as far as today's listing shows no gap: beyond that, contracts will be listed that
    nobody knows yet, and the answer is None. An entry asks its own day's chain instead.
    """
    foreseen = [(_foreseeable(chain, u, e), _place(e)) for u, e in legs]

    def on(day: date) -> date | None:
        found = []
        for expiries, place in foreseen:
            alive = [e for e in expiries if e >= day]
            if place >= len(alive):
                return None
            found.append(alive[place])
        return min(found, default=None)

    return on


def _foreseeable(chain: Chain, underlying: str, expiry: ExpiryRule | date) -> Sequence[date]:
    listed = chain.expiries(underlying)
    if chain.underlying_refused(underlying) is not None:
        return []
    if not isinstance(expiry, ExpiryRule):
        return [e for e in listed if e == expiry]
    if not expiry.weekly:
        return _until_a_gap(chain.day, chain.monthlies(underlying), FIVE_WEEKS)
    return _until_a_gap(chain.day, listed if chain.lists_weeklies(underlying) else [], WEEK)


def _until_a_gap(day: date, expiries: Sequence[date], most: timedelta) -> Sequence[date]:
    found: list[date] = []
    for expiry in expiries:
        if expiry - (found[-1] if found else day) > most:
            break
        found.append(expiry)
    return found


def _place(expiry: ExpiryRule | date) -> int:
    return expiry.place if isinstance(expiry, ExpiryRule) else 0


def _ladder(chain: Chain, underlying: str, expiry: date) -> Sequence[Decimal]:
    ladder = chain.ladder(underlying, expiry)
    if not ladder:
        raise Refused("no-strike", f"{underlying} has no strikes on {expiry}", "expiry")
    return ladder
