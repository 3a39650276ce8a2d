"""Shuffled, duplicated and lost stream records end as an in-order replay does."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from eventsourcing.persistence import StoredEvent
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.store.sqlite import open_sqlite
from adapters.views.sqlite import SQLiteTables
from projections.tables import Tables
from tests.projections.conftest import MODELS, ReadSide, everything
from tests.projections.watchlist import a_watchlist

STREAMS = ["WATCH-1", "WATCH-2", "WATCH-3"]
HISTORIES = st.lists(st.text("ABCabc!", max_size=7), min_size=1, max_size=3)


@contextmanager
def a_store(histories: list[str], make: Callable[[Path], Tables]) -> Iterator[ReadSide]:
    with tempfile.TemporaryDirectory() as folder:
        recorder = open_sqlite(Path(folder) / "events.db")
        side = ReadSide(recorder, make(Path(folder)))
        for stream, steps in zip(STREAMS, histories, strict=False):
            side.store(a_watchlist(stream, steps, f"USER-{1 + len(steps) % 2}"))
        try:
            yield side
        finally:
            recorder.datastore.close()


def delivered(draw: st.DataObject, events: list[StoredEvent]) -> list[list[StoredEvent]]:
    """Some of the events, some twice, in any order, in batches of any size."""
    chosen = draw.draw(st.lists(st.sampled_from(events), max_size=2 * len(events)))
    sizes = draw.draw(st.lists(st.integers(1, 4), min_size=len(chosen), max_size=len(chosen)))
    batches = []
    while chosen:
        size = sizes.pop()
        batches.append(chosen[:size])
        chosen = chosen[size:]
    return batches


def converges(side: ReadSide, in_order: Tables, draw: st.DataObject) -> None:
    events: list[StoredEvent] = list(side.recorder.select_notifications(1, 1000))
    ReadSide(side.recorder, in_order).projector.apply(events)

    for batch in delivered(draw, events):
        side.projector.apply(batch)
    side.projector.compare_heads()

    assert everything(side.tables, STREAMS, MODELS) == everything(in_order, STREAMS, MODELS)


@given(histories=HISTORIES, draw=st.data())
@settings(max_examples=60, deadline=None)
def test_sqlite_views_converge(histories: list[str], draw: st.DataObject) -> None:
    opened: list[SQLiteTables] = []

    def files(folder: Path) -> Tables:
        opened.extend(SQLiteTables(folder / name) for name in ("views.db", "in_order.db"))
        return opened[0]

    with a_store(histories, files) as side:
        converges(side, opened[1], draw)

        for tables in opened:
            tables.close()


@given(histories=HISTORIES, draw=st.data())
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_dynamodb_views_converge(
    dynamodb_tables: Callable[[], Tables], histories: list[str], draw: st.DataObject
) -> None:
    with a_store(histories, lambda _: dynamodb_tables()) as side:
        in_order = dynamodb_tables()

        converges(side, in_order, draw)
