"""Calls of several threads share a transaction, and each keeps its own outcome."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from types import FrameType

import pytest
from eventsourcing.persistence import IntegrityError, OperationalError, StoredEvent
from eventsourcing.sqlite import SQLiteCursor

from adapters.store.group_commit import GroupCommit
from adapters.store.sqlite import ApplicationEventRecorder
from adapters.store.succession import Succession, succession
from tests.adapters.store.conftest import Events

Numbers = Sequence[int] | None


class Gate:
    """A store whose transactions are counted, and whose first append can be held up."""

    def __init__(self, store: ApplicationEventRecorder) -> None:
        self.store = store
        self.transactions = 0
        self.open = Event()
        self.reached = Event()
        self.faults: list[BaseException | None] = []
        self.commits: GroupCommit[Succession, Numbers] = GroupCommit(self._transact, self._append)

    def insert(self, events: list[StoredEvent]) -> Numbers:
        return self.commits.commit(succession(events))

    @contextmanager
    def _transact(self) -> Iterator[SQLiteCursor]:
        self.transactions += 1
        with self.store.datastore.transaction(commit=True) as cursor:
            yield cursor

    def _append(self, cursor: SQLiteCursor, call: Succession) -> Numbers:
        self.reached.set()
        assert self.open.wait(10)
        if self.faults and (fault := self.faults.pop(0)) is not None:
            raise fault
        return self.store._append(cursor, call)


@pytest.fixture
def gate(sqlite_store: ApplicationEventRecorder) -> Gate:
    return Gate(sqlite_store)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as threads:
        yield threads


def until(true: Callable[[], bool]) -> None:
    for _ in range(2000):
        if true():
            return
        time.sleep(0.005)
    pytest.fail("it did not come to that")


def queued(
    gate: Gate, threads: ThreadPoolExecutor, calls: list[list[StoredEvent]]
) -> list[Future[Numbers]]:
    """The first call is held up while it writes; the others wait behind it, in this order."""
    asked = [threads.submit(gate.insert, calls[0])]
    assert gate.reached.wait(10)
    for number, call in enumerate(calls[1:], 1):
        asked.append(threads.submit(gate.insert, call))
        until(lambda wanted=number: gate.commits.waiting == wanted)  # type: ignore[misc]  # bound now
    return asked


def test_calls_that_arrive_during_a_transaction_share_the_next(
    gate: Gate, threads: ThreadPoolExecutor, events: Events
) -> None:
    asked = queued(gate, threads, [events(f"RUN-{number}", 1, 2) for number in range(11)])

    gate.open.set()

    numbers = [one.result(10) for one in asked]
    assert numbers == [[2 * place + 1, 2 * place + 2] for place in range(11)]
    assert gate.transactions == 2


def test_one_bad_call_leaves_the_others_of_its_transaction_alone(
    gate: Gate, threads: ThreadPoolExecutor, events: Events
) -> None:
    calls = [events(stream, 1, 2) for stream in ("RUN-0", "RUN-1", "RUN-1", "RUN-2")]
    calls.append([*events("RUN-3", 1), *events("RUN-2", 7)])
    calls.append(events("RUN-1", 3))
    asked = queued(gate, threads, calls)

    gate.open.set()

    outcomes = [one.exception(10) for one in asked]
    assert [type(one) for one in outcomes] == [
        type(None),
        type(None),
        IntegrityError,
        type(None),
        IntegrityError,
        type(None),
    ]
    assert gate.transactions == 2
    assert gate.store.select_events("RUN-1") == events("RUN-1", 1, 3)
    assert gate.store.select_events("RUN-3") == []
    numbers = [one.id for one in gate.store.select_notifications(1, 100)]
    assert numbers == list(range(1, 8))


def test_a_value_the_file_cannot_hold_fails_its_own_call_only(
    gate: Gate, threads: ThreadPoolExecutor, events: Events
) -> None:
    unfit = [*events("RUN-1", 1), StoredEvent("RUN-1", 2, "\ud800", b"")]
    asked = queued(gate, threads, [events("RUN-0", 1), unfit, events("RUN-2", 1)])

    gate.open.set()

    assert [type(one.exception(10)).__name__ for one in asked] == [
        "NoneType",
        "DataError",
        "NoneType",
    ]
    assert gate.store.select_events("RUN-1") == []
    assert gate.store.select_events("RUN-2") == events("RUN-2", 1)


def test_a_failed_transaction_fails_every_call_in_it_and_none_after(
    gate: Gate, threads: ThreadPoolExecutor, events: Events
) -> None:
    calls = [events(stream, 1) for stream in ("RUN-0", "RUN-1", "RUN-1", "RUN-2")]
    asked = queued(gate, threads, calls)
    gate.faults = [None, None, None, OperationalError("disk I/O error")]

    gate.open.set()

    assert asked[0].result(10) == [1]
    failures = [one.exception(10) for one in asked[1:]]
    assert [type(one) for one in failures] == [OperationalError] * 3
    assert len({id(one) for one in failures}) == 3
    assert gate.store.max_notification_id() == 1
    assert gate.insert(events("RUN-1", 1)) == [2]


def test_a_writer_that_is_interrupted_leaves_nobody_waiting(
    gate: Gate, threads: ThreadPoolExecutor, events: Events
) -> None:
    asked = queued(gate, threads, [events(f"RUN-{number}", 1) for number in range(4)])
    gate.faults = [None, KeyboardInterrupt()]

    gate.open.set()

    assert asked[0].result(10) == [1]
    assert isinstance(asked[1].exception(10), KeyboardInterrupt)
    assert [type(one.exception(10)) for one in asked[2:]] == [OperationalError] * 2
    assert gate.insert(events("RUN-1", 1)) == [2]


class Alarm(BaseException):
    pass


def test_a_waiting_caller_that_is_interrupted_leaves_nobody_waiting(
    gate: Gate, threads: ThreadPoolExecutor, events: Events
) -> None:
    def interrupt(_: int, __: FrameType | None) -> None:
        raise Alarm

    asked = queued(gate, threads, [events("RUN-0", 1)])
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.1)

    try:
        with pytest.raises(Alarm):
            gate.insert(events("RUN-1", 1))
    finally:
        signal.signal(signal.SIGALRM, before)

    gate.open.set()
    assert asked[0].result(10) == [1]
    assert threads.submit(gate.insert, events("RUN-2", 1)).result(10) == [2]
    assert gate.store.select_events("RUN-1") == []


def test_many_threads_get_what_they_were_told(
    sqlite_store: ApplicationEventRecorder, threads: ThreadPoolExecutor, events: Events
) -> None:
    def writes(name: int) -> list[int]:
        numbers: list[int] = []
        for version in range(1, 31):
            numbers += sqlite_store.insert_events(events(f"RUN-{name}", version)) or []
            with pytest.raises(IntegrityError):
                sqlite_store.insert_events(events(f"RUN-{name}", version))
        return numbers

    told = list(threads.map(writes, range(16)))

    assert sorted(number for one in told for number in one) == list(range(1, 16 * 30 + 1))
    for name, numbers in enumerate(told):
        stored = [
            one
            for one in sqlite_store.select_notifications(1, 1000)
            if one.originator_id == f"RUN-{name}"
        ]
        assert [one.id for one in stored] == numbers
        assert [one.originator_version for one in stored] == list(range(1, 31))
