"""Orders whose outcome nobody knows: searched for, never sent again, and never forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from domain.book import OrderStatus
from domain.contract import Side
from domain.declaring import declare_absent, declare_filled
from domain.model import Refused
from domain.refusal import Conflict
from domain.run_terms import Stage
from domain.slices import Leg, SliceStatus
from tests.domain.adversary import condor, opened
from tests.domain.floor import (
    CALL,
    HEDGE_CALL,
    HEDGE_PUT,
    PUT,
    Floor,
    accept,
    die,
    lose_answer,
    plan_of,
)

NIGHT = datetime(2026, 8, 4, 10, 10, tzinfo=UTC)
MORNING = datetime(2026, 8, 5, 3, 45, tzinfo=UTC)


def status(floor: Floor, leg: int) -> SliceStatus:
    return floor.run.slices[floor.sent(leg=leg)[-1].tag].status


def test_a_lost_answer_is_found_in_the_book_by_its_tag() -> None:
    floor = Floor(outcomes=[lose_answer(arrives=True)])

    floor.follow()
    assert status(floor, HEDGE_CALL) is SliceStatus.UNKNOWN
    floor.after(0.25)

    assert status(floor, HEDGE_CALL) is SliceStatus.OPEN
    assert len(floor.sent(leg=HEDGE_CALL)) == 1


@pytest.mark.parametrize("differs", ["tag", "side", "quantity", "key"])
def test_only_a_row_that_agrees_in_everything_is_ours(differs: str) -> None:
    floor = Floor(outcomes=[lose_answer(arrives=True)])
    floor.follow()
    order = floor.orders[0]
    wrong = {"tag": "OTHER", "side": Side.SELL, "quantity": 130}
    if differs == "key":
        order.key = floor.legs[CALL].contract.key
    else:
        order.intent = order.intent.model_copy(update={differs: wrong[differs]})

    floor.after(0.25)

    assert status(floor, HEDGE_CALL) is SliceStatus.UNKNOWN


def test_an_order_that_surfaces_ninety_seconds_late_is_recorded_and_undone() -> None:
    floor = Floor(outcomes=[lose_answer(arrives=True, shown=False)])
    floor.follow()
    floor.fill(HEDGE_PUT).after(10).fill(HEDGE_PUT)
    floor.execute(floor.orders[0])

    floor.after(78)
    assert floor.run.exit_reason == "HEDGE_TIMEOUT"
    floor.orders[0].shown = True
    floor.after(2).fill()

    assert floor.run.stage is Stage.CLOSED
    assert set(floor.net().values()) == {0}


def test_a_late_entry_that_surfaces_open_is_cancelled() -> None:
    floor = Floor(outcomes=[lose_answer(arrives=True, shown=False)])
    floor.follow()
    floor.fill(HEDGE_PUT).after(10).fill(HEDGE_PUT)

    floor.orders[0].shown = True
    floor.after(2).after(0.25)

    assert floor.orders[0].status is OrderStatus.CANCELLED
    assert floor.run.stage is Stage.CLOSED


def test_after_the_search_window_the_trader_is_told_and_the_search_goes_on() -> None:
    floor = Floor(outcomes=[lose_answer(arrives=False)])
    floor.follow()
    floor.fill(HEDGE_PUT).after(10).fill(HEDGE_PUT)

    floor.after(109)
    assert "UNKNOWN_ORDER" not in floor.run.alerts
    floor.after(1)
    assert "UNKNOWN_ORDER" in floor.run.alerts
    floor.after(3600)

    assert floor.run.stage is Stage.EXITING
    assert len(floor.sent(leg=HEDGE_CALL)) == 1


def test_each_order_of_unknown_outcome_is_told_of_once() -> None:
    floor = Floor(outcomes=[lose_answer(arrives=False), lose_answer(arrives=False)])
    floor.follow()

    floor.after(10).after(120).after(3600)

    told = [e.tag for e in floor.facts("Alerted") if e.kind == "UNKNOWN_ORDER"]
    assert told == [intent.tag for intent in floor.sent()]


def test_hedges_stay_while_a_short_may_or_may_not_be_there() -> None:
    floor = Floor()
    floor.follow()
    floor.outcomes = [lose_answer(arrives=True, shown=False), accept]
    floor.fill()

    floor.after(12).after(0.25).after(1)
    sold = {s.leg for s in floor.sent(Side.SELL) if not s.phase.is_entry}
    assert sold == {HEDGE_PUT}
    floor.execute(floor.orders[2])
    floor.orders[2].shown = True
    floor.after(2).fill().fill()

    assert floor.run.stage is Stage.CLOSED
    assert set(floor.net().values()) == {0}


def test_an_order_that_is_not_in_the_book_after_the_close_never_was_there() -> None:
    floor = Floor(outcomes=[lose_answer(arrives=False)])
    floor.follow()
    floor.fill(HEDGE_PUT).after(10).fill(HEDGE_PUT)

    floor.until(datetime(2026, 8, 4, 10, 4, 59, tzinfo=UTC))
    assert status(floor, HEDGE_CALL) is SliceStatus.UNKNOWN
    floor.until(datetime(2026, 8, 4, 10, 5, tzinfo=UTC))

    assert floor.run.stage is Stage.CLOSED
    assert status(floor, HEDGE_CALL) is SliceStatus.ABSENT


def test_the_trader_may_say_that_the_broker_never_had_it() -> None:
    floor = Floor(outcomes=[lose_answer(arrives=False)])
    floor.follow()
    floor.fill(HEDGE_PUT).after(10).fill(HEDGE_PUT)

    floor.record(lambda: declare_absent(floor.run, floor.sent()[0].tag, "not in Kite's book"))
    floor.after(1)

    assert floor.run.stage is Stage.CLOSED


def test_an_order_declared_absent_that_surfaces_after_all_is_recorded_and_left() -> None:
    floor = Floor()
    floor.entered()
    floor.outcomes = [lose_answer(arrives=True, shown=False)]
    floor.leave()
    floor.record(lambda: declare_absent(floor.run, floor.orders[4].intent.tag, "not seen"))
    floor.orders[4].shown = True

    floor.fill()

    assert floor.run.slices[floor.orders[4].intent.tag].filled == 65
    assert floor.net()[floor.legs[CALL].contract.key] == 0


def test_a_late_answer_to_an_order_declared_absent_makes_it_live_again() -> None:
    floor = Floor(outcomes=[lose_answer(arrives=True, shown=False)])
    floor.follow()
    tag = floor.sent()[0].tag
    floor.record(lambda: declare_absent(floor.run, tag, "not seen"))

    floor.record(lambda: floor.run.accepted(tag, "O1"))

    assert floor.run.slices[tag].live


def test_only_an_unknown_outcome_is_declared() -> None:
    floor = Floor()
    floor.follow()

    with pytest.raises(Conflict, match="OPEN"):
        floor.record(lambda: declare_absent(floor.run, floor.sent()[0].tag, "wishful"))
    with pytest.raises(Refused, match="no order"):
        floor.record(lambda: declare_absent(floor.run, "NO-SUCH-TAG", "wishful"))


def test_an_entry_that_filled_unseen_is_declared_filled_and_then_left() -> None:
    floor = Floor(outcomes=[lose_answer(arrives=True, shown=False)])
    floor.follow()
    floor.fill(HEDGE_PUT)
    floor.execute(floor.orders[0])
    overnight(floor).until(MORNING)
    tag = floor.orders[0].intent.tag

    floor.record(lambda: declare_filled(floor.run, tag, 65, Decimal("99.5"), "contract note"))
    floor.after(10).fill().fill()

    state = floor.run.slices[tag]
    assert (state.status, state.filled, state.average_price) == ("COMPLETE", 65, Decimal("99.5"))
    assert floor.run.stage is Stage.CLOSED
    assert set(floor.net().values()) == {0}


def test_an_entry_that_was_open_when_its_book_went_is_unknown_and_may_be_declared() -> None:
    floor = Floor()
    floor.follow()
    floor.execute(floor.orders[0])
    overnight(floor).until(MORNING)

    assert status(floor, HEDGE_CALL) is SliceStatus.UNKNOWN
    assert "DRIFT" in floor.run.alerts
    tag = floor.orders[0].intent.tag
    floor.record(lambda: declare_filled(floor.run, tag, 65, Decimal(100), "contract note"))
    floor.after(10).fill().fill()
    assert floor.run.stage is Stage.CLOSED


def test_of_what_was_declared_the_rest_is_gone_and_the_book_may_still_know_more() -> None:
    floor = Floor(run=opened(hedge_timeout_s=300), plan=plan_of(two_lots()))
    floor.outcomes = [lose_answer(arrives=True, shown=False)]
    floor.follow()
    order = floor.orders[0]
    tag = order.intent.tag

    floor.record(lambda: declare_filled(floor.run, tag, 65, Decimal(100), "half of it"))
    assert (status(floor, HEDGE_CALL), floor.run.slices[tag].missing) == ("CANCELLED", 65)
    floor.execute(order)
    order.shown = True
    floor.after(1)

    assert (status(floor, HEDGE_CALL), floor.run.slices[tag].filled) == ("COMPLETE", 130)


@pytest.mark.parametrize(
    ("quantity", "code"),
    [(30, "not-a-lot-multiple"), (130, "not-in-the-order"), (0, "not-in-the-order")],
)
def test_more_than_the_order_or_less_than_a_lot_is_not_declared(quantity: int, code: str) -> None:
    floor = Floor(outcomes=[lose_answer(arrives=False)])
    floor.follow()

    with pytest.raises(Refused) as refused:
        floor.record(
            lambda: declare_filled(floor.run, floor.sent()[0].tag, quantity, Decimal(100), "x")
        )

    assert (refused.value.code, refused.value.field) == (code, "quantity")


def test_only_an_unknown_outcome_is_declared_filled_and_once() -> None:
    floor = Floor(outcomes=[lose_answer(arrives=False)])
    floor.follow()
    lost, known = (intent.tag for intent in floor.sent())

    for _ in range(2):
        floor.record(lambda: declare_filled(floor.run, lost, 65, Decimal(100), "seen"))
    with pytest.raises(Conflict, match="COMPLETE"):
        floor.record(lambda: declare_filled(floor.run, lost, 65, Decimal(101), "seen"))
    with pytest.raises(Conflict, match="OPEN"):
        floor.record(lambda: declare_filled(floor.run, known, 65, Decimal(100), "seen"))

    assert len(floor.facts("SliceDeclaredFilled")) == 1


def two_lots() -> tuple[Leg, ...]:
    return tuple(leg.model_copy(update={"quantity": 130}) for leg in condor())


def test_declaring_twice_is_saying_it_once() -> None:
    floor = Floor(outcomes=[lose_answer(arrives=False)])
    floor.follow()
    tag = floor.sent()[0].tag

    for _ in range(2):
        floor.record(lambda: declare_absent(floor.run, tag, "not seen"))

    assert len(floor.facts("SliceAbsent")) == 1


# ── orders of a worker that ended ─────────────────────────────────────────────────────────


def test_what_a_dead_worker_sent_is_found_in_the_book() -> None:
    floor = Floor(outcomes=[die(arrives=True)])
    floor.follow()

    floor.worker = "W2"
    floor.after(20)

    assert floor.run.slices[floor.orders[0].intent.tag].status is SliceStatus.OPEN
    assert len(floor.sent()) == 2


def test_what_a_dead_worker_did_not_send_is_unknown_and_not_sent_by_another() -> None:
    floor = Floor(outcomes=[die(arrives=False)])
    floor.follow()

    floor.worker = "W2"
    floor.after(20)

    assert {s.status for s in floor.run.slices.values()} == {SliceStatus.UNKNOWN}
    assert floor.orders == []


def test_a_successor_goes_on_where_nothing_was_released() -> None:
    floor = Floor(run=opened(hedge_timeout_s=120))
    floor.follow()
    for order in floor.live():
        floor.execute(order)

    floor.worker = "W2"
    floor.after(20)

    assert [s.leg for s in floor.sent(Side.SELL)] == [CALL, PUT]
    assert floor.run.epoch == 2


def test_while_another_s_lease_runs_nothing_is_done() -> None:
    floor = Floor()
    floor.follow()
    before = len(floor.events)

    floor.worker = "W2"
    floor.now += timedelta(seconds=19)

    assert floor.follow() == floor.run.lease_until
    assert len(floor.events) == before


def test_an_owner_renews_its_lease_with_what_it_does_anyway() -> None:
    floor = Floor(run=opened(hedge_timeout_s=300))
    floor.follow()
    floor.after(9)
    assert len(floor.facts("Claimed")) == 1
    floor.prices[HEDGE_CALL] = ("119", "120")

    floor.after(2)

    assert [e.epoch for e in floor.facts("Claimed")] == [1, 1]


def test_an_owner_whose_lease_ran_out_begins_a_new_epoch() -> None:
    floor = Floor().entered()

    floor.after(60)
    floor.leave()

    assert [e.epoch for e in floor.facts("Claimed")] == [1, 2]


def test_every_release_carries_the_epoch_of_its_claim() -> None:
    floor = Floor().entered()
    floor.worker = "W2"
    floor.after(60)

    floor.leave()

    assert [e.epoch for e in floor.facts("PhaseReleased")] == [1, 1, 2]


# ── the day after ─────────────────────────────────────────────────────────────────────────


def overnight(floor: Floor) -> Floor:
    """Yesterday's book is gone."""
    for order in floor.orders:
        order.shown = False
    return floor


