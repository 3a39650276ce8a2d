"""The chain that makes the log tamper-evident: each event's hash covers all before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Protocol

#: What the first event of every stream is linked to.
BEGINNING = "0" * 64


class Stored(Protocol):
    """An event as the store keeps it."""

    @property
    def originator_id(self) -> object: ...
    @property
    def originator_version(self) -> int: ...
    @property
    def topic(self) -> str: ...
    @property
    def state(self) -> bytes: ...


def canonical(event: Stored) -> bytes:
    """The event as the bytes that are hashed: exactly what is stored, each part with its length.

    The store's own bytes, not the event read from them: what a later edition of the code adds to
    an old event by default must not change its hash.
    """
    stream, topic = str(event.originator_id).encode(), event.topic.encode()
    lengths = f"{len(stream)},{event.originator_version},{len(topic)},{len(event.state)}:"
    return b"".join((lengths.encode(), stream, topic, event.state))


def link(previous: str, event: Stored) -> str:
    """The hash of an event that follows the one with the hash `previous`, in hexadecimal."""
    return sha256(previous.encode() + canonical(event)).hexdigest()


def chain(events: Iterable[Stored], previous: str = BEGINNING) -> Iterator[tuple[int, str]]:
    """Versions and hashes of a stream's events, in order."""
    for event in events:
        previous = link(previous, event)
        yield event.originator_version, previous
