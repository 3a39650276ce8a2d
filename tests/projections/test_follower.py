"""The one-process engine keeps its views up with the store, and tells whoever watches."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.store.sqlite import ApplicationEventRecorder, open_sqlite
from adapters.views.sqlite import SQLiteTables
from projections import feed as feeds
from projections.feed import Feed
from projections.follower import Follower, ViewsAhead, apply_record
from projections.replay import form, outdated, rebuild
from projections.view import TableView
from tests.projections.conftest import ReadSide
from tests.projections.watchlist import WATCHED, WATCHLISTS, a_watchlist


class Following:
    """A follower with its feed and alarms."""

    def __init__(self, side: ReadSide) -> None:
        self.side = side
        self.feed = Feed()
        self.alarms: list[str] = []
        self.rung = threading.Event()
        self.follower = Follower(side.recorder, side.projector, side.tables, self.feed, self._ring)

    def _ring(self, what: str) -> None:
        self.alarms.append(what)
        self.rung.set()

    def watching(self) -> int | None:
        row = TableView(WATCHLISTS, self.side.tables).get("WATCH-1")
        return row.watching if row else None


@pytest.fixture
def following(read_side: ReadSide) -> Iterator[Following]:
    made = Following(read_side)
    yield made
    made.follower.stop()


def test_what_is_in_the_log_is_applied_once(following: Following) -> None:
    following.side.store(a_watchlist("WATCH-1", "AB"))

    applied = [following.follower.catch_up(), following.follower.catch_up()]

    assert applied == [3, 0]
    assert (following.watching(), following.follower.position) == (2, 3)


def test_a_follower_goes_on_where_the_last_one_stopped(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.follower.BATCH", 2)
    events = a_watchlist("WATCH-1", "ABC")
    following.side.store(events[:3])
    following.follower.catch_up()

    following.side.store(events[3:])

    assert Following(following.side).follower.catch_up() == 1
    assert following.watching() == 3


def test_rows_and_position_change_together(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    following.side.store(a_watchlist("WATCH-1", "A"))
    tables = following.side.tables

    def failing(kind: str, key: str, value: str) -> None:
        raise OSError(kind, key, value)

    with monkeypatch.context() as patched:
        patched.setattr(tables, "remember", failing)
        with pytest.raises(OSError, match="position"):
            following.follower.catch_up()

    assert (following.watching(), following.follower.position) == (None, 0)
    following.follower.catch_up()
    assert (following.watching(), following.follower.position) == (1, 2)


def test_changes_reach_a_watcher_who_asked_for_them(following: Following) -> None:
    with following.feed.subscribed(lambda change: change.view == "watchlists") as mine:
        following.side.store(a_watchlist("WATCH-1", "AB"))
        following.follower.catch_up()

        changes = mine.take()

    assert [(change.view, change.id, change.version) for change in changes] == [
        ("watchlists", "WATCH-1", 3)
    ]
    assert changes[0].row is not None


def test_a_watcher_hears_what_another_process_has_applied_meanwhile(following: Following) -> None:
    following.side.store(a_watchlist("WATCH-1", "A"))
    following.follower.start()
    another = Following(following.side)
    with following.feed.subscribed(lambda _: True) as changes:
        following.side.store(a_watchlist("WATCH-2", "AB"))
        another.follower.catch_up()

        heard = changes.take(timeout=30)

    rows = {(change.view, change.id, change.version) for change in heard}
    assert (WATCHLISTS.name, "WATCH-2", 3) in rows
    assert not any(change.id == "WATCH-1" for change in heard)


def test_a_row_that_went_reaches_the_watcher_as_gone(following: Following) -> None:
    following.side.store(a_watchlist("WATCH-1", "A!"))
    with following.feed.subscribed(lambda change: change.view == "watched") as mine:
        following.follower.catch_up()

        assert [(change.id, change.row) for change in mine.take()] == [("WATCH-1-A", None)]


def test_on_its_thread_the_follower_applies_what_is_stored(following: Following) -> None:
    following.follower.start()
    with following.feed.subscribed(lambda change: change.view == "watchlists") as mine:
        following.side.store(a_watchlist("WATCH-1", "A"))
        following.follower.wake()

        assert mine.take(timeout=30)

    assert following.watching() == 1


def test_at_its_start_it_finds_what_an_earlier_one_lost(following: Following) -> None:
    following.side.store(a_watchlist("WATCH-1", "AB"))
    following.side.tables.remember("position", "follower", "3")

    following.follower.start()

    assert following.watching() == 2


def test_a_store_that_ends_before_its_views_is_refused(following: Following) -> None:
    following.side.store(a_watchlist("WATCH-1", "AB"))
    following.follower.catch_up()
    with following.side.recorder.datastore.transaction(commit=True) as cursor:
        cursor.execute("DELETE FROM stored_events WHERE originator_version>1")

    with pytest.raises(ViewsAhead, match="the store ends at 1, the views at 3"):
        following.follower.catch_up()


def test_a_fault_of_storage_is_told_and_tried_again(
    recorder: ApplicationEventRecorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.follower.PAUSE", 0.01)
    monkeypatch.setattr("adapters.views.sqlite.BUSY_SECONDS", 0.01)
    tables = SQLiteTables(tmp_path / "views.db")
    following = Following(ReadSide(recorder, tables))
    following.follower.start()
    other = sqlite3.connect(tmp_path / "views.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    following.side.store(a_watchlist("WATCH-1", "A"))
    following.follower.wake()
    assert following.rung.wait(30)

    with following.feed.subscribed(lambda change: change.view == "watchlists") as mine:
        other.execute("ROLLBACK")
        assert mine.take(timeout=30)

    assert "the views cannot be written" in following.alarms[0]
    following.follower.stop()
    other.close()
    tables.close()


def test_a_slow_watcher_is_told_that_it_missed_changes(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "ROOM", 2)
    with following.feed.subscribed(lambda change: change.view == "watched") as mine:
        following.side.store(a_watchlist("WATCH-1", "ABC"))
        following.follower.catch_up()

        assert [change.id for change in mine.take()] == ["WATCH-1-B", "WATCH-1-C"]
        assert (mine.overflowed(), mine.overflowed()) == (True, False)


def test_nothing_is_kept_for_a_watcher_who_left(following: Following) -> None:
    with following.feed.subscribed(lambda _: True) as mine:
        pass

    following.side.store(a_watchlist("WATCH-1", "A"))
    following.follower.catch_up()

    assert mine.take(timeout=0) == []


def test_stream_records_are_applied_in_any_order(following: Following) -> None:
    side = following.side
    events = side.store(a_watchlist("WATCH-1", "AB"))

    effects = [apply_record(side.projector, following.feed, [e]) for e in reversed(events)]

    assert following.watching() == 2
    assert effects[0] > 0
    assert effects[1:] == [0, 0]


def test_after_a_rebuild_of_everything_the_follower_does_not_start_over(
    following: Following,
) -> None:
    side = following.side
    side.store(a_watchlist("WATCH-1", "AB"))

    moved = following.follower.moved_to
    list(rebuild(side.models, side.projector, side.tables, side.source, moved))

    assert following.follower.catch_up() == 0
    assert following.watching() == 2


def test_views_written_by_another_edition_of_the_code_are_named(read_side: ReadSide) -> None:
    side = read_side
    assert outdated(side.models, side.tables) == list(side.models)

    list(rebuild(side.models, side.projector, side.tables, side.source))
    side.tables.remember("form", "watched", form(WATCHED).replace("1", "0", 1))

    assert outdated(side.models, side.tables) == [WATCHED]


def test_a_rebuild_in_another_process_does_not_disturb_the_follower(
    following: Following, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.replay.CHUNK", 2)
    events = following.side.store(a_watchlist("WATCH-1", "AB"))
    following.follower.catch_up()
    other = ReadSide(open_sqlite(tmp_path / "events.db"), SQLiteTables(tmp_path / "views.db"))
    reports = rebuild(other.models, other.projector, other.tables, other.source)
    next(reports)
    next(reports)

    following.side.store(a_watchlist("WATCH-2", "C"))
    following.follower.catch_up()
    list(reports)

    assert len(events) == 3
    assert following.watching() == 2
    assert TableView(WATCHLISTS, following.side.tables).get("WATCH-2") is not None
    other.recorder.datastore.close()
    assert isinstance(other.tables, SQLiteTables)
    other.tables.close()
