"""A sample of every event in every form it was ever written; all of them load for ever.

`tests/golden/events/<topic>.json` is a list of stored bodies, oldest form first. An event that gets
a field gets a further sample; a sample is never changed or removed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import JSONTranscoder, StoredEvent

from adapters.store.mapper import PydanticMapper
from domain.model import DomainEvent
from domain.registry import AGGREGATES, event_types

GOLDEN = Path(__file__).parents[1] / "golden" / "events"
KEY = {"originator_id", "originator_version"}
EVENTS = {str(event.TOPIC): event for kind in AGGREGATES for event in event_types(kind)}  # type: ignore[attr-defined]  # every event class has one


def samples(topic: str) -> list[dict[str, Any]]:  # Any: stored JSON
    path = GOLDEN / f"{topic}.json"
    assert path.is_file(), f"{topic} has no sample: write one stored body of it to {path.name}"
    found: list[dict[str, Any]] = json.loads(path.read_text())
    return found


def load(topic: str, sample: dict[str, Any]) -> DomainEvent:
    stored = StoredEvent("STREAM-1", 1, topic, json.dumps(sample).encode())
    event = PydanticMapper(JSONTranscoder()).to_domain_event(stored)
    assert isinstance(event, DomainEvent)
    return event


@pytest.mark.parametrize("topic", sorted(EVENTS))
def test_every_form_ever_written_loads_with_its_values(topic: str) -> None:
    for sample in samples(topic):
        event = load(topic, sample)

        assert type(event) is EVENTS[topic]
        assert holds(event.model_dump(mode="json"), sample)


@pytest.mark.parametrize("topic", sorted(EVENTS))
def test_the_newest_sample_has_every_field_the_event_has_now(topic: str) -> None:
    newest = samples(topic)[-1]

    assert set(newest) | KEY == set(EVENTS[topic].model_fields) | KEY


@pytest.mark.parametrize("topic", sorted(EVENTS))
def test_an_event_is_written_as_its_newest_sample(topic: str) -> None:
    newest = samples(topic)[-1]

    stored = PydanticMapper(JSONTranscoder()).to_stored_event(load(topic, newest))

    assert json.loads(stored.state) == newest


def test_no_sample_is_left_of_an_event_that_nobody_can_read() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} <= set(EVENTS)


def test_a_topic_belongs_to_its_stream() -> None:
    for kind in AGGREGATES:
        for event in event_types(kind):
            topic = str(event.TOPIC)  # type: ignore[attr-defined]  # every event class has one
            assert topic.startswith(f"{kind.TOPIC}.")  # type: ignore[attr-defined]  # as above


def holds(whole: Any, part: Any) -> bool:  # Any: JSON
    """Whether everything in `part` is in `whole`, which may have gained fields since."""
    if isinstance(part, dict):
        return all(name in whole and holds(whole[name], value) for name, value in part.items())
    if isinstance(part, list):
        pairs = zip(whole, part, strict=False)
        return len(whole) == len(part) and all(holds(a, b) for a, b in pairs)
    return bool(whole == part)
