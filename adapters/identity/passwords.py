"""Passwords: hashed slowly, checked in the same time whether the user exists or not."""

from __future__ import annotations

import secrets
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from adapters.identity.terms import PasswordRefused

SHORTEST: Final = 12
LONGEST: Final = 128
#: Hashing takes 64 MB each time: so many at once, and no more.
AT_ONCE: Final = 4
#: No 0, O, 1, l or I: a one-time password is read off a terminal.
LETTERS: Final = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class Passwords:
    """Argon2id, a bounded number at a time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = BoundedSemaphore(AT_ONCE)
        self._nobodys = self.hash(one_time())

    def hash(self, password: str) -> str:
        with self._turn:
            return self._hasher.hash(password)

    def right(self, kept: str | None, password: str) -> bool:
        """Whether this is the password; where there is none, the same work is done in vain."""
        with self._turn:
            try:
                self._hasher.verify(kept or self._nobodys, password)
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether it was hashed more cheaply than is the rule now."""
        return self._hasher.check_needs_rehash(kept)


def one_time() -> str:
    """A password to be told once: four groups of five, 116 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(4))


def check_new(password: str, email: str) -> None:
    """Refuse a password that is too short, too long, or too easily guessed."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordRefused(f"a password has {SHORTEST} to {LONGEST} characters")
    name = email.partition("@")[0].lower()
    if len(name) >= 4 and name in password.lower():
        raise PasswordRefused("a password does not contain the name it belongs to")
    if len(set(password)) < SHORTEST // 2:
        raise PasswordRefused("a password has more different characters than that")
