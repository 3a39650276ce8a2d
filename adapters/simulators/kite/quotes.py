"""Prices in the three forms of Kite's quotes; what is not known is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from adapters.simulators.kite.answers import KiteError
from adapters.simulators.kite.identity import INDEX_OF, INDICES
from adapters.simulators.kite.rows import Row, stamp
from commands.ports import Clock, MarketData
from domain.calendar import ist_date
from domain.quote import LIVE, Quote

ZERO: Final = Decimal(0)
LEVELS: Final = 5
UNDERLYING_OF: Final = {key: name for name, key in INDEX_OF.items()}
MOST: Final[Mapping[str, int]] = {"quote": 500, "ohlc": 1000, "ltp": 1000}


@dataclass(slots=True)
class DayPrices:
    """Open, high and low of a day as far as the simulator has seen it, and units traded."""

    day: date
    open: Decimal
    high: Decimal
    low: Decimal
    minute: datetime
    volume: int = 0
    of_minute: int = 0

    def see(self, quote: Quote, last: Decimal) -> None:
        self.high, self.low = max(self.high, last), min(self.low, last)
        minute = quote.at.replace(second=0, microsecond=0)
        if minute != self.minute:
            self.volume += self.of_minute
            self.minute = minute
        self.of_minute = quote.volume or 0

    @property
    def close(self) -> Decimal:
        """Of the day before: not known here, so nothing has changed until the open."""
        return self.open

    @property
    def traded(self) -> int:
        return self.volume + self.of_minute


@dataclass(frozen=True, slots=True)
class Price:
    """A quote and the day around it."""

    quote: Quote
    last: Decimal
    day: DayPrices
    seen_at: datetime
    """When the exchange last spoke; a recorded price speaks for its whole minute."""


class Prices:
    """The market's quotes, with the day as it was seen so far."""

    def __init__(self, market: MarketData, clock: Clock) -> None:
        self._market = market
        self._clock = clock
        self._days: dict[str, DayPrices] = {}

    def of(self, keys: Iterable[str]) -> dict[str, Price]:
        """What the market shows of these keys, indices included; to be asked under the lock."""
        wanted = list(dict.fromkeys(keys))
        quotes = dict(self._market.quotes(wanted))
        for key in wanted:
            if key in INDICES and key not in quotes and key in UNDERLYING_OF:
                spot = self._market.spot(UNDERLYING_OF[key])
                if spot is not None:
                    quotes[key] = spot
        now = self._clock.now()
        found = {}
        for key in wanted:
            quote = quotes.get(key)
            if quote is not None and quote.last is not None:
                day = self._day(key, quote, quote.last)
                found[key] = Price(quote, quote.last, day, _seen_at(quote, now))
        return found

    def _day(self, key: str, quote: Quote, last: Decimal) -> DayPrices:
        day = ist_date(quote.at)
        of_day = self._days.get(key)
        if of_day is None or of_day.day != day:
            minute = quote.at.replace(second=0, microsecond=0)
            of_day = self._days[key] = DayPrices(day, last, last, last, minute)
        of_day.see(quote, last)
        return of_day


def _seen_at(quote: Quote, now: datetime) -> datetime:
    if quote.valid_for <= LIVE or not quote.fresh(now):
        return quote.at
    return max(quote.at, now.replace(microsecond=0))


def wanted(values: list[str], form: str) -> list[str]:
    """The keys asked for; raises KiteError for too many of them."""
    if len(values) > MOST[form]:
        raise KiteError(f"Maximum allowed instruments for a request is {MOST[form]}.")
    return values


def ltp(token: int, price: Price) -> Row:
    return {"instrument_token": token, "last_price": price.last}


def ohlc(token: int, price: Price) -> Row:
    return {**ltp(token, price), "ohlc": _ohlc(price.day)}


def full(token: int, price: Price) -> Row:
    quote = price.quote
    return {
        **ohlc(token, price),
        "timestamp": stamp(price.seen_at),
        "last_trade_time": stamp(quote.at),
        "last_quantity": 0,
        "average_price": price.last,
        "volume": price.day.traded,
        "buy_quantity": quote.bid_qty or 0,
        "sell_quantity": quote.ask_qty or 0,
        "net_change": price.last - price.day.close,
        "oi": quote.oi or 0,
        "oi_day_high": quote.oi or 0,
        "oi_day_low": quote.oi or 0,
        "lower_circuit_limit": ZERO,
        "upper_circuit_limit": ZERO,
        "depth": {
            "buy": depth(quote.bid, quote.bid_qty),
            "sell": depth(quote.ask, quote.ask_qty),
        },
    }


def index(token: int, price: Price) -> Row:
    """An index has neither volume nor depth."""
    return {
        **ohlc(token, price),
        "timestamp": stamp(price.seen_at),
        "net_change": price.last - price.day.close,
    }


def depth(price: Decimal | None, quantity: int | None) -> list[Row]:
    """Five levels, of which the market knows the first; a price of 0 is nobody."""
    best = {"price": price or ZERO, "quantity": (quantity or 0) if price else 0}
    best["orders"] = 1 if price else 0
    return [best, *({"price": ZERO, "quantity": 0, "orders": 0} for _ in range(LEVELS - 1))]


def _ohlc(day: DayPrices) -> dict[str, Any]:
    return {"open": day.open, "high": day.high, "low": day.low, "close": day.close}
