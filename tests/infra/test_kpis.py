"""What the product is judged by, reckoned from events, whatever was delivered twice."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import JSONTranscoder, StoredEvent

from adapters.aws.metrics import metrics_of, publish
from adapters.store.mapper import PydanticMapper
from domain.model import DomainEvent
from domain.registry import AGGREGATES, event_types
from infra.kpis import KPIS
from tests.infra.insights import Line, ask

GOLDEN = Path(__file__).parents[1] / "golden" / "events"
KNOWN = {str(kind.TOPIC) for each in AGGREGATES for kind in event_types(each)}  # type: ignore[attr-defined]  # every event class has one
MORNING = datetime(2026, 8, 3, 4, 0, tzinfo=UTC)
ASHA, BINA = "USER-ASHA", "USER-BINA"


def event(topic: str, stream: str, minute: float, **given: Any) -> DomainEvent:
    """Like the golden one of its kind, so many minutes into the morning."""
    assert topic in KNOWN
    at = (MORNING + timedelta(minutes=minute)).isoformat()
    body = {**json.loads((GOLDEN / f"{topic}.json").read_text())[-1], "timestamp": at, **given}
    found = PydanticMapper(JSONTranscoder()).to_domain_event(
        StoredEvent(stream, 2, topic, json.dumps(body).encode())
    )
    assert isinstance(found, DomainEvent)
    return found


REFUSED = {"command": "ActivateStrategy", "code": "strategy-has-faults", "actor": ASHA}
#: Asha deploys one strategy at the second try and fails with another; Bina only signs in.
DAY = (
    event("user.registered", ASHA, 0, actor="USER-ADMIN"),
    event("user.registered", BINA, 0, actor="USER-ADMIN"),
    event("user.signed_in", ASHA, 1, actor="system"),
    event("strategy.drafted", "STRAT-1", 3, actor=ASHA),
    event("user.command_refused", ASHA, 4, target="STRAT-1", **REFUSED),
    event("strategy.activated", "STRAT-1", 5, actor=ASHA),
    event("user.command_refused", ASHA, 6, target="STRAT-2", **REFUSED),
    event("strategy.activated", "STRAT-1", 50, actor=ASHA),
    event("user.signed_in", BINA, 60, actor="system"),
)


def printed(events: Iterable[DomainEvent], capsys: pytest.CaptureFixture[str]) -> list[Line]:
    """Every event as the reactor prints it: each of them delivered twice."""
    for each in events:
        for _ in range(2):
            publish(metrics_of(each), "prod")
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_figure_is_what_happened(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(DAY, capsys)

    found = {kpi.name.split(",")[0]: ask(kpi.query, lines) for kpi in KPIS}

    assert found == {
        "Active users": [{"users": 3}],  # the administrator, too
        "Deployment success": [{"success": 50, "strategies": 2}],
        "Deployment time": [{"median": 2, "p95": 2, "strategies": 1}],
        "Onboarding": [{"completed": 50, "registered": 2}],
        "Onboarding time": [{"median": 5, "p95": 5, "users": 1}],
    }


def test_a_strategy_that_is_not_the_askers_spoils_no_figure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    foreign = {**REFUSED, "code": "not-found"}
    lines = printed([event("user.command_refused", BINA, 1, target="STRAT-1", **foreign)], capsys)

    (deployment,) = [kpi for kpi in KPIS if kpi.name.startswith("Deployment success")]

    assert ask(deployment.query[:1], lines) == []