def test_the_next_morning_positions_that_agree_say_it_never_filled() -> None:
    floor = Floor(plan=plan_of(condor()), outcomes=[lose_answer(arrives=False)])
    floor.follow()
    floor.fill(HEDGE_PUT)

    overnight(floor).until(MORNING)

    assert status(floor, HEDGE_CALL) is SliceStatus.ABSENT
    floor.fill(HEDGE_PUT)
    assert floor.run.stage is Stage.CLOSED


def test_the_next_morning_positions_that_differ_are_for_the_trader_to_explain() -> None:
    floor = Floor(outcomes=[lose_answer(arrives=True, shown=False)])
    floor.follow()
    floor.fill(HEDGE_PUT)
    floor.execute(floor.orders[0])

    overnight(floor).until(MORNING)

    assert "DRIFT" in floor.run.alerts
    assert status(floor, HEDGE_CALL) is SliceStatus.UNKNOWN
    floor.record(lambda: floor.run.adjust(HEDGE_CALL, 65, Decimal(100), "filled yesterday"))
    floor.after(10).fill().fill()
    assert floor.run.stage is Stage.CLOSED
    assert set(floor.net().values()) == {0}


def test_an_order_open_when_the_platform_died_is_judged_by_positions_too() -> None:
    floor = Floor().entered()
    floor.leave()
    assert status(floor, CALL) is SliceStatus.OPEN

    overnight(floor).until(MORNING)

    assert floor.run.slices[floor.sent(Side.BUY, CALL)[0].tag].status is SliceStatus.ABSENT
    assert [s.quantity for s in floor.sent(Side.BUY, CALL)] == [65, 65]


