"""A vault that notes who was given a secret: written into the audit later, off the hot path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from threading import Lock

from adapters.vault.vault import Vault


class AuditedVault:
    """Passes everything on, and counts what was read until that is recorded."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self._reads: Counter[str] = Counter()
        self._lock = Lock()

    def read(self, ref: str) -> Mapping[str, str]:
        secret = self.vault.read(ref)
        self.restore({ref: 1})
        return secret

    def anew(self, ref: str) -> Mapping[str, str]:
        secret = self.vault.anew(ref)
        self.restore({ref: 1})
        return secret

    def write(self, ref: str, secret: Mapping[str, str]) -> None:
        self.vault.write(ref, secret)

    def forget(self, ref: str) -> None:
        self.vault.forget(ref)

    def has(self, ref: str) -> bool:
        return self.vault.has(ref)

    def refs(self) -> tuple[str, ...]:
        return self.vault.refs()

    def take_reads(self) -> Mapping[str, int]:
        """How often each secret was read since this was asked last."""
        with self._lock:
            reads, self._reads = self._reads, Counter()
        return reads

    def restore(self, reads: Mapping[str, int]) -> None:
        """Count these once more: they could not be recorded yet."""
        with self._lock:
            self._reads.update(reads)
