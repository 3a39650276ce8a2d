"""However events arrive, the rows end the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.model import DomainEvent
from projections.replay import rebuild
from projections.view import TableView
from tests.projections.conftest import ReadSide, everything
from tests.projections.watchlist import MAPPER, WATCHED, WATCHLISTS, ListRow, Watching, a_watchlist

STREAMS = ["WATCH-1", "WATCH-2"]


def test_a_row_remembers_the_version_of_its_stream(either_side: ReadSide) -> None:
    events = either_side.store(a_watchlist("WATCH-1", "AB"))

    either_side.projector.apply(events)

    row = TableView(WATCHLISTS, either_side.tables).get("WATCH-1")
    assert row is not None
    assert (row.watching, row.version) == (2, 3)


def test_a_redelivered_event_changes_nothing(either_side: ReadSide) -> None:
    events = either_side.store(a_watchlist("WATCH-1", "AB"))
    either_side.projector.apply(events)

    again = either_side.projector.apply(events[:1])

    assert again == []
    row = TableView(WATCHLISTS, either_side.tables).get("WATCH-1")
    assert row is not None
    assert row.watching == 2


def test_a_redelivered_first_event_does_not_revive_a_deleted_row(either_side: ReadSide) -> None:
    events = either_side.store(a_watchlist("WATCH-1", "A!"))
    either_side.projector.apply(events)

    either_side.projector.apply(events[:2])

    assert TableView(WATCHLISTS, either_side.tables).get("WATCH-1") is None
    assert TableView(WATCHED, either_side.tables).get("WATCH-1-A") is None
    assert not TableView(WATCHED, either_side.tables).page("contract", "A").rows


def test_a_gap_is_filled_from_the_store(either_side: ReadSide) -> None:
    events = either_side.store(a_watchlist("WATCH-1", "ABC"))

    either_side.projector.apply(events[-1:])

    rows = TableView(WATCHED, either_side.tables).page(None, "WATCH-1").rows
    assert [row.contract for row in rows] == ["A", "B", "C"]


def test_a_row_that_came_and_went_stays_gone_when_a_slower_writer_puts_it(
    either_side: ReadSide,
) -> None:
    events = either_side.store(a_watchlist("WATCH-1", "Aa"))
    either_side.projector.apply(events[:1])
    table = either_side.tables.live(WATCHED.shape)
    slower = table.gates(["WATCH-1"])["WATCH-1"].body
    assert isinstance(slower, Watching)

    either_side.projector.apply(events[1:])
    late = WATCHED.project(slower, MAPPER.to_domain_event(events[1]))
    assert late is not None
    kept = table.put([WATCHED.row_item("WATCH-1", "WATCH-1-A", 2, late.rows["WATCH-1-A"])])

    assert kept == []
    assert TableView(WATCHED, either_side.tables).get("WATCH-1-A") is None


def test_a_lost_last_record_is_found_by_comparing_heads(either_side: ReadSide) -> None:
    first, second = a_watchlist("WATCH-1", "AB"), a_watchlist("WATCH-2", "C")
    either_side.store(first, second)
    either_side.projector.apply(first[:-1])

    found = either_side.projector.compare_heads()

    assert {change.stream for change in found} == {"WATCH-1", "WATCH-2"}
    assert either_side.projector.compare_heads() == []
    row = TableView(WATCHLISTS, either_side.tables).get("WATCH-1")
    assert row is not None
    assert row.watching == 2


def unreadable(stream: str, side: ReadSide) -> None:
    """Make the projector of watchlists fail at this stream's second event."""
    healthy = WATCHLISTS.project

    def failing(row: ListRow | None, event: DomainEvent) -> ListRow | None:
        if event.originator_id == stream and row is not None:
            raise KeyError("a contract nobody knows")
        return healthy(row, event)

    side.models = (replace(WATCHLISTS, project=failing), *side.models[1:])


