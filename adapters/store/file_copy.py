"""A consistent copy of the store's file while others write to it, and what a copy holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from eventsourcing.persistence import StoredEvent

from adapters.store.emergency_fold import fold
from adapters.store.sqlite import SCHEMA, open_sqlite
from adapters.store.succession import OPENINGS
from projections.audit import BEGINNING, chain

#: The newest form of the store that this version of the platform can read.
NEWEST_SCHEMA: Final = SCHEMA
#: Pages copied between two reports of progress: 4 MiB.
PAGES: Final = 1024
WAIT_S: Final = 30.0
#: Read as what they should be: a forger may have left a text where bytes were.
EVENTS: Final = (
    "SELECT CAST(originator_id AS TEXT), originator_version, CAST(topic AS TEXT), "
    "CAST(state AS BLOB) FROM stored_events ORDER BY originator_id, originator_version"
)

Progress = Callable[[int, int], None]
#: Stream → version → hash that was signed.
Sealed = Mapping[str, Mapping[int, str]]


class Unsound(Exception):
    """The file is not a whole and unaltered store."""


class Contents(NamedTuple):
    """What a store holds; `heads` is a digest of where every stream ends, and how it got there."""

    schema: int
    events: int
    last_notification_id: int
    streams: int
    heads: str


def copy_store(
    source: Path, target: Path, journaled: Sequence[StoredEvent], progress: Progress
) -> None:
    """Copy the store as it is at one moment, with what its journal held before that moment.

    Raises Unsound if the two contradict each other, sqlite3.Error if one cannot be read or written.
    """
    with closing(_connect(source, "rw")) as live, closing(sqlite3.connect(target)) as copy:
        live.execute("BEGIN")
        live.execute("SELECT 1 FROM stored_events LIMIT 1").fetchone()  # from here on it stands
        live.backup(
            copy, pages=PAGES, progress=lambda _, left, total: progress(total - left, total)
        )
        live.rollback()
    if journaled:
        _add(journaled, target)
    with closing(_connect(target, "rw")) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it


def _add(journaled: Sequence[StoredEvent], target: Path) -> None:
    store = open_sqlite(target)
    try:
        missing, contradicting = fold(journaled, store)
        if contradicting:
            first = contradicting[0]
            where = f"{first.originator_id} version {first.originator_version}"
            raise Unsound(f"the emergency journal contradicts the store at {where}")
        if missing:
            store.insert_events(missing)
    finally:
        store.datastore.close()


def examine(path: Path, sealed: Sealed) -> Contents:
    """Read the whole file; raises Unsound with what is wrong first."""
    try:
        with closing(_connect(path, "ro")) as file:
            schema = int(file.execute("PRAGMA user_version").fetchone()[0])
            if schema > SCHEMA:
                raise Unsound(f"its schema {schema} is newer than {SCHEMA}: install what wrote it")
            broken = file.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if broken != "ok":
                raise Unsound(f"it is damaged: {broken}")
            count, last = file.execute("SELECT count(*), max(rowid) FROM stored_events").fetchone()
            if count != (last or 0):
                raise Unsound(f"{last} events were numbered, {count} are there")
            heads = list(_heads(file, sealed))
    except sqlite3.DatabaseError as error:
        raise Unsound(f"it cannot be read: {error}") from error
    if missing := sealed.keys() - {stream for stream, _, _ in heads}:
        raise Unsound(f"{min(missing)} was sealed and is not there")
    digest = sha256("".join(f"{one} {at} {mark}\n" for one, at, mark in heads).encode()).hexdigest()
    return Contents(schema, count, last or 0, len(heads), digest)


def _heads(file: sqlite3.Connection, sealed: Sealed) -> Iterator[tuple[str, int, str]]:
    """Stream, last version and hash of each chain, once it agrees with what was sealed."""
    stream, version, mark = "", 0, BEGINNING
    for row in file.execute(EVENTS):
        event = StoredEvent(*row)
        if event.originator_id != stream:
            if stream:
                yield _whole(stream, version, mark, sealed)
            stream, mark = str(event.originator_id), BEGINNING
            if event.originator_version not in OPENINGS:
                raise Unsound(f"{stream} begins with version {event.originator_version}")
        elif event.originator_version != version + 1:
            raise Unsound(f"{stream} version {version + 1} is missing")
        version, mark = next(chain((event,), mark))
        if sealed.get(stream, {}).get(version, mark) != mark:
            raise Unsound(f"{stream} version {version}, or one before it, is not what was sealed")
    if stream:
        yield _whole(stream, version, mark, sealed)


def _whole(stream: str, version: int, mark: str, sealed: Sealed) -> tuple[str, int, str]:
    kept = max(sealed.get(stream, ()), default=0)
    if version < kept:
        raise Unsound(f"{stream} ends at version {version}, {kept} were sealed")
    return stream, version, mark


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=WAIT_S
    )
