"""An account's lane: so many orders a second, a minute and a day, with a share kept for exits."""

from __future__ import annotations

import fcntl
import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.clock import SteppedClock
from adapters.lane import FileLane, MemoryLane, Pace
from domain.book import NotSent

NINE = datetime(2026, 8, 4, 3, 50, tzinfo=UTC)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NINE)


@pytest.fixture(params=["file", "memory"])
def lane(
    request: pytest.FixtureRequest, tmp_path: Path, clock: SteppedClock
) -> FileLane | MemoryLane:
    if request.param == "memory":
        return MemoryLane(clock)
    return FileLane(tmp_path / "lanes" / "ACC-1", clock)


def take(lane: FileLane | MemoryLane, *, entry: bool) -> None:
    """Wait for a place, as a dealer does."""
    while wait := lane.place(entry=entry):
        lane.clock.sleep(wait)


def times(lane: FileLane | MemoryLane, clock: SteppedClock, count: int, entry: bool) -> list[float]:
    """Seconds after nine at which each of so many orders went."""
    went = []
    for _ in range(count):
        take(lane, entry=entry)
        went.append((clock.now() - NINE).total_seconds())
    return went


def test_ten_exits_go_in_the_first_second_and_the_eleventh_in_the_next(
    lane: FileLane | MemoryLane, clock: SteppedClock
) -> None:
    went = times(lane, clock, 11, entry=False)

    assert went[:10] == [0] * 10
    assert went[10] == 1


def test_entries_leave_a_tenth_of_the_second_to_exits(
    lane: FileLane | MemoryLane, clock: SteppedClock
) -> None:
    for _ in range(9):
        take(lane, entry=True)
    assert clock.now() == NINE

    take(lane, entry=False)
    assert clock.now() == NINE
    take(lane, entry=True)

    assert clock.now() == NINE + timedelta(seconds=1)


def test_a_minute_holds_four_hundred(lane: FileLane | MemoryLane, clock: SteppedClock) -> None:
    went = times(lane, clock, 401, entry=False)

    assert went[399] == 39
    assert went[400] == 60


def test_a_minute_holds_three_hundred_and_sixty_entries(
    lane: FileLane | MemoryLane, clock: SteppedClock
) -> None:
    assert times(lane, clock, 361, entry=True)[360] == 60


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 2)), max_size=120))
def test_whatever_the_order_no_window_holds_more_than_its_share(
    calls: list[tuple[bool, float]],
) -> None:
    clock, went = SteppedClock(NINE), []
    lane = MemoryLane(clock, Pace(second=5, minute=30))
    for entry, pause in calls:
        clock.sleep(pause)
        take(lane, entry=entry)
        went.append(clock.now())

    for n, at in enumerate(went):
        assert sum(at - timedelta(seconds=1) < other <= at for other in went[: n + 1]) <= 5
        assert sum(at - timedelta(minutes=1) < other <= at for other in went[: n + 1]) <= 30


def test_entries_stand_back_while_an_exit_waits(
    lane: FileLane | MemoryLane, clock: SteppedClock
) -> None:
    for _ in range(9):
        take(lane, entry=True)
    take(lane, entry=False)

    exit_waits = lane.place(entry=False)
    clock.sleep(exit_waits)

    assert exit_waits == 1
    assert lane.place(entry=True) > 0
    assert lane.place(entry=False) == 0


# ── over processes and days ───────────────────────────────────────────────────────────────


def test_two_workers_share_one_lane(tmp_path: Path, clock: SteppedClock) -> None:
    first, second = (FileLane(tmp_path / "ACC-1", clock) for _ in range(2))

    for _ in range(5):
        take(first, entry=False)
        take(second, entry=False)
    take(second, entry=False)

    assert clock.now() == NINE + timedelta(seconds=1)


def test_the_day_s_orders_run_out_for_entries_before_exits(
    tmp_path: Path, clock: SteppedClock
) -> None:
    lane = FileLane(tmp_path / "ACC-1", clock, Pace(second=100, minute=1000, day=20))
    for _ in range(18):
        take(lane, entry=True)

    with pytest.raises(NotSent, match="18 orders were sent today, the account's limit is 18"):
        take(lane, entry=True)
    take(lane, entry=False)
    take(lane, entry=False)
    with pytest.raises(NotSent, match="limit is 20"):
        take(lane, entry=False)


def test_a_new_day_begins_anew(tmp_path: Path, clock: SteppedClock) -> None:
    lane = FileLane(tmp_path / "ACC-1", clock, Pace(day=10))
    for _ in range(10):
        take(lane, entry=False)

    clock.sleep(86_400)
    take(lane, entry=False)

    assert clock.now() == NINE + timedelta(days=1)


@pytest.mark.parametrize(
    "content", ["", "[", "garbage", "null", "5", "[1]", '["2026-08-04", "x", []]', '{"a": 1}']
)
def test_a_torn_file_does_not_keep_an_exit_from_going_out(
    tmp_path: Path, clock: SteppedClock, content: str
) -> None:
    path = tmp_path / "ACC-1"
    path.write_text(content)

    take(FileLane(path, clock), entry=False)

    assert path.read_text().startswith('["2026-08-04", 1,')


def test_a_clock_that_was_set_back_does_not_block_the_lane(
    tmp_path: Path, clock: SteppedClock
) -> None:
    ahead = FileLane(tmp_path / "ACC-1", SteppedClock(NINE + timedelta(hours=2)))
    for _ in range(10):
        take(ahead, entry=False)

    take(FileLane(tmp_path / "ACC-1", clock), entry=False)

    assert clock.now() == NINE


def test_a_worker_stopped_while_it_held_the_file_stops_nobody_for_long(
    tmp_path: Path, clock: SteppedClock
) -> None:
    lane = FileLane(tmp_path / "ACC-1", clock)
    with (tmp_path / "ACC-1").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        take(lane, entry=False)


def take_ten(path: Path) -> None:
    lane = FileLane(path, SteppedClock(NINE))
    for _ in range(10):
        take(lane, entry=False)


def test_processes_lose_no_count(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=take_ten, args=(tmp_path / "ACC-1",)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert (tmp_path / "ACC-1").read_text().startswith('["2026-08-04", 20,')
