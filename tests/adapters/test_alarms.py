"""Alarms as troubles of now: each once, and for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.alarms import KEPT, LASTING, LatestAlarms
from adapters.clock import SteppedClock

MORNING = datetime(2026, 8, 3, 4, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(MORNING)


def test_an_alarm_that_is_not_heard_again_is_over_after_a_while(clock: SteppedClock) -> None:
    alarms = LatestAlarms(clock)
    alarms.hear("the disk is full")

    clock.advance_to(MORNING + LASTING - timedelta(seconds=1))
    assert alarms.lasting() == ("the disk is full",)
    clock.advance_to(MORNING + LASTING)

    assert alarms.lasting() == ()


def test_an_alarm_that_is_heard_again_is_told_once_and_lasts_on(clock: SteppedClock) -> None:
    alarms = LatestAlarms(clock)
    alarms.hear("follow RUN-1 failed")
    alarms.hear("the disk is full")

    clock.advance_to(MORNING + LASTING / 2)
    alarms.hear("follow RUN-1 failed")

    assert alarms.lasting() == ("the disk is full", "follow RUN-1 failed")
    clock.advance_to(MORNING + LASTING)
    assert alarms.lasting() == ("follow RUN-1 failed",)


def test_of_very_many_alarms_the_latest_are_told(clock: SteppedClock) -> None:
    alarms = LatestAlarms(clock)

    for number in range(KEPT + 3):
        alarms.hear(f"follow RUN-{number} failed")

    assert alarms.lasting() == tuple(f"follow RUN-{n} failed" for n in range(3, KEPT + 3))