@pytest.mark.parametrize("last_fills", [True, False])
def test_an_exit_cut_into_orders_that_all_filled_unseen_is_known_by_the_positions(
    last_fills: bool,
) -> None:
    floor = Floor(plan=plan_of(condor(lots=30))).entered()
    floor.leave()
    first, second = (floor.order(s.tag) for s in floor.sent(Side.BUY, CALL)[-2:])
    floor.execute(first)
    floor.execute(second, units=None if last_fills else 65)

    overnight(floor).until(MORNING)

    states = [floor.run.slices[order.intent.tag].status for order in (first, second)]
    expected = SliceStatus.COMPLETE if last_fills else SliceStatus.UNKNOWN
    assert states == [expected, expected]
    assert ("DRIFT" in floor.run.alerts) is not last_fills


# ── a broker that does not answer ─────────────────────────────────────────────────────────


def test_a_silent_broker_is_said_once_and_asked_each_second() -> None:
    floor = Floor()
    floor.follow()
    floor.trouble = "no answer"

    floor.now += timedelta(seconds=1)
    wake = floor.follow()
    floor.after(1)

    assert wake == floor.now
    assert [e.kind for e in floor.facts("Alerted")] == ["BROKER_SILENT"]
    floor.trouble = None
    floor.after(1)
    assert floor.facts("AlertCleared")


