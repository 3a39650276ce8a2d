"""Going in: hedges first, all of them, in time; or everything that filled is undone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.book import OrderStatus
from domain.contract import Side
from domain.risk import RiskParams
from domain.run_terms import Stage
from tests.domain.adversary import condor, opened
from tests.domain.floor import (
    CALL,
    HEDGE_CALL,
    HEDGE_PUT,
    PUT,
    Floor,
    lose_answer,
    not_sent,
    plan_of,
    reject,
)


def test_hedges_are_bought_before_anything_is_sold() -> None:
    floor = Floor()

    floor.follow()

    assert [(s.leg, s.side) for s in floor.sent()] == [
        (HEDGE_CALL, Side.BUY),
        (HEDGE_PUT, Side.BUY),
    ]


def test_shorts_wait_until_the_last_hedge_has_filled() -> None:
    floor = Floor()
    floor.follow()

    floor.fill(HEDGE_CALL)

    assert floor.sent(Side.SELL) == []


def test_a_partly_filled_hedge_keeps_the_shorts_back() -> None:
    floor = Floor(plan=plan_of(condor(lots=2)))
    floor.follow()

    floor.fill(HEDGE_CALL).fill(HEDGE_PUT, units=65)

    assert floor.sent(Side.SELL) == []


def test_once_every_hedge_is_filled_the_shorts_go_out() -> None:
    floor = Floor()
    floor.follow()

    floor.fill()

    assert [s.leg for s in floor.sent(Side.SELL)] == [CALL, PUT]
    assert [s.quantity for s in floor.sent(Side.SELL)] == [65, 65]


def test_when_the_shorts_have_filled_the_net_premium_is_fixed() -> None:
    floor = Floor()
    floor.follow()
    floor.fill(price="10")

    floor.fill(CALL, price="50").fill(PUT, price="60")

    assert floor.run.stage is Stage.OPEN
    assert floor.run.net_premium == 65 * (50 + 60 - 10 - 10)


def test_hedges_that_do_not_fill_within_ten_seconds_are_undone() -> None:
    floor = Floor()
    floor.follow()
    floor.fill(HEDGE_CALL)

    floor.after(9)
    assert floor.run.exit_reason is None
    floor.after(1).after(0.25).after(0.25)

    assert floor.run.exit_reason == "HEDGE_TIMEOUT"
    assert [o.status for o in floor.orders if o.intent.leg == HEDGE_PUT] == [OrderStatus.CANCELLED]
    assert [(s.leg, s.quantity) for s in floor.sent(Side.SELL)] == [(HEDGE_CALL, 65)]


def test_exactly_what_filled_of_a_hedge_is_sold_again() -> None:
    floor = Floor(plan=plan_of(condor(lots=3)))
    floor.follow()
    floor.fill(HEDGE_CALL, units=65).fill(HEDGE_PUT, units=130)

    floor.after(10).after(0.25).after(0.25)

    assert {s.leg: s.quantity for s in floor.sent(Side.SELL)} == {HEDGE_CALL: 65, HEDGE_PUT: 130}
    floor.fill()
    assert floor.run.stage is Stage.CLOSED
    assert set(floor.net().values()) == {0}


def test_a_hedge_that_fills_while_it_is_being_cancelled_is_sold_too() -> None:
    floor = Floor(cancels_work=False)
    floor.follow()
    floor.fill(HEDGE_CALL)
    floor.after(10)

    floor.fill(HEDGE_PUT).after(0.25)

    assert {s.leg for s in floor.sent(Side.SELL)} == {HEDGE_CALL, HEDGE_PUT}


def test_nothing_is_sold_while_the_cancellation_of_a_hedge_is_not_confirmed() -> None:
    floor = Floor(cancels_work=False)
    floor.follow()
    floor.fill(HEDGE_CALL)

    floor.after(10).after(1).after(60)

    assert floor.run.exit_reason == "HEDGE_TIMEOUT"
    assert floor.sent(Side.SELL) == []
    assert len(floor.sent()) == 2
    assert [e.kind for e in floor.facts("Alerted")] == ["EXIT_SLOW"]


def test_a_hedge_that_is_refused_for_margin_is_final() -> None:
    floor = Floor(outcomes=[reject("Insufficient funds. Required margin is 12,000.")])

    floor.follow()

    assert floor.run.exit_reason == "ENTRY_REJECTED"
    assert len(floor.sent(leg=HEDGE_CALL)) == 1
    assert floor.sent(Side.SELL) == []


def test_a_refusal_for_the_price_band_is_tried_once_more_at_a_fresh_price() -> None:
    floor = Floor(outcomes=[reject("Outside the price band")])
    floor.follow()
    floor.prices[HEDGE_CALL] = ("109", "110")

    floor.fill(HEDGE_PUT)

    first, second = floor.sent(leg=HEDGE_CALL)
    assert (first.attempt, second.attempt) == (1, 2)
    assert second.price == Decimal("110.55")
    assert first.tag != second.tag
    assert floor.run.exit_reason is None


def test_a_second_refusal_for_the_price_band_is_final() -> None:
    band = reject("Outside the circuit limit")
    floor = Floor(outcomes=[band, reject("Outside the circuit limit"), band, band])

    floor.follow()

    assert floor.run.exit_reason == "ENTRY_REJECTED"
    assert len(floor.sent(leg=HEDGE_CALL)) == 2


def test_a_band_refusal_after_a_rate_limit_still_has_its_one_retry() -> None:
    floor = Floor(outcomes=[not_sent, not_sent, reject("price band"), reject("price band")])
    floor.follow()

    floor.after(0.25)

    assert [s.attempt for s in floor.sent(leg=HEDGE_CALL)] == [1, 2, 3]
    assert floor.run.exit_reason is None


def test_what_was_never_sent_goes_out_again_after_a_moment() -> None:
    floor = Floor(outcomes=[not_sent, not_sent])
    floor.follow()
    assert floor.orders == []

    floor.after(0.25)

    assert len(floor.orders) == 2
    assert len({s.tag for s in floor.sent()}) == 4


def test_a_short_that_fills_in_part_is_bought_back_before_its_hedge_is_sold() -> None:
    floor = Floor(plan=plan_of(condor(lots=2)))
    floor.follow()
    floor.fill()
    floor.fill(PUT).fill(CALL, units=65)

    floor.after(12).after(0.25).after(0.25)

    assert floor.run.exit_reason == "ENTRY_INCOMPLETE"
    exits = floor.sent()[4:]
    assert [(s.leg, s.side, s.quantity) for s in exits] == [
        (CALL, Side.BUY, 65),
        (PUT, Side.BUY, 130),
    ]
    floor.fill(CALL)
    assert [s.side for s in floor.sent()[6:]] == []
    floor.fill(PUT)
    assert [(s.leg, s.side) for s in floor.sent()[6:]] == [
        (HEDGE_CALL, Side.SELL),
        (HEDGE_PUT, Side.SELL),
    ]


def test_a_refused_short_unwinds_the_hedges_of_its_side_and_the_other() -> None:
    floor = Floor()
    floor.follow()
    floor.outcomes = [reject("RMS: not allowed")]

    floor.fill()
    floor.after(0.25).fill()

    assert floor.run.exit_reason == "ENTRY_REJECTED"
    assert floor.run.stage is Stage.CLOSED
    assert {s.leg for s in floor.sent(Side.BUY)} == {HEDGE_CALL, HEDGE_PUT}
    assert set(floor.net().values()) == {0}


def test_an_order_still_open_after_two_seconds_moves_to_the_new_touch() -> None:
    floor = Floor()
    floor.follow()
    floor.prices[HEDGE_CALL] = ("119", "120")

    floor.after(1.75)
    assert floor.facts("Repriced") == []
    floor.after(0.25)

    (moved,) = floor.facts("Repriced")
    assert moved.price == Decimal("120.60")


def test_an_order_at_the_touch_is_left_where_it_is() -> None:
    floor = Floor()
    floor.follow()

    floor.after(2).after(2)

    assert floor.facts("Repriced") == []


def test_an_entry_order_is_moved_five_times_and_no_more() -> None:
    floor = Floor(run=opened(hedge_timeout_s=60))
    floor.follow()

    for n in range(12):
        floor.prices[HEDGE_CALL] = (str(100 + n), str(101 + n))
        floor.after(2)

    assert len(floor.facts("Repriced")) == 5


def test_a_move_that_the_broker_refused_is_asked_again() -> None:
    floor = Floor(run=opened(hedge_timeout_s=60), moves_work=False)
    floor.follow()
    floor.prices[HEDGE_CALL] = ("119", "120")
    floor.after(2)

    floor.moves_work = True
    floor.after(2)

    assert len(floor.facts("Repriced")) == 2
    assert floor.live(HEDGE_CALL)[0].price == Decimal("120.60")


def test_a_block_turned_between_hedges_and_shorts_stops_the_shorts() -> None:
    floor = Floor()
    floor.follow()
    floor.block = "kill switch"

    floor.fill()

    assert floor.run.exit_reason == "BLOCKED"
    assert [s.leg for s in floor.sent(Side.SELL)] == [HEDGE_CALL, HEDGE_PUT]


def test_the_exit_time_ends_an_entry_that_is_not_complete() -> None:
    floor = Floor(run=opened(hedge_timeout_s=300))
    floor.plan = plan_of(condor(), exit_at=floor.now + timedelta(seconds=5))
    floor.follow()
    floor.fill(HEDGE_CALL)

    floor.after(5)

    assert floor.run.exit_reason == "TIME"


def test_max_loss_counts_on_what_is_filled_while_going_in() -> None:
    floor = Floor(run=opened(risk=RiskParams(max_loss=Decimal(1000))))
    floor.follow()
    floor.prices[HEDGE_CALL] = ("80", "81")

    floor.fill(HEDGE_CALL)

    (left,) = floor.facts("ExitRequested")
    assert (left.reason, left.mtm) == ("MAX_LOSS", Decimal(65 * -20))


@pytest.mark.parametrize(
    "risk",
    [
        RiskParams(max_loss=Decimal(100_000), target_profit=Decimal(1)),
        RiskParams(max_loss=Decimal(100_000), stop_loss_pct=Decimal(1)),
    ],
)
def test_target_and_stop_do_not_count_before_the_entry_is_complete(risk: RiskParams) -> None:
    floor = Floor(run=opened(risk=risk))
    floor.follow()
    floor.prices[HEDGE_CALL] = ("150" if risk.target_profit else "50", "151")

    floor.fill(HEDGE_CALL)

    assert floor.run.exit_reason is None


def test_without_fresh_prices_the_shorts_wait_and_after_ten_seconds_all_is_undone() -> None:
    floor = Floor(run=opened(risk=RiskParams()))
    floor.follow()
    floor.stale = True

    floor.fill()
    assert floor.run.stage is Stage.ENTERING
    floor.after(10)

    assert floor.run.exit_reason == "STALE_QUOTE"


def test_a_hedge_of_unknown_outcome_is_waited_for_and_never_sent_again() -> None:
    floor = Floor(outcomes=[lose_answer(arrives=True, shown=False)])
    floor.follow()

    floor.fill(HEDGE_PUT).after(5)
    assert len(floor.sent()) == 2
    floor.orders[0].shown = True
    floor.fill(HEDGE_CALL)

    assert len(floor.sent(leg=HEDGE_CALL)) == 1
    assert [s.leg for s in floor.sent(Side.SELL)] == [CALL, PUT]


def test_quantities_above_the_freeze_go_out_in_slices() -> None:
    floor = Floor(plan=plan_of(condor(lots=3, freeze=150)))

    floor.follow()

    assert [(s.leg, s.number, s.quantity) for s in floor.sent()] == [
        (HEDGE_CALL, 1, 130),
        (HEDGE_CALL, 2, 65),
        (HEDGE_PUT, 1, 130),
        (HEDGE_PUT, 2, 65),
    ]
    assert len({s.tag for s in floor.sent()}) == 4


def test_every_slice_of_every_hedge_is_filled_before_a_short_goes_out() -> None:
    floor = Floor(plan=plan_of(condor(lots=3, freeze=150)))
    floor.follow()
    first, *others = floor.live()

    for order in others:
        floor.execute(order)
    floor.after(0.25)
    assert floor.sent(Side.SELL) == []
    floor.execute(first)
    floor.after(0.25)

    assert len(floor.sent(Side.SELL)) == 4


def test_without_fresh_prices_max_loss_decides_nothing_while_going_in() -> None:
    floor = Floor(run=opened(risk=RiskParams(max_loss=Decimal(1))))
    floor.follow()
    floor.stale = True

    floor.fill(HEDGE_CALL, price="200")

    assert floor.run.exit_reason is None
