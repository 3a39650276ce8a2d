"""With the store unable to write, runs leave their positions, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from threading import Thread

import pytest
from eventsourcing.persistence import IntegrityError, OperationalError

from adapters.store.sqlite import open_sqlite
from commands.application import Trading
from domain.account import BrokerAccount
from domain.model import acting
from domain.run import Run
from domain.run_terms import Stage
from domain.slices import Phase
from tests.adapters.store.exposure import (
    JOURNAL,
    STORE,
    Disk,
    GrowthLimit,
    Tmpfs,
    due,
    leave,
    may_mount,
    mount,
    one_slice,
    open_desk,
    open_run,
    plan,
    reserve,
    unmount,
)
from tests.domain.adversary import EXIT, at

DISKS = ["growth limit", *(["tmpfs"] if may_mount() else [])]


@pytest.fixture(params=DISKS)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """A disk that can be filled: a small one where we may mount it, and always a limit."""
    if request.param == "tmpfs":
        assert mount(tmp_path)
        yield Tmpfs(tmp_path)
        unmount(tmp_path)
        return
    limited = GrowthLimit(tmp_path)
    yield limited
    limited.free()


@pytest.fixture
def trading(disk: Disk) -> Iterator[Trading]:
    """The write side on that disk."""
    desk = open_desk(disk.folder)
    yield desk
    disk.free()
    desk.close()


@pytest.fixture
def told(trading: Trading) -> list[str]:
    """The alarms, in order."""
    alarms: list[str] = []
    reserve(trading).alarm = alarms.append
    return alarms


def in_the_store(disk: Disk) -> dict[int, tuple[str, int]]:
    store = open_sqlite(disk.folder / STORE)
    found = {
        one.id: (str(one.originator_id), one.originator_version)
        for one in store.select_notifications(1, 100_000)
    }
    store.datastore.close()
    return found


def test_a_run_leaves_on_a_full_disk_and_its_exit_is_stored_when_there_is_room(
    disk: Disk, trading: Trading, told: list[str]
) -> None:
    run = open_run(trading)
    entered = run.version
    disk.fill()

    leave(trading, run)

    assert reserve(trading).journaling
    assert max(version for _, version in in_the_store(disk).values()) == entered
    trading.forget_all()
    assert trading.load(run.id, Run).stage is Stage.CLOSED
    assert len(told) == 1
    assert "entries are refused, exits go on" in told[0]
    disk.free()
    trading.save(due("STRAT-2"))
    assert not reserve(trading).journaling
    assert list(in_the_store(disk).values()) == [
        *((run.id, version) for version in range(1, run.version + 1)),
        ("RUN-STRAT-2-ACC-1-20260804T0920", 1),
    ]
    assert told[1:] == ["the store writes again", "5 events of the emergency journal are in "
                        "the store now"]  # fmt: skip


def test_on_a_full_disk_no_new_run_is_opened(disk: Disk, trading: Trading) -> None:
    leaving = open_run(trading)
    disk.fill()
    leave(trading, leaving)

    with pytest.raises(OperationalError):
        trading.save(due("STRAT-2"))

    disk.free()
    assert reserve(trading).fold()
    assert trading.history("RUN-STRAT-2-ACC-1-20260804T0920") == ()


@pytest.mark.parametrize("step", ["plan", "hedges", "shorts", "plan and exit"])
def test_on_a_full_disk_a_run_that_is_due_does_not_enter(
    disk: Disk, trading: Trading, step: str
) -> None:
    run = due()
    if step in ("hedges", "shorts"):
        plan(run)
    trading.save(run)
    disk.fill()

    with acting(at(EXIT)):
        if "plan" in step:
            plan(run)
        else:
            phase = Phase.ENTRY_BUY if step == "hedges" else Phase.ENTRY_SELL
            run.release(phase, (one_slice(run, phase),))
        if "exit" in step:
            run.request_exit("KILL", "the trader said so")
    stored = run.version - len(run.pending_events)
    with pytest.raises(OperationalError):
        trading.save(run)

    assert not reserve(trading).journaling
    assert trading.load(run.id, Run).version == stored


def test_the_kill_switch_works_on_a_full_disk(disk: Disk, trading: Trading) -> None:
    with acting(at(EXIT)):
        account = BrokerAccount.link(
            "ACC-1", user_id="USER-1", broker="paper", account_name="Paper"
        )
    trading.save(account)
    disk.fill()

    with acting(at(EXIT)):
        account.stop("enough for today")
    trading.save(account)

    trading.forget_all()
    assert not trading.load("ACC-1", BrokerAccount).tradable
    with acting(at(EXIT)):
        account.release("in a better mood")
    with pytest.raises(OperationalError):
        trading.save(account)


def test_whoever_decides_on_an_old_copy_is_told_so_on_a_full_disk_too(
    disk: Disk, trading: Trading
) -> None:
    run = open_run(trading)
    other = open_desk(disk.folder)
    copy = other.load(run.id, Run)
    disk.fill()
    leave(trading, run)

    with acting(at(EXIT)):
        copy.alert("DRIFT", "the broker's net is not ours")
    with pytest.raises(IntegrityError):
        other.save(copy)

    assert other.load(run.id, Run).stage is Stage.CLOSED
    other.close()


def test_two_workers_share_the_reserve_and_either_brings_it_into_the_store(
    disk: Disk, trading: Trading
) -> None:
    first, second = open_run(trading), open_run(trading, "STRAT-2")
    other = open_desk(disk.folder)
    disk.fill()
    leave(trading, first)
    copy = other.load(second.id, Run)
    leave(other, copy)
    disk.free()

    assert reserve(other).fold()

    assert not reserve(trading).journaling
    assert trading.load(second.id, Run).stage is Stage.CLOSED
    last = dict(in_the_store(disk).values())
    assert last == {first.id: first.version, second.id: copy.version}
    leave(trading, open_run(trading, "STRAT-3"))
    other.close()


def test_many_runs_leave_at_once_while_the_disk_comes_and_goes(
    disk: Disk, trading: Trading
) -> None:
    runs = [open_run(trading, f"STRAT-{number}") for number in range(8)]
    leavers = [Thread(target=leave, args=(trading, run)) for run in runs]

    for number, leaver in enumerate(leavers):
        if number % 3 == 0:
            disk.fill()
        leaver.start()
        if number % 3 == 2:
            disk.free()
    for leaver in leavers:
        leaver.join()
    disk.free()
    reserve(trading).fold()

    found = in_the_store(disk)
    assert sorted(found) == list(range(1, len(found) + 1))
    for run in runs:
        versions = [version for stream, version in found.values() if stream == run.id]
        assert versions == list(range(1, run.version + 1))
        assert trading.load(run.id, Run).stage is Stage.CLOSED


def test_a_platform_that_starts_on_a_full_disk_goes_on_leaving(disk: Disk) -> None:
    before = open_desk(disk.folder)
    run, other = open_run(before), open_run(before, "STRAT-2")
    keeping = open_sqlite(disk.folder / STORE)  # the log stays as long as somebody reads
    disk.fill()
    leave(before, run)
    before.close()

    again = open_desk(disk.folder)
    leave(again, again.load(other.id, Run))

    assert again.load(run.id, Run).stage is Stage.CLOSED
    assert again.load(other.id, Run).stage is Stage.CLOSED
    disk.free()
    assert reserve(again).fold()
    assert len(in_the_store(disk)) == run.version + again.load(other.id, Run).version
    again.close()
    keeping.datastore.close()


def test_a_full_journal_refuses_and_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    trading = open_desk(tmp_path, journal_bytes=2000)
    run = open_run(trading)
    kept: list[int] = []
    limited = GrowthLimit(tmp_path)
    limited.fill()

    with pytest.raises(OperationalError, match="full"):
        leave(trading, run, lambda run: kept.append(run.version))

    assert kept
    trading.forget_all()
    assert trading.load(run.id, Run).version == kept[-1]
    limited.free()
    assert reserve(trading).fold()
    assert trading.load(run.id, Run).version == kept[-1]
    trading.close()


@pytest.mark.parametrize("disk", ["tmpfs"] if may_mount() else [], indirect=True)
def test_without_room_for_the_reserve_the_platform_does_not_start(disk: Disk) -> None:
    open_sqlite(disk.folder / STORE).datastore.close()
    disk.fill()

    with pytest.raises(OperationalError, match=JOURNAL):
        open_desk(disk.folder)

    assert not (disk.folder / JOURNAL).exists()


def test_what_contradicts_the_store_is_put_aside_and_told(
    disk: Disk, trading: Trading, told: list[str]
) -> None:
    run, other = open_run(trading), open_run(trading, "STRAT-2")
    disk.fill()
    leave(trading, run)
    leave(trading, other)
    disk.free()
    without_reserve = open_sqlite(disk.folder / STORE)
    alien = due("STRAT-9")
    with acting(at(EXIT)):
        alien.alert("DRIFT", "noted by a tool that knows nothing of the journal")
    stored = trading.mapper.to_stored_event(alien.pending_events[1])
    without_reserve.insert_events(
        [type(stored)(run.id, run.version - 4, stored.topic, stored.state)]
    )

    assert reserve(trading).fold()

    assert [event.topic for event in without_reserve.select_events(run.id, gt=run.version - 5)] == [
        "run.alerted"
    ]
    assert len(without_reserve.select_events(other.id)) == other.version
    assert len([alarm for alarm in told if f"{run.id} version" in alarm]) == 5
    aside = reserve(trading).journal.parked.read_text().splitlines()
    assert len(aside) == 5
    assert "run.exit_requested" in aside[0]
    without_reserve.datastore.close()


def test_what_was_filled_is_read_from_the_journal_as_later_from_the_store(
    disk: Disk, trading: Trading
) -> None:
    run = open_run(trading)
    disk.fill()
    leave(trading, run)
    journaled = trading.history(run.id)
    disk.free()

    assert reserve(trading).fold()

    assert trading.history(run.id) == journaled
    sold = trading.load(run.id, Run).slices[one_slice(run, Phase.EXIT_SELL).tag]
    assert (sold.filled, sold.average_price) == (65, Decimal(100))
