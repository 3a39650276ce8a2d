"""What every vault answers, and how it says no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Protocol

REF: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./:+@=-]{0,499}")


class Vault(Protocol):
    """Secrets by reference; a secret is a few named texts. Errors never hold one."""

    def read(self, ref: str) -> Mapping[str, str]:
        """The secret kept there; raises SecretMissing."""
        ...

    def anew(self, ref: str) -> Mapping[str, str]:
        """The same, as it is kept now: for whoever was refused what was read before."""
        ...

    def write(self, ref: str, secret: Mapping[str, str]) -> None:
        """Keep this secret there, instead of what was there; it is on disk on return."""
        ...

    def forget(self, ref: str) -> None:
        """Keep nothing there; nothing happens where nothing was."""
        ...

    def has(self, ref: str) -> bool:
        """Whether anything is kept there now."""
        ...

    def refs(self) -> tuple[str, ...]:
        """Every reference there is, sorted."""
        ...


class VaultError(Exception):
    """A secret cannot be read or kept; the message names references and files only."""


class SecretMissing(VaultError):
    """Nothing is kept under that reference."""


class BadReference(VaultError):
    """A reference is a short path of letters, digits and a few signs."""


class KeyMissing(VaultError):
    """There is a vault, and no key for it."""


class BadKey(VaultError):
    """The key is not what it should be: base64 of 32 bytes."""


class WrongKey(VaultError):
    """The vault was locked with another key."""


class Tampered(VaultError):
    """What is in the vault is not what was written."""


class Exposed(VaultError):
    """Others than the owner may read the file."""


class VaultBusy(VaultError):
    """Another process keeps the vault for itself."""


class VaultAway(VaultError):
    """The vault does not answer just now."""


class NotAllowed(VaultError):
    """This part of the platform may not do that with the vault."""


def checked(ref: str) -> str:
    """The reference itself; raises BadReference."""
    if not REF.fullmatch(ref):
        raise BadReference(f"{ref[:60]!r} is no reference")
    return ref
