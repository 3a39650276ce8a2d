"""The key of the file vault: from the environment, or a file nobody else may read."""

from __future__ import annotations

import base64
import binascii
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from adapters.store.emergency_file import sync, sync_folder
from adapters.vault.vault import BadKey, Exposed, KeyMissing

VARIABLE: Final = "ATP_VAULT_KEY"
KEY_BYTES: Final = 32


def key_for(vault: Path, key_file: Path, environment: Mapping[str, str]) -> bytes:
    """The vault's key: the environment's, else the file's; a new file where there is no vault yet.

    Raises BadKey, Exposed, KeyMissing.
    """
    if given := environment.get(VARIABLE):
        return decoded(given, VARIABLE)
    if not key_file.exists():
        if vault.exists():
            raise KeyMissing(f"{vault} is locked: set {VARIABLE}, or put {key_file} back")
        _make(key_file)
    owner_only(key_file)
    return decoded(key_file.read_text(), str(key_file))


def decoded(text: str, source: str) -> bytes:
    """The bytes of a key given as base64; raises BadKey, which does not repeat it."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        # Not chained: the cause would carry what was given into a log.
        raise BadKey(f"{source} is not base64") from None
    if len(key) != KEY_BYTES:
        raise BadKey(f"{source} holds {len(key)} bytes, a key has {KEY_BYTES}")
    return key


def owner_only(path: Path) -> None:
    """Raise Exposed where group or others have any right to the file."""
    rights = stat.S_IMODE(path.stat().st_mode)
    if rights & 0o077:
        raise Exposed(f"{path} has the rights {rights:04o}; it must be yours alone: chmod 600")


def _make(path: Path) -> None:
    """Make a key file, whole or not at all; where two begin at once, one key is everybody's."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, partial = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
            file.flush()
            sync(file.fileno())
        os.link(partial, path)
        sync_folder(path.parent)
    except FileExistsError:
        return
    finally:
        os.unlink(partial)
