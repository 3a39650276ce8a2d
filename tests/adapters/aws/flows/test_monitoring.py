"""When the order workflow looks again, and when it is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from adapters.aws.monitoring import next_look, over
from adapters.aws.shift import LEASE_S, SPARE_S, until
from domain.calendar import MARKET, at_ist
from domain.run import Run
from domain.run_terms import Stage
from tests.adapters.aws.flows.cloud import DAY
from tests.adapters.aws.flows.trader import clock


def at(text: str) -> datetime:
    return at_ist(DAY, clock(text))


def run(stage: Stage, exit_at: str | None = None) -> Run:
    """As much of a run as is asked for."""
    return cast("Run", SimpleNamespace(stage=stage, exit_at=at(exit_at) if exit_at else None))


@pytest.mark.parametrize(
    ("stage", "exit_at", "wanted", "looks"),
    [
        (Stage.ENTERING, None, "10:00:00.25", "10:00:01"),
        (Stage.EXITING, None, "10:00:15", "10:00:15"),
        (Stage.EXITING, None, "10:10:00", "10:01:00"),
        (Stage.OPEN, None, "10:00:00.5", "10:05:00"),
        (Stage.OPEN, "15:00", "10:00:01", "10:05:00"),
        (Stage.OPEN, "10:04:30", "10:00:01", "10:04:26"),
        (Stage.OPEN, "10:00:30", "10:00:01", "10:00:26"),
        (Stage.OPEN, "10:00:03", "10:00:01", "10:00:01"),
        (Stage.PENDING, None, "10:00:20", "10:00:20"),
    ],
)
def test_it_looks_soon_while_orders_are_out_and_now_and_then_while_it_is_open(
    stage: Stage, exit_at: str | None, wanted: str, looks: str
) -> None:
    assert next_look(run(stage, exit_at), at(wanted), at("10:00")) == at(looks)


def test_before_the_market_opens_it_waits_for_that() -> None:
    opening = at("09:15")

    assert next_look(run(Stage.OPEN), opening, at("08:46")) == opening


def test_it_is_over_with_its_day() -> None:
    tomorrow = MARKET.next_session(DAY)
    morning = at_ist(tomorrow, clock("09:15"))

    assert not over(DAY, at("15:30:30"), at("15:30"))
    assert over(DAY, morning, at("15:31"))
    assert over(DAY, at("16:05"), at("16:01"))
    assert over(DAY, morning, morning)


def test_a_call_begins_no_step_that_could_outlast_it() -> None:
    now = at("10:00")

    assert until(60_000, now) == now + timedelta(seconds=60 - SPARE_S - LEASE_S)
    rehearsed = until(60_000, now, speed=6, patience=2)
    assert rehearsed == now + timedelta(seconds=6 * (60 - SPARE_S) - 2 * LEASE_S)
