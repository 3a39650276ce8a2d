"""A few days of the fault campaign; `make chaos` plays hundreds."""

from __future__ import annotations

import pytest

from tests.chaos.outcome import played

SEEDS = range(1, 9)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_day_of_misfortunes_harms_nothing(seed: int) -> None:
    outcome = played(seed)

    assert not outcome.violations, f"{outcome.violations}\n{outcome.story}"
