"""Due times, soonest first; a later call for the same thing moves it to the sooner of both."""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from datetime import datetime
from threading import Condition
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Wheel(Generic[K]):
    """What is due when; safe to be told by any thread."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, K]] = []
        self._due: dict[K, datetime] = {}
        self._count = 0
        self.changed = Condition()

    def at(self, when: datetime, what: K) -> None:
        """Do this at that time, unless it is due sooner anyway."""
        with self.changed:
            due = self._due.get(what)
            if due is not None and due <= when:
                return
            self._due[what] = when
            self._count += 1
            heapq.heappush(self._heap, (when, self._count, what))
            if self._heap[0][2] == what:
                self.changed.notify_all()  # whoever waits for the soonest has to wait less

    def next_due(self) -> datetime | None:
        with self.changed:
            self._drop_stale()
            return self._heap[0][0] if self._heap else None

    def pop_due(self, now: datetime) -> list[K]:
        """What is due by now, soonest first."""
        found: list[K] = []
        with self.changed:
            self._drop_stale()
            while self._heap and self._heap[0][0] <= now:
                _, _, what = heapq.heappop(self._heap)
                del self._due[what]
                found.append(what)
                self._drop_stale()
        return found

    def _drop_stale(self) -> None:
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
