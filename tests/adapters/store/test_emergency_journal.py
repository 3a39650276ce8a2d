"""The journal's file: what it holds after a kill, a torn write, and an interrupted folding."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import OperationalError, StoredEvent
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.store.emergency import EmergencyRecorder
from adapters.store.emergency_file import MARK, NewerJournal
from adapters.store.emergency_gate import Gate
from adapters.store.emergency_journal import Journal, decoded, encoded
from adapters.store.sqlite import ApplicationEventRecorder, Datastore, open_sqlite
from tests.adapters.store.conftest import Events
from tests.adapters.store.exposure import JOURNAL, STORE, open_desk, reserve

ROOT = Path(__file__).parents[3]
LEAVING = [sys.executable, "-m", "tests.adapters.store.exposure"]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """An empty journal."""
    opened = Journal(tmp_path / JOURNAL, 64 * 1024)
    yield opened
    opened.close()


def reopened(journal: Journal) -> Journal:
    journal.close()
    return Journal(journal.path)


@pytest.mark.parametrize("acknowledged", [1, 41, 44, 57, 83])
def test_a_platform_killed_while_it_leaves_on_a_full_disk_loses_nothing_acknowledged(
    tmp_path: Path, acknowledged: int
) -> None:
    runs = 40
    with subprocess.Popen(
        [*LEAVING, str(tmp_path), str(runs)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as leaving:
        assert leaving.stdout is not None
        lines = [leaving.stdout.readline() for _ in range(acknowledged)]
        leaving.kill()
        lines += [line for line in leaving.stdout if line.endswith("\n")]
    told = [line.split()[1:] for line in lines]

    trading = open_desk(tmp_path)

    assert not reserve(trading).journaling
    last: dict[str, int] = {}
    for event in reserve(trading).select_notifications(1, 100_000):
        stream = str(event.originator_id)
        assert event.originator_version == last.get(stream, 0) + 1
        last[stream] = event.originator_version
    assert all(last[stream] >= int(version) for stream, version in told)
    trading.close()


def test_its_room_is_on_the_disk_from_the_start(tmp_path: Path) -> None:
    journal = Journal(tmp_path / JOURNAL, 1024 * 1024)

    taken = journal.path.stat()

    assert taken.st_size == 1024 * 1024
    assert taken.st_blocks * 512 >= taken.st_size
    assert taken.st_mode & 0o777 == 0o600
    journal.close()


def test_commits_are_there_in_order_when_it_is_opened_again(
    journal: Journal, events: Events
) -> None:
    journal.append(events("RUN-1", 5, 6))
    journal.append(events("RUN-2", 9))

    again = reopened(journal)

    assert again.events() == (*events("RUN-1", 5, 6), *events("RUN-2", 9))
    assert again.of_stream("RUN-2") == tuple(events("RUN-2", 9))
    again.append(events("RUN-1", 7))
    assert again.of_stream("RUN-1") == tuple(events("RUN-1", 5, 7))
    again.close()


@pytest.mark.parametrize("torn_at", [1, 4, 20, 36, 60])
def test_a_record_torn_by_a_power_cut_is_not_there_and_the_next_takes_its_place(
    journal: Journal, events: Events, torn_at: int
) -> None:
    journal.append(events("RUN-1", 5))
    begin = journal._place.offset
    journal.append(events("RUN-1", 6))
    end = journal._place.offset
    whole = bytearray(journal.path.read_bytes())
    whole[begin + torn_at : end] = bytes(end - begin - torn_at)
    journal.path.write_bytes(whole)

    again = reopened(journal)

    assert again.events() == tuple(events("RUN-1", 5))
    again.append(events("RUN-1", 6, 7))
    again = reopened(again)
    assert again.events() == tuple(events("RUN-1", 5, 7))
    again.close()


def test_a_torn_first_record_leaves_an_empty_journal(journal: Journal, events: Events) -> None:
    journal.append(events("RUN-1", 5))
    whole = bytearray(journal.path.read_bytes())
    whole[len(MARK) : len(MARK) + 4] = b"\xff\xff\xff\xff"
    journal.path.write_bytes(whole)

    again = reopened(journal)

    assert again.empty
    assert again.events() == ()
    again.close()


def test_what_an_earlier_filling_left_behind_does_not_come_back(
    journal: Journal, events: Events
) -> None:
    journal.append(events("RUN-1", 5))
    journal.append(events("RUN-1", 6))
    full = journal.path.read_bytes()
    journal.clear()
    journal.append(events("RUN-1", 7))
    ended = journal._place.offset
    journal.path.write_bytes(journal.path.read_bytes()[:ended] + full[ended:])

    again = reopened(journal)

    assert again.events() == tuple(events("RUN-1", 7))
    again.close()


@given(st.binary(max_size=200), st.text(max_size=20))
def test_any_state_comes_back_as_it_was(state: bytes, name: str) -> None:
    kept = [StoredEvent(f"RUN-{name}", 3, "run.slice_seen", state)]

    assert decoded(encoded(kept)) == kept


def test_a_file_that_is_no_journal_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL
    path.write_bytes(b"ATP journal 9\n\0\0" + bytes(1000))

    with pytest.raises(NewerJournal, match=JOURNAL):
        Journal(path)

    assert path.stat().st_size == 1016


@pytest.mark.parametrize("already", [0, 1, 3])
def test_folding_that_was_interrupted_goes_on_and_doubles_nothing(
    tmp_path: Path, journal: Journal, events: Events, already: int
) -> None:
    store = open_sqlite(tmp_path / STORE)
    store.insert_events(events("RUN-1", 1, 4))
    journal.append(events("RUN-1", 5))
    journal.append(events("RUN-1", 6, 7))
    if already:
        store.insert_events(events("RUN-1", 5, 4 + already))

    recorder = EmergencyRecorder(store, journal)

    assert not recorder.journaling
    assert store.select_events("RUN-1") == events("RUN-1", 1, 7)
    assert not journal.parked.exists()
    store.datastore.close()


def test_events_whose_predecessors_the_store_never_had_are_put_aside(
    tmp_path: Path, journal: Journal, events: Events
) -> None:
    store = open_sqlite(tmp_path / STORE)
    store.insert_events(events("RUN-1", 1, 2))
    journal.append(events("RUN-1", 5))
    alarms: list[str] = []

    recorder = EmergencyRecorder(store, journal, alarms.append)

    assert not recorder.journaling
    assert store.select_events("RUN-1") == events("RUN-1", 1, 2)
    assert "RUN-1 version 5" in alarms[-1]
    assert len(journal.parked.read_text().splitlines()) == 1
    store.datastore.close()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    gt=st.none() | st.integers(0, 9),
    lte=st.none() | st.integers(0, 9),
    desc=st.booleans(),
    limit=st.none() | st.integers(0, 9),
)
def test_a_stream_is_read_across_store_and_journal_as_one(
    half_journaled: EmergencyRecorder,
    events: Events,
    gt: int | None,
    lte: int | None,
    desc: bool,
    limit: int | None,
) -> None:
    wanted = [
        event
        for event in sorted(
            events("RUN-1", 1, 8), key=lambda each: each.originator_version, reverse=desc
        )
        if (gt is None or event.originator_version > gt)
        and (lte is None or event.originator_version <= lte)
    ][:limit]

    found = half_journaled.select_events("RUN-1", gt=gt, lte=lte, desc=desc, limit=limit)

    assert list(found) == wanted


@pytest.fixture
def half_journaled(tmp_path: Path, journal: Journal, events: Events) -> Iterator[EmergencyRecorder]:
    """RUN-1 has versions 1 to 5 in the store, and 5 to 8 in the journal: a folding cut short."""
    store = open_sqlite(tmp_path / STORE)
    store.insert_events(events("RUN-1", 1, 5))
    recorder = EmergencyRecorder(store, journal)
    journal.append(events("RUN-1", 5, 8))
    yield recorder
    store.datastore.close()


class CountedStore(ApplicationEventRecorder):
    """A store that counts how often it is asked to append."""

    asked = 0

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        self.asked += 1
        return super().insert_events(stored_events)


def test_a_store_that_is_slow_to_refuse_keeps_an_exit_waiting_once(
    tmp_path: Path, journal: Journal, events: Events
) -> None:
    store = CountedStore(Datastore(str(tmp_path / STORE), lock_timeout=2))
    store.create_table()
    recorder = EmergencyRecorder(store, journal)
    recorder.insert_events(events("RUN-1", 1))

    with sqlite3.connect(tmp_path / STORE, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        recorder.insert_events(events("RUN-1", 2))
        recorder.insert_events(events("RUN-1", 3))
        with pytest.raises(OperationalError, match="moment ago"):
            recorder.insert_events([StoredEvent("RUN-2", 1, "run.opened", b"{}")])
        other.execute("ROLLBACK")
    other.close()

    assert store.asked == 2
    assert recorder.journaling
    assert list(recorder.select_events("RUN-1")) == events("RUN-1", 1, 3)
    store.datastore.close()


def test_whoever_moves_events_is_alone_between_threads_and_processes(journal: Journal) -> None:
    elsewhere = journal.path.open("r+b", buffering=0)
    gates = [journal.gate, journal.gate, Gate(elsewhere)]
    inside: list[str] = []
    seen: list[tuple[str, ...]] = []
    looking = threading.Lock()

    def come_and_go(gate: Gate) -> None:
        for turn in range(60):
            how = "alone" if turn % 5 == 0 else "shared"
            with gate.alone() if how == "alone" else gate.shared():
                with looking:
                    inside.append(how)
                    seen.append(tuple(inside))
                with looking:
                    inside.remove(how)

    comers = [threading.Thread(target=come_and_go, args=(gate,)) for gate in gates]
    for comer in comers:
        comer.start()
    for comer in comers:
        comer.join()

    assert len(seen) == 180
    assert not [there for there in seen if "alone" in there and len(there) > 1]
    elsewhere.close()
