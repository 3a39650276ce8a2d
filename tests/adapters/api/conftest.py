"""A platform over a stepped day, one trader and another."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.user import Role
from tests.adapters.api.practice import Person, Practice


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


@pytest.fixture
def auditor(practice: Practice) -> Person:
    return practice.admit("auditor@example.com", Role.AUDITOR)


@pytest.fixture
def viewer(practice: Practice) -> Person:
    return practice.admit("viewer@example.com", Role.VIEWER)
