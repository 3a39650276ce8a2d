"""Time as the platform lives it: the machine's, a faster one, or one step at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import RLock


def _wall() -> datetime:
    return datetime.now(UTC)


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return _wall()

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(max(seconds, 0.0))


class ScaledClock:
    """A market day at another speed: the same parameters tell the same time in every process."""

    def __init__(
        self,
        wall_start: datetime,
        market_start: datetime,
        speed: float,
        *,
        wall: Callable[[], datetime] = _wall,
    ) -> None:
        if speed <= 0:
            raise ValueError(f"a clock of speed {speed} would not get on")
        self.wall_start = wall_start.astimezone(UTC)
        self.market_start = market_start.astimezone(UTC)
        self.speed = speed
        self._wall = wall

    def now(self) -> datetime:
        return self.market_start + (self._wall() - self.wall_start) * self.speed

    def monotonic(self) -> float:
        return time.monotonic() * self.speed

    def sleep(self, seconds: float) -> None:
        time.sleep(max(seconds, 0.0) / self.speed)


class SteppedClock:
    """A clock that stands still until it is told to go on; sleeping tells it."""

    def __init__(self, start: datetime) -> None:
        self._start = self._now = start.astimezone(UTC)
        self._lock = RLock()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds()

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=max(seconds, 0.0))

    def advance_to(self, moment: datetime) -> None:
        """Go on to that moment; a clock never goes back."""
        moment = moment.astimezone(UTC)
        with self._lock:
            if moment < self._now:
                raise ValueError(f"it is {self._now.isoformat()}: no way back to {moment}")
            self._now = moment
