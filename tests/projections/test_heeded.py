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
def samples(kind: str, stream: str) -> Iterator[Any]:
    """One event of every kind that such a stream may hold."""
    for path in sorted(GOLDEN.glob(f"{kind}.*.json")):
        body = json.dumps(json.loads(path.read_text())[-1]).encode()
        yield MAPPER.to_domain_event(StoredEvent(stream, 99, path.stem, body))


def first(kind: str) -> Any:
    """The first event of such a stream."""
    begins = {"account": "account.linked", "strategy": "strategy.drafted"}
    (path,) = GOLDEN.glob(f"{begins[kind]}.json")
    body = json.dumps(json.loads(path.read_text())[-1]).encode()
    return MAPPER.to_domain_event(StoredEvent("STREAM-1", 1, path.stem, body))


@pytest.mark.parametrize("model", HEEDING, ids=lambda model: model.name)
def test_an_event_that_a_read_model_does_not_heed_would_change_nothing(model: AnyModel) -> None:
    heeds = model.heeds or frozenset()
    state: Any = None
    for event in run_stream("RUN-1"):
        state = model.project(state, event)

    ignored = [event for event in samples("run", "RUN-1") if type(event) not in heeds]

    assert ignored
    assert state is not None
    assert [model.project(state, event) for event in ignored] == [state] * len(ignored)


@pytest.mark.parametrize("kind", ["account", "strategy"])
@pytest.mark.parametrize("model", HEEDING, ids=lambda model: model.name)
def test_the_same_holds_for_streams_of_accounts_and_strategies(model: AnyModel, kind: str) -> None:
    heeds = model.heeds or frozenset()
    state = model.project(None, first(kind))

    ignored = [event for event in samples(kind, "STREAM-1") if type(event) not in heeds]

    assert [model.project(state, event) for event in ignored] == [state] * len(ignored)


def test_read_models_of_runs_say_what_they_heed() -> None:
    heeding = {model.name for model in HEEDING}

    assert heeding >= {"runs", "orders", "daily_pnl", "positions", "inbox"}
