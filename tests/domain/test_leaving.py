"""Coming out: shorts before hedges, never more than is held, until flat; and loud when stuck."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from domain.book import OrderStatus
from domain.contract import Side
from domain.run_terms import Stage
from domain.slices import Phase, SliceStatus
from tests.domain.adversary import EXIT, condor, opened
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


def open_condor(lots: int = 1, exit_reprices: int = 20) -> Floor:
    return Floor(run=opened(exit_reprices=exit_reprices), plan=plan_of(condor(lots))).entered()


def exits(floor: Floor) -> list[tuple[int, Side, int]]:
    return [(s.leg, s.side, s.quantity) for s in floor.sent() if not s.phase.is_entry]


def test_shorts_are_bought_back_before_what_covers_them_is_sold() -> None:
    floor = open_condor()

    floor.leave()
    assert exits(floor) == [(CALL, Side.BUY, 65), (PUT, Side.BUY, 65)]
    floor.fill(CALL)
    assert len(exits(floor)) == 2
    floor.fill(PUT)

    assert exits(floor)[2:] == [(HEDGE_CALL, Side.SELL, 65), (HEDGE_PUT, Side.SELL, 65)]


def test_flat_and_resolved_is_closed_with_what_it_made_and_what_it_cost() -> None:
    floor = Floor(plan=plan_of(condor()))
    floor.follow()
    floor.fill(price="10").fill(price="50")
    floor.leave("TRADER")

    floor.fill(price="30").fill(price="5")

    assert floor.run.stage is Stage.CLOSED
    assert floor.run.outcome == "TRADER"
    assert floor.run.realised == 65 * 2 * (50 - 10 - 30 + 5)
    assert floor.run.charges is not None
    assert floor.run.charges > 8 * 20  # brokerage of eight executed orders, and the rest


def test_a_buy_back_that_rests_keeps_following_the_touch_until_it_is_worn_out() -> None:
    floor = open_condor()
    floor.leave()

    for n in range(1, 25):
        floor.prices[CALL] = (str(100 + n), str(101 + n))
        floor.after(2)

    assert sum(e.tag == floor.sent(leg=CALL)[1].tag for e in floor.facts("Repriced")) == 20
    assert floor.facts("CancelAsked")


def test_no_order_is_modified_oftener_than_the_broker_allows_whatever_the_terms_say() -> None:
    floor = open_condor(exit_reprices=40)
    floor.leave()
    first = floor.sent(leg=CALL)[1].tag

    for n in range(1, 30):
        floor.prices[CALL] = (str(100 + n), str(101 + n))
        floor.after(2)

    assert sum(e.tag == first for e in floor.facts("Repriced")) == 25
    assert [e.tag for e in floor.facts("CancelAsked")][:1] == [first]


def test_a_worn_out_order_is_replaced_only_by_its_remainder_once_its_cancel_is_confirmed() -> None:
    floor = open_condor(lots=2, exit_reprices=1)
    floor.leave()
    floor.fill(PUT)
    floor.execute(floor.live(CALL)[0], 65)
    floor.prices[CALL] = ("119", "120")
    floor.cancels_work = False

    floor.after(2).after(2).after(4)
    assert len(floor.sent(Side.BUY, CALL)) == 1
    floor.cancels_work = True
    floor.after(2).after(0.25)

    again = floor.sent(Side.BUY, CALL)
    assert [(s.quantity, s.attempt) for s in again] == [(130, 1), (65, 2)]


def test_a_cancel_that_is_never_confirmed_is_never_replaced() -> None:
    floor = open_condor(exit_reprices=0)
    floor.cancels_work = False
    floor.leave()

    for _ in range(30):
        floor.after(5)

    assert len(floor.sent(Side.BUY, CALL)) == 1


def test_a_trader_hears_of_an_exit_that_takes_longer_than_ten_seconds() -> None:
    floor = open_condor()
    floor.leave()

    floor.after(9.5)
    assert floor.facts("Alerted") == []
    floor.after(0.5).after(1)

    assert [e.kind for e in floor.facts("Alerted")] == ["EXIT_SLOW"]


def test_a_live_entry_is_cancelled_and_confirmed_before_anything_is_reduced() -> None:
    floor = Floor(plan=plan_of(condor()), cancels_work=False)
    floor.follow()
    floor.fill()
    floor.execute(floor.live(CALL)[0])

    floor.leave().after(3)
    assert exits(floor) == []
    for order in floor.live():
        order.status = OrderStatus.CANCELLED
    floor.after(0.25)

    assert exits(floor) == [(CALL, Side.BUY, 65)]


def test_a_cancel_that_nobody_confirms_is_asked_again_after_five_seconds() -> None:
    floor = Floor(cancels_work=False)
    floor.follow()
    floor.leave()

    floor.after(4).after(1)

    assert len(floor.facts("CancelAsked")) == 4


def test_an_exit_refused_for_margin_is_said_at_once_and_tried_again_after_a_minute() -> None:
    floor = open_condor()
    floor.outcomes = [reject("Margin exceeds"), reject("Margin exceeds")]
    floor.leave()

    floor.after(30)
    assert len(exits(floor)) == 2
    floor.after(31)

    assert [e.kind for e in floor.facts("Alerted")] == ["EXIT_BLOCKED", "EXIT_SLOW"]
    assert len(exits(floor)) == 4
    assert floor.facts("AlertCleared")


def test_an_exit_refused_for_its_price_goes_out_again_at_once_but_only_once() -> None:
    floor = open_condor()
    floor.outcomes = [reject("price band"), reject("price band")] * 2

    floor.leave().after(1)

    assert [s.attempt for s in floor.sent(Side.BUY, CALL)] == [1, 2]
    assert floor.run.alerts.keys() == {"EXIT_BLOCKED"}


def test_one_leg_that_is_refused_does_not_hold_up_the_other() -> None:
    floor = open_condor()
    floor.outcomes = [reject("RMS")]

    floor.leave().fill(PUT)

    assert floor.net()[floor.legs[PUT].contract.key] == 0
    assert floor.sent(Side.SELL)[2:] == []


def test_an_exit_that_nobody_takes_is_tried_again_at_growing_intervals() -> None:
    floor = open_condor()
    floor.outcomes = [not_sent] * 1000
    floor.leave()

    for _ in range(240):
        floor.after(0.25)

    assert 10 <= len(floor.sent(Side.BUY, CALL)) <= 20
    assert "EXIT_BLOCKED" in floor.run.alerts


def test_orders_that_the_exchange_keeps_cancelling_are_not_sent_in_a_burst() -> None:
    floor = open_condor()
    floor.leave()

    for _ in range(240):
        for order in floor.live():
            order.status = OrderStatus.CANCELLED
        floor.after(0.25)

    assert len(floor.sent(Side.BUY, CALL)) <= 20


def test_a_dead_session_blocks_the_exit_and_says_so_every_minute() -> None:
    floor = open_condor()
    floor.trouble = "session expired"
    floor.leave()

    for _ in range(125):
        floor.after(1)
    blocked = [e.timestamp for e in floor.facts("Alerted") if e.kind == "EXIT_BLOCKED"]
    assert [at - blocked[0] for at in blocked] == [timedelta(minutes=n) for n in range(3)]
    floor.trouble = None
    floor.after(1)

    assert exits(floor) == [(CALL, Side.BUY, 65), (PUT, Side.BUY, 65)]
    assert "EXIT_BLOCKED" not in floor.run.alerts


def test_without_a_fresh_price_nothing_goes_out_and_the_trader_is_told() -> None:
    floor = open_condor()
    floor.stale = True

    floor.leave()
    assert exits(floor) == []
    floor.stale = False
    floor.after(1)

    assert [e.kind for e in floor.facts("Alerted")] == ["EXIT_BLOCKED"]
    assert len(exits(floor)) == 2


def test_no_more_is_bought_back_than_the_broker_is_short() -> None:
    floor = open_condor(lots=2)
    floor.by_hand[floor.legs[CALL].contract.key] = 65  # the trader bought one lot back

    floor.leave()

    assert (CALL, Side.BUY, 65) in exits(floor)
    assert (PUT, Side.BUY, 130) in exits(floor)


def test_no_more_is_sold_than_the_broker_holds() -> None:
    floor = open_condor(lots=2)
    floor.by_hand[floor.legs[HEDGE_CALL].contract.key] = -65

    floor.leave().fill()

    assert exits(floor)[2:] == [(HEDGE_CALL, Side.SELL, 65), (HEDGE_PUT, Side.SELL, 130)]


def test_what_was_left_by_hand_is_not_left_twice_and_the_trader_has_to_say_so() -> None:
    floor = open_condor()
    key = floor.legs[CALL].contract.key
    floor.by_hand[key] = 65

    floor.leave().fill(PUT)
    floor.after(10).after(10)
    assert "DRIFT" in floor.run.alerts
    assert floor.sent(Side.SELL)[2:] == []  # by its own books the run is short, so hedges stay
    floor.record(lambda: floor.run.adjust(CALL, 65, Decimal(90), "bought by hand"))
    floor.after(10).fill()

    assert floor.run.stage is Stage.CLOSED


def test_a_trade_by_hand_the_other_way_does_not_make_us_leave_more() -> None:
    floor = open_condor()
    floor.by_hand[floor.legs[CALL].contract.key] = -65

    floor.leave()

    assert (CALL, Side.BUY, 65) in exits(floor)


def test_an_exit_outside_the_session_waits_for_the_open() -> None:
    floor = open_condor()
    floor.now = datetime(2026, 8, 4, 10, 30, tzinfo=UTC)  # 16:00 IST
    floor.record(lambda: floor.run.request_exit("TRADER", "at night"))

    wake = floor.follow()

    assert exits(floor) == []
    assert wake == datetime(2026, 8, 5, 3, 45, tzinfo=UTC)
    floor.until(wake)
    assert len(exits(floor)) == 2


def test_an_exit_on_a_holiday_waits_for_the_next_session() -> None:
    floor = open_condor()
    floor.now = datetime(2026, 8, 8, 5, 0, tzinfo=UTC)  # a Saturday
    floor.record(lambda: floor.run.request_exit("TRADER", "at the weekend"))

    assert floor.follow() == datetime(2026, 8, 10, 3, 45, tzinfo=UTC)


def test_before_the_open_an_exit_waits_for_this_morning() -> None:
    floor = open_condor()
    floor.now = datetime(2026, 8, 5, 3, 0, tzinfo=UTC)
    floor.record(lambda: floor.run.request_exit("TRADER", "early"))

    assert floor.follow() == datetime(2026, 8, 5, 3, 45, tzinfo=UTC)


def test_no_cancellations_are_asked_of_a_closed_market() -> None:
    floor = Floor(cancels_work=False)
    floor.follow()
    floor.now = datetime(2026, 8, 4, 10, 1, tzinfo=UTC)
    floor.record(lambda: floor.run.request_exit("TRADER", "wants out"))

    for _ in range(20):
        wake = floor.follow()
        assert wake is not None
        assert wake - floor.now >= timedelta(seconds=30)
        floor.now = wake

    assert floor.facts("CancelAsked") == []


def test_a_price_wish_moves_a_live_order_once() -> None:
    floor = open_condor()
    floor.leave()
    tag = floor.sent(Side.BUY, CALL)[0].tag

    floor.record(lambda: floor.run.wish_price(tag, Decimal("88.05")))
    floor.after(0.25).after(0.25)

    assert floor.order(tag).price == Decimal("88.05")
    assert [e.price for e in floor.facts("Repriced")] == [Decimal("88.05")]


def test_a_wish_for_an_order_being_cancelled_is_not_followed() -> None:
    floor = Floor(cancels_work=False)
    floor.follow()
    tag = floor.sent()[0].tag
    floor.leave()
    floor.record(lambda: floor.run.wish_price(tag, Decimal("88.05")))

    floor.after(0.25)

    assert floor.facts("Repriced") == []


def test_an_exit_is_no_entry_for_the_run_that_was_withdrawn_before_its_time() -> None:
    floor = Floor()
    floor.now -= timedelta(minutes=1)
    floor.record(lambda: floor.run.request_exit("TRADER", "not today"))

    floor.follow()

    assert floor.run.stage is Stage.SKIPPED
    assert floor.run.skip_reason == "TRADER"
    assert floor.orders == []


def test_the_first_reason_to_leave_stays() -> None:
    floor = open_condor()

    floor.leave("STOP_LOSS").leave("KILL")

    assert floor.run.exit_reason == "STOP_LOSS"
    assert len(floor.facts("ExitRequested")) == 1


def test_the_exit_time_in_the_rules_is_the_run_s_own() -> None:
    floor = open_condor()

    floor.until(EXIT - timedelta(seconds=1))
    assert floor.run.exit_reason is None
    floor.until(EXIT)

    assert floor.run.exit_reason == "TIME"


def test_an_extra_long_after_a_doubled_buy_back_is_sold() -> None:
    floor = open_condor()
    floor.outcomes = [lose_answer(arrives=True, shown=False)]
    floor.leave().fill(PUT)
    lost = floor.orders[4]

    floor.after(121)
    (again,) = [o for o in floor.live(CALL) if o is not lost]
    assert again.intent.phase is Phase.EXIT_BUY
    lost.shown = True
    floor.execute(lost)
    floor.execute(again)
    floor.after(2).fill().fill()

    assert floor.run.stage is Stage.CLOSED
    assert set(floor.net().values()) == {0}
    assert (CALL, Side.SELL, 65) in exits(floor)


def test_a_buy_back_that_filled_unseen_is_not_repeated() -> None:
    floor = open_condor()
    floor.outcomes = [lose_answer(arrives=True, shown=False)]
    floor.leave()
    floor.execute(floor.orders[4])

    floor.fill(PUT).after(121).after(10)

    assert len(floor.sent(Side.BUY, CALL)) == 1


def test_a_sale_of_unknown_outcome_is_never_repeated() -> None:
    floor = open_condor()
    floor.leave()
    floor.outcomes = [lose_answer(arrives=False)]

    floor.fill()
    for _ in range(20):
        floor.after(60)

    assert len(floor.sent(Side.SELL, HEDGE_CALL)) == 1
    assert floor.run.stage is Stage.EXITING
    assert floor.run.slices[floor.sent(Side.SELL, HEDGE_CALL)[0].tag].status is SliceStatus.UNKNOWN
    assert "UNKNOWN_ORDER" in floor.run.alerts


def test_while_fills_come_in_between_two_looks_the_exit_waits_a_moment() -> None:
    floor = open_condor()
    floor.torn = True

    floor.leave()
    assert exits(floor) == []
    floor.torn = False
    floor.after(0.25)

    assert len(exits(floor)) == 2


def test_a_broker_silent_over_live_exits_is_told_each_minute() -> None:
    floor = open_condor()
    floor.leave()
    floor.trouble = "no answer"

    for _ in range(61):
        floor.after(1)

    assert [e.kind for e in floor.facts("Alerted")] == ["EXIT_BLOCKED", "EXIT_BLOCKED"]
    assert len(exits(floor)) == 2


def test_what_is_flat_waits_for_its_last_tag_and_cancels_it() -> None:
    floor = Floor(cancels_work=False)
    floor.follow()
    floor.leave()
    for order in floor.live():
        order.shown = False

    floor.after(5)
    assert floor.run.exit_reason == "TRADER"
    for order in floor.orders:
        order.shown = True
        order.status = OrderStatus.CANCELLED
    floor.after(1)

    assert floor.run.stage is Stage.CLOSED
    assert floor.run.realised == 0
