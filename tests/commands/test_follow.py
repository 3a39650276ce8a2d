"""Following a run: what is stored before what is sent, by one owner, in time, whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from eventsourcing.persistence import AggregateRecorder, OperationalError, StoredEvent

from adapters.brokers.paper.faults import FaultKind
from adapters.clock import SteppedClock
from adapters.store.emergency_rules import may_go_on
from adapters.turnstile import Turnstile
from commands.follow import LEASE_RESERVE_S
from commands.run import DeclareAbsent, ExitRun
from domain.account import BrokerAccount
from domain.contract import Side
from domain.ledger import flat
from domain.model import Origin, acting
from domain.run import Run
from domain.run_terms import Stage
from domain.slices import SliceStatus
from domain.steps import Plan
from domain.user import User
from tests.adapters.market.recorded_days import minute
from tests.commands.pit import Killed, Pit, quiet_rows

BOUNDARIES = ("before-append", "after-append", "before-call", "after-call", "before-answer")


@pytest.fixture
def pit(tmp_path: Path) -> Pit:
    return Pit(tmp_path)


def killer(where: str, times: int) -> Callable[[str], None]:
    """Ends the process when that boundary is reached so often."""
    reached = 0

    def boundary(name: str) -> None:
        nonlocal reached
        reached += name == where
        if name == where and reached == times:
            raise Killed

    return boundary


def covered(pit: Pit, run_id: str) -> None:
    """After each execution at the broker no more was sold of a type than was held of it."""
    account = pit.run(run_id).terms.account_id
    for _, net in pit.judge().nets(account):
        for kind in ("CE", "PE"):
            assert sum(units for key, units in net.items() if key.endswith(kind)) >= 0


def test_a_run_goes_from_its_second_to_its_exit_and_is_flat(pit: Pit) -> None:
    run_id = pit.opened()

    run = pit.follow(run_id)

    assert (run.stage, run.outcome) == (Stage.CLOSED, "TIME")
    assert run.net_premium == 65 * (Decimal("79.95") + Decimal("74.95") - 20 - 15)
    assert pit.net(run_id) == {}
    covered(pit, run_id)


def test_the_first_order_reaches_the_broker_in_the_second_of_the_entry(pit: Pit) -> None:
    run_id = pit.opened()

    pit.follow(run_id, until="09:21")

    first = pit.judge().placed()[0]
    assert first.at == minute("09:20")


def test_the_intent_is_stored_before_the_broker_hears_of_it(pit: Pit) -> None:
    run_id = pit.opened()
    seen: list[set[str]] = []

    def boundary(name: str) -> None:
        if name == "before-call":
            stored = pit.process().load(run_id, Run)
            seen.append(set(stored.slices))

    pit.follow(run_id, by=pit.follower_of("W1", boundary))

    tags = [each.ticket.tag for each in pit.judge().placed()]
    assert len(tags) == len(seen) == 8
    assert all(tag in stored for tag, stored in zip(tags, seen, strict=True))


def test_every_event_names_what_caused_the_run_and_the_version_it_came_from(pit: Pit) -> None:
    run_id = pit.opened()
    run = pit.follow(run_id)

    events = pit.trading.history(run_id)

    assert {event.correlation_id for event in events} == {run.correlation}
    assert all(e.causation_id == f"{run_id}:{e.originator_version - 1}" or e.causation_id
               for e in events[1:])  # fmt: skip
    assert {event.actor for event in events[1:]} == {"system"}


def test_watching_a_quiet_market_reads_and_writes_nothing(pit: Pit) -> None:
    run_id = pit.opened()
    pit.follow(run_id, until="09:22")
    reads, writes = pit.recorder.reads, pit.recorder.writes

    for _ in range(5):
        pit.follower.follow(run_id)

    assert (pit.recorder.reads, pit.recorder.writes) == (reads, writes)


@pytest.mark.parametrize("times", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("where", BOUNDARIES)
def test_killed_anywhere_nothing_is_sent_twice_and_all_is_left(
    pit: Pit, where: str, times: int
) -> None:
    run_id = pit.opened()
    try:
        pit.follow(run_id, by=pit.follower_of("W1", killer(where, times), pit.process()))
    except Killed:
        pit.exchange.step(pit.clock.now() + timedelta(seconds=21))

    successor = pit.follower_of("W2", trading=pit.process())
    run = pit.follow(run_id, until="09:33", by=successor)
    for lost in [s for s in run.slices.values() if s.status is SliceStatus.UNKNOWN]:
        assert lost.intent.tag not in {each.ticket.tag for each in pit.judge().placed()}
        user = pit.trading.load(run.owner, User)
        absent = DeclareAbsent(run_id=run_id, tag=lost.intent.tag, why="not in the broker's book")
        pit.bus.execute(absent, pit.asked(user))
    run = pit.follow(run_id, by=pit.follower_of("W3", trading=pit.process()))

    assert pit.judge().sent_twice() == []
    covered(pit, run_id)
    assert run.stage is Stage.CLOSED
    assert flat(run)
    assert pit.net(run_id) == {}


def test_what_the_platform_knows_of_its_orders_is_what_the_broker_did(pit: Pit) -> None:
    run_id = pit.opened()
    run = pit.follow(run_id)

    filled = {each.ticket.tag: 0 for each in pit.judge().placed()}
    placed = {each.order_id: each.ticket.tag for each in pit.judge().placed()}
    for fill in pit.judge().fills():
        filled[placed[fill.order_id]] += fill.quantity

    assert {tag: s.filled for tag, s in run.slices.items()} == filled


# ── ownership in time ─────────────────────────────────────────────────────────────────────


def test_a_worker_that_stalls_past_its_lease_sends_nothing(pit: Pit) -> None:
    run_id = pit.opened()

    def stall(name: str) -> None:
        if name == "after-append" and pit.run(run_id).slices:
            pit.clock.sleep(20 - LEASE_RESERVE_S)

    pit.exchange.step(minute("09:20"))
    pit.follower_of("W1", stall).follow(run_id)

    assert pit.judge().placed() == []
    assert {s.status for s in pit.run(run_id).slices.values()} == {SliceStatus.UNSENT}


def test_just_before_that_it_still_sends(pit: Pit) -> None:
    run_id = pit.opened()
    slept: list[bool] = []

    def stall(name: str) -> None:
        if name == "after-append" and not slept:
            slept.append(True)
            pit.clock.sleep(20 - LEASE_RESERVE_S - 0.5)

    pit.exchange.step(minute("09:20"))
    pit.follower_of("W1", stall).follow(run_id)

    assert len(pit.judge().placed()) >= 2


def test_a_stall_before_the_append_counts_against_the_lease(pit: Pit) -> None:
    run_id = pit.opened()
    slept: list[bool] = []

    def stall(name: str) -> None:
        if name == "before-append" and not slept:
            slept.append(True)
            pit.clock.sleep(15)

    pit.exchange.step(minute("09:20"))
    pit.follower_of("W1", stall).follow(run_id)

    first = next(e for e in pit.trading.history(run_id) if isinstance(e, Run.PhaseReleased))
    assert all(pit.run(run_id).slices[s.tag].status is SliceStatus.UNSENT for s in first.slices)


class Stalling:
    """A clock whose process stands still for 15 s right after it was told the time."""

    def __init__(self, clock: SteppedClock) -> None:
        self.clock = clock
        self.stalled = False

    def now(self) -> datetime:
        told = self.clock.now()
        if not self.stalled:
            self.clock.sleep(15)
        self.stalled = True
        return told

    def monotonic(self) -> float:
        return self.clock.monotonic()

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)


def test_a_stall_between_the_two_clocks_shortens_the_lease_and_does_not_stretch_it(
    pit: Pit,
) -> None:
    run_id = pit.opened()
    pit.run_planner.arm(pit.run(run_id), pit.clock.now())
    pit.exchange.step(minute("09:20"))
    stalling = Stalling(pit.clock)
    follower = pit.follower_of("W1")
    follower.clock = stalling
    stalling.stalled = True
    looked = follower.lookout

    def plan_then_stall(run: Run, now: datetime) -> Plan:
        stalling.stalled = False
        return pit.run_planner(run, now)

    follower.lookout = replace(looked, plan=plan_then_stall)
    follower.follow(run_id)

    first = next(e for e in pit.trading.history(run_id) if isinstance(e, Run.PhaseReleased))
    assert all(pit.run(run_id).slices[s.tag].status is SliceStatus.UNSENT for s in first.slices)


def test_a_rival_waits_for_the_end_of_the_lease(pit: Pit) -> None:
    run_id = pit.opened()
    pit.exchange.step(minute("09:20"))
    pit.follower.follow(run_id)

    wake = pit.follower_of("W2", trading=pit.process()).follow(run_id)

    assert wake == pit.run(run_id).lease_until


def test_two_workers_of_one_second_open_one_set_of_orders(pit: Pit) -> None:
    run_id = pit.opened()
    pit.exchange.step(minute("09:20"))
    rival = pit.follower_of("W2", trading=pit.process())

    def meanwhile(name: str) -> None:
        if name == "before-append" and not pit.run(run_id).slices:
            rival.follow(run_id)

    pit.follower_of("W1", meanwhile, pit.process()).follow(run_id)

    assert len(pit.judge().placed()) == 2
    assert pit.run(run_id).worker == "W2"


def test_a_wish_written_meanwhile_is_obeyed_before_anything_is_sent(pit: Pit) -> None:
    run_id = pit.opened()
    pit.exchange.step(minute("09:20"))
    other = pit.process()
    done: list[bool] = []

    def meanwhile(name: str) -> None:
        if name == "before-append" and not done:
            done.append(True)
            run = other.load(run_id, Run)
            with acting(Origin(at=pit.clock.now(), actor="kill-switch", correlation_id="K")):
                run.request_exit("KILL", "stop")
            other.save(run)

    pit.follower_of("W1", meanwhile, pit.process()).follow(run_id)

    assert pit.judge().placed() == []
    assert pit.run(run_id).skip_reason == "KILL"


def test_answers_are_recorded_though_a_wish_came_while_the_broker_was_asked(pit: Pit) -> None:
    run_id = pit.opened()
    pit.exchange.step(minute("09:20"))
    other = pit.process()
    done: list[bool] = []

    def meanwhile(name: str) -> None:
        if name == "before-answer" and not done:
            done.append(True)
            run = other.load(run_id, Run)
            with acting(Origin(at=pit.clock.now(), actor="USER-1", correlation_id="K")):
                run.request_exit("REQUEST", "leave")
            other.save(run)

    follower = pit.follower_of("W1", meanwhile, pit.process())
    run = pit.follow(run_id, by=follower)

    assert pit.kinds(run_id).count("SliceAccepted") >= 2
    assert (run.stage, run.outcome) == (Stage.CLOSED, "REQUEST")


def test_a_trader_s_request_is_seen_without_being_told(pit: Pit) -> None:
    run_id = pit.opened()
    pit.follow(run_id, until="09:22")
    user = pit.trading.load(pit.run(run_id).owner, User)

    pit.bus.execute(ExitRun(run_id=run_id), pit.asked(user))
    run = pit.follow(run_id, until="09:23")

    assert run.outcome == "REQUEST"


# ── what the broker does ──────────────────────────────────────────────────────────────────


def test_a_lost_answer_is_looked_for_and_found(pit: Pit) -> None:
    run_id = pit.opened()
    pit.fault(FaultKind.DROP_ANSWER, run_id, times=2)

    run = pit.follow(run_id)

    assert run.outcome == "TIME"
    assert pit.kinds(run_id).count("SliceUnknown") == 2
    assert pit.judge().sent_twice() == []


def test_an_order_registered_late_is_found_late(pit: Pit) -> None:
    run_id = pit.opened()
    pit.fault(FaultKind.LATE, run_id, seconds=90)

    run = pit.follow(run_id)

    assert run.exit_reason == "HEDGE_TIMEOUT"
    assert run.stage is Stage.CLOSED
    assert len(pit.judge().placed()) == len({p.ticket.tag for p in pit.judge().placed()})
    assert pit.net(run_id) == {}


def test_a_request_that_never_arrived_is_not_repeated_and_the_entry_undone(pit: Pit) -> None:
    run_id = pit.opened()
    pit.fault(FaultKind.DROP_REQUEST, run_id)

    run = pit.follow(run_id)

    assert run.exit_reason == "HEDGE_TIMEOUT"
    assert flat(run)
    assert pit.net(run_id) == {}
    sold = [p.ticket for p in pit.judge().placed() if p.ticket.side is Side.SELL]
    assert len(sold) == 1


def test_too_many_requests_are_waited_out(pit: Pit) -> None:
    run_id = pit.opened()
    pit.fault(FaultKind.THROTTLE, run_id, times=3)

    run = pit.follow(run_id, until="09:21")

    assert run.stage is Stage.OPEN


def test_a_throttled_look_at_the_book_is_tried_again(pit: Pit) -> None:
    run_id = pit.opened()
    pit.fault(FaultKind.THROTTLE, run_id, method="orders")
    pit.fault(FaultKind.FAIL, run_id, method="orders")

    run = pit.follow(run_id, until="09:21")

    assert run.stage is Stage.OPEN
    assert "BROKER_SILENT" not in run.alerts


def test_a_refused_short_is_undone_and_nothing_stays_naked(pit: Pit) -> None:
    run_id = pit.opened()
    pit.exchange.step(minute("09:20"))
    pit.follower.follow(run_id)
    pit.fault(FaultKind.REJECT, run_id, message="RMS: blocked")

    run = pit.follow(run_id)

    assert run.outcome == "ENTRY_REJECTED"
    covered(pit, run_id)
    assert pit.net(run_id) == {}


def test_a_hedge_hidden_from_the_book_delays_the_shorts(pit: Pit) -> None:
    run_id = pit.opened()
    pit.fault(FaultKind.HIDE, run_id, seconds=4)

    run = pit.follow(run_id, until="09:21")

    entered = next(e for e in pit.trading.history(run_id) if isinstance(e, Run.Entered))
    assert entered.timestamp >= minute("09:20") + timedelta(seconds=4)
    assert run.stage is Stage.OPEN


def test_a_session_that_died_blocks_the_exit_until_the_trader_is_back(pit: Pit) -> None:
    run_id = pit.opened()
    run = pit.follow(run_id, until="09:29")
    pit.faults.expire_session(run.terms.account_id)

    run = pit.follow(run_id, until="09:31")
    assert run.stage is Stage.EXITING
    assert "EXIT_BLOCKED" in run.alerts
    pit.faults.open_session(run.terms.account_id)

    assert pit.follow(run_id).stage is Stage.CLOSED


def test_what_is_held_by_an_account_without_a_session_is_said_each_minute(pit: Pit) -> None:
    run_id = pit.opened()
    run = pit.follow(run_id, until="09:21")
    account = pit.trading.load(run.terms.account_id, BrokerAccount)
    with acting(Origin(at=pit.clock.now(), actor="system", correlation_id="S")):
        account.session_ended("the token died at 06:00", expired=True)
    pit.trading.save(account)

    run = pit.follow(run_id, until="09:24")

    said = [e for e in pit.trading.history(run_id) if isinstance(e, Run.Alerted)]
    assert [e.kind for e in said] == ["EXIT_BLOCKED"] * len(said)
    assert len(said) >= 3
    assert "log in at the broker" in said[0].detail
    account = pit.trading.load(run.terms.account_id, BrokerAccount)
    with acting(Origin(at=pit.clock.now(), actor="system", correlation_id="S")):
        account.connected("X", ("OPTIONS",))
    pit.trading.save(account)
    assert "EXIT_BLOCKED" not in pit.follow(run_id, until="09:25").alerts


def test_a_stop_in_rupees_leaves_on_the_tick_that_crosses_it(tmp_path: Path) -> None:
    pit = Pit(tmp_path, quiet_rows(moves={"24800CE": {"09:24": 160.0}}))
    run_id = pit.opened()

    run = pit.follow(run_id)

    assert run.outcome == "MAX_LOSS"
    left = next(e for e in pit.trading.history(run_id) if isinstance(e, Run.ExitRequested))
    assert left.timestamp == minute("09:24") + timedelta(milliseconds=1)
    assert left.mtm is not None
    assert left.mtm <= -5000


def test_a_silent_feed_decides_nothing_and_is_told(tmp_path: Path) -> None:
    rows = quiet_rows(
        moves={"24800CE": {"09:23": 500.0, "09:26": 80.0}}, silent=("09:23", "09:24", "09:25")
    )
    pit = Pit(tmp_path, rows)
    run_id = pit.opened()

    run = pit.follow(run_id)

    assert run.outcome == "TIME"
    kinds = pit.kinds(run_id)
    assert (kinds.count("Alerted"), kinds.count("AlertCleared")) == (1, 1)


def test_a_run_in_circles_is_stopped(pit: Pit, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = pit.opened()
    monkeypatch.setattr("commands.follow.TURNS", 1)
    pit.exchange.step(minute("09:20"))

    with pytest.raises(RuntimeError, match="without coming to rest"):
        pit.follower.follow(run_id)


def test_an_ended_run_is_not_looked_at_again(pit: Pit) -> None:
    run_id = pit.opened()
    pit.follow(run_id)

    assert pit.follower.follow(run_id) is None


def test_after_a_start_what_is_held_does_not_queue_behind_entries(pit: Pit) -> None:
    due = pit.opened()
    restarted = pit.follower_of("W2")
    assert restarted.going_in(due)

    pit.follow(due, until="09:22")

    assert not restarted.going_in(due)


def test_after_a_fault_what_may_have_to_leave_does_not_queue_behind_entries(pit: Pit) -> None:
    run_id = pit.opened()
    pit.follow(run_id, until="09:22")

    pit.follower.forget(run_id)
    pit.trading.forget_all()

    assert not pit.follower.going_in(run_id)


# ── a store that takes facts and refuses new risk ─────────────────────────────────────────


class FullDisk:
    """A recorder as on a full disk: what takes no new risk goes into the reserve."""

    def __init__(self, recorder: AggregateRecorder) -> None:
        self.refused = 0
        self._insert = recorder.insert_events

    def insert_events(self, events: Sequence[StoredEvent], **more: Any) -> Sequence[int] | None:
        if not may_go_on(events):
            self.refused += 1
            raise OperationalError("database or disk is full")
        return self._insert(events, **more)


def test_on_a_full_disk_hedges_that_filled_are_known_and_left_in_time(
    pit: Pit, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = pit.opened()
    pit.exchange.step(minute("09:20"))
    pit.follower.follow(run_id)
    disk = FullDisk(pit.recorder)
    monkeypatch.setattr(pit.recorder, "insert_events", disk.insert_events)

    for _ in range(60):
        pit.exchange.step(pit.clock.now() + timedelta(seconds=2))
        with suppress(OperationalError):
            pit.follower.follow(run_id)

    run = pit.run(run_id)
    assert disk.refused
    assert run.stage is Stage.CLOSED
    assert pit.kinds(run_id).count("SliceSeen") >= 4
    assert not any(pit.net(run_id).values())


def test_a_run_that_is_followed_elsewhere_is_waited_for_beside_the_turnstile(pit: Pit) -> None:
    run_id = pit.opened()
    turnstile, called, answered = Turnstile(), Event(), Event()
    follower = pit.follower
    follower.aside = turnstile.aside

    def hold() -> None:
        with turnstile, follower.turn(run_id), turnstile.aside():
            called.set()
            answered.wait(30)

    def notice() -> None:
        with turnstile:
            follower.follow(run_id)

    threads = [Thread(target=work, daemon=True) for work in (hold, notice)]
    threads[0].start()
    called.wait(30)
    threads[1].start()
    answered.set()
    for thread in threads:
        thread.join(30)

    assert not any(thread.is_alive() for thread in threads)
