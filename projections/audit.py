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


def digest(event: Stored) -> str:
    """What an event says: the hash of its topic and its body, byte for byte as stored.

    The store's own bytes, not the event read from them: what a later edition of the code adds to
    an old event by default must not change its hash.
    """
    topic, state = event.topic.encode(), event.state
    # SQLite gives back text where a tamperer put text: that is for the hash to tell.
    body = state if isinstance(state, bytes) else str(state).encode()
    return sha256(b"%d:%s%s" % (len(topic), topic, body)).hexdigest()


def link(previous: str, stream: str, version: int, said: str) -> str:
    """The hash of the event of this digest, at its place after the one with hash `previous`."""
    return sha256(f"{previous}{said}{version}:{stream}".encode()).hexdigest()


def chain(events: Iterable[Stored], previous: str = BEGINNING) -> Iterator[tuple[int, str]]:
    """Versions and hashes of a stream's events, in order."""
    for event in events:
        stream, version = str(event.originator_id), event.originator_version
        previous = link(previous, stream, version, digest(event))
        yield version, previous
