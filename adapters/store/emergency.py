"""The SQLite store with a reserve: when it cannot write, runs with open exposure go on.

What takes no new risk (exits, fills, answers of the broker, the kill switch) is kept in a journal
whose room was taken at start, and folded into the store in order as soon as that writes again.
`adapters.store.emergency` is a PERSISTENCE_MODULE: besides what the SQLite store needs it reads
EMERGENCY_JOURNAL, the journal's path, and EMERGENCY_JOURNAL_BYTES, its size.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    DatabaseError,
    IntegrityError,
    InterfaceError,
    InternalError,
    Notification,
    OperationalError,
    StoredEvent,
    Subscription,
)

from adapters.store import sqlite
from adapters.store.commit_ends import CommitEnds
from adapters.store.emergency_fold import fold
from adapters.store.emergency_journal import SIZE, Journal
from adapters.store.succession import Stream, succession, text_id
from domain.account import BrokerAccount
from domain.run import Run
from domain.slices import Phase

LOG: Final = logging.getLogger("atp")
#: A store that took longer than this to refuse is left alone for a while: seconds.
SLOW, REST = 1.0, 5.0

NEW_RISK: Final = frozenset((Run.Opened.TOPIC, Run.Planned.TOPIC))
#: What is asked of an account when things go wrong, and must not be refused then.
PROTECTING: Final = frozenset((BrokerAccount.Blocked.TOPIC,))


class Resting(OperationalError):
    """The store was slow to refuse a moment ago, and is not asked again yet."""


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
        self._ends = CommitEnds()
        self._rests_until = 0.0
        self._told = False
        self.fold()

    @property
    def journaling(self) -> bool:
        """Whether there are acknowledged events that the store does not have."""
        return not self.journal.empty

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Returns the notification ids once stored, None once journaled."""
        with self.journal.gate.shared():
            if self.journal.empty:
                try:
                    return self._insert(stored_events, **kwargs)
                except DatabaseError as fault:
                    if not of_storage(fault) or not may_go_on(stored_events):
                        raise
        with self.journal.gate.alone():
            try:
                self._fold()
                return self._insert(stored_events, **kwargs)
            except DatabaseError as fault:
                if not of_storage(fault) or not may_go_on(stored_events):
                    raise
                self._keep(stored_events, fault)
                return None

    def fold(self) -> bool:
        """Bring the journal into the store now; False while that cannot write."""
        with self.journal.gate.alone():
            try:
                self._fold()
            except DatabaseError as fault:
                if not of_storage(fault):
                    raise
                self._tell(fault)
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
            return self._select(originator_id, gt=gt, lte=lte, desc=desc, limit=limit)
        with self.journal.gate.shared():
            kept = self.journal.of_stream(text_id(originator_id))
            found = self._select(originator_id, gt=gt, lte=lte, desc=desc, limit=limit)
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

    def _insert(self, events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        began = time.monotonic()
        if began < self._rests_until:
            raise Resting("the store was slow to refuse a moment ago")
        try:
            ids = self.store.insert_events(events, **kwargs)
        except DatabaseError:
            ended = time.monotonic()
            self._rests_until = ended + REST if ended - began > SLOW else 0.0
            raise
        for event in events:
            self._ends.learn(text_id(event.originator_id), event.originator_version)
        return ids

    def _select(self, stream: UUID | str, **within: Any) -> Sequence[StoredEvent]:
        found = self.store.select_events(stream, **within)
        if found:
            last = max(found[0].originator_version, found[-1].originator_version)
            self._ends.learn(text_id(stream), last)
        return found

    def _keep(self, events: Sequence[StoredEvent], fault: DatabaseError) -> None:
        for stream in succession(events).streams:
            stream.check_follows(self._last(stream, fault))
        self.journal.append(events)
        self._tell(fault)

    def _last(self, stream: Stream, fault: DatabaseError) -> int | None:
        kept = self.journal.of_stream(stream.id)
        if kept:
            return kept[-1].originator_version
        try:
            stored = self.store.select_events(stream.id, desc=True, limit=1)
        except DatabaseError as unread:
            known = self._ends.get(stream.id)
            if known is None:
                raise fault from unread
            return known  # what this process knows is good enough to leave by
        return stored[0].originator_version if stored else None

    def _fold(self) -> None:
        if self.journal.empty:
            return
        events = self.journal.events()
        missing, contradicting = fold(events, self.store)
        if contradicting:
            self.journal.park(contradicting)
        if missing:
            try:
                self._insert(missing)
            except IntegrityError as error:
                raise OperationalError(f"the store went on during folding: {error}") from error
        self.journal.clear()
        self._told = False
        self.alarm(f"the store writes again: {len(missing)} events were folded into it")
        for event in contradicting:
            self.alarm(
                f"{event.originator_id} version {event.originator_version} ({event.topic}) "
                f"contradicts the store, and was put aside in {self.journal.parked.name}"
            )

    def _tell(self, fault: DatabaseError) -> None:
        if not self._told:
            self._told = True
            self.alarm(
                f"the store does not write ({fault}): entries are refused, exits go on "
                f"and are kept in {self.journal.path.name}"
            )


class EmergencyFactory(sqlite.SQLiteFactory):
    """Makes the recorder of an application that must be able to leave its positions."""

    def application_recorder(self) -> EmergencyRecorder:
        path = self.env.get("EMERGENCY_JOURNAL")
        if not path:
            raise OSError("EMERGENCY_JOURNAL must name the file of the emergency journal")
        size = int(self.env.get("EMERGENCY_JOURNAL_BYTES") or SIZE)
        self._journal = Journal(path, size)
        return EmergencyRecorder(super().application_recorder(), self._journal)

    def close(self) -> None:
        super().close()
        self._journal.close()


def of_storage(fault: DatabaseError | InterfaceError) -> bool:
    """Whether the store failed, rather than what it was asked: full, unreadable, locked, broken."""
    storage = (OperationalError, InterfaceError, InternalError)
    return isinstance(fault, storage) or type(fault) is DatabaseError


def may_go_on(events: Sequence[StoredEvent]) -> bool:
    """Whether these may be kept aside: of one run, no new risk; or they protect an account."""
    streams = {text_id(event.originator_id) for event in events}
    if len(streams) != 1:
        return False
    if streams.pop().startswith("RUN-"):
        return not any(map(takes_risk, events))
    return all(event.topic in PROTECTING for event in events)


def takes_risk(event: StoredEvent) -> bool:
    """Whether this lets orders out that open something; what cannot be read might."""
    if event.topic != Run.PhaseReleased.TOPIC:
        return event.topic in NEW_RISK
    try:
        return Phase(json.loads(event.state)["phase"]).is_entry
    except (ValueError, LookupError, TypeError):
        return True


def _within(event: StoredEvent, gt: int | None, lte: int | None) -> bool:
    version = event.originator_version
    return (gt is None or version > gt) and (lte is None or version <= lte)
