"""Calls of functions that go on side by side in stepped time: one acts while the others wait."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Semaphore, local
from typing import Final

from eventsourcing.persistence import PersistenceError

from adapters.aws.shift import Shift
from adapters.clock import SteppedClock
from adapters.loop import RETRY_S
from tests.chaos.fate import Killed

HERE: Final = local()


class TimedOut(Killed):
    """The call was ended by the service: its time was over."""


class Actor:
    """One call of a function, in a thread that moves only when it is its turn."""

    def __init__(
        self, name: str, clock: SteppedClock, ends: datetime, work: Callable[[], object]
    ) -> None:
        self.name = name
        self.wake = clock.now()
        self.done = False
        self._clock = clock
        self._ends = ends
        self._work = work
        self._gone = False
        self._go, self._back = Semaphore(0), Semaphore(0)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._life = self._pool.submit(self._live)

    def _live(self) -> object:
        self._go.acquire()
        HERE.actor = self
        try:
            return None if self._gone else self._work()
        finally:
            self.done = True
            self._back.release()

    @property
    def fault(self) -> BaseException | None:
        """What ended it, once it has ended."""
        return self._life.exception()

    @property
    def answer(self) -> object:
        return None if self.fault is not None else self._life.result()

    def go_on(self) -> None:
        """Its turn: until it waits, or has ended."""
        self._go.release()
        self._back.acquire()
        if self.done:
            self._pool.shutdown()

    def end(self) -> None:
        """The machine is gone."""
        self._gone = True
        while not self.done:
            self.go_on()

    def sleep_until(self, moment: datetime) -> None:
        """Wait, in its own thread, while others act; raises TimedOut."""
        self.wake = min(moment, self._ends)
        self._back.release()
        self._go.acquire()
        if self._gone or self._clock.now() >= self._ends:
            raise TimedOut(self.name)


class ActorsClock:
    """The stepped time, in which whoever sleeps lets others act."""

    def __init__(self, time: SteppedClock) -> None:
        self._time = time

    def now(self) -> datetime:
        return self._time.now()

    def monotonic(self) -> float:
        return self._time.monotonic()

    def sleep(self, seconds: float) -> None:
        actor: Actor | None = getattr(HERE, "actor", None)
        if actor is None:
            self._time.sleep(seconds)
        else:
            actor.sleep_until(self._time.now() + timedelta(seconds=max(seconds, 0.0)))


class Driven:
    """Does a shift's work in the actor's own thread, and what failed again after a moment."""

    def __init__(self, clock: ActorsClock) -> None:
        self._clock = clock

    def __call__(self, shift: Shift) -> None:
        while not shift.over.is_set() and self._clock.now() < shift.until:
            due = shift.wheel.next_due()
            moment = shift.until if due is None else min(due, shift.until)
            left = (moment - self._clock.now()).total_seconds()
            if left > 0:
                self._clock.sleep(left)
            for each in shift.wheel.pop_due(self._clock.now()):
                try:
                    shift.do(each)
                except PersistenceError:
                    shift.retry(each, RETRY_S)
