"""Real processes: the platform is killed, or stopped past its lease; the paper broker lives on."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from adapters.demo import BasketFile
from adapters.embedded import AlreadyRunning, Embedded
from domain.run import Run
from tests.kill.baskets import all_day, basket, condor, spread
from tests.kill.platform_process import Fate
from tests.kill.supervisor import Supervisor, state_of, wait_until

WEDNESDAY = date(2026, 8, 5)
SEED = 20260805
KILLS = 50
#: Every so many kills the broker is killed as well.
BROKER_TOO = 10
#: The longest life of a platform, and how long a whole day may take on a busy machine, in seconds.
LONGEST_LIFE_S = 1.2
DAY_S = 300.0


@contextmanager
def world(home: Path, strategies: BasketFile, speed: float) -> Iterator[Supervisor]:
    supervisor = Supervisor(home, strategies, first_day=WEDNESDAY, speed=speed)
    try:
        yield supervisor
    finally:
        supervisor.close()


def to_the_end(supervisor: Supervisor) -> None:
    """A last platform, which nobody kills before every run has ended."""
    last = supervisor.start()
    wait_until(supervisor.over, "every run to end", DAY_S)
    assert last.exitcode is None
    supervisor.kill(last)


def test_killed_at_random_points_of_a_day(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    kills: list[str] = []

    with world(tmp_path, all_day(18, "09:25", 17, 14), speed=600) as supervisor:
        clock = supervisor.practice.spec.clock()
        for number in range(1, KILLS + 1):
            platform = supervisor.start()
            time.sleep(chance.uniform(0.05, LONGEST_LIFE_S))
            assert platform.exitcode is None
            supervisor.kill(platform)
            kills.append(f"{clock.now():%d %H:%M:%S}")
            if number % BROKER_TOO == 0:
                supervisor.kill_broker()
        to_the_end(supervisor)

        faults = supervisor.faults()

    assert not faults, f"seed {SEED}, killed at {kills} UTC\n{faults}"


def test_killed_at_every_named_boundary(tmp_path: Path) -> None:
    names = ("before-append", "after-append", "before-call", "after-call", "before-answer")
    fates = [
        Fate(signal=signal.SIGKILL, boundary=name, occurrence=n) for n in (1, 3) for name in names
    ]

    with world(tmp_path, all_day(20, "09:25", 15, 12), speed=300) as supervisor:
        for fate in fates:
            platform = supervisor.start(fate)
            platform.join(DAY_S)
            assert platform.exitcode == -signal.SIGKILL, f"{fate} was not met"
        to_the_end(supervisor)

        faults = supervisor.faults()

    assert not faults, f"{fates}\n{faults}"


def test_the_ledger_of_a_killed_broker_goes_on(tmp_path: Path) -> None:
    with world(tmp_path, basket(spread("Spread", "09:25", "11:00")), speed=600) as supervisor:
        platform = supervisor.start()
        wait_until(lambda: len(supervisor.case().fills) >= 2, "the entry")
        supervisor.kill(platform)
        before = supervisor.case()

        supervisor.kill_broker()
        to_the_end(supervisor)

        after, faults = supervisor.case(), supervisor.faults()
    assert not faults
    assert after.fills[: len(before.fills)] == before.fills
    assert len(after.fills) > len(before.fills)


def test_a_second_platform_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    with world(tmp_path, basket(spread("Spread", "09:25", "09:40")), speed=600) as supervisor:
        first = supervisor.start()
        wait_until(lambda: len(supervisor.case().runs) == 1, "the first to work")

        with pytest.raises(AlreadyRunning):
            Embedded(tmp_path, supervisor.practice)

        supervisor.kill(first)
        to_the_end(supervisor)
        assert not supervisor.faults()


def owners(supervisor: Supervisor) -> set[str]:
    """Every worker that ever owned a run."""
    events = (event for stream in supervisor.case().events.values() for event in stream)
    return {event.worker for event in events if isinstance(event, Run.Claimed)}


@pytest.mark.parametrize("boundary", ["before-call", "after-append", "after-call"])
def test_a_stopped_platform_is_succeeded_and_sends_nothing_more(
    boundary: str, tmp_path: Path
) -> None:
    fate = Fate(signal=signal.SIGSTOP, boundary=boundary, occurrence=2)
    strategies = basket(condor("Condor", "09:25", "11:30"), spread("Spread", "10:00", "12:00"))

    with world(tmp_path, strategies, speed=300) as supervisor:
        stale = supervisor.start(fate)
        wait_until(lambda: state_of(stale.pid or 0) == "T", "the first to stand still")
        known = owners(supervisor)

        supervisor.start(alone=False)
        wait_until(lambda: bool(owners(supervisor) - known), "another to take over")
        assert state_of(stale.pid or 0) == "T"
        os.kill(stale.pid or 0, signal.SIGCONT)
        wait_until(supervisor.over, "every run to end", DAY_S)

        for platform in supervisor.children:
            supervisor.kill(platform)
        faults = supervisor.faults()

    assert not faults
