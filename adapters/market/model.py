"""What a simulated option costs at one second: Black around the forward, a smile, and a spread."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from math import exp, floor, log, sqrt
from typing import Final
from zlib import crc32

from adapters.market.lots import TICK
from adapters.market.path import SESSIONS_A_YEAR, Path
from domain.calendar import MARKET, at_ist, ist_date
from domain.contract import Contract, OptionType
from domain.pricing import option_price
from domain.quote import Quote

CARRY: Final = 0.055
"""Interest less dividends a year, by which the forward is above the spot."""
SKEW: Final = -0.04
SMILE: Final = 0.02
WIDEST: Final = 4.0
"""Standard deviations from the money beyond which the smile is flat."""
HALF_SPREAD: Final = 0.0012
"""Half of bid to ask, as part of the price; never less than a tick."""
TICKS: Final = 1 / float(TICK)
DEPTH_LOTS: Final = 40
DEPTH_FAR_LOTS: Final = 8
YEAR_S: Final = 365 * 86_400
SESSION_S: Final = 6.25 * 3600
VOLUME_LOTS: Final = 400
INTEREST_LOTS: Final = 40_000


def index_quote(of_day: Path, second: int, at: datetime) -> Quote:
    """The index at that second of the session."""
    return Quote(at=at, last=_ticks(round(of_day.levels[second] * TICKS)))


def option_quote(seed: int, contract: Contract, of_day: Path, second: int, at: datetime) -> Quote:
    """The option at that second: the touch around its worth, sizes by seed."""
    worth, away = _worth(contract, of_day, second, at)
    half = max(1.0, worth * HALF_SPREAD * TICKS)
    low = floor(worth * TICKS - half)
    high = floor(worth * TICKS + half) + 1
    symbol, moment = contract.tradingsymbol, int(at.timestamp())
    dice = crc32(f"{seed}|{symbol}|{moment}".encode())
    lots = DEPTH_LOTS if away < 1.5 else DEPTH_FAR_LOTS
    traded = min(max(round(worth * TICKS) + dice % 3 - 1, low, 1), high)
    return Quote(
        at=at,
        last=_ticks(traded),
        bid=_ticks(low) if low > 0 else None,
        ask=_ticks(high),
        bid_qty=contract.lot * (1 + (dice >> 4) % lots) if low > 0 else 0,
        ask_qty=contract.lot * (1 + (dice >> 12) % lots),
        volume=contract.lot * _of_minute(seed, symbol, moment // 60) // (1 + int(away)),
        oi=contract.lot * (INTEREST_LOTS // (1 + int(away))),
    )


def _worth(contract: Contract, of_day: Path, second: int, at: datetime) -> tuple[float, float]:
    """₹ a unit, and how many standard deviations the strike is away from the money."""
    years = _trading_years(contract, at)
    forward = of_day.levels[second] * exp(CARRY * _years(contract, at))
    money = of_day.volatilities[second]
    strike = float(contract.strike)
    if years <= 0:
        sign = 1 if contract.option_type is OptionType.CE else -1
        return max(sign * (forward - strike), 0.0), abs(forward - strike) / contract.lot
    away = log(strike / forward) / (money * sqrt(years))
    near = max(-WIDEST, min(away, WIDEST))
    vol = money * (1 + SKEW * near + SMILE * near * near)
    price = option_price(
        contract.option_type, Decimal(repr(forward)), contract.strike, max(vol, 0.01), years
    )
    return float(price), abs(away)


def _years(contract: Contract, at: datetime) -> float:
    """Years by the calendar, for the interest in the forward."""
    return max((_last_close(contract.expiry) - at.timestamp()) / YEAR_S, 0.0)


def _trading_years(contract: Contract, at: datetime) -> float:
    """Years of trading that are left: prices move while the market is open, as the path does."""
    today = ist_date(at)
    left = max((_last_close(today) - at.timestamp()) / SESSION_S, 0.0)
    return (left + _sessions_after(today, contract.expiry)) / SESSIONS_A_YEAR


@lru_cache(maxsize=256)
def _sessions_after(day: date, expiry: date) -> int:
    return max(MARKET.sessions_between(day, expiry), 0)


@lru_cache(maxsize=256)
def _last_close(expiry: date) -> float:
    session = MARKET.session(expiry)
    return (session.close if session else at_ist(expiry, time(15, 30))).timestamp()


@lru_cache(maxsize=8192)
def _of_minute(seed: int, symbol: str, minute: int) -> int:
    return crc32(f"{seed}|{symbol}|{minute}".encode()) % VOLUME_LOTS


@lru_cache(maxsize=65_536)
def _ticks(number: int) -> Decimal:
    return TICK * number
