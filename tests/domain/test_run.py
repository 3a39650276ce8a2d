"""What a run records of its orders, whoever says it and however often."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from domain.book import BookOrder, OrderStatus
from domain.contract import Side
from domain.model import Refused
from domain.refusal import Conflict
from domain.run import Run
from domain.run_terms import Stage
from domain.slices import Phase, SliceStatus, tag_of
from tests.domain.adversary import DUE
from tests.domain.floor import CALL, HEDGE_CALL, Floor, accept, lose_answer


@pytest.fixture
def floor() -> Floor:
    floor = Floor()
    floor.follow()
    return floor


def row(floor: Floor, status: OrderStatus = OrderStatus.OPEN, filled: int = 0) -> BookOrder:
    seen = floor.orders[0].row()
    return replace(seen, status=status, filled=filled, average_price=Decimal(100))


def see(floor: Floor, seen: BookOrder) -> list[str]:
    before = len(floor.events)
    tag = floor.orders[0].intent.tag
    floor.record(lambda: floor.run.see(tag, seen))
    return [type(e).__name__ for e in floor.events[before:]]


def test_a_row_that_says_nothing_new_is_not_recorded(floor: Floor) -> None:
    assert see(floor, row(floor)) == []


def test_a_fill_is_recorded_once_however_often_it_is_reported(floor: Floor) -> None:
    assert see(floor, row(floor, filled=30)) == ["SliceSeen"]
    assert see(floor, row(floor, filled=30)) == []


def test_a_fill_never_shrinks_when_an_older_book_arrives_later(floor: Floor) -> None:
    see(floor, row(floor, filled=50))

    assert see(floor, row(floor, filled=20)) == []
    assert floor.run.slices[floor.orders[0].intent.tag].filled == 50


def test_what_ended_stays_ended_whatever_an_older_book_says(floor: Floor) -> None:
    see(floor, row(floor, OrderStatus.CANCELLED, 20))

    assert see(floor, row(floor, OrderStatus.OPEN, 20)) == []


def test_a_fill_that_comes_after_the_end_is_a_fact_and_recorded(floor: Floor) -> None:
    see(floor, row(floor, OrderStatus.CANCELLED, 20))

    assert see(floor, row(floor, OrderStatus.CANCELLED, 50)) == ["SliceSeen"]


def test_one_answer_is_enough(floor: Floor) -> None:
    tag = floor.orders[0].intent.tag

    floor.record(lambda: floor.run.accepted(tag, "O99"))

    assert floor.run.slices[tag].broker_order_id == "O1"


def test_what_has_ended_is_not_ended_again(floor: Floor) -> None:
    tag = floor.orders[0].intent.tag
    see(floor, row(floor, OrderStatus.COMPLETE, 65))
    before = len(floor.events)

    for late in (floor.run.rejected, floor.run.unsent, floor.run.unknown, floor.run.absent):
        floor.record(lambda late=late: late(tag, "late news"))  # type: ignore[misc]  # bound now

    assert len(floor.events) == before


def test_an_order_that_was_not_sent_after_all_ends_its_search() -> None:
    floor = Floor(outcomes=[lose_answer(arrives=False), accept])
    floor.follow()
    tag = floor.sent()[0].tag

    floor.record(lambda: floor.run.unsent(tag, "its worker's lease was running out"))

    assert floor.run.slices[tag].status is SliceStatus.UNSENT


def test_a_run_that_ended_keeps_its_end() -> None:
    floor = Floor().entered().leave().fill().fill()
    assert floor.run.stage is Stage.CLOSED
    before = len(floor.events)

    floor.record(lambda: floor.run.request_exit("KILL", "too late"))
    floor.record(lambda: floor.run.skip("MISSED", "too late"))

    assert len(floor.events) == before


def test_an_alarm_is_raised_again_only_after_a_minute() -> None:
    floor = Floor()

    for seconds in (0, 59, 60):
        floor.now = DUE + timedelta(seconds=seconds)
        floor.record(lambda: floor.run.alert("EXIT_BLOCKED", "no session"))

    raised = [e.timestamp - DUE for e in floor.facts("Alerted")]
    assert raised == [timedelta(0), timedelta(minutes=1)]


def test_an_alarm_that_is_not_on_cannot_be_cleared() -> None:
    floor = Floor()

    floor.record(lambda: floor.run.clear_alert("STALE_QUOTES"))

    assert floor.facts("AlertCleared") == []


# ── what a trader may wish ────────────────────────────────────────────────────────────────


def test_a_price_is_wished_for_a_live_order_on_a_tick(floor: Floor) -> None:
    tag = floor.orders[0].intent.tag

    with pytest.raises(Refused, match=r"multiple of the tick, 0\.05"):
        floor.record(lambda: floor.run.wish_price(tag, Decimal("88.02")))
    with pytest.raises(Refused, match="positive"):
        floor.record(lambda: floor.run.wish_price(tag, Decimal(0)))
    with pytest.raises(Refused, match="no order"):
        floor.record(lambda: floor.run.wish_price("NONE", Decimal(88)))


def test_the_same_wish_twice_is_one(floor: Floor) -> None:
    tag = floor.orders[0].intent.tag

    for _ in range(2):
        floor.record(lambda: floor.run.wish_price(tag, Decimal(88)))

    assert len(floor.facts("PriceWished")) == 1


def test_an_order_that_ended_cannot_be_moved(floor: Floor) -> None:
    see(floor, row(floor, OrderStatus.COMPLETE, 65))

    with pytest.raises(Conflict, match="COMPLETE"):
        floor.record(lambda: floor.run.wish_price(floor.orders[0].intent.tag, Decimal(88)))


def test_an_order_is_moved_as_often_as_the_broker_allows_and_no_more(floor: Floor) -> None:
    tag = floor.orders[0].intent.tag
    for rupees in range(25):
        floor.record(partial(floor.run.reprice, tag, Decimal(88 + rupees)))

    with pytest.raises(Conflict, match="moved 25 times, the broker allows 25"):
        floor.record(lambda: floor.run.wish_price(tag, Decimal(87)))


# ── names ─────────────────────────────────────────────────────────────────────────────────


def test_a_tag_names_one_slice_and_attempt_of_one_installation_for_ever() -> None:
    same = ("INST", "RUN-1", Phase.ENTRY_BUY, 0, 1, 1)
    others = [
        ("OTHER", *same[1:]),
        ("INST", "RUN-2", *same[2:]),
        (*same[:2], Phase.EXIT_BUY, *same[3:]),
        (*same[:3], 1, 1, 1),
        (*same[:4], 2, 1),
        (*same[:5], 2),
    ]

    tags = {tag_of(*each) for each in (same, *others)}

    assert tag_of(*same) == tag_of(*same) == "UB2ZJH2G5RWJW6IUJRT4"
    assert len(tags) == 7
    assert all(len(tag) == 20 and tag.isalnum() and tag.isascii() for tag in tags)


@pytest.mark.parametrize(
    ("phase", "side", "order"),
    [
        (Phase.ENTRY_BUY, Side.BUY, "ENTRY-1"),
        (Phase.ENTRY_SELL, Side.SELL, "ENTRY-1"),
        (Phase.EXIT_BUY, Side.BUY, "EXIT-1"),
        (Phase.EXIT_SELL, Side.SELL, "EXIT-1"),
    ],
)
def test_a_phase_has_one_side_and_belongs_to_one_order(
    phase: Phase, side: Side, order: str
) -> None:
    assert (phase.side, phase.order) == (side, order)
    assert phase.is_entry is order.startswith("ENTRY")


def test_a_run_is_the_same_after_replaying_its_events() -> None:
    floor = Floor().entered()
    floor.prices[CALL] = ("119", "120")
    floor.leave().after(2).fill(CALL, units=30).fill().fill()

    replayed = None
    for event in floor.events:
        replayed = event.mutate(replayed)

    assert isinstance(replayed, Run)
    kept, again = dict(vars(floor.run)), dict(vars(replayed))
    kept.pop("_pending_events", None)
    again.pop("_pending_events", None)
    assert kept == again
    assert floor.run.slices[floor.sent(leg=HEDGE_CALL)[0].tag].missing == 0


def test_a_day_is_marked_once() -> None:
    floor = Floor()

    for mtm in (Decimal(100), Decimal(200)):
        floor.record(lambda mtm=mtm: floor.run.mark("2026-08-04", mtm))  # type: ignore[misc]  # bound now

    assert floor.run.marks == {"2026-08-04": Decimal(100)}
