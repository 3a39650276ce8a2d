"""Which options a simulated exchange lists on a day, by the rules of the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final

from pydantic import BaseModel

from adapters.market.lots import TICK, UnknownLot, lot_of
from domain.calendar import MARKET
from domain.chain import Chain, LeftOut, month_form
from domain.contract import Contract, OptionType
from domain.market_facts import freeze

TUESDAY: Final = 1
THURSDAY: Final = 3
#: NSE moved its expiries from Thursday to Tuesday (BSE the other way) on this day.
EXPIRY_DAY_CHANGED: Final = date(2025, 9, 1)
MONTH_CODES: Final = "123456789OND"
WEEKLIES: Final = 4
MONTHLIES: Final = 3


class Underlying(BaseModel, frozen=True):
    """An index whose options are simulated: level and step in ₹, volatility a year."""

    name: str
    index_symbol: str
    index_exchange: str = "NSE"
    exchange: str = "NFO"
    level: float
    step: int
    strikes_each_side: int = 70
    weekly: bool
    volatility: float

    @property
    def index_key(self) -> str:
        return f"{self.index_exchange}:{self.index_symbol}"


NIFTY: Final = Underlying(
    name="NIFTY", index_symbol="NIFTY 50", level=24500, step=50, weekly=True, volatility=0.13
)
BANKNIFTY: Final = Underlying(
    name="BANKNIFTY",
    index_symbol="NIFTY BANK",
    level=55500,
    step=100,
    weekly=False,
    volatility=0.15,
)
UNDERLYINGS: Final = (NIFTY, BANKNIFTY)


@lru_cache(maxsize=16)
def listed(underlyings: tuple[Underlying, ...], day: date) -> Chain:
    """Every contract of that day, without those whose lot is not known."""
    contracts: list[Contract] = []
    left_out: list[LeftOut] = []
    for each in underlyings:
        for expiry in expiries(each, day):
            try:
                contracts += _contracts(each, day, expiry)
            except UnknownLot as unknown:
                why = str(unknown)
                keys = [f"{each.exchange}:{symbol}" for symbol, *_ in _rows(each, expiry)]
                left_out += [LeftOut(key, each.name, why) for key in keys]
    return Chain(day, contracts, left_out)


def _contracts(of: Underlying, day: date, expiry: date) -> list[Contract]:
    """The options of that expiry; raises UnknownLot."""
    lot, largest = lot_of(of.name, day, expiry), freeze(of.name, day)
    return [
        Contract(
            exchange=of.exchange,
            tradingsymbol=symbol,
            underlying=of.name,
            expiry=expiry,
            strike=strike,
            option_type=option_type,
            lot=lot,
            tick=TICK,
            freeze=largest,
        )
        for symbol, strike, option_type in _rows(of, expiry)
    ]


def _rows(of: Underlying, expiry: date) -> Iterator[tuple[str, Decimal, OptionType]]:
    """Symbol, strike and type of every option of that expiry."""
    middle, stem = round(of.level / of.step), _stem(of, expiry)
    for n in range(middle - of.strikes_each_side, middle + of.strikes_each_side + 1):
        for option_type in OptionType:
            yield f"{stem}{n * of.step}{option_type}", Decimal(n * of.step), option_type


def expiries(of: Underlying, day: date) -> list[date]:
    """Four weeklies, where the underlying has them, and three monthlies; nearest first."""
    found = set(_monthlies(of, day))
    if of.weekly:
        found |= set(_weeklies(of, day))
    return sorted(found)


def _monthlies(of: Underlying, day: date) -> list[date]:
    """The nearest that are still to come."""
    months = [
        (day.year + (day.month - 1 + n) // 12, (day.month - 1 + n) % 12 + 1) for n in range(5)
    ]
    ahead = [monthly(of, year, month) for year, month in months]
    return [expiry for expiry in ahead if expiry >= day][:MONTHLIES]


def _weeklies(of: Underlying, day: date) -> list[date]:
    ahead = [_moved(_on_weekday(of, day + timedelta(weeks=n))) for n in range(WEEKLIES + 1)]
    return [expiry for expiry in ahead if expiry >= day][:WEEKLIES]


def monthly(of: Underlying, year: int, month: int) -> date:
    """The last expiry weekday of the month, or the session before it on a holiday."""
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return _moved(last - timedelta(days=(last.weekday() - _weekday(of, last)) % 7))


def _on_weekday(of: Underlying, day: date) -> date:
    """The expiry weekday of that day's week, from the day on."""
    return day + timedelta(days=(_weekday(of, day) - day.weekday()) % 7)


def _weekday(of: Underlying, day: date) -> int:
    after_change = day >= EXPIRY_DAY_CHANGED
    return TUESDAY if after_change is (of.exchange == "NFO") else THURSDAY


def _moved(day: date) -> date:
    return day if MARKET.is_session(day) else MARKET.previous_session(day)


def _stem(of: Underlying, expiry: date) -> str:
    """`NIFTY26AUG` for a monthly, `NIFTY26804` for a weekly: the form of Kite's symbols."""
    if expiry == monthly(of, expiry.year, expiry.month):
        return f"{of.name}{month_form(expiry)}"
    return f"{of.name}{expiry:%y}{MONTH_CODES[expiry.month - 1]}{expiry:%d}"
