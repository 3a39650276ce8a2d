"""The price of an underlying as its options imply it, and the price that strikes are chosen by."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from statistics import median
from typing import Final

from domain.calendar import MARKET, Calendar, ist_date
from domain.chain import Chain
from domain.contract import OptionType
from domain.model import Refused
from domain.quote import Quote
from domain.risk import tight
from domain.strikes import ReferencePrice

#: Strikes around the money whose median counts, and the least that will do.
NEAR: Final = 5
FEWEST: Final = 3
#: Strikes agree if what they imply differs by no more than this part of the price.
AGREED: Final = Decimal("0.002")
ZERO: Final = Decimal(0)
PAISA: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Referenced:
    """A reference price in ₹, and what it was taken from in the end."""

    price: Decimal
    source: ReferencePrice


def synthetic_spot(
    chain: Chain, underlying: str, expiry: date, quotes: Mapping[str, Quote], now: datetime
) -> Decimal:
    """₹ of the underlying for delivery at `expiry`, by put–call parity around the money.

    Each strike with two fresh legs implies strike + call − put. Sound strikes imply the same
    price and stale ones any, so the money is where most agree, and the median of the strikes
    nearest to it counts. Interest is left out. Raises Refused (stale-quote) where fewer than 3
    strikes have both legs, or most of those around the money disagree.
    """
    implied = _implied(chain, underlying, expiry, quotes, now)
    if len(implied) < FEWEST:
        message = f"{len(implied)} strikes of {underlying} {expiry} have a fresh call and put"
        raise Refused("stale-quote", message)
    around = _agreed(sorted(forward for _, forward in implied))
    near = sorted(implied, key=lambda row: (abs(row[0] - around), row))[:NEAR]
    if sum(abs(forward - around) <= AGREED * around for _, forward in near) * 2 <= len(near):
        raise Refused("stale-quote", f"the strikes of {underlying} {expiry} around {around} differ")
    return median(forward for _, forward in near).quantize(PAISA)


def current_spot(spot: Quote | None, now: datetime, calendar: Calendar = MARKET) -> Quote | None:
    """The spot, if a decision may rest on it: priced, fresh, and not of the closing auction.

    While that is held the index stands still, however new its quote seems.
    """
    if spot is None or not spot.last or not spot.fresh(now):
        return None
    session = calendar.session(ist_date(spot.at))
    return spot if session is None or spot.at <= session.spot_until else None


def _agreed(forwards: Sequence[Decimal]) -> Decimal:
    """The middle of the narrow band that holds the most of these, sorted upwards."""
    best: Sequence[Decimal] = ()
    for start, low in enumerate(forwards):
        band = forwards[start : bisect_right(forwards, low * (1 + AGREED))]
        if (len(band), -_width(band)) > (len(best), -_width(best)):
            best = band
    return median(best)


def _width(band: Sequence[Decimal]) -> Decimal:
    return band[-1] - band[0] if band else ZERO


def _implied(
    chain: Chain, underlying: str, expiry: date, quotes: Mapping[str, Quote], now: datetime
) -> Sequence[tuple[Decimal, Decimal]]:
    """Strikes with two fresh legs, and what each implies."""
    found = []
    for strike in chain.ladder(underlying, expiry):
        call = _price(chain, underlying, expiry, OptionType.CE, strike, quotes, now)
        put = _price(chain, underlying, expiry, OptionType.PE, strike, quotes, now)
        if call is not None and put is not None:
            found.append((strike, strike + call - put))
    return found


def _price(
    chain: Chain,
    underlying: str,
    expiry: date,
    option_type: OptionType,
    strike: Decimal,
    quotes: Mapping[str, Quote],
    now: datetime,
) -> Decimal | None:
    contract = chain.option(underlying, expiry, option_type, strike)
    quote = quotes.get(contract.key) if contract else None
    if quote is None or not quote.fresh(now):
        return None
    if quote.bid and quote.ask and tight(quote.bid, quote.ask):
        return (quote.bid + quote.ask) / 2
    return quote.last or None


def reference_price(
    chain: Chain,
    underlying: str,
    expiry: date,
    basis: ReferencePrice,
    quotes: Mapping[str, Quote],
    now: datetime,
    *,
    spot: Quote | None = None,
    future: Quote | None = None,
    atm_fallback: ReferencePrice | None = None,
) -> Referenced:
    """The price that strikes are chosen by; raises Refused where it is missing or stale.

    SYNTHETIC asks the leg's own expiry. As a fallback for a missing spot it asks the nearest
    expiry that answers, whose forward is the closest thing to a spot.
    """
    if basis is not ReferencePrice.SYNTHETIC:
        by_spot = basis is ReferencePrice.SPOT
        quote = current_spot(spot, now) if by_spot else future
        if quote is not None and quote.last and quote.fresh(now):
            return Referenced(quote.last, basis)
        if atm_fallback is not ReferencePrice.SYNTHETIC:
            message = f"no fresh {basis.value.lower()} price of {underlying}"
            raise Refused("stale-spot", message)
    nearest = chain.expiries(underlying) if basis is ReferencePrice.SPOT else [expiry]
    for candidate in nearest:
        try:
            price = synthetic_spot(chain, underlying, candidate, quotes, now)
        except Refused as refusal:
            if candidate == nearest[-1]:
                raise refusal
            continue
        return Referenced(price, ReferencePrice.SYNTHETIC)
    raise Refused("no-options", f"{underlying} has no listed options", "underlying")
