"""What one call may append: events of each stream in unbroken succession."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from eventsourcing.persistence import IntegrityError, ProgrammingError, StoredEvent

#: The library lets a stream begin with either.
OPENINGS = (0, 1)


class Stream(NamedTuple):
    """The part of a call that goes to one stream: versions first..last without a gap."""

    id: str
    events: Sequence[StoredEvent]

    @property
    def first(self) -> int:
        return self.events[0].originator_version

    @property
    def last(self) -> int:
        return self.events[-1].originator_version

    def check_follows(self, last: int | None) -> None:
        """Raises IntegrityError unless these events come right after version `last`."""
        if last is None and self.first not in OPENINGS:
            raise IntegrityError(f"{self.id} has no events, version {self.first} cannot be next")
        if last is not None and self.first != last + 1:
            raise IntegrityError(f"{self.id} ends at {last}, version {self.first} is not next")


class Succession(NamedTuple):
    """All events of one call, and the same by stream."""

    events: Sequence[StoredEvent]
    streams: Sequence[Stream]


def succession(events: Sequence[StoredEvent]) -> Succession:
    """Sort a call's events by stream; IntegrityError if those of one stream have a gap."""
    if len(events) == 1:
        return Succession(events, (Stream(text_id(events[0].originator_id), events),))
    by_stream: dict[str, list[StoredEvent]] = {}
    for event in events:
        by_stream.setdefault(text_id(event.originator_id), []).append(event)
    for stream, own in by_stream.items():
        for before, after in pairwise(own):
            if after.originator_version != before.originator_version + 1:
                raise IntegrityError(
                    f"{stream}: version {after.originator_version} "
                    f"does not follow {before.originator_version}"
                )
    return Succession(events, [Stream(stream, own) for stream, own in by_stream.items()])


def text_id(stream: UUID | str) -> str:
    """The stream id; ProgrammingError if it is not text."""
    if not isinstance(stream, str):
        raise ProgrammingError(f"stream ids are text, not {type(stream).__name__}")
    return stream
