"""What a read model says it does not heed changes nothing in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import JSONTranscoder, StoredEvent

from adapters.store.mapper import PydanticMapper
from bench.run_stream import run_stream
from projections.advance import AnyModel
from projections.catalogue import CATALOGUE

GOLDEN = Path(__file__).parents[1] / "golden" / "events"
MAPPER = PydanticMapper(JSONTranscoder())
HEEDING = [model for model in CATALOGUE if model.heeds is not None]


# Any: events of every kind.
def of_runs() -> Iterator[Any]:
    """One event of every kind that a run's stream may hold."""
    for path in sorted(GOLDEN.glob("run.*.json")):
        body = json.dumps(json.loads(path.read_text())[-1]).encode()
        yield MAPPER.to_domain_event(StoredEvent("RUN-1", 99, path.stem, body))


@pytest.mark.parametrize("model", HEEDING, ids=lambda model: model.name)
def test_an_event_that_a_read_model_does_not_heed_would_change_nothing(model: AnyModel) -> None:
    heeds = model.heeds or frozenset()
    state: Any = None
    for event in run_stream("RUN-1"):
        state = model.project(state, event)

    ignored = [event for event in of_runs() if type(event) not in heeds]

    assert ignored
    assert state is not None
    assert [model.project(state, event) for event in ignored] == [state] * len(ignored)


def test_read_models_of_runs_say_what_they_heed() -> None:
    assert {model.name for model in HEEDING} >= {"runs", "orders", "daily_pnl"}
