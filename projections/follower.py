"""Keeps the views of the one-process engine up with the store."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from eventsourcing.persistence import ApplicationRecorder, PersistenceError, StoredEvent

from projections.advance import Changed, Projector
from projections.feed import Feed
from projections.tables import Tables

POSITION = ("position", "follower")
#: Events applied in one change of the views' file.
BATCH = 1000
#: Seconds between looks at the log when nobody wakes the follower, and after a fault of storage.
POLL, PAUSE = 0.05, 1.0
#: Decisions that are being taken go first: how often that is looked at, and seconds in between.
GLANCES, GLANCE = 40, 0.005


class ViewsAhead(Exception):
    """The store ends before the views do: it is an older copy, and they must be rebuilt."""


class Follower:
    """Follows the store's log, in the caller's thread or in one of its own.

    The position is kept in the same change as the rows, so that neither gets ahead of the other.
    """

    def __init__(
        self,
        log: ApplicationRecorder,
        projector: Projector,
        tables: Tables,
        feed: Feed,
        alarm: Callable[[str], None],
    ) -> None:
        self._log = log
        self._projector = projector
        self._tables = tables
        self._feed = feed
        self._alarm = alarm
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        #: How much of the log this process's watchers have heard of, once it follows.
        self._heard: int | None = None
        #: Whether something is under way that must not wait for the views.
        self.yields_to: Callable[[], bool] = lambda: False

    @property
    def position(self) -> int:
        """The log's last notification that the views hold."""
        return int(self._tables.recall(*POSITION) or 0)

    def moved_to(self, place: str) -> None:
        """Every view now holds the log up to here: a rebuild of all of them says so."""
        self._tables.remember(*POSITION, str(max(int(place), self.position)))

    def behind(self) -> int:
        """How many notifications are still to be applied."""
        return (self._log.max_notification_id() or 0) - self.position

    def catch_up(self) -> int:
        """Apply everything that is in the log by now; answers how many events that was."""
        if self.behind() < 0:
            raise ViewsAhead(f"the store ends at {self._log.max_notification_id()}, "
                             f"the views at {self.position}")  # fmt: skip
        applied = 0
        while count := self._step():
            applied += count
        return applied

    def start(self) -> None:
        """Check what was lost on the way, then follow on a thread until stopped."""
        self.catch_up()
        self._feed.publish(self._projector.compare_heads())
        self._heard = self.position
        self._stopping.clear()
        self._thread = threading.Thread(target=self._follow, name="follower", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something was just stored."""
        self._woken.set()

    def stop(self) -> None:
        """Finish the batch under way and end the thread."""
        self._stopping.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _follow(self) -> None:
        while not self._stopping.is_set():
            self._woken.wait(POLL)
            self._woken.clear()
            self._let_go_first()
            try:
                self.catch_up()
            except (PersistenceError, ViewsAhead) as fault:
                self._alarm(f"the views stand still: {fault}")
                self._stopping.wait(PAUSE)

    def _let_go_first(self) -> None:
        for _ in range(GLANCES):
            if not self.yields_to():
                return
            self._stopping.wait(GLANCE)

    def _step(self) -> int:
        with self._tables.transaction():
            position = self.position
            changes = self._unheard(position)
            found = self._log.select_notifications(position, BATCH, inclusive_of_start=False)
            if found:
                changes += self._projector.apply(found)
                self._tables.remember(*POSITION, str(found[-1].id))
            if self._heard is not None:
                self._heard = found[-1].id if found else position
        self._feed.publish(changes)
        return len(found)

    def _unheard(self, position: int) -> list[Changed]:
        """What another process has applied meanwhile, as the command line does: told here, too."""
        changes: list[Changed] = []
        while self._heard is not None and self._heard < position:
            missed = self._log.select_notifications(
                self._heard, BATCH, position, inclusive_of_start=False
            )
            changes += self._projector.applied_elsewhere(missed)
            self._heard = missed[-1].id if len(missed) == BATCH else position
        return changes


def apply_record(projector: Projector, feed: Feed, events: Sequence[StoredEvent]) -> int:
    """Apply the events of one stream record, whenever and however often it is delivered."""
    changes = projector.apply(events)
    feed.publish(changes)
    return len(changes)
