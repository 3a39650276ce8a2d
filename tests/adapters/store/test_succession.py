"""What every store refuses: events that are not next in their stream."""

from __future__ import annotations

from uuid import uuid4

import pytest
from eventsourcing.persistence import (
    AggregateRecorder,
    IntegrityError,
    ProgrammingError,
    StoredEvent,
)

from tests.adapters.store.conftest import Events


def versions(store: AggregateRecorder, stream: str) -> list[int]:
    return [event.originator_version for event in store.select_events(stream)]


@pytest.mark.parametrize(
    ("there", "brought"),
    [
        pytest.param([], (2, 2), id="an opening at 2"),
        pytest.param([(1, 3)], (5, 5), id="a gap"),
        pytest.param([(1, 3)], (3, 4), id="an overlap"),
        pytest.param([(1, 3)], (2, 2), id="in the middle of a commit"),
        pytest.param([(1, 3)], (2, 3), id="the end of a commit again"),
        pytest.param([(1, 3)], (1, 3), id="a whole commit again"),
        pytest.param([(1, 3)], (0, 0), id="before the first"),
        pytest.param([(0, 3)], (1, 1), id="a second opening, one later"),
        pytest.param([(0, 0), (1, 2)], (1, 1), id="after a lone opening, again"),
        pytest.param([(1, 2), (3, 4)], (3, 3), id="where a later commit began"),
    ],
)
@pytest.mark.parametrize("knows", [True, False])
def test_events_that_are_not_next_are_refused(
    twins: tuple[AggregateRecorder, AggregateRecorder],
    events: Events,
    there: list[tuple[int, int]],
    brought: tuple[int, int],
    knows: bool,
) -> None:
    writer, stranger = twins
    stream = f"RUN-{uuid4()}"
    for first, last in there:
        writer.insert_events(events(stream, first, last))
    before = versions(writer, stream)

    with pytest.raises(IntegrityError):
        (writer if knows else stranger).insert_events(events(stream, *brought))

    assert versions(writer, stream) == before


def test_a_stream_may_begin_at_0_or_at_1(store: AggregateRecorder, events: Events) -> None:
    for first in (0, 1):
        stream = f"RUN-{uuid4()}"

        store.insert_events(events(stream, first))
        store.insert_events(events(stream, first + 1, first + 2))

        assert versions(store, stream) == [first, first + 1, first + 2]


def test_a_lone_version_0_is_followed_by_1_though_the_writer_did_not_know_it(
    twins: tuple[AggregateRecorder, AggregateRecorder], events: Events
) -> None:
    writer, stranger = twins
    stream = f"RUN-{uuid4()}"
    writer.insert_events(events(stream, 0))

    stranger.insert_events(events(stream, 1))

    assert versions(writer, stream) == [0, 1]


def test_a_writer_may_go_on_from_what_another_appended_meanwhile(
    twins: tuple[AggregateRecorder, AggregateRecorder], events: Events
) -> None:
    writer, stranger = twins
    stream = f"RUN-{uuid4()}"
    writer.insert_events(events(stream, 1))
    stranger.insert_events(events(stream, 2, 4))

    writer.insert_events(events(stream, 5))

    assert versions(writer, stream) == [1, 2, 3, 4, 5]


def test_a_gap_within_one_call_is_refused(store: AggregateRecorder, events: Events) -> None:
    with pytest.raises(IntegrityError):
        store.insert_events([*events("RUN-gap", 1), *events("RUN-gap", 3)])

    assert store.select_events("RUN-gap") == []


def test_one_stream_at_fault_keeps_the_others_of_the_call_out(
    store: AggregateRecorder, events: Events
) -> None:
    store.insert_events(events("RUN-old", 1))

    with pytest.raises(IntegrityError):
        store.insert_events([*events("RUN-new", 1), *events("RUN-old", 1)])

    assert store.select_events("RUN-new") == []


def test_a_call_may_append_to_several_streams(store: AggregateRecorder, events: Events) -> None:
    store.insert_events([*events("RUN-a", 1, 2), *events("RUN-b", 1), *events("RUN-a", 3)])

    store.insert_events([*events("RUN-a", 4), *events("RUN-b", 2, 3)])

    assert versions(store, "RUN-a") == [1, 2, 3, 4]
    assert versions(store, "RUN-b") == [1, 2, 3]


def test_stream_ids_are_text(store: AggregateRecorder) -> None:
    with pytest.raises(ProgrammingError):
        store.insert_events([StoredEvent(uuid4(), 1, "run.filled", b"{}")])


def test_any_window_of_a_stream_can_be_read(store: AggregateRecorder, events: Events) -> None:
    written = []
    for first, last in ((1, 1), (2, 26), (27, 28), (29, 40), (41, 41)):
        commit = events("RUN-w", first, last)
        store.insert_events(commit)
        written += commit

    for gt in (None, 0, 1, 25, 26, 27, 40, 41, 50):
        for lte in (None, 0, 1, 26, 30, 41, 60):
            for desc in (False, True):
                for limit in (None, 1, 3, 30):
                    wanted = [
                        event
                        for event in written
                        if event.originator_version > (gt or 0)
                        and event.originator_version <= (99 if lte is None else lte)
                    ]
                    wanted = (wanted[::-1] if desc else wanted)[:limit]

                    found = store.select_events("RUN-w", gt=gt, lte=lte, desc=desc, limit=limit)

                    assert list(found) == wanted, (gt, lte, desc, limit)


@pytest.mark.parametrize("state", [b"", b"\xff\x00binary", b"{}", "₹ 24,500".encode(), b"\x00"])
def test_states_come_back_byte_for_byte(store: AggregateRecorder, state: bytes) -> None:
    stream = f"RUN-{uuid4()}"
    event = StoredEvent(stream, 1, "run.filled", state)

    store.insert_events([event])

    assert store.select_events(stream) == [event]
