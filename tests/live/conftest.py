"""Days of live trading, each begun and ended by its test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import time
from pathlib import Path

import pytest

from tests.live.stage import LiveDay


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Callable[..., LiveDay]]:
    """A day that begins at that time and goes on at that speed."""
    days: list[LiveDay] = []

    def begin(
        hour: int, minute: int, speed: float, terms: Mapping[str, object] | None = None
    ) -> LiveDay:
        days.append(LiveDay(tmp_path, time(hour, minute), speed, terms))
        return days[-1]

    yield begin
    for day in days:
        day.close()
