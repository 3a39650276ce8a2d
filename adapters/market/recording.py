"""One recorded day of minutes, checked on the way in and kept by contract."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from domain.contract import OptionType
from domain.quote import Candle, Quote

if TYPE_CHECKING:
    import pyarrow as pa

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
MINUTE_MS: Final = 60_000
OPEN_SEEN_MS: Final = 1
CLOSE_SEEN_MS: Final = 59_000
TRUE_BAR: Final = "1m_ohlc"
INDEX: Final = "INDEX"

PRICES: Final = ("open", "high", "low", "close", "bid", "ask")
UNITS: Final = ("volume", "oi", "bid_qty", "ask_qty")


class BadRecording(ValueError):
    """A file of prices that cannot be trusted: says which file, column and row (from 1)."""

    def __init__(
        self, path: Path, problem: str, *, column: str | None = None, row: int | None = None
    ) -> None:
        where = "".join(
            [f", column {column!r}" if column else "", f", row {row}" if row is not None else ""]
        )
        super().__init__(f"{path.name}{where}: {problem}")
        self.path, self.column, self.row, self.problem = path, column, row, problem


def moment(ms: int) -> datetime:
    """Milliseconds since 1970 as a UTC moment."""
    return EPOCH + timedelta(milliseconds=ms)


def milliseconds(at: datetime) -> int:
    """A moment in whole milliseconds since 1970."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def plain(strike: Decimal) -> Decimal:
    """The same number as a symbol shows it: 24500 for 24500.0."""
    whole = strike.to_integral_value()
    return whole if whole == strike else strike.normalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What the rows say of one instrument; expiry and strike are None for an index."""

    exchange: str
    tradingsymbol: str
    underlying: str
    expiry: date | None
    strike: Decimal | None
    option_type: OptionType | None

    @property
    def key(self) -> str:
        return f"{self.exchange}:{self.tradingsymbol}"


def _price(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value))


class Series:
    """The minutes of one contract, turned into quotes and candles when asked."""

    def __init__(self, rows: pa.Table) -> None:
        self.minutes: list[int] = rows["ms"].to_pylist()
        self._columns = {name: rows[name].to_pylist() for name in (*PRICES, *UNITS)}
        self._true = [bar == TRUE_BAR for bar in rows["bar"].to_pylist()]
        self._quotes: dict[int, Quote] = {}

    @cached_property
    def _seen(self) -> tuple[list[int], list[int], list[bool]]:
        """When a price became visible, in which row, and whether it was the close of a bar."""
        moments: list[int] = []
        rows: list[int] = []
        closes: list[bool] = []
        for row, minute in enumerate(self.minutes):
            moments.append(minute + OPEN_SEEN_MS)
            rows.append(row)
            closes.append(False)
            if self._true[row]:
                moments.append(minute + CLOSE_SEEN_MS)
                rows.append(row)
                closes.append(True)
        return moments, rows, closes

    def quote(self, now_ms: int) -> Quote | None:
        """The latest price visible at that millisecond, however old."""
        moments, _, _ = self._seen
        index = bisect_left(moments, now_ms + 1) - 1
        if index < 0:
            return None
        if index not in self._quotes:
            self._quotes[index] = self._quote(index)
        return self._quotes[index]

    def _quote(self, index: int) -> Quote:
        moments, rows, closes = self._seen
        row = rows[index]
        of = self._columns
        return Quote(
            at=moment(moments[index]),
            last=_price(of["close" if closes[index] or not self._true[row] else "open"][row]),
            bid=_price(of["bid"][row]),
            ask=_price(of["ask"][row]),
            bid_qty=of["bid_qty"][row],
            ask_qty=of["ask_qty"][row],
            volume=of["volume"][row],
            oi=of["oi"][row],
            valid_for=MINUTE,
        )

    def bar(self, now_ms: int) -> Candle | None:
        """The true bar of the minute of that millisecond; None for a snapshot or no row."""
        minute = now_ms // MINUTE_MS * MINUTE_MS
        row = bisect_left(self.minutes, minute)
        if row == len(self.minutes) or self.minutes[row] != minute or not self._true[row]:
            return None
        return self._candle(row)

    def candles(self, since_ms: int, until_ms: int) -> Sequence[Candle]:
        """Minutes that start in [since, until)."""
        first, last = bisect_left(self.minutes, since_ms), bisect_left(self.minutes, until_ms)
        return [self._candle(row) for row in range(first, last)]

    def _candle(self, row: int) -> Candle:
        of = self._columns
        return Candle(
            at=moment(self.minutes[row]),
            open=Decimal(repr(of["open"][row])),
            high=Decimal(repr(of["high"][row])),
            low=Decimal(repr(of["low"][row])),
            close=Decimal(repr(of["close"][row])),
            volume=of["volume"][row],
            oi=of["oi"][row],
        )


class Recording:
    """A day of minutes of many contracts, in the order of contract and time."""

    def __init__(
        self,
        day: date,
        source: str,
        rows: pa.Table,
        spans: dict[str, tuple[int, int]],
        listings: Sequence[Listing],
        moments: Sequence[int],
    ) -> None:
        self.day = day
        self.source = source
        self.listings = listings
        self.moments = moments
        """Every millisecond at which some price becomes visible, in order."""
        self._rows = rows
        self._spans = spans
        self._series: dict[str, Series] = {}

    def series(self, key: str) -> Series | None:
        """The minutes of that contract; None when the file has none."""
        if key not in self._series:
            if key not in self._spans:
                return None
            start, length = self._spans[key]
            self._series[key] = Series(self._rows.slice(start, length))
        return self._series[key]

    @cached_property
    def index_of(self) -> dict[str, str]:
        """Underlying → key of its index rows."""
        return {each.underlying: each.key for each in self.listings if each.option_type is None}
