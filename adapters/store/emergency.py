"""The SQLite store with a reserve: when it cannot write, runs with open exposure go on.

What takes no new risk (exits, fills, answers of the broker, the kill switch) is kept in a journal
whose room was taken at start, and folded into the store in order as soon as that writes again.
`adapters.store.emergency` is a PERSISTENCE_MODULE: besides what the SQLite store needs it reads
EMERGENCY_JOURNAL, the journal's path, and EMERGENCY_JOURNAL_BYTES, its size.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    OperationalError,
    PersistenceError,
    StoredEvent,
    Subscription,
)
from eventsourcing.utils import Environment, EnvType

from adapters.store import sqlite
from adapters.store.emergency_fold import fold
from adapters.store.emergency_journal import SIZE, Journal
from adapters.store.emergency_rules import may_go_on, of_storage
from adapters.store.emergency_store import AskedStore
from adapters.store.succession import succession, text_id

LOG: Final = logging.getLogger("atp")


class EmergencyRecorder(ApplicationRecorder):
    """A recorder that keeps in its journal what its store cannot take and risk demands.

    Journaled events are read and counted like stored ones; notifications come when they are folded.
    """

    def __init__(
        self,
        store: ApplicationRecorder,
        journal: Journal,
        alarm: Callable[[str], None] = LOG.error,
    ) -> None:
        self.store = store
        self.journal = journal
        self.alarm = alarm
        self._news: deque[str] = deque()
        self._asked = AskedStore(store, self._news.append)
        self.fold()

    @property
    def journaling(self) -> bool:
        """Whether there are acknowledged events that the store does not have."""
        return not self.journal.empty

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Returns the notification ids once stored, None once journaled."""
        try:
            with self.journal.gate.shared():
                if self.journal.empty:
                    try:
                        return self._asked.insert(stored_events, **kwargs)
                    except PersistenceError as fault:
                        if not of_storage(fault) or not may_go_on(stored_events):
                            raise
            with self.journal.gate.alone():
                return self._fold_and_insert(stored_events, **kwargs)
        finally:
            self._announce()

    def fold(self) -> bool:
        """Bring the journal into the store now; False while that cannot write."""
        try:
            with self.journal.gate.alone():
                self._fold()
        except PersistenceError as fault:
            if not of_storage(fault):
                raise
        finally:
            self._announce()
        return self.journal.empty

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        if self.journal.empty:
            return self._asked.select(originator_id, gt=gt, lte=lte, desc=desc, limit=limit)
        with self.journal.gate.shared():
            kept = self.journal.of_stream(text_id(originator_id))
            found = self._asked.select(originator_id, gt=gt, lte=lte, desc=desc, limit=limit)
        merged = {event.originator_version: event for event in kept if _within(event, gt, lte)}
        merged |= {event.originator_version: event for event in found}
        return [merged[version] for version in sorted(merged, reverse=desc)][:limit]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        return self.store.select_notifications(
            start, limit, stop, topics, inclusive_of_start=inclusive_of_start
        )

    def max_notification_id(self) -> int | None:
        return self.store.max_notification_id()

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        return self.store.subscribe(gt, topics)

    def _fold_and_insert(
        self, events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        try:
            self._fold()
            return self._asked.insert(events, **kwargs)
        except PersistenceError as fault:
            if not of_storage(fault) or not may_go_on(events):
                raise
            for stream in succession(events).streams:
                kept = self.journal.of_stream(stream.id)
                last = kept[-1].originator_version if kept else self._asked.last(stream.id, fault)
                stream.check_follows(last)
            self.journal.append(events)
            return None

    def _fold(self) -> None:
        if self.journal.empty:
            return
        events = self.journal.events()
        missing, contradicting = fold(events, self.store)
        if contradicting:
            self.journal.park(contradicting)
        if missing:
            try:
                self._asked.insert(missing)
            except IntegrityError as error:
                raise OperationalError(f"the store went on during folding: {error}") from error
        self.journal.clear()
        self._news.append(f"{len(missing)} events of the emergency journal are in the store now")
        self._news += [
            f"{event.originator_id} version {event.originator_version} ({event.topic}) "
            f"contradicts the store, and was put aside in {self.journal.parked.name}"
            for event in contradicting
        ]

    def _announce(self) -> None:
        # After the gate was left: whoever hears the alarm may want to store something.
        while self._news:
            try:
                text = self._news.popleft()
            except IndexError:
                return  # another thread has just told it
            self.alarm(text)


class EmergencyFactory(sqlite.SQLiteFactory):
    """Makes the recorder of an application that must be able to leave its positions."""

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        self._journals: list[Journal] = []

    def application_recorder(self) -> EmergencyRecorder:
        path = self.env.get("EMERGENCY_JOURNAL")
        if not path:
            raise OSError("EMERGENCY_JOURNAL must name the file of the emergency journal")
        journal = Journal(path, int(self.env.get("EMERGENCY_JOURNAL_BYTES") or SIZE))
        self._journals.append(journal)
        return EmergencyRecorder(super().application_recorder(), journal)

    def close(self) -> None:
        super().close()
        for journal in self._journals:
            journal.close()


def _within(event: StoredEvent, gt: int | None, lte: int | None) -> bool:
    version = event.originator_version
    return (gt is None or version > gt) and (lte is None or version <= lte)
