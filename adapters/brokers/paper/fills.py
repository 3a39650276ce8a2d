"""What an order gets, and at which price: the rules of paper fills, pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from adapters.brokers.paper.settings import PaperSettings
from domain.contract import Contract, Side
from domain.quote import LIVE, Candle, Quote


@dataclass(frozen=True, slots=True)
class Offer:
    """What the market gives to one side: a price in ₹, units up to `depth`; None is no limit known.

    `source` names the liquidity, so that what one order has taken is not there for the next.
    """

    price: Decimal
    depth: int | None
    source: tuple[str, str, datetime]
    high: Decimal | None = None
    low: Decimal | None = None

    def within(self, price: Decimal) -> Decimal:
        """The price, brought inside the true bar where there is one."""
        if self.high is not None:
            price = min(price, self.high)
        return price if self.low is None else max(price, self.low)


def in_force(quote: Quote, now: datetime) -> bool:
    """A recorded price counts for its own minute only: no row this minute is no fill."""
    if not quote.fresh(now):
        return False
    return quote.valid_for <= LIVE or _minute(quote.at) == _minute(now)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def offer(
    contract: Contract,
    side: Side,
    quote: Quote,
    bar: Candle | None,
    settings: PaperSettings,
) -> Offer | None:
    """What a buyer or seller finds in this quote; None where nobody stands on the other side."""
    touch, shown = (quote.ask, quote.ask_qty) if side is Side.BUY else (quote.bid, quote.bid_qty)
    if touch is None:
        if quote.bid is not None or quote.ask is not None or quote.last is None:
            return None
        touch = slipped(contract, side, quote.last, settings)
    high, low = (bar.high, bar.low) if bar else (None, None)
    if shown is not None:
        return Offer(touch, shown, (contract.key, side, quote.at), high, low)
    traded = None if quote.volume is None else int(quote.volume * settings.volume_share)
    source = (contract.key, "VOLUME", _minute(quote.at))
    found = Offer(touch, traded, source, high, low)
    return Offer(found.within(touch), traded, source, high, low)


def slipped(contract: Contract, side: Side, last: Decimal, settings: PaperSettings) -> Decimal:
    """Where no bid and ask are known: the last price, worse by max(ticks, share), on a tick."""
    away = max(settings.slip_ticks * contract.tick, last * settings.slip)
    return contract.ticked(last + side.sign * away, side)


def fill_price(side: Side, limit: Decimal, found: Offer, *, arriving: bool) -> Decimal | None:
    """The price of the fill, never worse than the limit; None where the limit is not met.

    An order that arrives takes the price it finds; one that waited gets its own limit, no better.
    """
    if (found.price - limit) * side.sign > 0:
        return None
    if arriving:
        return found.price
    price = found.within(limit)
    return price if (price - limit) * side.sign <= 0 else found.price


def fill_quantity(
    contract: Contract, wanted: int, found: Offer, taken: int, most: int | None
) -> int:
    """Units filled, in whole lots: no more than is there, is left, and is wanted."""
    there = wanted if found.depth is None else min(wanted, found.depth - taken)
    if most is not None:
        there = min(there, most)
    return max(there, 0) // contract.lot * contract.lot


def band(reference: Decimal, settings: PaperSettings) -> tuple[Decimal, Decimal]:
    """The lowest sale and the highest purchase the exchange lets in, around a price in ₹."""
    away = (
        reference * settings.band_share if reference > settings.band_from else settings.band_rupees
    )
    return reference - away, reference + away
