"""The write side: streams are loaded, decided upon and saved here."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from threading import Lock, RLock
from typing import Any, TypeVar, cast

from eventsourcing.application import Application
from eventsourcing.domain import DomainEventProtocol, MutableOrImmutableAggregate
from eventsourcing.persistence import Recording
from eventsourcing.utils import EnvType

from commands.errors import NotFound
from commands.identity import Entropy, new_id
from domain.model import Aggregate, DomainEvent

A = TypeVar("A", bound=Aggregate)
Events = tuple[DomainEvent, ...]

KEPT_STREAMS = 10_000
FOLD_BEYOND = 64  # events kept one by one; longer streams are kept folded up to the latest ones
STRIPES = 256


@dataclass(frozen=True, slots=True)
class Kept:
    """What is remembered of a stream: frozen events, after a state that is only ever copied."""

    base: Aggregate | None
    tail: Events

    @property
    def version(self) -> int:
        if self.tail:
            return self.tail[-1].originator_version
        return self.base.version if self.base else 0

    def aggregate(self) -> Aggregate:
        return fold(deepcopy(self.base), self.tail)

    def followed_by(self, events: Events) -> Kept:
        longer = Kept(self.base, self.tail + events)
        return longer if len(longer.tail) <= FOLD_BEYOND else Kept(longer.aggregate(), ())


class Trading(Application[str]):
    """All streams of the platform. Its storage is named by its environment, never imported.

    Every load gives a copy of its own, so threads never share a state that changes. What is
    remembered of a stream is verified by a read (`verify=True`) or by the append that follows.
    """

    def __init__(
        self, env: EnvType | None = None, *, entropy: Entropy, kept: int = KEPT_STREAMS
    ) -> None:
        super().__init__(env)
        self._entropy = entropy
        self._kept_streams = kept
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = Lock()
        self._stripes = tuple(RLock() for _ in range(STRIPES))

    def load(self, stream_id: str, kind: type[A], *, verify: bool = True) -> A:
        """The present state: one read, or none if it is remembered and need not be verified.

        Raises NotFound, also where the stream is of another kind.
        """
        kept = self._recall(stream_id)
        if kept is None or verify:
            kept = self._read_on(stream_id, kept or Kept(None, ()))
        if not kept.version:
            raise NotFound(kind.__name__, stream_id)
        return of_kind(kept.aggregate(), kind)

    def remembered(self, stream_id: str, kind: type[A]) -> A | None:
        """As this process last saw it, without asking the store; None where it does not know."""
        kept = self._recall(stream_id)
        return None if kept is None else of_kind(kept.aggregate(), kind)

    def save(
        self,
        *objs: MutableOrImmutableAggregate[str] | DomainEventProtocol[str] | None,
        **kwargs: Any,
    ) -> list[Recording[str]]:
        """Append what was decided, in one write; nothing decided is nothing written.

        Raises IntegrityError where a stream went on meanwhile; the copies are then worthless.
        """
        decided = [obj for obj in objs if isinstance(obj, Aggregate)]
        if len(decided) != len(objs):
            raise TypeError("only aggregates are saved here")
        pending = [event for aggregate in decided for event in aggregate.collect_events()]
        if not pending:
            return []
        before = {event.originator_id: self._forget(event.originator_id) for event in pending}
        # What the library's own save does besides is for snapshots and followers of its kind.
        recordings = self.events.put(pending, **kwargs)
        for stream_id, kept in before.items():
            news = tuple(e for e in pending if e.originator_id == stream_id)
            self._remember(stream_id, kept or Kept(None, ()), cast("Events", news))
        return recordings

    def history(self, stream_id: str) -> Events:
        """Every event of the stream, oldest first; empty where there is none."""
        return cast("Events", tuple(self.events.get(stream_id)))

    def as_of(
        self,
        stream_id: str,
        kind: type[A],
        *,
        version: int | None = None,
        at: datetime | None = None,
    ) -> A:
        """The state after that version, or as it was at that time; raises NotFound before birth."""
        events = [
            event
            for event in self.history(stream_id)
            if (version is None or event.originator_version <= version)
            and (at is None or event.timestamp <= at)
        ]
        if not events:
            raise NotFound(kind.__name__, stream_id)
        return of_kind(fold(None, events), kind)

    def new_id(self, prefix: str, at: datetime) -> str:
        """A new stream id from the source of chance that was given."""
        return new_id(prefix, at, self._entropy)

    def turn(self, stream_id: str) -> RLock:
        """Held by those of this process who would otherwise race for the stream; never nested."""
        return self._stripes[hash(stream_id) % STRIPES]

    def version_of(self, stream_id: str) -> int:
        """The newest version that this process has seen and remembers; 0 where it does not."""
        kept = self._kept.get(stream_id)
        return kept.version if kept else 0

    def forget_all(self) -> None:
        """Remember nothing: the next load of each stream reads it whole."""
        with self._lock:
            self._kept.clear()

    def _read_on(self, stream_id: str, kept: Kept) -> Kept:
        news = tuple(self.events.get(stream_id, gt=kept.version or None))
        return self._remember(stream_id, kept, cast("Events", news))

    def _recall(self, stream_id: str) -> Kept | None:
        with self._lock:
            kept = self._kept.get(stream_id)
            if kept is not None:
                self._kept.move_to_end(stream_id)
            return kept

    def _forget(self, stream_id: str) -> Kept | None:
        with self._lock:
            return self._kept.pop(stream_id, None)

    def _remember(self, stream_id: str, kept: Kept, news: Events) -> Kept:
        if news and news[0].originator_version != kept.version + 1:
            return kept  # written on the strength of another copy: the next load reads
        after = kept.followed_by(news) if news else kept
        with self._lock:
            present = self._kept.get(stream_id)
            if after.version and (present is None or present.version <= after.version):
                self._kept[stream_id] = after
            while len(self._kept) > self._kept_streams:
                self._kept.popitem(last=False)
        return after


def fold(state: Aggregate | None, events: Iterable[DomainEvent]) -> Aggregate:
    """The state after these events."""
    for event in events:
        state = event.mutate(state)
    if state is None:
        raise ValueError("a stream without events has no state")
    return state


def of_kind(aggregate: Aggregate, kind: type[A]) -> A:
    """The aggregate, if it is one of these; raises NotFound."""
    if not isinstance(aggregate, kind):
        raise NotFound(kind.__name__, aggregate.id)
    return aggregate


def as_answered(events: Sequence[DomainEvent], idempotency_key: str) -> Aggregate:
    """The state in which the request with this key had left the stream."""
    answers = [n for n, event in enumerate(events) if event.idempotency_key == idempotency_key]
    return fold(None, events[: answers[-1] + 1])
