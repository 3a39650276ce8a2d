"""Commits that the store could not take, kept in order until it can."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Final

from eventsourcing.persistence import OperationalError, StoredEvent

from adapters.store.emergency_file import BEGINNING, Place, RecordFile, sync, sync_folder
from adapters.store.emergency_gate import Gate
from adapters.store.succession import text_id

SIZE: Final = 8 * 1024 * 1024
#: What the journal is called in the folder of a platform.
JOURNAL: Final = "emergency.journal"
#: Bytes of a state that are no text come back as they were.
BYTES: Final = "surrogateescape"


class Journal:
    """The commits in a reserved file that several processes may share.

    Reading is for those inside `gate`, changing for who is alone there.
    """

    def __init__(self, path: Path | str, size: int = SIZE) -> None:
        self._file = RecordFile(Path(path), size)
        self.gate = Gate(self._file.handle)
        self._reading = Lock()
        self._first = b""
        self._place: Place = BEGINNING
        self._events: list[StoredEvent] = []
        self._streams: dict[str, list[StoredEvent]] = {}
        with self.gate.alone():
            if not self._file.empty and not self.events():
                self._file.clear(self._file.size)  # a torn record was never acknowledged

    @property
    def path(self) -> Path:
        return self._file.path

    @property
    def parked(self) -> Path:
        """Where events are kept that contradict the store, for a person to look at."""
        return self.path.with_name(f"{self.path.name}.parked.jsonl")

    @property
    def empty(self) -> bool:
        """Whether the store has everything that was acknowledged."""
        return self._file.empty

    def events(self) -> Sequence[StoredEvent]:
        """All events, as they were acknowledged."""
        with self._reading:
            self._read_on()
            return tuple(self._events)

    def of_stream(self, stream: str) -> Sequence[StoredEvent]:
        """The events of one stream, oldest first."""
        with self._reading:
            self._read_on()
            return tuple(self._streams.get(stream, ()))

    def append(self, events: Sequence[StoredEvent]) -> None:
        """Keep one commit; it is on disk when this returns. Raises OperationalError."""
        with self._reading:
            self._read_on()
            self._place = self._file.append(encoded(events), self._place)
            self._first = self._file.first
            self._add(events)

    def clear(self) -> None:
        """Forget all commits: the store has them, or they are parked."""
        with self._reading:
            self._file.clear(self._place.offset)
            self._forget()

    def park(self, events: Iterable[StoredEvent]) -> None:
        """Put aside events that contradict the store; those already there are not repeated."""
        try:
            known = set(self.parked.read_text().splitlines()) if self.parked.exists() else set()
            lines = [line for line in map(_line, events) if line not in known]
            with open(self.parked, "a", opener=_private) as file:
                file.writelines(f"{line}\n" for line in lines)
                file.flush()
                sync(file.fileno())
            sync_folder(self.parked.parent)
        except OSError as error:
            raise OperationalError(f"{self.parked}: {error}") from error

    def close(self) -> None:
        self._file.close()

    def _read_on(self) -> None:
        first = self._file.first
        if first != self._first:  # another process has emptied and perhaps filled it
            self._forget()
            self._first = first
        while found := self._file.read(self._place):
            record, self._place = found
            self._add(decoded(record))

    def _add(self, events: Iterable[StoredEvent]) -> None:
        for event in events:
            self._events.append(event)
            self._streams.setdefault(text_id(event.originator_id), []).append(event)

    def _forget(self) -> None:
        self._place = BEGINNING
        self._events, self._streams = [], {}


def encoded(events: Iterable[StoredEvent]) -> bytes:
    """A commit as JSON that a person can read, too."""
    return json.dumps([_fields(event) for event in events]).encode()


def decoded(record: bytes) -> list[StoredEvent]:
    """The commit of this JSON."""
    return [
        StoredEvent(
            originator_id=each["stream"],
            originator_version=each["version"],
            topic=each["topic"],
            state=each["state"].encode(errors=BYTES),
        )
        for each in json.loads(record)
    ]


def _fields(event: StoredEvent) -> dict[str, Any]:  # Any: the values of JSON
    return {
        "stream": event.originator_id,
        "version": event.originator_version,
        "topic": event.topic,
        "state": event.state.decode(errors=BYTES),
    }


def _line(event: StoredEvent) -> str:
    return json.dumps(_fields(event), sort_keys=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
