"""The halt of a whole platform: while its marker is there, nothing may be sent to any broker."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, BaseModel, ValidationError

from adapters.store.emergency_file import sync, sync_folder

HALTED: Final = "halted.json"


class Halted(BaseModel, frozen=True):
    """Why the platform in this folder stands still, and since when."""

    reason: str
    at: AwareDatetime
    released: str | None = None
    released_at: AwareDatetime | None = None


class Halt:
    """Looks at the marker each time it is asked: another process may set or release it."""

    def __init__(self, home: Path) -> None:
        self._marker = home / HALTED

    def reason(self) -> str | None:
        """Why nothing may be sent; None where nothing stands in the way."""
        halted = self.state()
        return None if halted is None else halted.reason

    def state(self) -> Halted | None:
        """The marker; one that cannot be understood halts all the same."""
        try:
            text = self._marker.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return Halted.model_validate_json(text)
        except ValidationError:
            return Halted(reason=f"{HALTED} cannot be read", at=datetime.fromtimestamp(0, tz=UTC))


def is_halted(home: Path) -> bool:
    """Whether the platform in this folder must not send anything."""
    return Halt(home).state() is not None


def halt(home: Path, reason: str, at: datetime) -> None:
    """Stand still from now on; a halt that is there keeps its reason."""
    if not is_halted(home):
        write(home / HALTED, Halted(reason=reason, at=at).model_dump_json(indent=2).encode())


def release_halt(home: Path, reason: str, at: datetime) -> Path | None:
    """Let the platform send again; answers the record that is left, None if it was not halted."""
    halted = Halt(home).state()
    if halted is None:
        return None
    ended = halted.model_copy(update={"released": reason, "released_at": at})
    record = home / f"halted-until-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.json"
    write(record, ended.model_dump_json(indent=2).encode())
    (home / HALTED).unlink()
    sync_folder(home)
    return record


def write(path: Path, content: bytes) -> None:
    """Write a small file that nobody else may read: complete, or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        sync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)
