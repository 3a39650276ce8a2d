"""The key of the identity store: signs access tokens, and seals the secrets of authenticators."""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from hmac import new as hmac
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

LENGTH = 32
NONCE = 12


class KeyExposed(Exception):
    """Others may read the key's file, so it is a secret no longer."""


@dataclass(frozen=True, repr=False)
class IdentityKey:
    """Thirty-two bytes; each use has a key of its own derived from them."""

    root: bytes

    @classmethod
    def at(cls, path: Path) -> IdentityKey:
        """The key in this file, made if there is none; raises KeyExposed."""
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            if path.stat().st_mode & 0o077:
                raise KeyExposed(f"{path} may be read by others: chmod 600 it") from None
            return cls(path.read_bytes())
        root = os.urandom(LENGTH)
        with os.fdopen(handle, "wb") as file:
            file.write(root)
            file.flush()
            os.fsync(file.fileno())
        return cls(root)

    def __post_init__(self) -> None:
        if len(self.root) != LENGTH:
            raise ValueError(f"an identity key has {LENGTH} bytes, not {len(self.root)}")

    def of(self, purpose: str) -> bytes:
        """The key for one purpose."""
        return hmac(self.root, purpose.encode(), sha256).digest()

    def seal(self, secret: str, owner: str) -> bytes:
        """The secret as it may be stored; it opens for this owner only."""
        nonce = os.urandom(NONCE)
        return nonce + AESGCM(self.of("totp")).encrypt(nonce, secret.encode(), owner.encode())

    def open(self, sealed: bytes, owner: str) -> str:
        """The secret; raises InvalidTag where it was altered or is somebody else's."""
        opened = AESGCM(self.of("totp")).decrypt(sealed[:NONCE], sealed[NONCE:], owner.encode())
        return opened.decode()
