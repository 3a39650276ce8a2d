"""Properties of commit items, without a table."""

from __future__ import annotations

from datetime import UTC, datetime

from eventsourcing.persistence import StoredEvent
from hypothesis import given
from hypothesis import strategies as st

from adapters.store import commit_item
from adapters.store.commit_item import MAX_BYTES, MAX_EVENTS
from adapters.store.succession import Stream

AT = datetime(2026, 8, 4, 3, 50, tzinfo=UTC)
STATES = st.one_of(st.binary(max_size=50), st.text(max_size=50).map(str.encode))


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    first = draw(st.integers(0, 5))
    states = draw(st.lists(st.tuples(STATES, st.integers(0, 2 * MAX_BYTES // 3)), min_size=1))
    return Stream(
        "RUN-1",
        [
            StoredEvent("RUN-1", version, "run.filled", state + b"." * pad)
            for version, (state, pad) in enumerate(states, first)
        ],
    )


@given(stream=streams())
def test_parts_of_a_call_hold_all_events_in_order_and_fit(stream: Stream) -> None:
    parts = list(commit_item.split(stream))

    assert [event for part in parts for event in part.events] == list(stream.events)
    assert all(len(part.events) <= MAX_EVENTS for part in parts)
    assert all(sum(len(one.state) for one in part.events) <= MAX_BYTES for part in parts)


@given(stream=streams(), opens=st.booleans())
def test_an_item_says_what_was_put_into_it(stream: Stream, opens: bool) -> None:
    part = next(commit_item.split(stream))

    item = commit_item.to_item(part, opens, "commit-1", AT)

    assert commit_item.to_events(item) == part.events
    found = commit_item.to_commit(item)
    assert (found.stream, found.first, found.last) == ("RUN-1", part.first, part.last)
    assert found.id == "commit-1"
    assert found.key == (0 if opens else part.first)
