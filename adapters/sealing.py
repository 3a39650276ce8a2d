"""Signed digests of all chain heads, kept apart from the store and the views.

Each seal holds the heads that moved since the one before, the digest of that one, and an Ed25519
signature: whoever alters an event, a row or a seal afterwards contradicts something signed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from json import dumps, loads
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization import PublicFormat as Form

from projections.audit import BEGINNING
from projections.verify import Head, Seal, SealFault

EVERY = timedelta(hours=1)
WITNESS = ("seal", "last")


class ChainBroken(Exception):
    """A stream is shorter than, or differs from, what was sealed: nothing more is sealed."""


class Remembering(Protocol):
    """Where the number of the last seal is kept besides the seals themselves."""

    def recall(self, kind: str, key: str) -> str | None: ...

    def remember(self, kind: str, key: str, value: str) -> None: ...


class SealBox(Protocol):
    """Where seals are kept by number; one that is there is never written again."""

    def numbers(self) -> list[int]: ...

    def text(self, number: int) -> bytes: ...

    def add(self, number: int, text: bytes) -> bool:
        """Keep a seal: complete or not at all; False where another has that number."""
        ...


@dataclass(frozen=True)
class Key:
    """The key seals are signed with; the file holds 32 bytes and nobody else may read it."""

    private: Ed25519PrivateKey

    @classmethod
    def at(cls, path: Path) -> Key:
        """The key in this file, made if there is none."""
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return cls(Ed25519PrivateKey.from_private_bytes(path.read_bytes()))
        private = Ed25519PrivateKey.generate()
        with os.fdopen(handle, "wb") as file:
            file.write(private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
            file.flush()
            os.fsync(file.fileno())
        return cls(private)

    @property
    def public(self) -> Ed25519PublicKey:
        return self.private.public_key()


def key_id(public: Ed25519PublicKey) -> str:
    """The key's name in a seal: the beginning of its digest."""
    return sha256(public.public_bytes(Encoding.Raw, Form.Raw)).hexdigest()[:16]


class Seals:
    """The seals in a folder, one numbered file each, never written twice."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def numbers(self) -> list[int]:
        return sorted(int(path.stem) for path in self.folder.glob("[0-9]*.json"))

    def text(self, number: int) -> bytes:
        return self._path(number).read_bytes()

    def add(self, number: int, text: bytes) -> bool:
        """Keep a seal: complete or not at all; False where another has that number."""
        with NamedTemporaryFile(dir=self.folder, prefix=f".{number:08d}.") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            try:
                os.link(file.name, self._path(number))
            except FileExistsError:
                return False
        return True

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:08d}.json"


class Sealer:
    """Seals the heads of all chains, every hour and at the close."""

    def __init__(self, seals: SealBox, key: Key, witness: Remembering) -> None:
        self._seals = seals
        self._key = key
        self._witness = witness

    def due(self, now: datetime) -> bool:
        """Whether an hour has passed since the last seal."""
        numbers = self._seals.numbers()
        if not numbers:
            return True
        last = loads(self._seals.text(numbers[-1]))["body"]["at"]
        return now - datetime.fromisoformat(last) >= EVERY

    def seal(self, now: datetime, heads: Iterable[Head]) -> Seal | None:
        """Sign what the chains have become; None where another process did so just now.

        Raises ChainBroken if that contradicts a seal. `heads` are read after the seals are.
        """
        numbers = self._seals.numbers()
        number = numbers[-1] + 1 if numbers else 1
        previous = seal_digest(self._seals.text(number - 1)) if numbers else BEGINNING
        moved = _moved(self._sealed(numbers), heads)
        seal = Seal(number=number, at=now, previous=previous, heads=moved)
        text = signed(seal, self._key)
        if not self._seals.add(number, text):
            return None
        self._witness.remember(*WITNESS, f"{number} {seal_digest(text)}")
        return seal

    def _sealed(self, numbers: Iterable[int]) -> dict[str, Head]:
        known: dict[str, Head] = {}
        for number in numbers:
            known |= {h.stream: h for h in opened(self._seals.text(number), self._key.public).heads}
        return known


def _moved(known: Mapping[str, Head], heads: Iterable[Head]) -> tuple[Head, ...]:
    moved, left = [], dict(known)
    for head in heads:
        before = left.pop(head.stream, None)
        if before is not None and (
            head.version < before.version
            or (head.version == before.version and head.hash != before.hash)
        ):
            raise ChainBroken(f"{head.stream} was sealed at version {before.version}, differently")
        if before != head:
            moved.append(head)
    if left:
        raise ChainBroken(f"{min(left)} was sealed and has no chain any more")
    return tuple(sorted(moved, key=lambda head: head.stream))


def seal_digest(text: bytes) -> str:
    """What the next seal remembers of this one."""
    return sha256(text).hexdigest()


def signed(seal: Seal, key: Key) -> bytes:
    """A seal as it is kept: its body and the signature over the body's canonical JSON."""
    body = {**asdict(seal), "at": seal.at.isoformat(), "key": key_id(key.public)}
    signature = key.private.sign(_canonical(body)).hex()
    return dumps({"body": body, "signature": signature}, sort_keys=True).encode() + b"\n"


def opened(text: bytes, public: Ed25519PublicKey) -> Seal:
    """The seal in this text; raises SealFault unless it is whole and signed by this key."""
    try:
        held = loads(text)
        body = held["body"]
        public.verify(bytes.fromhex(held["signature"]), _canonical(body))
        heads = tuple(Head(**head) for head in body["heads"])
        return Seal(
            number=body["number"],
            at=datetime.fromisoformat(body["at"]),
            previous=body["previous"],
            heads=heads,
        )
    except InvalidSignature as error:
        raise SealFault("the signature does not fit") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SealFault(f"it cannot be read: {error}") from error


def _canonical(body: object) -> bytes:
    return dumps(body, sort_keys=True, separators=(",", ":")).encode()


def examined(
    seals: SealBox, public: Ed25519PublicKey, witness: str | None
) -> tuple[list[Seal], list[str]]:
    """Every good seal in order, and what is wrong with the others."""
    good, wrong = [], []
    expected, previous = 1, BEGINNING
    for number in seals.numbers():
        wrong += [f"seal {missing} is missing" for missing in range(expected, number)]
        text = seals.text(number)
        try:
            seal = opened(text, public)
        except SealFault as fault:
            wrong.append(f"seal {number}: {fault}")
        else:
            if seal.number != number or (number == expected and seal.previous != previous):
                wrong.append(f"seal {number} does not follow the one before it")
            good.append(seal)
        expected, previous = number + 1, seal_digest(text)
    return good, wrong + _against_witness(witness, expected - 1, previous)


def _against_witness(witness: str | None, last: int, last_digest: str) -> list[str]:
    if witness is None:
        return []
    number, _, known = witness.partition(" ")
    if int(number) > last:
        return [f"seal {missing} is missing" for missing in range(last + 1, int(number) + 1)]
    if int(number) == last and known != last_digest:
        return [f"seal {last} is not the one that was made"]
    return []
