"""Whose strategies are told of when: ahead of their minute, after it, and none left out."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from adapters.aws.queues import LONGEST_DELAY_S, Message
from adapters.aws.scheduling import Scheduling
from adapters.aws.slots import MOST, Slot, Why, missed_minutes
from adapters.clock import SteppedClock
from adapters.store.dynamodb import connect
from adapters.views.dynamodb import DynamoDBTables
from domain.calendar import at_ist
from domain.schedule import Weekday
from projections.due_slots import DUE_SLOTS, Due, slots
from tests.adapters.aws.flows.cloud import DAY
from tests.adapters.aws.flows.trader import clock as of_day

MINUTE = timedelta(minutes=1)
LATER = timedelta(days=1)
DUE_SLOTS_DAY = Weekday.WED


class Kept:
    """A queue that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send_all(self, messages: object) -> int:
        before = len(self.messages)
        assert hasattr(messages, "__iter__")
        self.messages.extend(messages)
        return len(self.messages) - before

    def send(self, *_: object, **__: object) -> None:
        raise AssertionError("the schedule sends in batches")

    def taken(self) -> list[tuple[Why, str, set[str], int]]:
        """What was said since: why, which minute (IST), which strategies, and the delay."""
        told = []
        for message in self.messages:
            slot = Slot.model_validate(message.body)
            minute = (slot.minute + timedelta(hours=5, minutes=30)).strftime("%H:%M")
            told.append((slot.what, minute, set(slot.strategies), message.delay_s))
        self.messages = []
        return told


class Timetable:
    """Due slots in DynamoDB, and a worker of the schedule."""

    def __init__(self) -> None:
        self.tables = DynamoDBTables(connect(), f"slots{uuid4().hex[:8]}-")
        self.tables.create(DUE_SLOTS.shape)
        self.clock = SteppedClock(at("09:15:02"))
        self.queue = Kept()
        self.worker = self.another()

    def another(self) -> Scheduling:
        return Scheduling(self.tables, self.queue, self.clock)

    def due(self, strategy_id: str, entry: str, user_id: str = "USER-1") -> None:
        state = Due(
            strategy_id=strategy_id,
            basket_id="BASK-1",
            user_id=user_id,
            entry_time=of_day(entry),
            weekdays=(DUE_SLOTS_DAY,),
            active=True,
        )
        rows = slots(state)
        items = [DUE_SLOTS.row_item(strategy_id, row_id, 1, row) for row_id, row in rows.items()]
        self.tables.live(DUE_SLOTS.shape).put(items)

    def wake(
        self, text: str, worker: Scheduling | None = None
    ) -> list[tuple[Why, str, set[str], int]]:
        self.clock.advance_to(at(text))
        (worker or self.worker).wake(self.clock.now() + LATER)
        return self.queue.taken()


def at(text: str) -> datetime:
    return at_ist(DAY, of_day(text))


@pytest.fixture
def timetable(aws: None) -> Timetable:  # noqa: ARG001
    return Timetable()


def test_a_slot_is_told_of_two_minutes_ahead_and_swept_twice(timetable: Timetable) -> None:
    timetable.due("STRAT-1", "09:20")
    timetable.due("STRAT-2", "09:20:40")

    assert timetable.wake("09:17:02") == []
    ahead = timetable.wake("09:18:02")
    between = timetable.wake("09:19:02")
    last = timetable.wake("09:20:02")

    both = {"STRAT-1", "STRAT-2"}
    assert ahead == [
        (Why.ENTER, "09:20", both, 73),  # arrives 45 s before the minute
        (Why.SWEEP, "09:20", both, 178),  # a lease after the last second of it
    ]
    assert between == []
    assert last == [(Why.SWEEP, "09:20", both, 28)]
    assert timetable.wake("09:21:02") == []


def test_each_trader_has_a_message_and_many_strategies_make_several(timetable: Timetable) -> None:
    for number in range(MOST + 1):
        timetable.due(f"STRAT-{number}", "09:20")
    timetable.due("STRAT-other", "09:20", "USER-2")

    told = timetable.wake("09:18:02")

    sizes = sorted(len(ids) for why, _, ids, _ in told if why is Why.ENTER)
    assert sizes == [1, 1, MOST]


def test_what_is_activated_in_the_last_two_minutes_is_told_of_at_once(timetable: Timetable) -> None:
    timetable.due("STRAT-1", "09:20")
    timetable.wake("09:18:02")

    timetable.due("STRAT-2", "09:20")
    told = timetable.wake("09:19:02")
    timetable.due("STRAT-3", "09:20")
    late = timetable.wake("09:20:02")

    assert (Why.ENTER, "09:20", {"STRAT-2"}, 13) in told
    assert (Why.ENTER, "09:20", {"STRAT-3"}, 0) in late
    assert (Why.SWEEP, "09:20", {"STRAT-1", "STRAT-2", "STRAT-3"}, 28) in late


def test_another_worker_repeats_nothing_that_was_told(timetable: Timetable) -> None:
    timetable.due("STRAT-1", "09:20")
    timetable.wake("09:18:02")

    assert timetable.wake("09:19:02", timetable.another()) == []


def test_minutes_that_nobody_told_of_are_told_of_late(timetable: Timetable) -> None:
    for minute in ("09:18", "09:20", "09:21", "09:22"):
        timetable.due(f"STRAT-{minute}", minute)
    timetable.wake("09:15:02")

    told = timetable.wake("09:20:02", timetable.another())

    entered = {(minute, delay) for why, minute, _, delay in told if why is Why.ENTER}
    assert entered == {("09:18", 0), ("09:20", 0), ("09:21", 13), ("09:22", 73)}
    assert timetable.wake("09:21:02") == [(Why.SWEEP, "09:21", {"STRAT-09:21"}, 28)]


def test_healing_goes_on_where_its_time_was_up(timetable: Timetable) -> None:
    timetable.due("STRAT-1", "09:18")
    timetable.wake("09:15:02")
    timetable.clock.advance_to(at("09:30:02"))
    timetable.worker.wake(timetable.clock.now())
    assert timetable.queue.taken() == []

    told = timetable.wake("09:31:02")

    assert [(why, minute) for why, minute, _, _ in told] == [
        (Why.ENTER, "09:18"), (Why.SWEEP, "09:18"),
    ]  # fmt: skip


def test_after_the_close_the_day_is_gone_through_once_more(timetable: Timetable) -> None:
    for minute in ("09:15", "09:45", "15:29"):
        timetable.due(f"STRAT-{minute}", minute)
    timetable.wake("15:29:02")

    told = [timetable.wake(f"15:{minute}:02") for minute in range(30, 45)]

    swept = [(n, minute) for n, found in enumerate(told) for _, minute, _, _ in found]
    assert swept == [(0, "09:15"), (1, "09:45"), (12, "15:29")]
    assert {why for found in told for why, _, _, _ in found} == {Why.SWEEP}


def test_only_minutes_of_sessions_are_healed() -> None:
    saturday = datetime.fromisoformat("2026-08-08T12:00:00+05:30")

    found = list(missed_minutes(at("15:28"), saturday, saturday))

    assert found[:2] == [at("15:29"), at("15:30") + timedelta(hours=17, minutes=45)]
    assert len(found) == 1 + 2 * 375


def test_a_wait_of_more_than_a_quarter_of_an_hour_is_told_in_parts() -> None:
    slot = Slot(what=Why.ENTER, user_id="USER-1", minute=at("12:00"), strategies=("STRAT-1",))

    assert slot.told_in(3600).delay_s == LONGEST_DELAY_S
    assert slot.told_in(-5).delay_s == 0
