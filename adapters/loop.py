"""The engine in life: a thread that watches the time, and one for the work of each account."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from threading import Event, Lock, Thread
from typing import Final

from eventsourcing.persistence import PersistenceError

from adapters.engine import Due, Engine
from adapters.turnstile import Turnstile
from commands.ports import Clock

LOG: Final = logging.getLogger("atp.loop")
#: Market seconds after which work that failed is tried again; and the longest wait without a look.
RETRY_S: Final = 2.0
LONGEST_WAIT_S: Final = 0.5


class Loop:
    """Hands what is due to threads: the same run never to two, an account's entries to one.

    What an account watches or leaves has a thread besides, so that a stop never waits behind
    entries which wait for their places in the lane.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        speed: float,
        alarm: Callable[[str], None],
        turnstile: Turnstile | None = None,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.speed = speed
        self.alarm = alarm
        self.turnstile = turnstile or Turnstile()
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._under_way: dict[Due, bool] = {}
        """Work that a thread has begun, and whether it became due again since."""
        self._lock = Lock()
        self._stopping = Event()
        self._thread: Thread | None = None
        self.beat = clock.now()

    def start(self) -> None:
        """Begin with what is open, then follow the clock."""
        self.engine.begin()
        self._thread = Thread(target=self._watch, name="loop", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let work under way finish, and start nothing more."""
        self._stopping.set()
        with self.engine.wheel.changed:
            self.engine.wheel.changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        for pool in self._pools.values():
            pool.shutdown(wait=True)

    def _watch(self) -> None:
        wheel = self.engine.wheel
        while not self._stopping.is_set():
            now = self.clock.now()
            self.beat = now
            for due in wheel.pop_due(now):
                self._hand_over(due)
            with wheel.changed:
                following = wheel.next_due()
                wait = LONGEST_WAIT_S
                if following is not None:
                    left = (following - self.clock.now()).total_seconds() / self.speed
                    wait = min(wait, left)
                if wait > 0 and not self._stopping.is_set():
                    wheel.changed.wait(wait)

    def _hand_over(self, due: Due) -> None:
        account = self.engine.account_of(due)
        place = due.what if account is None else f"{account} {self.engine.direction(due)}"
        with self._lock:
            if place not in self._pools:
                self._pools[place] = ThreadPoolExecutor(1, thread_name_prefix=place)
            pool = self._pools[place]
        done = pool.submit(self._work, due, deciding=account is not None)
        done.add_done_callback(lambda future: self._look_after(due, future))

    def _work(self, due: Due, *, deciding: bool) -> None:
        with self._lock:
            if due in self._under_way:
                self._under_way[due] = True
                return
            self._under_way[due] = False
        try:
            with self.turnstile if deciding else nullcontext():
                self.engine.do(due)
        finally:
            with self._lock:
                again = self._under_way.pop(due)
        if again and not self._stopping.is_set():
            self._hand_over(due)

    def _look_after(self, due: Due, done: Future[None]) -> None:
        """Work that failed is said aloud and done again: no run is forgotten by a fault."""
        fault = done.exception()
        if fault is None:
            return
        LOG.error("%s %s failed", due.what, due.key, exc_info=fault)
        self.alarm(f"{due.what} {due.key} failed: {type(fault).__name__}: {fault}")
        pause = RETRY_S if isinstance(fault, PersistenceError) else 2 * RETRY_S
        self.engine.retry(due, pause)
