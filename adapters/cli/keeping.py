"""`atp backup` and `atp restore`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from adapters.backup import MANIFEST, Manifest, backup
from adapters.cli.showing import bar, console, facts, print_json
from adapters.cli.terms import Absent, Asked, BadInput
from adapters.restore import restore
from adapters.runtime import STORE


def back_up(asked: Asked, target: Path) -> None:
    """Copy the platform, at work or not, and verify the copy to the last event."""
    if not (asked.home / STORE).is_file():
        raise Absent(f"there is no platform in {asked.home}")
    if target.exists():
        raise BadInput(f"TARGET: {target} is there already")
    with bar("backup", None) as told:
        manifest = backup(asked.home, target, datetime.now(UTC), told)
    answer(asked, manifest, target, "Backed up and verified")


def bring_back(asked: Asked, source: Path, signed_by: str | None) -> None:
    """Make a backup the platform of the home folder, which has to be empty; it starts halted."""
    if asked.home.exists() and (not asked.home.is_dir() or any(asked.home.iterdir())):
        raise BadInput(f"--home: {asked.home} is not empty")
    if not (source / MANIFEST).is_file():
        raise BadInput(f"SOURCE: {source} is no backup: it has no {MANIFEST}")
    with bar("restore", None) as told:
        manifest = restore(source, asked.home, datetime.now(UTC), signed_by=signed_by)
        told(1, 1)
    answer(asked, manifest, asked.home, "Restored and verified")
    if not asked.json:
        console().print("It is halted: look at its accounts, then say `atp halt release`.")


def answer(asked: Asked, manifest: Manifest, folder: Path, done: str) -> None:
    """What was copied."""
    if asked.json:
        print_json({"folder": str(folder), **manifest.model_dump()})
        return
    console().print(facts(f"{done}: {folder}", {
        "events": manifest.events,
        "streams": manifest.streams,
        "seals": manifest.seals,
        "files": len(manifest.files) + 1,
        "heads of the audit": manifest.heads,
    }))  # fmt: skip
