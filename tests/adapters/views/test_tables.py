"""What every engine's tables must do."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest

from projections.evolve import evolve
from projections.tables import Item, Tables
from projections.view import BadCursor, TableView, instant
from tests.projections.watchlist import (
    OPENING,
    WATCHED,
    WATCHLISTS,
    ListRow,
    WatchedRow,
    Watching,
)

SHAPE = WATCHLISTS.shape


def a_list(number: int, owner: str = "USER-1", watching: int = 0) -> ListRow:
    opened = OPENING + timedelta(seconds=number, microseconds=number % 2)
    return ListRow(id=f"WATCH-{number}", owner=owner, opened_at=opened, watching=watching)


def item(row: ListRow, version: int = 1) -> Item:
    return WATCHLISTS.gate_item(row.id, version, row)


def kept(tables: Tables, *rows: ListRow) -> TableView[ListRow, ListRow]:
    tables.live(SHAPE).put([item(row) for row in rows])
    return TableView(WATCHLISTS, tables)


def ids(rows: Sequence[ListRow]) -> list[str]:
    return [row.id for row in rows]


def test_a_row_is_read_back_as_it_was_put_with_its_version(tables: Tables) -> None:
    view = kept(tables, a_list(1))

    assert view.get("WATCH-1") == evolve(a_list(1), version=1)
    assert view.get("WATCH-2") is None


def test_an_older_or_equal_version_changes_nothing(tables: Tables) -> None:
    table = tables.live(SHAPE)
    table.put([item(a_list(1, watching=5), version=5)])

    dropped = table.put([item(a_list(1, watching=4), 4), item(a_list(1, watching=0), 5)])

    assert list(dropped) == []
    row = TableView(WATCHLISTS, tables).get("WATCH-1")
    assert row is not None
    assert (row.watching, row.version) == (5, 5)


def test_a_put_answers_what_was_kept(tables: Tables) -> None:
    table = tables.live(SHAPE)
    table.put([item(a_list(1), version=5)])

    both = table.put([item(a_list(1), version=5), item(a_list(2), version=1)])

    assert [each.id for each in both] == ["WATCH-2"]


def test_a_tombstone_hides_the_row_and_keeps_its_version(tables: Tables) -> None:
    view = kept(tables, a_list(1))
    table = tables.live(SHAPE)

    table.put([WATCHLISTS.gate_item("WATCH-1", 2, None)])
    table.put([item(a_list(1), version=1)])

    assert view.get("WATCH-1") is None
    assert view.page("owner", "USER-1").rows == []
    assert table.versions(["WATCH-1"]) == {"WATCH-1": 2}
    assert table.gates(["WATCH-1"])["WATCH-1"].body is None


def test_rows_of_a_stream_are_listed_without_its_gate_and_tombstones(tables: Tables) -> None:
    row = WatchedRow(id="WATCH-1-A", contract="A", alert_at=Decimal("1.50"))
    tables.live(WATCHED.shape).put(
        [
            WATCHED.row_item("WATCH-1", "WATCH-1-A", 2, row),
            WATCHED.row_item("WATCH-1", "WATCH-1-B", 3, None),
            WATCHED.gate_item("WATCH-1", 3, Watching({"WATCH-1-A": row}, {"WATCH-1-A": 2})),
        ]
    )

    view = TableView(WATCHED, tables)

    assert view.page(None, "WATCH-1").rows == [evolve(row, version=2)]
    assert view.get("WATCH-1-A") == evolve(row, version=2)
    assert view.get("WATCH-1-B") is None


def test_a_gate_keeps_the_state_to_go_on_from(tables: Tables) -> None:
    row = WatchedRow(id="WATCH-1-A", contract="A", alert_at=Decimal("1.50"))
    state = Watching({"WATCH-1-A": row}, {"WATCH-1-A": 2})
    tables.live(WATCHED.shape).put([WATCHED.gate_item("WATCH-1", 2, state)])

    gates = tables.live(WATCHED.shape).gates(["WATCH-1", "WATCH-9"])

    assert list(gates) == ["WATCH-1"]
    assert gates["WATCH-1"].body == state


def test_every_gate_is_found(tables: Tables) -> None:
    kept(tables, *(a_list(number) for number in range(5)))

    heads = tables.live(SHAPE).heads()

    assert sorted(head.stream for head in heads) == [f"WATCH-{n}" for n in range(5)]


def test_many_gates_and_versions_are_read_at_once(tables: Tables) -> None:
    kept(tables, *(a_list(number) for number in range(150)))
    asked = [f"WATCH-{number}" for number in range(160)]

    assert len(tables.live(SHAPE).gates(asked)) == 150
    assert tables.live(SHAPE).versions(asked) == {f"WATCH-{n}": 1 for n in range(150)}


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("limit", [1, 3, 7, 20])
def test_pages_together_are_the_whole_listing(
    tables: Tables, limit: int, newest_first: bool
) -> None:
    mine = [a_list(number) for number in range(7)]
    view = kept(tables, *mine, a_list(8, owner="USER-2"))
    pages, cursor = [], None
    for _ in itertools.count():
        page = view.page("owner", "USER-1", cursor=cursor, limit=limit, newest_first=newest_first)
        pages.append(ids(page.rows))
        if (cursor := page.cursor) is None:
            break

    wanted = ids(mine)[::-1] if newest_first else ids(mine)
    assert [each for page in pages for each in page] == wanted
    assert all(len(page) == limit for page in pages[:-1])
    assert len(pages) == max(1, -(-7 // limit))


def test_rows_of_the_same_moment_are_each_listed_once(tables: Tables) -> None:
    at_once = [evolve(a_list(n), opened_at=OPENING) for n in range(5)]
    view = kept(tables, *at_once)
    found, cursor = [], None
    while True:
        page = view.page("owner", "USER-1", cursor=cursor, limit=2)
        found += ids(page.rows)
        if (cursor := page.cursor) is None:
            break

    assert sorted(found) == ids(at_once)


def test_a_listing_is_bounded_in_time_from_and_until(tables: Tables) -> None:
    rows = [evolve(a_list(n), opened_at=OPENING + timedelta(minutes=n)) for n in range(5)]
    view = kept(tables, *rows)

    page = view.page(
        "owner",
        "USER-1",
        since=instant(OPENING + timedelta(minutes=1)),
        until=instant(OPENING + timedelta(minutes=3)),
    )

    assert ids(page.rows) == ["WATCH-1", "WATCH-2"]


def test_a_filter_goes_on_looking_until_the_page_is_full(tables: Tables) -> None:
    view = kept(tables, *(a_list(number, watching=number % 4) for number in range(20)))

    page = view.page("owner", "USER-1", limit=3, where=lambda row: row.watching == 3)

    assert ids(page.rows) == ["WATCH-3", "WATCH-7", "WATCH-11"]
    rest = view.page("owner", "USER-1", cursor=page.cursor, where=lambda row: row.watching == 3)
    assert ids(rest.rows) == ["WATCH-15", "WATCH-19"]
    assert rest.cursor is None


def test_a_filter_that_finds_little_gives_up_with_a_cursor(tables: Tables) -> None:
    view = kept(tables, *(a_list(number, watching=int(number == 59)) for number in range(60)))

    page = view.page("owner", "USER-1", limit=2, where=lambda row: row.watching == 1)

    assert page.rows == []
    assert page.cursor is not None
    rest = view.page("owner", "USER-1", cursor=page.cursor, where=lambda row: row.watching == 1)
    assert ids(rest.rows) == ["WATCH-59"]


@pytest.mark.parametrize("cursor", ["", "x", "bm90IGpzb24", "W10", "WzEsMiwzXQ"])
def test_a_cursor_that_was_not_given_out_is_refused(tables: Tables, cursor: str) -> None:
    view = kept(tables, a_list(1))

    with pytest.raises(BadCursor):
        view.page("owner", "USER-1", cursor=cursor)


def test_a_cursor_of_another_listing_is_refused(tables: Tables) -> None:
    view = kept(tables, a_list(1), a_list(2), a_list(3, owner="USER-2"))
    cursor = view.page("owner", "USER-1", limit=1).cursor

    with pytest.raises(BadCursor):
        view.page("owner", "USER-2", cursor=cursor)


def test_a_row_that_moves_to_another_listing_leaves_the_first(tables: Tables) -> None:
    view = kept(tables, a_list(1))

    tables.live(SHAPE).put([item(a_list(1, owner="USER-2"), version=2)])

    assert view.page("owner", "USER-1").rows == []
    assert ids(view.page("owner", "USER-2").rows) == ["WATCH-1"]


def test_what_is_remembered_is_recalled_until_forgotten(tables: Tables) -> None:
    tables.remember("seal", "last", "1")
    tables.remember("seal", "last", "2")
    tables.remember("seal", "first", "1")
    tables.remember("position", "follower", "7")

    tables.forget("seal", "first")

    assert tables.recall("seal", "last") == "2"
    assert tables.recall("seal", "first") is None
    assert tables.recalled("seal") == {"last": "2"}


def test_a_rebuilt_table_takes_over_when_switched(tables: Tables) -> None:
    view = kept(tables, a_list(1), a_list(2))
    tables.begin(SHAPE).put([item(a_list(3))])
    assert ids(view.page("owner", "USER-1").rows) == ["WATCH-1", "WATCH-2"]

    tables.finish(SHAPE)
    tables.switch(SHAPE)

    assert ids(view.page("owner", "USER-1").rows) == ["WATCH-3"]
    assert tables.rebuilding(SHAPE) is None


def test_tables_are_rebuilt_again_and_again(tables: Tables) -> None:
    view = kept(tables, a_list(0))
    for number in range(1, 4):
        tables.begin(SHAPE).put([item(a_list(number))])
        tables.finish(SHAPE)
        tables.switch(SHAPE)

    assert ids(view.page("owner", "USER-1").rows) == ["WATCH-3"]


def test_beginning_again_goes_on_with_the_same_table(tables: Tables) -> None:
    tables.begin(SHAPE).put([item(a_list(1))])

    assert tables.begin(SHAPE).versions(["WATCH-1"]) == {"WATCH-1": 1}
    rebuilding = tables.rebuilding(SHAPE)
    assert rebuilding is not None
    assert rebuilding.name != tables.live(SHAPE).name


def test_an_abandoned_rebuild_leaves_nothing(tables: Tables) -> None:
    kept(tables, a_list(1))
    tables.begin(SHAPE).put([item(a_list(2))])

    tables.abandon(SHAPE)

    assert tables.rebuilding(SHAPE) is None
    assert tables.begin(SHAPE).versions(["WATCH-2"]) == {}
