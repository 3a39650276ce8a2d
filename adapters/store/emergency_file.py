"""A file of records whose room on the disk is taken before it is needed.

Each record is its length, a checksum over it and all records before it, and its bytes. A record
that was torn when the power went does not fit its checksum, and was never acknowledged.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from struct import Struct
from typing import Final, NamedTuple

from eventsourcing.persistence import OperationalError, ProgrammingError

MARK: Final = b"ATP journal 1\n\0\0"
START: Final = len(MARK)
FRAME: Final = Struct(">I32s")
NOTHING: Final = bytes(FRAME.size)
CHUNK: Final = 1 << 16


class NewerJournal(ProgrammingError):
    """The file is not a journal that this version of the platform can read."""


class Place(NamedTuple):
    """Where the next record begins, and the checksum of the one before it."""

    offset: int
    checksum: bytes


BEGINNING: Final = Place(START, bytes(32))


class RecordFile:
    """Records are appended and read one after the other, and removed all at once."""

    def __init__(self, path: Path, size: int) -> None:
        if not path.exists():
            _reserve(path, size)
        self.path = path
        self.handle = path.open("r+b", buffering=0)
        if os.pread(self._file, START, 0) != MARK:
            self.close()
            raise NewerJournal(f"{path} is not a journal that this version of the platform knows")
        self.size = os.fstat(self._file).st_size

    @property
    def empty(self) -> bool:
        return self.first == NOTHING

    @property
    def first(self) -> bytes:
        """What tells this filling of the file from those before it."""
        return os.pread(self._file, FRAME.size, START)

    def read(self, at: Place) -> tuple[bytes, Place] | None:
        """The record there and where the next begins; None after the last whole one."""
        frame = os.pread(self._file, FRAME.size, at.offset)
        if len(frame) < FRAME.size or frame == NOTHING:
            return None
        length, checksum = FRAME.unpack(frame)
        if at.offset + FRAME.size + length > self.size:
            return None
        record = os.pread(self._file, length, at.offset + FRAME.size)
        if _checksum(at, record) != checksum:
            return None
        return record, Place(at.offset + FRAME.size + length, checksum)

    def append(self, record: bytes, at: Place) -> Place:
        """Write the record after the last one; it is on disk when this returns."""
        checksum = _checksum(at, record)
        whole = FRAME.pack(len(record), checksum) + record
        if at.offset + len(whole) > self.size:
            raise OperationalError(f"{self.path} is full")
        try:
            self._write(whole, at.offset)
        except OSError as error:
            with suppress(OSError):  # the first failure is the one to be told
                self._write(NOTHING, at.offset)
            raise OperationalError(f"{self.path}: {error}") from error
        return Place(at.offset + len(whole), checksum)

    def clear(self, until: int) -> None:
        """Remove all records; `until` is where the last one may have ended."""
        try:
            self._write(bytes(max(until - START, FRAME.size)), START)
        except OSError as error:
            raise OperationalError(f"{self.path}: {error}") from error

    def close(self) -> None:
        self.handle.close()

    @property
    def _file(self) -> int:
        return self.handle.fileno()  # raises once closed: the number may be another file's by then

    def _write(self, content: bytes, offset: int) -> None:
        while content:
            written = os.pwrite(self._file, content, offset)
            content, offset = content[written:], offset + written
        sync(self._file)


def _checksum(at: Place, record: bytes) -> bytes:
    return sha256(at.checksum + record).digest()


def _reserve(path: Path, size: int) -> None:
    """Zeros, written out: what is merely promised may still be refused by a full disk."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(MARK)
            for begin in range(START, size, CHUNK):
                file.write(bytes(min(CHUNK, size - begin)))
            file.flush()
            sync(file.fileno())
        partial.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):  # the first failure is the one to be told
            partial.unlink(missing_ok=True)
        raise OperationalError(f"no room can be reserved for {path}: {error}") from error


def sync(file: int) -> None:
    """Return when what was written is on disk; on macOS fsync alone does not see to that."""
    if hasattr(fcntl, "F_FULLFSYNC"):
        fcntl.fcntl(file, fcntl.F_FULLFSYNC)
    else:
        os.fsync(file)


def sync_folder(folder: Path) -> None:
    """Return when the names in this folder are on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
