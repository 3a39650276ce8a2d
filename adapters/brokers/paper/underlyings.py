"""What an underlying stands at, for margins and settlement."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from commands.ports import MarketData
from domain.calendar import ist_date
from domain.model import Refused
from domain.parity import current_spot, synthetic_spot


def implied(market: MarketData, underlying: str, now: datetime) -> Decimal | None:
    """₹ that the nearest expiry whose options answer implies by parity; None where none does."""
    chain = market.chain(ist_date(now))
    for expiry in chain.expiries(underlying):
        keys = [c.key for c in chain.contracts if (c.underlying, c.expiry) == (underlying, expiry)]
        try:
            return synthetic_spot(chain, underlying, expiry, market.quotes(keys), now)
        except Refused:
            continue
    return None


def closing_price(
    market: MarketData, underlying: str, expiry: date, now: datetime
) -> Decimal | None:
    """₹ of the underlying at the close: the index of that day, else what its options imply.

    The exchange takes the index's average of the last half hour, which is not known here: an
    estimate. A broker that slept through the close settles at what it sees on waking.
    """
    spot = market.spot(underlying)
    if spot is not None and spot.last is not None and ist_date(spot.at) >= expiry:
        return spot.last
    return implied(market, underlying, now)


class Underlyings:
    """The last known price of each underlying, looked up once a minute at most."""

    def __init__(self, market: MarketData) -> None:
        self._market = market
        self._known: dict[str, tuple[datetime, Decimal]] = {}

    def price(self, underlying: str, now: datetime, otherwise: Decimal) -> Decimal:
        """₹ of the underlying; the last that was known, or `otherwise` before there was one."""
        minute = now.replace(second=0, microsecond=0)
        asked, known = self._known.get(underlying, (None, otherwise))
        if asked != minute:
            spot = self._market.spot(underlying)
            current = current_spot(spot, now)
            seen = current.last if current else implied(self._market, underlying, now)
            known = known if seen is None else seen
            self._known[underlying] = (minute, known)
        return known
