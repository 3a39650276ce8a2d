"""What every lane keeps to; each lane's tests inherit this suite and bring a fixture `lanes`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.clock import SteppedClock
from adapters.lane import Pace
from commands.ports import Clock, Lane
from domain.book import NotSent

NINE = datetime(2026, 8, 4, 3, 50, tzinfo=UTC)

#: Makes a worker's lane of one account: `lanes(account, clock, pace)`.
Lanes = Callable[[str, Clock, Pace], Lane]
#: `lanes` only makes lanes, and every class that inherits the suite draws the same calls.
MODEST = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
#: An account of its own for every example: what is shared is not emptied between them.
ACCOUNTS = count()
Calls = list[tuple[bool, float]]


def take(lane: Lane, clock: Clock, *, entry: bool) -> None:
    """Wait for a place, as a dealer does."""
    while wait := lane.place(entry=entry):
        clock.sleep(wait)


def times(lane: Lane, clock: SteppedClock, count: int, entry: bool) -> list[float]:
    """Seconds after nine at which each of so many orders went."""
    went = []
    for _ in range(count):
        take(lane, clock, entry=entry)
        went.append((clock.now() - NINE).total_seconds())
    return went


def most_within(went: list[float], seconds: float) -> int:
    """How many of these moments, in order, lie in the fullest window of that length."""
    return max(sum(at - seconds < other <= at for other in went[: n + 1])
               for n, at in enumerate(went))  # fmt: skip


class LaneContract:
    """Inherit it, with a fixture `lanes`."""

    early_s: ClassVar[float] = 2e-6
    """By how much an order may go earlier than its place: what a float does not tell apart."""

    @pytest.fixture
    def clock(self) -> SteppedClock:
        return SteppedClock(NINE)

    @pytest.fixture
    def lane(self, lanes: Lanes, clock: SteppedClock) -> Lane:
        return lanes("ACC-1", clock, Pace())

    def test_ten_exits_go_in_the_first_second_and_the_eleventh_in_the_next(
        self, lane: Lane, clock: SteppedClock
    ) -> None:
        went = times(lane, clock, 11, entry=False)

        assert went[:10] == [0] * 10
        assert went[10] == 1

    def test_entries_leave_a_tenth_of_the_second_to_exits(
        self, lane: Lane, clock: SteppedClock
    ) -> None:
        for _ in range(9):
            take(lane, clock, entry=True)
        assert clock.now() == NINE

        take(lane, clock, entry=False)
        assert clock.now() == NINE
        take(lane, clock, entry=True)

        assert clock.now() == NINE + timedelta(seconds=1)

    def test_a_minute_holds_four_hundred(self, lane: Lane, clock: SteppedClock) -> None:
        went = times(lane, clock, 401, entry=False)

        assert went[399] == 39
        assert went[400] == 60

    def test_a_minute_holds_three_hundred_and_sixty_entries(
        self, lane: Lane, clock: SteppedClock
    ) -> None:
        assert times(lane, clock, 361, entry=True)[360] == 60

    def test_entries_stand_back_while_an_exit_waits(self, lane: Lane, clock: SteppedClock) -> None:
        for _ in range(9):
            take(lane, clock, entry=True)
        take(lane, clock, entry=False)

        exit_waits = lane.place(entry=False)
        clock.sleep(exit_waits)

        assert exit_waits == 1
        assert lane.place(entry=True) > 0
        assert lane.place(entry=False) == 0

    def test_the_day_s_orders_run_out_for_entries_before_exits(
        self, lanes: Lanes, clock: SteppedClock
    ) -> None:
        lane = lanes("ACC-1", clock, Pace(second=100, minute=1000, day=20))
        for _ in range(18):
            take(lane, clock, entry=True)

        with pytest.raises(NotSent, match="18 orders were sent today, the account's limit is 18"):
            take(lane, clock, entry=True)
        take(lane, clock, entry=False)
        take(lane, clock, entry=False)
        with pytest.raises(NotSent, match="limit is 20"):
            take(lane, clock, entry=False)

    def test_a_new_day_begins_anew(self, lanes: Lanes, clock: SteppedClock) -> None:
        lane = lanes("ACC-1", clock, Pace(day=10))
        for _ in range(10):
            take(lane, clock, entry=False)

        clock.sleep(86_400)
        take(lane, clock, entry=False)

        assert clock.now() == NINE + timedelta(days=1)

    @MODEST
    @given(calls=st.lists(st.tuples(st.booleans(), st.floats(0, 2)), max_size=80))
    def test_whatever_the_order_no_window_holds_more_than_its_share(
        self, lanes: Lanes, calls: Calls
    ) -> None:
        clock = SteppedClock(NINE)
        lane = lanes(f"ACC-{next(ACCOUNTS)}", clock, Pace(second=5, minute=30))
        assert_paced([lane], clock, calls, self.early_s)


class SharedLaneContract(LaneContract):
    """What a lane of several workers keeps to, besides."""

    def test_two_workers_share_one_lane(self, lanes: Lanes, clock: SteppedClock) -> None:
        first, second = (lanes("ACC-1", clock, Pace()) for _ in range(2))

        for _ in range(5):
            take(first, clock, entry=False)
            take(second, clock, entry=False)
        take(second, clock, entry=False)

        assert clock.now() == NINE + timedelta(seconds=1)

    def test_accounts_do_not_wait_for_one_another(self, lanes: Lanes, clock: SteppedClock) -> None:
        for account in ("ACC-1", "ACC-2"):
            assert times(lanes(account, clock, Pace()), clock, 10, entry=False) == [0] * 10

    def test_another_worker_s_entries_stand_back_while_an_exit_waits(
        self, lanes: Lanes, clock: SteppedClock
    ) -> None:
        leaving, entering = (lanes("ACC-1", clock, Pace()) for _ in range(2))
        for _ in range(9):
            take(entering, clock, entry=True)
        take(leaving, clock, entry=False)

        clock.sleep(leaving.place(entry=False))

        assert entering.place(entry=True) > 0
        assert leaving.place(entry=False) == 0

    def test_a_clock_that_was_set_back_does_not_block_the_lane(
        self, lanes: Lanes, clock: SteppedClock
    ) -> None:
        ahead = SteppedClock(NINE + timedelta(hours=2))
        for _ in range(10):
            take(lanes("ACC-1", ahead, Pace()), ahead, entry=False)

        take(lanes("ACC-1", clock, Pace()), clock, entry=False)

        assert clock.now() == NINE

    @MODEST
    @given(calls=st.lists(st.tuples(st.booleans(), st.floats(0, 2)), max_size=80))
    def test_whichever_worker_calls_no_window_holds_more_than_its_share(
        self, lanes: Lanes, calls: Calls
    ) -> None:
        clock = SteppedClock(NINE)
        account, pace = f"ACC-{next(ACCOUNTS)}", Pace(second=5, minute=30)
        workers = [lanes(account, clock, pace) for _ in range(3)]
        assert_paced(workers, clock, calls, self.early_s)


def assert_paced(workers: list[Lane], clock: SteppedClock, calls: Calls, early_s: float) -> None:
    went: list[float] = []
    for number, (entry, pause) in enumerate(calls):
        clock.sleep(pause)
        take(workers[number % len(workers)], clock, entry=entry)
        went.append((clock.now() - NINE).total_seconds())

    if went:
        assert most_within(went, 1 - early_s) <= 5
        assert most_within(went, 60 - early_s) <= 30