def test_a_broker_that_is_silent_while_something_is_held_is_said_every_minute() -> None:
    floor = Floor(plan=plan_of(condor()), outcomes=[lose_answer(arrives=False)])
    floor.follow()
    floor.fill(HEDGE_PUT)
    floor.trouble = "log in at the broker"
    before = len(floor.facts("Alerted"))

    for _ in range(121):
        floor.after(1)

    assert [e.kind for e in floor.facts("Alerted")][before:] == ["BROKER_SILENT"] * 3


def test_at_night_an_exit_that_waits_for_its_broker_is_said_once() -> None:
    floor = Floor(outcomes=[lose_answer(arrives=False)])
    floor.follow()
    floor.leave()
    floor.trouble = "log in at the broker"
    floor.now = NIGHT

    for _ in range(10):
        floor.after(30)

    assert [e.kind for e in floor.facts("Alerted")].count("EXIT_BLOCKED") == 1


def test_at_night_a_silent_broker_is_asked_seldom() -> None:
    floor = Floor(outcomes=[lose_answer(arrives=False)])
    floor.follow()
    floor.trouble = "no answer"
    floor.now = NIGHT

    wake = floor.follow()

    assert wake == NIGHT + timedelta(seconds=30)


def test_fills_between_two_looks_mean_looking_again() -> None:
    floor = Floor(outcomes=[lose_answer(arrives=False)])
    floor.follow()
    overnight(floor)
    floor.now = MORNING
    floor.torn = True

    wake = floor.follow()

    assert wake == MORNING + timedelta(milliseconds=250)
