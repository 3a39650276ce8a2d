"""Calling the broker: in the lane, in time, and whatever it answers is put into words."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.brokers.paper.faults import FaultKind
from commands.ports import Lane
from commands.sending import GLANCE_S, Answer, Dealer
from domain.book import NotSent
from domain.contract import Side
from domain.run import Run
from domain.slices import Phase
from domain.steps import Cancel, Release, Reprice, Step
from tests.adapters.market.recorded_days import minute
from tests.commands.pit import Pit

FOREVER = 1e9


@dataclass
class Notebook:
    """A lane that lets everybody pass and notes who went as what."""

    went: list[bool] = field(default_factory=list)
    full: bool = False

    def place(self, *, entry: bool) -> float:
        if self.full:
            raise NotSent("5000 orders were sent today")
        self.went.append(entry)
        return 0


@pytest.fixture
def pit(tmp_path: Path) -> Pit:
    return Pit(tmp_path)


@pytest.fixture
def lane() -> Notebook:
    return Notebook()


@pytest.fixture
def run(pit: Pit) -> Run:
    """A run whose hedges rest at the broker."""
    run_id = pit.opened()
    pit.exchange.step(minute("09:20"))
    pit.follower.follow(run_id)
    return pit.run(run_id)


def send(pit: Pit, run: Run, lane: Lane, *steps: Step, deadline: float = FOREVER) -> list[Answer]:
    broker = pit.broker(run.terms.account_id)
    dealer = Dealer(broker=broker, lane=lane, clock=pit.clock)
    return dealer.carry_out(run, steps, deadline)


def again(run: Run) -> Release:
    """The first release once more, under tags of its own."""
    states = list(run.slices.values())
    slices = tuple(s.intent.model_copy(update={"tag": f"{s.intent.tag[:-1]}0"}) for s in states)
    return Release(states[0].intent.phase, slices)


def test_every_call_takes_its_place_in_the_lane(pit: Pit, run: Run, lane: Notebook) -> None:
    send(pit, run, lane, again(run))

    assert lane.went == [True, True]


def test_a_cancellation_goes_with_the_exits_and_a_new_price_with_its_order(
    pit: Pit, run: Run, lane: Notebook
) -> None:
    tag = next(iter(run.slices))

    send(pit, run, lane, Reprice(tag, Decimal("20.25")), Cancel(tag))

    assert lane.went == [True, False]


def test_a_full_day_means_not_sent(pit: Pit, run: Run, lane: Notebook) -> None:
    lane.full = True

    answers = send(pit, run, lane, again(run), Cancel(next(iter(run.slices))))

    assert [a.kind for a in answers] == ["unsent", "unsent", "refused"]
    assert "5000 orders" in answers[0].text


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (FaultKind.REJECT, "rejected"),
        (FaultKind.THROTTLE, "unsent"),
        (FaultKind.DROP_REQUEST, "unknown"),
        (FaultKind.DROP_ANSWER, "unknown"),
    ],
)
def test_each_way_a_call_may_end_has_its_word(
    pit: Pit, run: Run, lane: Notebook, fault: FaultKind, kind: str
) -> None:
    pit.fault(fault, run.id)

    answers = send(pit, run, lane, again(run))

    assert [a.kind for a in answers] == [kind, "accepted"]


def test_a_dead_session_sends_nothing(pit: Pit, run: Run, lane: Notebook) -> None:
    pit.faults.expire_session(run.terms.account_id)

    answers = send(pit, run, lane, again(run), Cancel(next(iter(run.slices))))

    assert [a.kind for a in answers] == ["unsent", "unsent", "refused"]


def test_after_the_deadline_nothing_is_sent_moved_or_cancelled(
    pit: Pit, run: Run, lane: Notebook
) -> None:
    tag = next(iter(run.slices))
    before = len(pit.judge().placed())
    late = pit.clock.monotonic()

    answers = send(
        pit, run, lane, again(run), Reprice(tag, Decimal(20)), Cancel(tag), deadline=late
    )

    assert [a.kind for a in answers] == ["unsent", "unsent", "refused", "refused"]
    assert len(pit.judge().placed()) == before


def test_what_the_broker_never_numbered_cannot_be_moved(pit: Pit, run: Run, lane: Notebook) -> None:
    tag = next(iter(run.slices))
    run.slices[tag].broker_order_id = None

    assert send(pit, run, lane, Cancel(tag)) == []
    assert lane.went == []


def test_a_refused_change_is_noted_and_the_book_decides(pit: Pit, run: Run, lane: Notebook) -> None:
    tag = next(iter(run.slices))
    pit.clock.sleep(1)
    pit.broker(run.terms.account_id).orders()

    (answer,) = send(pit, run, lane, Cancel(tag))

    assert answer.kind == "refused"
    assert "being processed" in answer.text


@dataclass
class Wishful(Notebook):
    """A lane in which somebody wishes something while the second order waits."""

    wished: bool = False

    def place(self, *, entry: bool) -> float:
        self.wished = len(self.went) > 0
        return super().place(entry=entry)


def test_an_entry_whose_run_is_wished_away_sends_no_more_of_its_orders(pit: Pit, run: Run) -> None:
    lane = Wishful()
    dealer = Dealer(broker=pit.broker(run.terms.account_id), lane=lane, clock=pit.clock)

    answers = dealer.carry_out(run, [again(run)], FOREVER, lambda _: lane.wished)

    assert [a.kind for a in answers] == ["accepted", "unsent"]
    assert "wished" in answers[1].text


class Full(Notebook):
    """A lane in which the minute's places are taken."""

    def place(self, *, entry: bool) -> float:
        return super().place(entry=entry) or 40.0


def test_an_entry_that_waits_for_a_minute_hears_within_a_second_that_it_is_wished_away(
    pit: Pit, run: Run
) -> None:
    began = pit.clock.monotonic()
    dealer = Dealer(broker=pit.broker(run.terms.account_id), lane=Full(), clock=pit.clock)

    answers = dealer.carry_out(
        run, [again(run)], FOREVER, lambda _: pit.clock.monotonic() > began + 3
    )

    assert [a.kind for a in answers] == ["unsent", "unsent"]
    assert "wished" in answers[0].text
    assert pit.clock.monotonic() - began <= 3 + 2 * GLANCE_S


def test_no_place_is_waited_for_longer_than_the_lease_lasts(pit: Pit, run: Run) -> None:
    began = pit.clock.monotonic()

    answers = send(pit, run, Full(), Cancel(next(iter(run.slices))), deadline=began + 5)

    assert [a.kind for a in answers] == ["refused"]
    assert pit.clock.monotonic() - began <= 5 + GLANCE_S


def test_an_exit_is_sent_whatever_is_wished_meanwhile(pit: Pit, run: Run, lane: Notebook) -> None:
    entry = again(run)
    leave = Release(
        Phase.EXIT_SELL,
        tuple(
            s.model_copy(update={"phase": Phase.EXIT_SELL, "side": Side.SELL}) for s in entry.slices
        ),
    )
    dealer = Dealer(broker=pit.broker(run.terms.account_id), lane=lane, clock=pit.clock)

    answers = dealer.carry_out(run, [leave], FOREVER, lambda _: True)

    assert "unsent" not in [a.kind for a in answers]
