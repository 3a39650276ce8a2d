"""A stage on which somebody is told something."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.notify.stage import Hook, Mailbox, Stage, hooked, mailbox


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hooked() as opened:
        yield opened


@pytest.fixture
def other_hook() -> Iterator[Hook]:
    with hooked() as opened:
        yield opened


@pytest.fixture
def mail() -> Iterator[Mailbox]:
    with mailbox() as opened:
        yield opened
