"""In the market: limits on every tick, no decision without a price, nights, marks and expiry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from domain.charges import exercise
from domain.charging import run_charges
from domain.contract import Product, Side
from domain.risk import RiskParams
from domain.run_terms import Stage
from tests.domain.adversary import EXPIRY, condor, opened
from tests.domain.floor import CALL, HEDGE_CALL, PUT, Floor, plan_of

CLOSE = datetime(2026, 8, 4, 10, 0, tzinfo=UTC)
OPEN_NEXT = datetime(2026, 8, 5, 3, 45, tzinfo=UTC)
EXPIRED = datetime(2026, 8, 11, 10, 0, tzinfo=UTC)


def credit(risk: RiskParams, multiplier: int = 1) -> Floor:
    """A condor for a net premium of 65 × 80 = ₹5,200, times the multiplier."""
    run = opened(risk=risk, multiplier=multiplier)
    floor = Floor(run=run, plan=plan_of(condor(multiplier)))
    floor.prices = {n: ("10", "10.05") if n % 2 else ("49.95", "50") for n in range(4)}
    floor.follow()
    return floor.fill(price="10").fill(price="50")


def positional(risk: RiskParams | None = None) -> Floor:
    floor = Floor(
        run=opened(product=Product.NRML, risk=risk or RiskParams()),
        plan=plan_of(condor(), exit_at=None),
    )
    return floor.entered()


def test_the_net_premium_is_what_shorts_brought_less_what_hedges_cost() -> None:
    assert credit(RiskParams()).run.net_premium == 5200


def test_a_stop_of_half_the_net_premium_leaves_at_half_of_it() -> None:
    floor = credit(RiskParams(stop_loss_pct=Decimal(50)))
    floor.prices[CALL] = ("89.90", "89.95")
    floor.after(1)
    assert floor.run.exit_reason is None

    floor.prices[CALL] = ("89.95", "90")  # 65 × 40 = ₹2,600
    floor.after(1)

    (left,) = floor.facts("ExitRequested")
    assert (left.reason, left.mtm) == ("STOP_LOSS", Decimal(-2600))


def test_the_net_premium_stays_what_it_was_when_the_entry_completed() -> None:
    floor = credit(RiskParams(stop_loss_pct=Decimal(50)))

    floor.record(lambda: floor.run.adjust(CALL, 65, Decimal(1), "by hand"))
    floor.after(1)

    assert floor.run.net_premium == 5200


def test_a_target_is_taken_and_a_loss_cut_in_rupees() -> None:
    won = credit(RiskParams(target_profit=Decimal(2000)))
    won.prices[CALL] = ("19", "19.20")
    won.after(1)
    lost = credit(RiskParams(max_loss=Decimal(1300)))
    lost.prices[PUT] = ("69.95", "70")
    lost.after(1)

    assert (won.run.exit_reason, lost.run.exit_reason) == ("TARGET_PROFIT", "MAX_LOSS")


def test_rupee_limits_grow_with_the_multiplier_and_percentages_do_not() -> None:
    floor = credit(RiskParams(max_loss=Decimal(1300)), multiplier=2)
    floor.prices[PUT] = ("69.90", "69.95")
    floor.after(1)
    assert floor.run.exit_reason is None

    floor.prices[PUT] = ("69.95", "70")  # 130 × 20
    floor.after(1)

    (left,) = floor.facts("ExitRequested")
    assert (left.reason, left.mtm) == ("MAX_LOSS", Decimal(-2600))


def test_the_first_trigger_stays_whatever_the_market_does_after_it() -> None:
    floor = credit(RiskParams(max_loss=Decimal(1300), target_profit=Decimal(1000)))
    floor.prices[PUT] = ("69.95", "70")
    floor.after(1)

    floor.prices[PUT] = ("1", "1.05")
    floor.after(1)

    assert floor.run.exit_reason == "MAX_LOSS"


def test_stale_prices_decide_nothing_and_raise_one_alarm_until_prices_come() -> None:
    floor = credit(RiskParams(max_loss=Decimal(1)))
    floor.stale = True
    floor.prices[PUT] = ("500", "501")

    floor.after(1).after(1)
    assert floor.run.exit_reason is None
    assert [e.kind for e in floor.facts("Alerted")] == ["STALE_QUOTES"]
    floor.stale = False
    floor.after(1)

    assert floor.run.exit_reason == "MAX_LOSS"


def test_the_alarm_is_over_when_prices_are_fresh_again() -> None:
    floor = credit(RiskParams())
    floor.stale = True
    floor.after(1)
    floor.stale = False

    floor.after(1)

    assert [e.kind for e in floor.facts("AlertCleared")] == ["STALE_QUOTES"]


def test_the_next_look_is_at_the_next_price_or_when_the_last_one_goes_stale() -> None:
    floor = credit(RiskParams())

    floor.next_tick_s = 2
    assert floor.follow() == floor.now + timedelta(seconds=2)
    floor.next_tick_s = 30

    assert floor.follow() == floor.now + timedelta(seconds=5, milliseconds=1)


def test_the_next_look_is_never_after_the_exit_time() -> None:
    floor = credit(RiskParams())

    exit_at = floor.run.exit_at
    assert exit_at is not None
    floor.now = exit_at - timedelta(seconds=3)

    assert floor.follow() == exit_at


def test_a_short_that_loses_its_cover_is_left_at_once() -> None:
    floor = credit(RiskParams())

    floor.record(lambda: floor.run.adjust(HEDGE_CALL, -65, Decimal(9), "sold by hand"))
    floor.after(1)

    assert floor.run.exit_reason == "UNCOVERED"


def test_a_run_whose_positions_were_all_left_by_hand_closes() -> None:
    floor = credit(RiskParams())
    for leg, units in enumerate((65, -65, 65, -65)):
        floor.record(lambda leg=leg, units=units: floor.run.adjust(leg, units, Decimal(9), "hand"))  # type: ignore[misc]  # bound now

    floor.after(1)

    assert (floor.run.stage, floor.run.outcome) == (Stage.CLOSED, "FLAT")


# ── over night ────────────────────────────────────────────────────────────────────────────


def test_a_position_is_kept_over_night_with_the_day_s_mark() -> None:
    floor = positional()

    floor.now = CLOSE
    wake = floor.follow()

    assert wake == OPEN_NEXT
    assert list(floor.run.marks) == ["2026-08-04"]
    assert floor.run.stage is Stage.OPEN


def test_the_day_is_marked_once() -> None:
    floor = positional()

    floor.until(CLOSE).until(CLOSE + timedelta(hours=1)).until(OPEN_NEXT - timedelta(hours=1))

    assert len(floor.facts("Marked")) == 1


def test_without_a_price_at_the_close_there_is_no_mark_and_no_waiting_for_one() -> None:
    floor = positional()
    floor.stale = True

    floor.now = CLOSE

    assert floor.follow() == OPEN_NEXT
    assert floor.run.marks == {}


def test_limits_are_watched_again_in_the_morning() -> None:
    floor = positional(RiskParams(max_loss=Decimal(500)))
    floor.until(CLOSE)
    floor.prices[CALL] = ("119", "120")

    floor.until(OPEN_NEXT - timedelta(minutes=1))
    assert floor.run.exit_reason is None
    floor.until(OPEN_NEXT)

    assert floor.run.exit_reason == "MAX_LOSS"


def test_a_weekend_is_slept_through() -> None:
    floor = positional()
    floor.now = datetime(2026, 8, 7, 10, 0, tzinfo=UTC)

    assert floor.follow() == datetime(2026, 8, 10, 3, 45, tzinfo=UTC)


def test_before_the_open_it_waits_for_the_open() -> None:
    floor = positional()
    floor.now = OPEN_NEXT - timedelta(minutes=30)

    assert floor.follow() == OPEN_NEXT


# ── expiry ────────────────────────────────────────────────────────────────────────────────


def test_what_is_left_at_expiry_ends_at_the_settlement_price() -> None:
    floor = positional()

    floor.until(EXPIRED)

    settled = {e.leg: (e.quantity, e.price, e.estimated) for e in floor.facts("Settled")}
    assert settled[CALL] == (-65, Decimal(50), True)
    assert settled[HEDGE_CALL] == (65, Decimal(50), True)
    assert (floor.run.stage, floor.run.outcome) == (Stage.CLOSED, "FLAT")


def test_exercise_of_what_was_long_is_charged() -> None:
    floor = positional()
    orders_in = run_charges(floor.run)

    floor.until(EXPIRED)

    stt = exercise(EXPIRY, 65, Decimal(50)).total
    assert stt > 0
    assert floor.run.charges == orders_in + 2 * stt  # two longs; who is short pays none


def test_an_exit_that_did_not_get_out_before_expiry_is_settled() -> None:
    floor = positional()
    floor.now = EXPIRED - timedelta(minutes=1)
    floor.leave("TIME").fill(CALL)

    for order in floor.live():
        floor.cancels_work = True
        order.shown = False
    floor.until(EXPIRED)

    assert floor.run.outcome in (None, "TIME")
    assert {e.leg for e in floor.facts("Settled")} == {HEDGE_CALL, PUT, 3}


def test_until_the_settlement_price_is_known_it_waits_and_says_so_once() -> None:
    floor = positional()
    floor.settles = False

    floor.now = EXPIRED
    first = floor.follow()
    floor.now += timedelta(minutes=5)
    floor.follow()

    assert first == EXPIRED + timedelta(minutes=5)
    assert [e.kind for e in floor.facts("Alerted")] == ["SETTLEMENT"]
    floor.settles = True
    floor.after(300)
    assert floor.run.stage is Stage.CLOSED


@pytest.mark.parametrize("days", [1, 3])
def test_a_platform_that_slept_through_expiry_settles_when_it_wakes(days: int) -> None:
    floor = positional()

    floor.until(EXPIRED + timedelta(days=days))

    assert floor.run.stage is Stage.CLOSED
    assert sum(floor.run.adjusted.values()) == 0
    assert len(floor.facts("Settled")) == 4


def test_nothing_is_sold_after_expiry() -> None:
    floor = positional()

    floor.until(EXPIRED)

    assert [s.side for s in floor.sent() if not s.phase.is_entry] == []
    assert len(floor.sent(Side.SELL)) == 2
