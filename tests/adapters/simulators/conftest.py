"""A Kite on a stepped day, and a trader who is logged in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.adapters.simulators.kite_feed import Feed, connected
from tests.adapters.simulators.kite_stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    """It is ten o'clock of a trading day."""
    opened = Stage()
    opened.log_in()
    yield opened
    opened.stop()


@pytest.fixture
def feed(stage: Stage) -> Iterator[Feed]:
    """The trader's WebSocket."""
    with connected(stage) as opened:
        yield opened
