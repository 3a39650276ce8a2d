"""Stored events as the store's tests write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from eventsourcing.persistence import StoredEvent

from adapters.store.sqlite import ApplicationEventRecorder, open_sqlite

Events = Callable[..., list[StoredEvent]]


@pytest.fixture
def events() -> Events:
    """`events("RUN-1", 1, 3)`: versions 1 to 3 of that stream."""

    def made(stream: str, first: int, last: int | None = None, size: int = 0) -> list[StoredEvent]:
        return [
            StoredEvent(
                stream, version, "run.filled", b'{"n":%d,"pad":"%s"}' % (version, b"x" * size)
            )
            for version in range(first, (first if last is None else last) + 1)
        ]

    return made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ApplicationEventRecorder]:
    """An event store in a SQLite file."""
    recorder = open_sqlite(tmp_path / "events.db")
    yield recorder
    recorder.datastore.close()
