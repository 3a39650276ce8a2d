"""Audit rows are found by stream, cause, actor, type and time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bench.history import DUE, Story, household, terms
from projections.audit_logs import AUDIT_LOGS, AuditRow
from projections.audit_search import AuditSearch, TooWide, search
from projections.view import BadCursor, TableView
from tests.projections.conftest import ReadSide

RUN = "RUN-STRAT-1-ACC-1-20260804-0920"
Find = Callable[..., list[AuditRow]]


@pytest.fixture
def find(either_side: ReadSide) -> Find:
    """Searches a log of a household and a run, page by page."""
    either_side.models = (AUDIT_LOGS,)
    story = Story(RUN, terms())
    story.planned()
    story.entered()
    story.left()
    either_side.projector.apply(either_side.store(household(1), story.events()))
    view = TableView(AUDIT_LOGS, either_side.tables)

    def found(
        newest_first: bool = False, limit: int = 7, **wanted: str | datetime
    ) -> list[AuditRow]:
        rows: list[AuditRow] = []
        cursor: str | None = None
        while True:
            page = search(
                view,
                AuditSearch(**wanted),  # type: ignore[arg-type]  # names as in AuditSearch
                cursor=cursor,
                limit=limit,
                newest_first=newest_first,
            )
            rows += page.rows
            if (cursor := page.cursor) is None:
                return rows

    return found


def test_a_stream_is_shown_from_its_first_event_to_its_last(find: Find) -> None:
    rows = find(stream=RUN)

    assert [row.version for row in rows] == list(range(1, len(rows) + 1))
    assert (rows[0].topic, rows[-1].topic) == ("run.opened", "run.closed")


def test_who_did_what_is_found_by_actor_and_type(find: Find) -> None:
    assert {row.stream for row in find(actor="USER-1")} == {"USER-1", "ACC-1", "BASK-1", "STRAT-1"}
    assert len(find(topic="run.slice_accepted")) == 8
    assert find(actor="USER-1", topic="run.slice_accepted") == []


def test_everything_that_one_cause_had_is_found_by_its_correlation(find: Find) -> None:
    (opened, *_) = find(stream=RUN)

    rows = find(correlation_id=opened.correlation_id)

    assert [row.id for row in rows] == [opened.id]
    assert opened.causation_id == "tick-1"


def test_a_search_by_time_goes_over_days_and_back(find: Find) -> None:
    span = {"since": DUE - timedelta(days=3), "until": DUE + timedelta(seconds=3)}

    forth, back = find(**span), find(newest_first=True, **span)

    assert {row.at.date() for row in forth} == {(DUE - timedelta(days=3)).date(), DUE.date()}
    assert sorted(row.id for row in forth) == sorted(row.id for row in back)
    assert [row.at for row in forth] == [row.at for row in back][::-1]
    assert all(span["since"] <= row.at < span["until"] for row in forth)


def test_time_bounds_other_searches_too(find: Find) -> None:
    early = find(topic="run.slice_accepted", until=DUE + timedelta(minutes=1))

    assert len(early) == 4
    assert len(find(stream=RUN, since=DUE + timedelta(minutes=1))) > 0


def test_a_search_by_time_alone_needs_both_ends(find: Find) -> None:
    with pytest.raises(TooWide):
        find(since=DUE)


@pytest.mark.parametrize("cursor", ["2026-08-04", "yesterday~", "2026-08-04~x"])
def test_a_cursor_that_was_not_given_out_is_refused(read_side: ReadSide, cursor: str) -> None:
    view = TableView(AUDIT_LOGS, read_side.tables)

    with pytest.raises(BadCursor):
        search(view, AuditSearch(since=DUE, until=DUE + timedelta(days=1)), cursor=cursor)
