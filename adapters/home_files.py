"""What marks a folder as the home of one platform: its lock, and what its tags are made of."""

from __future__ import annotations

import fcntl
import secrets
from pathlib import Path
from typing import IO, Final

INSTALL: Final = "install"
LOCK: Final = "lock"


class AlreadyRunning(RuntimeError):
    """Another platform works in this folder."""


def take_lock(path: Path) -> IO[str]:
    """Only one platform works in a folder; raises AlreadyRunning."""
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise AlreadyRunning(f"a platform is at work in {path.parent.name} already") from None
    return file


def install_of(home: Path) -> str:
    """What tells this installation's tags from any other's."""
    path = home / INSTALL
    if not path.is_file():
        path.write_text(secrets.token_hex(8))
    return path.read_text()
