"""The dated market table: hours, lots, freeze quantities and charges, each row with its source.

All of it changes several times a year; nothing of it may be a constant elsewhere. The broker's
daily dump has precedence where it states the same fact. Holidays are in `domain.holidays`.
`python -m scripts.market_table` checks the table.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from typing import Final, NamedTuple, Protocol, TypeVar


class Dated(Protocol):
    """A row that counts from a day on, until a later row replaces it."""

    @property
    def valid_from(self) -> date: ...


R = TypeVar("R", bound=Dated)


def in_force(rows: Iterable[R], day: date) -> R | None:
    """The latest row that had come into force by `day`; None before the first."""
    return max(
        (row for row in rows if row.valid_from <= day),
        key=lambda row: row.valid_from,
        default=None,
    )


class Hours(NamedTuple):
    """IST. `close` may be relied on; `reported_close` is later where a longer day is only reported.

    `intraday_exit_by` is when every intraday position must be on its way out.
    """

    segment: str
    valid_from: date
    open: time
    close: time
    reported_close: time
    intraday_exit_by: time
    source: str


_1530: Final = time(15, 30)
_1520: Final = time(15, 20)
_0915: Final = time(9, 15)

HOURS: Final = (
    Hours("CASH", date(2020, 1, 1), _0915, _1530, _1530, _1520,
          "NSE and BSE market timings"),
    Hours("CASH", date(2026, 8, 3), _0915, time(15, 15), _1530, time(15, 10),
          "closing auction 15:15-15:35 reported 30 May 2026; recorded 17 Aug 2026: the index "
          "stands still from 15:16 and prints once more at 15:29, so it is no spot after 15:15"),
    Hours("FNO", date(2020, 1, 1), _0915, _1530, _1530, _1520,
          "NSE and BSE market timings; recorded 11 Jun 2021: last option bar starts 15:29"),
    Hours("FNO", date(2026, 8, 3), _0915, _1530, time(15, 40), _1520,
          "15:40 reported 30 May 2026, unconfirmed; recorded 4, 5 and 17 Aug 2026: 294, 273 and "
          "236 option prices still change in the minute 15:30, where the recordings end, so they "
          "neither confirm nor refute a session to 15:40"),
)  # fmt: skip


class SquareOff(NamedTuple):
    """When the broker closes MIS option positions itself (IST), for a fee an order in ₹."""

    broker: str
    valid_from: date
    at: time
    fee: Decimal
    source: str


SQUARE_OFFS: Final = (
    SquareOff("zerodha", date(2020, 1, 1), time(15, 25), Decimal(50),
              "support.zerodha.com: auto square-off of equity/index derivatives 15:25, ₹50 + GST; "
              "no later time is known for the session to 15:40"),
)  # fmt: skip


class Lot(NamedTuple):
    """Units a lot of contracts expiring on or after `first_expiry`, as listed from `valid_from`.

    Long-dated contracts that were listed before a change keep the old lot for some weeks more:
    the broker's dump knows, this fallback does not.
    """

    underlying: str
    valid_from: date
    first_expiry: date
    units: int
    source: str


_2020: Final = date(2020, 1, 1)
_NOV24: Final = (date(2024, 11, 20), date(2025, 1, 1))
_APR25: Final = (date(2025, 4, 25), date(2025, 7, 1))
_OCT25: Final = (date(2025, 10, 29), date(2025, 12, 31))
_DUMP25: Final = "instrument dump of 24 Sep 2025"
_DUMP26: Final = "NSE circular Oct 2025; instrument dump of 17 Aug 2026"
_BSE26: Final = "instrument dump of 17 Aug 2026"

LOTS: Final = (
    Lot("NIFTY", _2020, _2020, 75, "recorded volumes of 11 Jun 2021 are multiples of 75"),
    Lot("NIFTY", date(2021, 4, 30), date(2021, 7, 1), 50, "NSE circular Mar 2021, unverified"),
    Lot("NIFTY", date(2024, 4, 26), date(2024, 5, 2), 25, "NSE circular 2 Apr 2024, press"),
    Lot("NIFTY", *_NOV24, 75, f"SEBI circular 1 Oct 2024; {_DUMP25}"),
    Lot("NIFTY", *_OCT25, 65, _DUMP26),
    Lot("BANKNIFTY", *_NOV24, 30, "press, Apr 2025: the lot before 35"),
    Lot("BANKNIFTY", *_APR25, 35, f"NSE circular 28 Mar 2025; {_DUMP25}"),
    Lot("BANKNIFTY", *_OCT25, 30, _DUMP26),
    Lot("FINNIFTY", *_NOV24, 65, _DUMP25),
    Lot("FINNIFTY", *_OCT25, 60, _DUMP26),
    Lot("MIDCPNIFTY", *_NOV24, 120, "press, Apr 2025: the lot before 140"),
    Lot("MIDCPNIFTY", *_APR25, 140, f"NSE circular 28 Mar 2025; {_DUMP25}"),
    Lot("MIDCPNIFTY", *_OCT25, 120, _DUMP26),
    Lot("NIFTYNXT50", *_NOV24, 25, f"{_DUMP25} and of 17 Aug 2026"),
    Lot("SENSEX", date(2026, 1, 1), date(2026, 1, 1), 20, _BSE26),
    Lot("BANKEX", date(2026, 1, 1), date(2026, 1, 1), 30, _BSE26),
    Lot("SENSEX50", date(2026, 8, 17), date(2026, 8, 17), 75, _BSE26),
    Lot("FOCIT", date(2026, 8, 17), date(2026, 8, 17), 45, _BSE26),
    Lot("NIFTYFPI", date(2026, 8, 17), date(2026, 8, 17), 1100, _BSE26),
)  # fmt: skip

#: Underlyings that settle in cash; any other is a stock, and delivers.
INDICES: Final = frozenset(row.underlying for row in LOTS)


def lot(underlying: str, day: date, expiry: date) -> int | None:
    """Units a lot on `day`, for when the day's dump does not say; None means: refuse."""
    rows = (r for r in LOTS if r.underlying == underlying and r.first_expiry <= expiry)
    row = in_force(rows, day)
    return None if row is None else row.units


class Freeze(NamedTuple):
    """The exchange's largest quantity of one order, in units."""

    underlying: str
    valid_from: date
    units: int
    source: str


_FREEZE: Final = "exchange file 2026; taken for earlier years too, where it was not smaller"

FREEZES: Final = (
    Freeze("NIFTY", _2020, 1800, _FREEZE),
    Freeze("BANKNIFTY", _2020, 600, _FREEZE),
    Freeze("FINNIFTY", _2020, 1200, "1800 or 1200 in 2026: the smaller is always accepted"),
    Freeze("MIDCPNIFTY", _2020, 2800, _FREEZE),
    Freeze("NIFTYNXT50", _2020, 600, _FREEZE),
    Freeze("SENSEX", _2020, 1000, f"{_FREEZE}; unsure"),
    Freeze("BANKEX", _2020, 900, f"{_FREEZE}; unsure"),
)


def freeze(underlying: str, day: date) -> int | None:
    """The largest order on `day` in units; None where it is not known."""
    row = in_force((r for r in FREEZES if r.underlying == underlying), day)
    return None if row is None else row.units
