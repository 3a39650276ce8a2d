"""An identity store whose clock is the test's, and whose hashing is quick."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from adapters.identity.local import LocalIdentity
from adapters.identity.passwords import Passwords

ANNA, RIGHT = "anna@example.com", "correct horse battery"


@dataclass
class Wall:
    """The time people live by."""

    time: datetime = datetime(2026, 8, 3, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def pass_(self, **what: int) -> None:
        self.time += timedelta(**what)


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def identity(tmp_path: Path, wall: Wall) -> Iterator[LocalIdentity]:
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    opened = LocalIdentity(tmp_path, passwords=quick, now=wall)
    yield opened
    opened.close()


@pytest.fixture
def anna(identity: LocalIdentity) -> str:
    """A user who has chosen a password already."""
    return identity.admit(ANNA, lambda: "USER-ANNA", RIGHT).user_id
