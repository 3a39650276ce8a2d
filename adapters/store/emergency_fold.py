"""Bringing journaled events into the store: what is there already, what follows, what contradicts.

A crash in the middle harms nothing: an event that is in the store already is known by its content.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from eventsourcing.persistence import AggregateRecorder, StoredEvent

from adapters.store.succession import OPENINGS, text_id


class Fold(NamedTuple):
    """What to do with journaled events, in their order."""

    missing: Sequence[StoredEvent]
    """These follow what the store has."""
    contradicting: Sequence[StoredEvent]
    """The store has others in their place, or not what came before them."""


def fold(events: Sequence[StoredEvent], store: AggregateRecorder) -> Fold:
    """Compare journaled events with the store, which is only read."""
    streams: dict[str, list[StoredEvent]] = {}
    for event in events:
        streams.setdefault(text_id(event.originator_id), []).append(event)
    missing: set[tuple[str, int]] = set()
    contradicting: set[tuple[str, int]] = set()
    for stream, own in streams.items():
        known, following = _compared(own, _since(stream, own[0].originator_version, store))
        missing |= set(map(_place, own[known:following]))
        contradicting |= set(map(_place, own[following:]))
    return Fold(_chosen(events, missing), _chosen(events, contradicting))


def _since(stream: str, first: int, store: AggregateRecorder) -> Sequence[StoredEvent]:
    """What the store has from just before this version on."""
    return store.select_events(stream, gt=first - 2)


def _compared(own: Sequence[StoredEvent], stored: Sequence[StoredEvent]) -> tuple[int, int]:
    """How many of a stream's events the store has, and how many it has or may take."""
    first = own[0].originator_version
    there = {event.originator_version: event for event in stored}
    known = 0
    while known < len(own) and there.get(first + known) == own[known]:
        known += 1
    before = first + known - 1
    follows = before in there or (not there and first in OPENINGS)
    if known == len(own) or before + 1 in there or not follows:
        return known, known
    return known, len(own)


def _place(event: StoredEvent) -> tuple[str, int]:
    return text_id(event.originator_id), event.originator_version


def _chosen(events: Iterable[StoredEvent], places: set[tuple[str, int]]) -> list[StoredEvent]:
    return [event for event in events if _place(event) in places]
