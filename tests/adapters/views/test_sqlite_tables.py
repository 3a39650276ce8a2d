"""What the views' file promises beyond the contract: transactions, and readers beside a writer."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from eventsourcing.persistence import OperationalError

from adapters.views import sqlite
from adapters.views.sqlite import SQLiteTables
from projections.view import TableView
from tests.projections.watchlist import OPENING, WATCHLISTS, ListRow

SHAPE = WATCHLISTS.shape
ROW = ListRow(id="WATCH-1", owner="USER-1", opened_at=OPENING)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "views.db"


def test_a_transaction_that_fails_leaves_nothing(path: Path) -> None:
    tables = SQLiteTables(path)

    def failing() -> None:
        with tables.transaction():
            tables.live(SHAPE).put([WATCHLISTS.gate_item("WATCH-1", 1, ROW)])
            tables.remember("position", "follower", "9")
            raise KeyError

    with pytest.raises(KeyError):
        failing()

    assert tables.recall("position", "follower") is None
    assert TableView(WATCHLISTS, tables).get("WATCH-1") is None
    tables.close()


def test_readers_see_what_was_before_a_transaction_until_it_ends(path: Path) -> None:
    tables = SQLiteTables(path)
    tables.live(SHAPE)
    seen: list[object] = []

    def look() -> None:
        seen.append(TableView(WATCHLISTS, tables).get("WATCH-1"))

    with tables.transaction():
        tables.live(SHAPE).put([WATCHLISTS.gate_item("WATCH-1", 1, ROW)])
        reader = threading.Thread(target=look)
        reader.start()
        reader.join()
    look()

    assert seen[0] is None
    assert seen[1] is not None
    tables.close()


def test_another_process_reads_the_switched_table(path: Path) -> None:
    one, other = SQLiteTables(path), SQLiteTables(path)
    one.live(SHAPE).put([WATCHLISTS.gate_item("WATCH-1", 1, ROW)])
    view = TableView(WATCHLISTS, other)
    assert view.get("WATCH-1") is not None

    one.begin(SHAPE)
    one.finish(SHAPE)
    one.switch(SHAPE)

    assert view.get("WATCH-1") is None
    one.close()
    other.close()


def test_a_file_that_another_writer_holds_is_a_fault_of_storage(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    one, other = SQLiteTables(path), SQLiteTables(path)

    with one.transaction(), pytest.raises(OperationalError), other.transaction():
        pass

    one.close()
    other.close()


def test_rows_survive_a_restart(path: Path) -> None:
    tables = SQLiteTables(path)
    tables.live(SHAPE).put([WATCHLISTS.gate_item("WATCH-1", 1, ROW)])
    tables.close()

    again = SQLiteTables(path)

    assert TableView(WATCHLISTS, again).get("WATCH-1") is not None
    again.close()


def test_a_full_disk_is_a_fault_of_storage_and_leaves_what_was_there(path: Path) -> None:
    tables = SQLiteTables(path)
    tables.live(SHAPE).put([WATCHLISTS.gate_item("WATCH-1", 1, ROW)])
    with tables.transaction():
        (pages,) = tables.connection().execute("PRAGMA page_count").fetchone()
        tables.connection().execute(f"PRAGMA max_page_count={pages}")
    many = [
        WATCHLISTS.gate_item(
            f"WATCH-{n}", 1, ListRow(id=f"{n}", owner="U" * 500, opened_at=OPENING)
        )
        for n in range(2, 200)
    ]

    with pytest.raises(OperationalError, match="full"):
        tables.live(SHAPE).put(many)

    assert tables.live(SHAPE).versions(["WATCH-1", "WATCH-2"]) == {"WATCH-1": 1}
    tables.close()
