"""Restore of a backup into an empty folder: verified to the last event, and halted."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import datetime
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from adapters.backup import (
    FORMAT,
    MANIFEST,
    STORE,
    BackupFault,
    Manifest,
    copied,
    described,
    files,
    kept,
)
from adapters.halt import HALTED, halt
from adapters.sealed_before import put_aside, signer
from adapters.store.emergency_file import sync_folder
from adapters.store.file_copy import NEWEST_SCHEMA


def restore(source: Path, home: Path, at: datetime, *, signed_by: str | None = None) -> Manifest:
    """Make the backup in `source` the platform in `home`, which may not hold anything yet.

    `signed_by` is the name of the key whose seals are trusted, where the trader knows it from
    elsewhere. Raises BackupFault, which names the file, and changes nothing.
    """
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise BackupFault(f"{home} is not empty")
    manifest = read_manifest(source)
    partial = home.with_name(f".{home.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)  # of a restore that was killed
        partial.mkdir(parents=True, mode=0o700)
        _verified_copy(source, partial, manifest, signed_by)
        put_aside(partial)
        halt(partial, f"restored from the backup of {manifest.at.isoformat()}", at)
        partial.rename(home)
        sync_folder(home.parent)
    except (OSError, sqlite3.Error) as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise BackupFault(f"{source} could not be restored: {error}") from error
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return manifest


def read_manifest(source: Path) -> Manifest:
    """The manifest of a backup; BackupFault if it is missing, damaged or of a later version."""
    path = source / MANIFEST
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BackupFault(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise BackupFault(f"{path} is damaged, or of a later version: {error}") from error
    if manifest.format > FORMAT:
        raise BackupFault(f"{path} has format {manifest.format}, known are those up to {FORMAT}")
    if manifest.store_schema > NEWEST_SCHEMA:
        raise BackupFault(
            f"{source / STORE} has schema {manifest.store_schema}, this version of the platform "
            f"knows up to {NEWEST_SCHEMA}: install the version that wrote it"
        )
    for name in manifest.files:
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts or name in (MANIFEST, HALTED):
            raise BackupFault(f"{path} names a file that cannot be in a backup: {name}")
    if STORE not in manifest.files:
        raise BackupFault(f"{path} does not name {STORE}")
    return manifest


def _verified_copy(source: Path, partial: Path, manifest: Manifest, signed_by: str | None) -> None:
    for path in files(source):
        if path.relative_to(source).as_posix() not in manifest.files:
            raise BackupFault(f"{path} does not belong to the backup")
    for name, wanted in manifest.files.items():
        if not (source / name).is_file() or (source / name).is_symlink():
            raise BackupFault(f"{source / name} is missing")
        copied(source / name, partial / name)
        found = kept(partial / name)
        if found.size != wanted.size:
            raise BackupFault(f"{source / name} has {found.size} bytes, it had {wanted.size}")
        if found != wanted:
            raise BackupFault(f"{source / name} was altered")
    if signed_by is not None and signer(partial) != signed_by:
        raise BackupFault(f"{source} is signed by {signer(partial)}, not by {signed_by}")
    if described(partial, manifest.at) != manifest:
        raise BackupFault(f"{source / MANIFEST} does not describe what is in {STORE}")
