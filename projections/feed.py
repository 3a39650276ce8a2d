"""Changes of rows, handed to whoever watches in this process."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from projections.advance import Changed

#: Changes kept for a subscriber that does not read.
ROOM = 1000


class Subscription:
    """Changes that one subscriber wants, oldest first."""

    def __init__(self, wanted: Callable[[Changed], bool]) -> None:
        self._wanted = wanted
        self._waiting: deque[Changed] = deque()
        self._ready = threading.Condition()
        self._lost = False

    def offer(self, changes: Iterable[Changed]) -> None:
        wanted = [change for change in changes if self._wanted(change)]
        if not wanted:
            return
        with self._ready:
            self._waiting.extend(wanted)
            while len(self._waiting) > ROOM:
                self._waiting.popleft()
                self._lost = True
            self._ready.notify()

    def take(self, timeout: float | None = None) -> list[Changed]:
        """What has changed since the last call; waits for a change up to `timeout` seconds."""
        with self._ready:
            self._ready.wait_for(lambda: bool(self._waiting), timeout)
            taken = list(self._waiting)
            self._waiting.clear()
        return taken

    def overflowed(self) -> bool:
        """Whether changes were dropped since this was last asked: the watcher must read anew."""
        with self._ready:
            lost, self._lost = self._lost, False
        return lost


class Feed:
    """Passes each change to every subscription that wants it, and waits for none."""

    def __init__(self) -> None:
        self._subscriptions: tuple[Subscription, ...] = ()
        self._lock = threading.Lock()

    def publish(self, changes: Iterable[Changed]) -> None:
        held = list(changes)
        for subscription in self._subscriptions:
            subscription.offer(held)

    @contextmanager
    def subscribed(self, wanted: Callable[[Changed], bool]) -> Iterator[Subscription]:
        """Watch while inside."""
        subscription = Subscription(wanted)
        with self._lock:
            self._subscriptions = (*self._subscriptions, subscription)
        try:
            yield subscription
        finally:
            with self._lock:
                self._subscriptions = tuple(
                    each for each in self._subscriptions if each is not subscription
                )
