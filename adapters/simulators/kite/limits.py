"""How often may be called: sliding windows on the simulator's clock."""

from __future__ import annotations

from collections import deque
from datetime import date, datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Final

from pydantic import BaseModel, Field

from adapters.simulators.kite.answers import too_many
from domain.calendar import ist_date

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)


class Kind(StrEnum):
    """Calls that are counted together."""

    ORDER = "ORDER"
    QUOTE = "QUOTE"
    HISTORICAL = "HISTORICAL"
    OTHER = "OTHER"
    FREE = "FREE"


class Limits(BaseModel, frozen=True, extra="forbid"):
    """Calls a second of each kind; orders also a minute and a day. None is no limit."""

    orders_a_second: int | None = Field(default=10, ge=1)
    orders_a_minute: int | None = Field(default=400, ge=1)
    orders_a_day: int | None = Field(default=5000, ge=1)
    quotes_a_second: int | None = Field(default=1, ge=1)
    historical_a_second: int | None = Field(default=3, ge=1)
    others_a_second: int | None = Field(default=10, ge=1)


class Pace:
    """What every account has called lately; a refused order counts like any other."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._calls: dict[tuple[str, Kind], deque[datetime]] = {}
        self._days: dict[str, tuple[date, int]] = {}
        self._lock = Lock()

    def count(self, account: str, kind: Kind, now: datetime) -> None:
        """One more call; raises KiteError 429, which is not counted."""
        with self._lock:
            calls = self._calls.setdefault((account, kind), deque())
            while calls and calls[0] <= now - MINUTE:
                calls.popleft()
            for span, most in self._windows(kind):
                if most is not None and _within(calls, now - span, most):
                    raise too_many()
            if kind is Kind.ORDER:
                self._count_day(account, ist_date(now))
            calls.append(now)

    def _windows(self, kind: Kind) -> tuple[tuple[timedelta, int | None], ...]:
        of = self._limits
        match kind:
            case Kind.ORDER:
                return (SECOND, of.orders_a_second), (MINUTE, of.orders_a_minute)
            case Kind.QUOTE:
                return ((SECOND, of.quotes_a_second),)
            case Kind.HISTORICAL:
                return ((SECOND, of.historical_a_second),)
            case Kind.OTHER:
                return ((SECOND, of.others_a_second),)
            case Kind.FREE:
                return ()

    def _count_day(self, account: str, today: date) -> None:
        day, count = self._days.get(account, (today, 0))
        count = count if day == today else 0
        if self._limits.orders_a_day is not None and count >= self._limits.orders_a_day:
            raise too_many()
        self._days[account] = (today, count + 1)


def _within(calls: deque[datetime], after: datetime, most: int) -> bool:
    """Whether so many calls lie after that moment already."""
    return len(calls) >= most and calls[-most] > after