def test_a_stream_that_fails_is_parked_and_blocks_no_other(either_side: ReadSide) -> None:
    events = either_side.store(a_watchlist("WATCH-1", "AB"), a_watchlist("WATCH-2", "C"))
    unreadable("WATCH-1", either_side)

    either_side.projector.apply(events)
    either_side.projector.apply(events[:3])

    parked = either_side.projector.parked()
    assert [(p.table, p.stream, p.version) for p in parked] == [("watchlists", "WATCH-1", 2)]
    assert "a contract nobody knows" in parked[0].fault
    assert either_side.alarms == parked
    view = TableView(WATCHLISTS, either_side.tables)
    assert [row.watching for row in (view.get("WATCH-1"), view.get("WATCH-2")) if row] == [0, 1]
    assert len(TableView(WATCHED, either_side.tables).page(None, "WATCH-1").rows) == 2


def test_a_parked_stream_is_redriven_once_its_projector_is_mended(either_side: ReadSide) -> None:
    events = either_side.store(a_watchlist("WATCH-1", "AB"))
    unreadable("WATCH-1", either_side)
    either_side.projector.apply(events)
    either_side.projector.redrive()
    assert len(either_side.projector.parked()) == 1

    either_side.models = (WATCHLISTS, *either_side.models[1:])
    either_side.projector.redrive()

    assert either_side.projector.parked() == []
    row = TableView(WATCHLISTS, either_side.tables).get("WATCH-1")
    assert row is not None
    assert (row.watching, row.version) == (2, 3)


def test_a_hole_in_the_store_parks_the_stream(read_side: ReadSide) -> None:
    events = read_side.store(a_watchlist("WATCH-1", "ABC"))
    with read_side.recorder.datastore.transaction(commit=True) as cursor:
        cursor.execute("DELETE FROM stored_events WHERE originator_version=3")

    read_side.projector.apply(events[-1:])

    assert {(p.table, p.version) for p in read_side.projector.parked()} == {
        ("watchlists", 3), ("watched", 3), ("audit_logs", 3)
    }  # fmt: skip


def test_a_rebuild_ends_with_the_same_rows(either_side: ReadSide) -> None:
    events = either_side.store(a_watchlist("WATCH-1", "ABa"), a_watchlist("WATCH-2", "C!"))
    either_side.projector.apply(events)
    before = everything(either_side.tables, STREAMS, either_side.models)

    side = either_side
    reports = list(rebuild(side.models, side.projector, side.tables, side.source))

    assert (reports[-1].done, reports[-1].finished) == (7, True)
    assert everything(either_side.tables, STREAMS, either_side.models) == before


def test_events_stored_during_a_rebuild_are_in_the_new_rows(
    either_side: ReadSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.replay.CHUNK", 2)
    side = either_side
    old = a_watchlist("WATCH-1", "ABC")
    side.projector.apply(side.store(old[:3]))
    reports = rebuild(side.models, side.projector, side.tables, side.source)
    next(reports)
    next(reports)

    side.projector.apply(side.store(old[3:], a_watchlist("WATCH-2", "A")))
    list(reports)

    rows = TableView(WATCHED, side.tables).page("contract", "A").rows
    assert [row.id for row in rows] == ["WATCH-1-A", "WATCH-2-A"]
    assert side.projector.compare_heads() == []


def test_an_interrupted_rebuild_goes_on_where_it_stopped(
    either_side: ReadSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.replay.CHUNK", 2)
    side = either_side
    side.projector.apply(side.store(a_watchlist("WATCH-1", "ABCab")))
    before = everything(side.tables, STREAMS, side.models)
    interrupted = rebuild(side.models, side.projector, side.tables, side.source)
    next(interrupted)
    next(interrupted)
    interrupted.close()

    reports = list(rebuild(side.models, side.projector, side.tables, side.source))

    assert [report.done for report in reports] == [2, 4, 6, 6]
    assert everything(side.tables, STREAMS, side.models) == before


def test_a_rebuild_with_a_mended_projector_replaces_wrong_rows(either_side: ReadSide) -> None:
    side = either_side
    side.models = (replace(WATCHLISTS, project=lambda _row, _event: None), *side.models[1:])
    side.projector.apply(side.store(a_watchlist("WATCH-1", "AB")))
    assert TableView(WATCHLISTS, side.tables).get("WATCH-1") is None
    side.models = (WATCHLISTS, *side.models[1:])

    list(rebuild([WATCHLISTS], side.projector, side.tables, side.source))

    row = TableView(WATCHLISTS, side.tables).get("WATCH-1")
    assert row is not None
    assert row.watching == 2
