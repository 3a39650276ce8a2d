"""Real processes: the platform is killed, or stopped past its lease; the paper broker lives on."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from datetime import time as time_of_day
from functools import partial
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from adapters.brokers.paper.process import start_paper_process
from adapters.demo import BasketFile
from adapters.embedded import Embedded
from adapters.home_files import AlreadyRunning
from domain.calendar import at_ist
from domain.run import Run
from tests.kill.baskets import all_day, basket, spread
from tests.kill.platform_process import Fate
from tests.kill.supervisor import Supervisor, state_of, wait_until

WEDNESDAY = date(2026, 8, 5)
SEED = 20260805
KILLS = 50
#: Every so many kills the broker is killed as well.
BROKER_TOO = 10
#: The longest life of a platform, and how long a whole day may take on a busy machine, in seconds.
LONGEST_LIFE_S = 1.6
DAY_S = 300.0
BEFORE_CLOSE = time_of_day(15, 26)
#: How long a successor is waited for, and how often.
LOCKED_S = 25.0
TRIES = 4


@contextmanager
def world(home: Path, strategies: BasketFile, speed: float) -> Iterator[Supervisor]:
    supervisor = Supervisor(home, strategies, first_day=WEDNESDAY, speed=speed)
    try:
        yield supervisor
    finally:
        supervisor.close()


def to_the_end(supervisor: Supervisor, hold: timedelta | None = None) -> None:
    """A last platform, which nobody kills before every run has ended.

    What nobody can tell of is settled by the close: once whatever was entered had its time to be
    held, hours are passed over in which a platform would only wait for it, or begin anew.
    """
    if hold is not None:
        until = supervisor.start()
        clock = supervisor.practice.spec.clock()
        left = clock.now() + hold
        wait_until(lambda: clock.now() > left, f"{left}", DAY_S)
        assert until.exitcode is None
        supervisor.nobody_until(at_ist(WEDNESDAY, BEFORE_CLOSE))
    last = supervisor.start()
    wait_until(supervisor.over, "every run to end", DAY_S)
    assert last.exitcode is None
    supervisor.kill(last)


def test_killed_at_random_points_of_a_day(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    kills: list[str] = []

    with world(tmp_path, all_day(15, "09:25", 8, 12), speed=150) as supervisor:
        clock = supervisor.practice.spec.clock()
        for number in range(1, KILLS + 1):
            platform = supervisor.start()
            time.sleep(chance.uniform(0.05, LONGEST_LIFE_S))
            assert platform.exitcode is None
            supervisor.kill(platform)
            kills.append(f"{clock.now():%d %H:%M:%S}")
            if number % BROKER_TOO == 0:
                supervisor.kill_broker()
        to_the_end(supervisor, timedelta(minutes=20))

        faults = supervisor.faults()

    assert not faults, f"seed {SEED}, killed at {kills} UTC\n{faults}"


def test_killed_at_every_named_boundary(tmp_path: Path) -> None:
    names = ("before-append", "after-append", "before-call", "after-call", "before-answer")
    fates = [
        Fate(signal=signal.SIGKILL, boundary=name, occurrence=n) for n in (1, 3) for name in names
    ]

    with world(tmp_path, all_day(16, "09:25", 8, 10), speed=200) as supervisor:
        for fate in fates:
            platform = supervisor.start(fate)
            platform.join(DAY_S)
            assert platform.exitcode == -signal.SIGKILL, f"{fate} was not met"
        to_the_end(supervisor, timedelta(minutes=20))

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
    assert not faults, faults
    assert after.fills[: len(before.fills)] == before.fills
    assert len(after.fills) > len(before.fills)


def test_two_that_start_the_broker_at_once_share_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        started = list(pool.map(start_paper_process, [tmp_path, tmp_path]))

    assert len({process.pid for process in started}) == 1
    for process in started:
        process.stop()


def test_a_second_platform_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    with world(tmp_path, basket(spread("Spread", "09:25", "09:40")), speed=600) as supervisor:
        first = supervisor.start()
        wait_until(lambda: len(supervisor.case().runs) == 1, "the first to work")

        with pytest.raises(AlreadyRunning):
            Embedded(tmp_path, supervisor.practice)

        supervisor.kill(first)
        to_the_end(supervisor)
        faults = supervisor.faults()

    assert not faults, faults


def owners(supervisor: Supervisor) -> set[str]:
    """Every worker that ever owned a run."""
    events = (event for stream in supervisor.case().events.values() for event in stream)
    return {event.worker for event in events if isinstance(event, Run.Claimed)}


def pid_of(platform: ForkServerProcess) -> int:
    assert platform.pid is not None
    return platform.pid


def stands_still(platform: ForkServerProcess) -> bool:
    return state_of(pid_of(platform)) == "T"


def another_owns(supervisor: Supervisor, known: set[str]) -> bool:
    return bool(owners(supervisor) - known)


def stopped_and_succeeded(supervisor: Supervisor, fate: Fate) -> ForkServerProcess | None:
    """A platform that stands still while another, at work beside it, has taken over its run.

    None of one that stopped in the middle of writing: it keeps the file locked for everybody, and
    nobody sends anything.
    """
    stale = supervisor.start(fate)
    wait_until(partial(stands_still, stale), "the first to stand still")
    known = owners(supervisor)
    supervisor.start(alone=False)
    try:
        wait_until(partial(another_owns, supervisor, known), "a successor", LOCKED_S)
    except TimeoutError:
        return None
    assert stands_still(stale)
    return stale


@pytest.mark.parametrize("boundary", ["before-call", "after-append", "after-call"])
def test_a_stopped_platform_is_succeeded_and_sends_nothing_more(
    boundary: str, tmp_path: Path
) -> None:
    fate = Fate(signal=signal.SIGSTOP, boundary=boundary, occurrence=2)

    for attempt in range(TRIES):
        # Each in a day of its own: hours of the market go by while nobody is waited for in vain.
        with world(tmp_path / f"{attempt}", all_day(4, "09:25", 25, 40), 600) as supervisor:
            stale = stopped_and_succeeded(supervisor, fate)
            if stale is None:
                continue
            os.kill(pid_of(stale), signal.SIGCONT)
            wait_until(supervisor.over, "every run to end", DAY_S)

            for platform in supervisor.children:
                supervisor.kill(platform)
            assert not (faults := supervisor.faults()), faults
            return
    pytest.fail(f"{fate}: nobody took over in {TRIES} tries")
