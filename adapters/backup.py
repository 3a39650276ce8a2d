"""Backup of a platform that is at work: one folder, complete and verified, or nothing.

In it: the event store (with what its emergency journal held), the seals with the public key they
are signed with, and the settings that make tags and practice go on. Not in it: what is secret (the
seals' private key, credentials, the vault: to be kept apart, or set up anew), views (rebuilt from
the store), and the paper broker's ledger (the broker's own).
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from eventsourcing.persistence import PersistenceError, StoredEvent
from pydantic import AwareDatetime, BaseModel, NonNegativeInt

from adapters.halt import write
from adapters.sealed_before import BEFORE, PUBLIC, SEALS, key_text, sealed_in
from adapters.sealing import Key
from adapters.store.emergency_file import sync, sync_folder
from adapters.store.emergency_journal import JOURNAL, Journal
from adapters.store.file_copy import Progress, Unsound, copy_store, examine

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
STORE: Final = "events.sqlite"
SEAL_KEY: Final = "seal.key"
#: Settings that are no secret: the name our tags are made of, and the world that goes on.
SETTINGS: Final = ("install", "practice.json", "live.json")
PARKED: Final = f"{JOURNAL}.parked.jsonl"


class BackupFault(Exception):
    """A backup cannot be made, or cannot be trusted; the message names the file."""


class Kept(BaseModel, frozen=True, extra="forbid"):
    """One file of a backup, as it was written."""

    size: NonNegativeInt
    sha256: str


class Manifest(BaseModel, frozen=True, extra="forbid"):
    """What a backup holds; `heads` is a digest of where all chains of the audit end."""

    format: int = FORMAT
    at: AwareDatetime
    store_schema: NonNegativeInt
    events: NonNegativeInt
    last_notification_id: NonNegativeInt
    streams: NonNegativeInt
    heads: str
    seals: NonNegativeInt
    files: dict[str, Kept]


def unheard(done: int, total: int) -> None:
    """Progress nobody asked for."""


def backup(home: Path, target: Path, at: datetime, progress: Progress = unheard) -> Manifest:
    """Copy the platform in `home` to the folder `target`, which must not be there yet.

    Raises BackupFault and leaves nothing behind.
    """
    if target.exists():
        raise BackupFault(f"{target} is there already")
    if not (home / STORE).is_file():
        raise BackupFault(f"{home / STORE} is not there: no platform to back up")
    partial = target.with_name(f".{target.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)  # of a backup that was killed
        partial.mkdir(parents=True, mode=0o700)
        manifest = _filled(home, partial, at, progress)
        partial.rename(target)
        sync_folder(target.parent)
    except (OSError, sqlite3.Error, PersistenceError) as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise BackupFault(f"{home / STORE} could not be backed up: {error}") from error
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return manifest


def _filled(home: Path, partial: Path, at: datetime, progress: Progress) -> Manifest:
    # The store comes last: what was sealed or journaled before is in it, or follows it.
    for path in _small(home):
        copied(path, partial / path.relative_to(home))
    if (home / SEAL_KEY).is_file():
        write(partial / PUBLIC, key_text(Key.at(home / SEAL_KEY).public))
    copy_store(home / STORE, partial / STORE, _journaled(home), progress)
    (partial / STORE).chmod(0o600)
    flushed(partial / STORE)
    manifest = described(partial, at)
    write(partial / MANIFEST, manifest.model_dump_json(indent=2).encode())
    return manifest


def _small(home: Path) -> Iterator[Path]:
    yield from (home / name for name in (*SETTINGS, PARKED) if (home / name).is_file())
    yield from sorted((home / SEALS).glob("[0-9]*.json"))
    yield from sorted(path for path in (home / BEFORE).rglob("*") if path.is_file())


def _journaled(home: Path) -> Sequence[StoredEvent]:
    if not (home / JOURNAL).is_file():
        return ()
    journal = Journal(home / JOURNAL)
    try:
        with journal.gate.shared():
            return journal.events()
    finally:
        journal.close()


def described(folder: Path, at: datetime) -> Manifest:
    """The manifest of what is in this folder; BackupFault unless all of it agrees."""
    sealed = sealed_in(folder)
    if sealed.faults:
        raise BackupFault(f"{SEALS}: {sealed.faults[0]}")
    try:
        contents = examine(folder / STORE, sealed.hashes)
    except Unsound as unsound:
        raise BackupFault(f"{STORE}: {unsound}") from unsound
    return Manifest(
        at=at,
        store_schema=contents.schema,
        events=contents.events,
        last_notification_id=contents.last_notification_id,
        streams=contents.streams,
        heads=contents.heads,
        seals=sealed.count,
        files={path.relative_to(folder).as_posix(): kept(path) for path in files(folder)},
    )


def files(folder: Path) -> list[Path]:
    """Every file of a backup but its manifest."""
    return sorted(
        path for path in folder.rglob("*") if not path.is_dir() and path != folder / MANIFEST
    )


def kept(path: Path) -> Kept:
    """Size and digest of this file."""
    digest, size = sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
            size += len(chunk)
    return Kept(size=size, sha256=digest.hexdigest())


def copied(source: Path, target: Path) -> None:
    """Copy one file to where nobody else may read it; it is on disk when this returns."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(source, target)
    target.chmod(0o600)
    flushed(target)


def flushed(path: Path) -> None:
    """Return when this file is on disk."""
    with path.open("rb") as file:
        sync(file.fileno())
    sync_folder(path.parent)
