"""Candles of Kite's intervals, made of the market's minutes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from adapters.simulators.kite.answers import KiteError
from commands.ports import MarketData
from domain.calendar import IST, MARKET, ist_date
from domain.quote import Candle

#: Minutes of a candle, and the most days that one request may span.
INTERVALS: Final[Mapping[str, tuple[int, int]]] = {
    "minute": (1, 60),
    "3minute": (3, 100),
    "5minute": (5, 100),
    "10minute": (10, 100),
    "15minute": (15, 200),
    "30minute": (30, 200),
    "60minute": (60, 400),
    "day": (24 * 60, 2000),
}
FORMS: Final = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d")


def candles(
    market: MarketData,
    key: str,
    interval: str,
    query: Mapping[str, list[str]],
    now: datetime,
) -> list[list[Any]]:
    """Rows of time, open, high, low, close, volume and perhaps open interest."""
    if interval not in INTERVALS:
        raise KiteError("invalid interval")
    minutes, most_days = INTERVALS[interval]
    since, until = _moment(query, "from"), _moment(query, "to")
    if until - since > timedelta(days=most_days):
        raise KiteError(f"interval exceeds max limit: {most_days} days")
    with_oi = query.get("oi", ["0"])[-1] == "1"
    found = _minutes(market, key, since, min(until + timedelta(seconds=1), now))
    return [_row(_joined(group), oi=with_oi) for group in _grouped(found, minutes)]


def _moment(query: Mapping[str, list[str]], name: str) -> datetime:
    text = query.get(name, [""])[-1]
    for form in FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=IST)
        except ValueError:
            continue
    raise KiteError(f"invalid {name} date")


def _minutes(market: MarketData, key: str, since: datetime, until: datetime) -> Iterator[Candle]:
    """Day by day: a market answers for one session at a time."""
    day = ist_date(since)
    while day <= ist_date(until):
        session = MARKET.session(day)
        if session is not None:
            start, end = max(since, session.open), min(until, session.reported_close)
            if start < end:
                yield from market.candles(key, start, end)
        day += timedelta(days=1)


def _grouped(found: Iterable[Candle], minutes: int) -> Iterator[Sequence[Candle]]:
    """Candles that belong together: so many minutes from the open of their day."""

    def place(candle: Candle) -> tuple[date, int]:
        day = ist_date(candle.at)
        session = MARKET.session(day)
        opened = session.open if session else candle.at
        return day, int((candle.at - opened).total_seconds()) // 60 // minutes

    for _, group in groupby(found, place):
        yield list(group)


def _joined(group: Sequence[Candle]) -> Candle:
    return Candle(
        at=group[0].at,
        open=group[0].open,
        high=max(each.high for each in group),
        low=min(each.low for each in group),
        close=group[-1].close,
        volume=sum(each.volume or 0 for each in group),
        oi=group[-1].oi,
    )


def _row(candle: Candle, *, oi: bool) -> list[Any]:
    at = f"{candle.at.astimezone(IST):%Y-%m-%dT%H:%M:%S%z}"
    row = [at, candle.open, candle.high, candle.low, candle.close, candle.volume or 0]
    return [*row, candle.oi or 0] if oi else row
