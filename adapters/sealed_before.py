"""Seals and who signed them, in a home or a backup; those from before a restore included.

A restored platform has no private key of the one that was lost. What that had sealed is put aside
with its public key, stays verifiable for ever, and sealing begins anew with a key of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adapters.sealing import Seals, examined, key_id
from projections.verify import Seal

SEALS: Final = "seals"
PUBLIC: Final = "seal.pub"
BEFORE: Final = "sealed-before"


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """What the seals of a folder say, and what is wrong with them."""

    seals: tuple[Seal, ...] = ()
    faults: tuple[str, ...] = ()
    hashes: dict[str, dict[int, str]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.seals)


def sealed_in(folder: Path) -> Sealed:
    """All seals of a backup: its own, and those it inherited."""
    if (folder / SEALS).is_dir() and not (folder / PUBLIC).is_file():
        return Sealed(faults=(f"{PUBLIC} is missing",))
    return _of([folder, *_earlier(folder)])


def sealed_before(home: Path) -> Sealed:
    """What platforms had sealed from which this one was restored; for `verify` besides its own."""
    return _of(_earlier(home))


def put_aside(folder: Path) -> None:
    """Make the seals of a restored folder those of the platform before it."""
    if not (folder / PUBLIC).is_file():
        return
    aside = folder / BEFORE / f"{len(list(_earlier(folder))) + 1:03d}"
    aside.mkdir(parents=True, mode=0o700)
    for name in (PUBLIC, SEALS):
        if (folder / name).exists():
            (folder / name).rename(aside / name)


def key_text(public: Ed25519PublicKey) -> bytes:
    """A public key as it is kept: its bytes in hexadecimal."""
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw).hex().encode() + b"\n"


def signer(folder: Path) -> str | None:
    """The name of the key that signed here, as the seals give it."""
    path = folder / PUBLIC
    return key_id(_public(path)) if path.is_file() else None


def _earlier(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in (folder / BEFORE).glob("[0-9]*") if path.is_dir())


def _of(folders: list[Path] | Iterator[Path]) -> Sealed:
    seals: list[Seal] = []
    faults: list[str] = []
    for folder in folders:
        if not (folder / SEALS).is_dir():
            continue
        try:
            public = _public(folder / PUBLIC)
        except (OSError, ValueError) as error:
            faults.append(f"{PUBLIC}: {error}")
            continue
        good, wrong = examined(Seals(folder / SEALS), public, None)
        seals += good
        faults += wrong
    hashes: dict[str, dict[int, str]] = {}
    for seal in seals:
        for head in seal.heads:
            hashes.setdefault(head.stream, {})[head.version] = head.hash
    return Sealed(seals=tuple(seals), faults=tuple(faults), hashes=hashes)


def _public(path: Path) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(path.read_text()))
