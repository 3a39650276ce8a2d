"""All lines of all users, and the threads that serve them: one each, and never many at once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Final, NamedTuple

from adapters.notify.line import Line, Rate, Waiting
from adapters.notify.message import Manner, Message
from adapters.notify.target import schema_of, tell
from projections.inbox import Notice

#: Targets told at once; one that hangs does not count, so that it keeps nobody else waiting.
THREADS: Final = 16
#: Seconds that a message under way is waited for at the end.
PARTING_S: Final = 1.0


class Place(NamedTuple):
    """A target: whose it is, and what they call it."""

    user_id: str
    name: str


class Told(NamedTuple):
    """What became of notices on their way to a target; they are done with either way."""

    place: Place
    notices: Sequence[Notice]
    taken: bool


class Lines:
    """Queues by target. Everything here is short but the telling itself, which holds no lock."""

    def __init__(self, rate: Rate, seconds: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._seconds = seconds
        self._lines: dict[Place, Line] = {}
        self._lock = Lock()
        self._told: SimpleQueue[Told] = SimpleQueue()
        self._threads: list[Thread] = []
        self._stopping = False

    def add(self, place: Place, url: str, manner: Manner, waiting: Waiting) -> None:
        """Let this notice go there as soon as it may."""
        with self._lock:
            line = self._lines.get(place)
            if line is None:
                line = self._lines[place] = Line(url=url, manner=manner, rate=self._rate)
            line.manner = manner
            if (dropped := line.add(waiting)) is not None:
                self._told.put(Told(place, [dropped], False))

    def lead_to(self, user_id: str, urls: Mapping[str, str]) -> None:
        """These are the user's targets now: what waits for others is done with."""
        with self._lock:
            for place in [each for each in self._lines if each.user_id == user_id]:
                line = self._lines[place]
                if place.name not in urls:
                    del self._lines[place]
                    self._told.put(Told(place, [w.notice for w in line.waiting], False))
                elif line.url != urls[place.name]:
                    line.url, line.failures, line.not_before = urls[place.name], 0, 0.0

    def serve(self) -> None:
        """Begin to tell whoever may be told now, those who listened last time first."""
        now = self._seconds()
        with self._lock:
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            busy = sum(
                line.since is not None and not line.hanging(now) for line in self._lines.values()
            )
            ready = [(place, line) for place, line in self._lines.items() if line.ready(now)]
            ready.sort(key=lambda each: each[1].failures)
            for place, line in ready[: max(0, THREADS - busy)]:
                self._begin(place, line, line.take(now))

    def done(self) -> Iterator[Told]:
        """What has been told or given up since this was last asked."""
        while True:
            try:
                yield self._told.get_nowait()
            except Empty:
                return

    def busy(self) -> bool:
        """Whether anything waits or is under way."""
        with self._lock:
            return any(line.waiting or line.since is not None for line in self._lines.values())

    def broken(self) -> Mapping[str, int]:
        """How many targets do not listen, by service."""
        now = self._seconds()
        with self._lock:
            return Counter(schema_of(ln.url) for ln in self._lines.values() if ln.broken(now))

    def broken_of(self, user_id: str) -> frozenset[str]:
        """Names of the user's targets that do not listen."""
        now = self._seconds()
        with self._lock:
            return frozenset(
                place.name
                for place, line in self._lines.items()
                if place.user_id == user_id and line.broken(now)
            )

    def stop(self) -> None:
        """Begin nothing more, and wait a moment for what is under way."""
        with self._lock:
            self._stopping = True
            threads = list(self._threads)
        until = time.monotonic() + PARTING_S
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _begin(self, place: Place, line: Line, message: Message) -> None:
        # A daemon: one that hangs must not keep the platform from ending.
        thread = Thread(
            target=self._tell, args=(place, line, message), name="notify-target", daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _tell(self, place: Place, line: Line, first: Message) -> None:
        message: Message | None = first
        while message is not None:
            taken = False
            url = line.url
            try:
                taken = tell(url, message)
            finally:
                message = self._settled(place, line, taken)

    def _settled(self, place: Place, line: Line, taken: bool) -> Message | None:
        """Remember what became of it; answers what goes out next."""
        now = self._seconds()
        with self._lock:
            self._told.put(Told(place, line.settle(taken, now), taken))
            gone = self._lines.get(place) is not line
            if gone:
                self._told.put(Told(place, [w.notice for w in line.waiting], False))
            if gone or self._stopping or not line.ready(now):
                return None
            return line.take(now)
