"""The vault in a file: AES-256-GCM record by record, replaced as a whole, shared by processes."""

from __future__ import annotations

import base64
import binascii
import fcntl
import hmac
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from adapters.store.emergency_file import sync, sync_folder
from adapters.vault.keys import KEY_BYTES, key_for, owner_only
from adapters.vault.vault import BadKey, SecretMissing, Tampered, VaultBusy, WrongKey, checked

FORMAT: Final = 1
VAULT: Final = "vault.json"
KEY_FILE: Final = "vault.key"
NONCE_BYTES: Final = 12
#: How long another process may hold the vault before we give up; writing takes milliseconds.
PATIENCE_S: Final = 10.0
SECRET: Final = TypeAdapter(dict[str, str])


class Record(BaseModel):
    """One secret, as it is kept: base64 of its nonce and of what only the key opens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    nonce: str
    box: str


class Content(BaseModel):
    """The whole file; `key` is the key's fingerprint, `seal` authenticates all that is here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    key: str
    records: dict[str, Record]
    seal: str


class FileVault:
    """Secrets in one file that only its owner may read; raises the errors of `vault`."""

    def __init__(self, path: Path, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise BadKey(f"a key has {KEY_BYTES} bytes, this one {len(key)}")
        self.path = path
        self._cipher = AESGCM(_derived(key, b"records"))
        self._sealing = _derived(key, b"seal")
        self._fingerprint = _derived(key, b"fingerprint")[:8].hex()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._records()

    def read(self, ref: str) -> Mapping[str, str]:
        """The secret kept there; raises SecretMissing, Tampered, WrongKey, Exposed."""
        record = self._records().get(checked(ref))
        if record is None:
            raise SecretMissing(f"the vault has nothing under {ref}")
        try:
            nonce, box = base64.b64decode(record.nonce), base64.b64decode(record.box)
            return SECRET.validate_json(self._cipher.decrypt(nonce, box, ref.encode()))
        except (InvalidTag, ValidationError, binascii.Error, ValueError):
            raise Tampered(f"{self.path}: {ref} is not what was written") from None

    def anew(self, ref: str) -> Mapping[str, str]:
        """The file is read each time anyway; raises what `read` raises."""
        return self.read(ref)

    def write(self, ref: str, secret: Mapping[str, str]) -> None:
        """Keep the secret there; raises VaultBusy and what reading may raise."""
        plain = SECRET.dump_json(SECRET.validate_python(dict(secret)))
        nonce = os.urandom(NONCE_BYTES)
        box = self._cipher.encrypt(nonce, plain, checked(ref).encode())
        record = Record(nonce=base64.b64encode(nonce).decode(), box=base64.b64encode(box).decode())
        with self._alone():
            self._replace({**self._records(), ref: record})

    def forget(self, ref: str) -> None:
        with self._alone():
            records = self._records()
            if records.pop(checked(ref), None) is not None:
                self._replace(records)

    def has(self, ref: str) -> bool:
        return checked(ref) in self._records()

    def refs(self) -> tuple[str, ...]:
        return tuple(sorted(self._records()))

    def _records(self) -> dict[str, Record]:
        """All records, after the file as a whole was found to be ours and unaltered."""
        try:
            text = self.path.read_bytes()
        except FileNotFoundError:
            return {}
        owner_only(self.path)
        try:
            content = Content.model_validate_json(text)
        except ValidationError:
            raise Tampered(f"{self.path} is not a vault any more") from None
        if content.key != self._fingerprint:
            raise WrongKey(f"{self.path} was locked with the key {content.key}, not this one")
        if not hmac.compare_digest(content.seal.encode(), self._seal(content.records).encode()):
            raise Tampered(f"{self.path} is not what was written")
        return dict(content.records)

    def _replace(self, records: Mapping[str, Record]) -> None:
        """Put a new file in the old one's place: whoever reads sees one or the other, whole."""
        kept = dict(records)
        content = Content(key=self._fingerprint, records=kept, seal=self._seal(kept))
        folder = self.path.parent
        handle, partial = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=folder)  # 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content.model_dump_json(indent=1).encode() + b"\n")
                file.flush()
                sync(file.fileno())
            os.replace(partial, self.path)
        except OSError:
            os.unlink(partial)
            raise
        sync_folder(folder)

    def _seal(self, records: Mapping[str, Record]) -> str:
        held = {ref: [record.nonce, record.box] for ref, record in records.items()}
        text = json.dumps([FORMAT, self._fingerprint, held], sort_keys=True)
        return hmac.new(self._sealing, text.encode(), sha256).hexdigest()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = self.path.with_name(f"{self.path.name}.lock")
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(handle, self.path)
            yield
        finally:
            os.close(handle)


def open_vault(home: Path, key_file: Path | None = None) -> FileVault:
    """The vault of the platform in this folder, with its key from the environment or a file.

    Raises VaultError.
    """
    file = home / VAULT
    return FileVault(file, key_for(file, key_file or home / KEY_FILE, os.environ))


def _lock(handle: int, path: Path) -> None:
    patience = time.monotonic() + PATIENCE_S
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > patience:
                raise VaultBusy(f"{path} is held by another process") from None
            time.sleep(0.002)


def _derived(key: bytes, purpose: bytes) -> bytes:
    """A key of its own for each purpose."""
    info = b"atp vault " + purpose
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)
