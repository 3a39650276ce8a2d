"""Lanes of one machine: in a file that processes share, or in one process's memory."""

from __future__ import annotations

import fcntl
import multiprocessing
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.clock import SteppedClock
from adapters.lane import FileLane, MemoryLane, Pace
from commands.ports import Clock
from tests.contracts.lane_contract import (
    NINE,
    LaneContract,
    Lanes,
    SharedLaneContract,
    most_within,
    take,
    times,
)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NINE)


class TestMemory(LaneContract):
    """One process's lane."""

    @pytest.fixture
    def lanes(self) -> Lanes:
        return lambda _, clock, pace: MemoryLane(clock, pace)


class TestFile(SharedLaneContract):
    """The lane of all processes of a machine."""

    @pytest.fixture
    def lanes(self, tmp_path: Path) -> Lanes:
        def opened(account: str, clock: Clock, pace: Pace) -> FileLane:
            return FileLane(tmp_path / account, clock, pace)

        return opened


@pytest.mark.parametrize(
    "content", ["", "[", "garbage", "null", "5", "[1]", '["2026-08-04", "x", []]', '{"a": 1}']
)
def test_a_torn_file_does_not_keep_an_exit_from_going_out(
    tmp_path: Path, clock: SteppedClock, content: str
) -> None:
    path = tmp_path / "ACC-1"
    path.write_text(content)

    take(FileLane(path, clock), clock, entry=False)

    assert path.read_text().startswith('["2026-08-04", 1,')


def test_a_worker_stopped_while_it_held_the_file_stops_nobody_for_long(
    tmp_path: Path, clock: SteppedClock
) -> None:
    lane = FileLane(tmp_path / "ACC-1", clock)
    with (tmp_path / "ACC-1").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        take(lane, clock, entry=False)


@pytest.mark.parametrize("before", [0, 190])
def test_on_a_full_disk_exits_go_on_at_their_pace(
    tmp_path: Path, clock: SteppedClock, before: int
) -> None:
    path = tmp_path / "ACC-1"
    lane = FileLane(path, clock)
    times(lane, clock, before, entry=False)

    with no_file_longer_than(path.stat().st_size if before else 1):
        went = times(lane, clock, 210, entry=False)

    assert most_within(went, 1.0) == 10


def test_where_the_disk_has_no_room_for_a_lane_exits_go_on(
    tmp_path: Path, clock: SteppedClock
) -> None:
    (tmp_path / "lanes").touch()  # a folder cannot be made there

    lane = FileLane(tmp_path / "lanes" / "ACC-1", clock)

    assert times(lane, clock, 11, entry=False)[-1] == 1


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """The disk is full: nothing in it may grow beyond that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def take_ten(path: Path) -> None:
    clock = SteppedClock(NINE)
    lane = FileLane(path, clock)
    for _ in range(10):
        take(lane, clock, entry=False)


def test_processes_lose_no_count(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=take_ten, args=(tmp_path / "ACC-1",)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert (tmp_path / "ACC-1").read_text().startswith('["2026-08-04", 20,')
