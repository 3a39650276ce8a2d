"""Trading days one after the other at another speed, nights and holidays left out."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Lock

from domain.calendar import MARKET, Calendar

BEFORE_OPEN = timedelta(minutes=5)
AFTER_CLOSE = timedelta(minutes=15)


def _wall() -> datetime:
    return datetime.now(UTC)


class PracticeClock:
    """A function of the wall clock and three parameters, so that every process agrees on it.

    Each practice day runs from 5 min before the open to 15 min after the close, then the next
    begins. Seconds of `sleep` and `monotonic` are the market's.
    """

    def __init__(
        self,
        wall_start: datetime,
        first_day: date,
        speed: float,
        *,
        calendar: Calendar = MARKET,
        wall: Callable[[], datetime] = _wall,
    ) -> None:
        if speed <= 0:
            raise ValueError(f"a clock of speed {speed} would not get on")
        self.wall_start = wall_start
        self.speed = speed
        self._calendar = calendar
        self._wall = wall
        self._lock = Lock()
        first = first_day if calendar.is_session(first_day) else calendar.next_session(first_day)
        self._next_day = first
        self._starts: list[timedelta] = []
        self._opens: list[datetime] = []
        self._played = timedelta(0)

    def now(self) -> datetime:
        played = max((self._wall() - self.wall_start) * self.speed, timedelta(0))
        with self._lock:
            while self._played <= played:
                self._add_day()
            place = bisect_right(self._starts, played) - 1
            return self._opens[place] + (played - self._starts[place])

    def _add_day(self) -> None:
        session = self._calendar.session(self._next_day)
        self._next_day = self._calendar.next_session(self._next_day)
        if session is None:
            return
        self._starts.append(self._played)
        self._opens.append(session.open - BEFORE_OPEN)
        self._played += session.close + AFTER_CLOSE - (session.open - BEFORE_OPEN)

    def monotonic(self) -> float:
        return time.monotonic() * self.speed

    def sleep(self, seconds: float) -> None:
        time.sleep(max(seconds, 0.0) / self.speed)
