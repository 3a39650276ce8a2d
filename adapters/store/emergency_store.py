"""The store as it is asked when it may not answer: how it fails, and what is known without it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Final
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    OperationalError,
    PersistenceError,
    StoredEvent,
)

from adapters.store.commit_ends import CommitEnds
from adapters.store.emergency_rules import of_storage
from adapters.store.succession import text_id

#: A store that took longer than this to refuse is left alone for a while: seconds.
SLOW: Final = 1.0
REST: Final = 5.0


class Resting(OperationalError):
    """The store was slow to refuse a moment ago, and is not asked again yet."""


class AskedStore:
    """Tells when the store stops taking events and when it takes them again."""

    def __init__(self, store: AggregateRecorder, tell: Callable[[str], None]) -> None:
        self._store = store
        self._tell = tell
        self._ends = CommitEnds()
        self._rests_until = 0.0
        self._failing = False
        self._turning = Lock()

    def insert(self, events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Append to the store; Resting where it would only keep the caller waiting."""
        began = time.monotonic()
        if began < self._rests_until:
            raise Resting("the store was slow to refuse a moment ago")
        try:
            ids = self._store.insert_events(events, **kwargs)
        except PersistenceError as fault:
            if of_storage(fault):
                ended = time.monotonic()
                self._rests_until = ended + REST if ended - began > SLOW else 0.0
                self._turn(fault)
            raise
        for event in events:
            self._ends.learn(text_id(event.originator_id), event.originator_version)
        self._turn(None)
        return ids

    def select(self, stream: UUID | str, **within: Any) -> Sequence[StoredEvent]:
        """Events of a stream, and where it ends is remembered."""
        found = self._store.select_events(stream, **within)
        if found:
            last = max(found[0].originator_version, found[-1].originator_version)
            self._ends.learn(text_id(stream), last)
        return found

    def last(self, stream: str, fault: PersistenceError) -> int | None:
        """The last version of a stream: raises `fault` where nobody knows."""
        try:
            stored = self._store.select_events(stream, desc=True, limit=1)
        except PersistenceError as unread:
            known = self._ends.get(stream)
            if known is None:
                raise fault from unread
            return known  # what this process knows is good enough to leave by
        return stored[0].originator_version if stored else None

    def _turn(self, fault: PersistenceError | None) -> None:
        failing = fault is not None
        if self._failing is failing:
            return
        with self._turning:
            turned, self._failing = self._failing is not failing, failing
        if turned and failing:
            self._tell(f"the store does not write ({fault}): entries are refused, exits go on")
        elif turned:
            self._tell("the store writes again")
