"""People of a platform, and one of them who owns things."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.user import Role
from tests.adapters.api.practice import Person, Practice
from tests.security.house import House, furnished


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Shared by a module: whatever is tried in it must leave the owner's things alone."""
    return furnished(tmp_path_factory.mktemp("house"))


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    return Practice(tmp_path)


@pytest.fixture
def trader(practice: Practice) -> Person:
    return practice.admit("trader@example.com", Role.TRADER)


@pytest.fixture
def stranger(practice: Practice) -> Person:
    """Another trader."""
    return practice.admit("stranger@example.com", Role.TRADER)


@pytest.fixture
def admin(practice: Practice) -> Person:
    return practice.admit("admin@example.com", Role.ADMIN)
