"""A few days of the fault campaign; `make chaos` plays hundreds."""

from __future__ import annotations

import pytest

from tests.chaos.outcome import played

#: Days with deaths, stalls, takeovers, hand trades, drift and orders of unknown outcome.
SEEDS = (4, 7, 9, 12, 13, 16, 20, 27, 31, 34)
TWICE = 7


@pytest.mark.parametrize("seed", SEEDS)
def test_a_day_of_misfortunes_harms_nothing(seed: int) -> None:
    outcome = played(seed)

    assert not outcome.violations, f"{outcome.violations}\n{outcome.story}"


def test_the_same_seed_is_the_same_day() -> None:
    first, second = played(TWICE), played(TWICE)

    assert (first.digest, first.counts) == (second.digest, second.counts)
