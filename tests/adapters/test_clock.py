"""Clocks agree with each other, and never go back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.clock import ScaledClock, SteppedClock, SystemClock
from commands.ports import Clock

WALL = datetime(2026, 8, 4, 3, 0, tzinfo=UTC)
OPEN = datetime(2026, 8, 4, 3, 45, tzinfo=UTC)


def scaled(wall: datetime, speed: float = 60) -> ScaledClock:
    return ScaledClock(WALL, OPEN, speed, wall=lambda: wall)


def test_a_practice_day_at_sixty_times_passes_a_minute_in_a_second() -> None:
    clock = scaled(WALL + timedelta(seconds=5))

    assert clock.now() == OPEN + timedelta(minutes=5)


def test_two_processes_with_the_same_parameters_tell_the_same_time() -> None:
    moment = WALL + timedelta(seconds=12.5)

    assert scaled(moment).now() == scaled(moment).now()


def test_scaled_seconds_are_measured_at_the_speed_of_the_market() -> None:
    clock = ScaledClock(WALL, OPEN, 1000)

    before = clock.monotonic()
    clock.sleep(5)

    assert clock.monotonic() - before >= 5


def test_a_clock_that_would_stand_still_is_refused() -> None:
    with pytest.raises(ValueError, match="would not get on"):
        ScaledClock(WALL, OPEN, 0)


def test_sleeping_moves_a_stepped_clock() -> None:
    clock = SteppedClock(OPEN)

    clock.sleep(2.5)

    assert clock.now() == OPEN + timedelta(seconds=2.5)
    assert clock.monotonic() == 2.5


def test_a_stepped_clock_never_goes_back() -> None:
    clock = SteppedClock(OPEN)
    clock.advance_to(OPEN + timedelta(minutes=1))

    with pytest.raises(ValueError, match="no way back"):
        clock.advance_to(OPEN)

    assert clock.now() == OPEN + timedelta(minutes=1)


def test_the_system_clock_tells_utc() -> None:
    clock: Clock = SystemClock()

    assert clock.now().tzinfo is UTC
    clock.sleep(0)
