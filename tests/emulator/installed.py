"""Puts the emulator MiniStack into .tools/ministack, with the packages it asks for.

Apart from the project's own: it insists on an older SDK than the one that trades, and the functions
it runs shall find what is in their bundles, and nothing else. Run as a script it does that and
prints the folder.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

#: Everything that is installed there, with versions and hashes.
LOCK: Final = Path(__file__).with_name("ministack.lock")
FOLDER: Final = Path(__file__).parents[2] / ".tools" / "ministack"
STAMP: Final = "installed-from.lock"


class CannotInstall(Exception):
    """The emulator cannot be had; the message says why."""


def installed(folder: Path = FOLDER) -> Path:
    """The folder with the emulator of the lock in it, fetched first if it is not there."""
    if not _is_of_lock(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            fresh = Path(scratch) / "fresh"
            _fetch(fresh)
            _put(fresh, folder, Path(scratch) / "old")
    return folder


def _is_of_lock(folder: Path) -> bool:
    stamp = folder / STAMP
    return stamp.is_file() and stamp.read_bytes() == LOCK.read_bytes()


def _fetch(folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "--only-binary=:all:"]
    command += ["--target", str(folder), "--requirement", str(LOCK)]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    if asked.returncode:
        raise CannotInstall(f"MiniStack cannot be installed: {asked.stderr.strip()[-2000:]}")
    (folder / STAMP).write_bytes(LOCK.read_bytes())


def _put(fresh: Path, folder: Path, old: Path) -> None:
    """Whole or not at all; another process may have been faster."""
    try:
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    except OSError:
        if not _is_of_lock(folder):
            raise


if __name__ == "__main__":
    try:
        print(installed())
    except CannotInstall as error:
        sys.exit(str(error))
