"""Archives whose bytes follow from what they hold: sorted, without times, owners or leftovers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

#: Names within the bundle, and what is there.
Contents = Mapping[str, bytes]

#: The first moment that an archive can say.
NEVER: Final = (1980, 1, 1, 0, 0, 0)
READABLE: Final = 0o100644 << 16
UNIX: Final = 3
#: What no running function reads: caches, tests, programs, annotations, and what installers leave
#: behind, which differs from place to place.
FOLDERS: Final = frozenset(("__pycache__", "bin", "tests", "test", "include", "share"))
ENDINGS: Final = frozenset((".pyc", ".pyi", ".pyx", ".pxd", ".c", ".h", ".cc"))
LEFT_BEHIND: Final = frozenset(("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", ".lock"))


def contents(folder: Path, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    """Every file below a folder that a function may need, by its name there, sorted."""
    for path in sorted(folder.rglob("*")):
        name = PurePosixPath(prefix, path.relative_to(folder).as_posix())
        if path.is_file() and needed(name):
            yield str(name), path.read_bytes()


def needed(name: PurePosixPath) -> bool:
    if name.name in LEFT_BEHIND or name.suffix in ENDINGS:
        return False
    return FOLDERS.isdisjoint(name.parts[:-1])


def pack(held: Contents) -> bytes:
    """The archive of these contents."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(held):
            entry = zipfile.ZipInfo(name, NEVER)
            entry.create_system, entry.external_attr = UNIX, READABLE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, held[name])
    return packed.getvalue()


def unzipped(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def lay_out(held: Contents, folder: Path) -> None:
    """The same as files, readable by everybody, and nothing else; what is there is not touched."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(folder).as_posix() not in held:
            path.unlink()
    for name, content in held.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            put(path, content)


def put(path: Path, content: bytes) -> None:
    """Whole or not at all: somebody may have the old one open."""
    beside = path.with_name(f"{path.name}.coming")
    beside.write_bytes(content)
    beside.chmod(0o644)
    beside.replace(path)
