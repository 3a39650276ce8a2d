"""Before the entry: waiting for the second, going in at it, or saying why not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.contract import Side
from domain.model import Refused
from domain.payoff import Position
from domain.run_terms import Stage
from tests.domain.adversary import DUE, condor, opened
from tests.domain.floor import Floor, plan_of


def test_a_run_waits_for_its_second() -> None:
    floor = Floor()
    floor.now = DUE - timedelta(seconds=90)

    assert floor.follow() == DUE
    assert [type(e).__name__ for e in floor.events] == ["Opened"]


def test_at_its_second_plan_ownership_and_first_orders_are_one_commit() -> None:
    floor = Floor()

    floor.follow()

    kinds = [type(e).__name__ for e in floor.events[:4]]
    assert kinds == ["Opened", "Claimed", "Planned", "PhaseReleased"]


def test_a_minute_late_is_still_in_time() -> None:
    floor = Floor()

    floor.until(DUE + timedelta(seconds=60))

    assert floor.run.stage is Stage.ENTERING


def test_later_than_that_is_missed() -> None:
    floor = Floor()

    floor.until(DUE + timedelta(seconds=60, milliseconds=1))

    assert floor.run.stage is Stage.SKIPPED
    assert floor.run.skip_reason == "MISSED"


def test_a_grace_of_its_own_counts() -> None:
    floor = Floor(run=opened(entry_grace_s=600))

    floor.until(DUE + timedelta(seconds=500))

    assert floor.run.stage is Stage.ENTERING


def test_a_blocked_account_enters_nothing() -> None:
    floor = Floor(block="kill switch")

    floor.follow()

    assert floor.run.skip_reason == "BLOCKED"
    assert floor.orders == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [("margin", "MARGIN"), ("not-connected", "NOT_CONNECTED"), ("max-lots", "MAX_LOTS")],
)
def test_what_a_second_will_not_mend_skips_at_once_with_its_reason(code: str, reason: str) -> None:
    floor = Floor(plan=Refused(code, "says why"))

    floor.follow()

    (skipped,) = floor.facts("Skipped")
    assert (skipped.reason, skipped.detail) == (reason, "says why")


@pytest.mark.parametrize("code", ["stale-quote", "stale-spot", "broker-unavailable"])
def test_what_may_pass_is_tried_again_each_second_within_the_grace(code: str) -> None:
    floor = Floor(plan=Refused(code, "not now"))

    assert floor.follow() == DUE + timedelta(seconds=1)
    floor.plan = plan_of(condor())
    floor.after(1)

    assert floor.run.stage is Stage.ENTERING


def test_when_the_grace_is_over_the_last_reason_is_given() -> None:
    floor = Floor(plan=Refused("stale-spot", "no spot"))

    for _ in range(61):
        floor.after(1)

    assert floor.run.skip_reason == "STALE_SPOT"


def test_a_leg_without_a_fresh_price_is_waited_for() -> None:
    floor = Floor(stale=True)

    floor.follow()
    assert floor.orders == []
    floor.stale = False
    floor.after(1)

    assert floor.run.stage is Stage.ENTERING


def test_a_run_that_would_have_to_leave_at_once_does_not_enter() -> None:
    floor = Floor(run=opened(entry_grace_s=3600))
    floor.plan = plan_of(condor(), exit_at=DUE + timedelta(minutes=5))

    floor.until(DUE + timedelta(minutes=5))

    assert floor.run.skip_reason == "EXIT_TIME_PASSED"
    assert floor.orders == []


def test_naked_shorts_go_out_first_where_there_is_nothing_to_buy() -> None:
    shorts = tuple(leg for leg in condor() if leg.side is Side.SELL)
    floor = Floor(plan=plan_of(shorts))

    floor.follow()

    assert [s.side for s in floor.sent()] == [Side.SELL, Side.SELL]
    assert floor.run.allowed_uncovered == sum(
        Position.of(leg.contract, leg.side, leg.quantity).quantity for leg in shorts
    )


def test_a_debit_spread_that_only_buys_is_entered_when_its_buys_are_filled() -> None:
    buys = tuple(leg for leg in condor() if leg.side is Side.BUY)
    floor = Floor(plan=plan_of(buys))

    floor.follow()
    floor.fill()

    assert floor.run.stage is Stage.OPEN
    assert floor.run.net_premium is not None
    assert floor.run.net_premium < 0


def test_an_ended_run_does_nothing_more() -> None:
    floor = Floor(block="kill switch")
    floor.follow()
    before = len(floor.events)

    assert floor.follow() is None
    assert len(floor.events) == before
