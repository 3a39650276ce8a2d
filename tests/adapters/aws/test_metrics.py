"""What is measured of what happened: an event tells what it knows, and every name has a teller."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import JSONTranscoder, StoredEvent

from adapters.aws.measured import MEANINGS, NAMESPACE, Measured, Name
from adapters.aws.metrics import due_to_broker, metrics_of, outcome_of, publish
from adapters.store.mapper import PydanticMapper
from domain.model import DomainEvent
from domain.registry import AGGREGATES, event_types
from domain.slices import SliceStatus
from tests.domain.floor import Floor, reject

GOLDEN = Path(__file__).parents[2] / "golden" / "events"
#: All kinds of events; reading them by their topics needs them loaded.
KINDS = {kind.TOPIC for each in AGGREGATES for kind in event_types(each)}  # type: ignore[attr-defined]  # every event class has one


# Any: whatever event it is, and whatever it holds.
def event(topic: str, stream: str = "STREAM-1", **given: Any) -> Any:
    """The newest golden sample of this kind, with these fields instead of its own."""
    body = {**json.loads((GOLDEN / f"{topic}.json").read_text())[-1], **given}
    stored = StoredEvent(stream, 2, topic, json.dumps(body).encode())
    return PydanticMapper(JSONTranscoder()).to_domain_event(stored)


def told(happened: DomainEvent) -> dict[Name, float]:
    return {one.name: one.value for one in metrics_of(happened)}


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_whatever_is_told_of_an_event_has_a_name_a_unit_and_a_value(path: Path) -> None:
    assert path.stem in KINDS
    for one in metrics_of(event(path.stem)):
        assert one.name in MEANINGS
        assert one.value > 0


@pytest.mark.parametrize(
    ("topic", "given", "name"),
    [
        ("run.opened", {}, Name.RUNS_OPENED),
        ("run.entered", {}, Name.RUNS_ENTERED),
        ("run.skipped", {"reason": "MARGIN"}, Name.RUNS_SKIPPED),
        ("run.skipped", {"reason": "MISSED"}, Name.SLOTS_MISSED),
        ("run.exit_requested", {"reason": "UNCOVERED"}, Name.UNCOVERED),
        ("run.slice_rejected", {}, Name.SLICES_REJECTED),
        ("run.slice_seen", {"status": "REJECTED"}, Name.SLICES_REJECTED),
        ("run.slice_unsent", {}, Name.SLICES_UNSENT),
        ("run.slice_unknown", {}, Name.SLICES_UNKNOWN),
        ("run.alerted", {"kind": "UNKNOWN_ORDER"}, Name.SLICES_LOST),
        ("run.alerted", {"kind": "EXIT_BLOCKED"}, Name.EXITS_BLOCKED),
        ("run.alerted", {"kind": "EXIT_SLOW"}, Name.EXITS_SLOW),
        ("run.alerted", {"kind": "STALE_QUOTES"}, Name.QUOTES_STALE),
        ("run.alerted", {"kind": "BROKER_SILENT"}, Name.BROKER_SILENT),
        ("run.closed", {}, Name.RUNS_CLOSED),
        ("account.drift_found", {}, Name.DRIFTS_FOUND),
        ("account.drift_resolved", {}, Name.DRIFTS_RESOLVED),
        ("account.blocked", {}, Name.ACCOUNTS_BLOCKED),
        ("account.address_seen", {"foreign": True}, Name.ADDRESSES_FOREIGN),
        ("account.connected", {}, Name.ACCOUNTS_CONNECTED),
        ("strategy.drafted", {}, Name.STRATEGIES_DRAFTED),
        ("strategy.activated", {}, Name.STRATEGIES_DEPLOYED),
        ("user.registered", {}, Name.USERS_REGISTERED),
        ("user.signed_in", {}, Name.SIGN_INS),
        ("user.sign_in_failed", {}, Name.SIGN_INS_FAILED),
        ("user.command_refused", {"code": "forbidden"}, Name.REQUESTS_FORBIDDEN),
        (
            "user.command_refused",
            {"command": "ActivateStrategy", "code": "strategy-has-faults"},
            Name.DEPLOYMENTS_REFUSED,
        ),
    ],
)
def test_an_event_is_counted_under_its_name(topic: str, given: dict[str, Any], name: Name) -> None:
    assert told(event(topic, **given))[name] == 1


@pytest.mark.parametrize(
    ("topic", "given"),
    [
        ("run.slice_seen", {"status": "COMPLETE"}),
        ("run.exit_requested", {"reason": "EXIT_TIME"}),
        ("run.alerted", {"kind": "HALTED"}),
        ("account.address_seen", {"foreign": False}),
        ("run.marked", {}),
        ("user.command_refused", {"command": "ActivateStrategy", "code": "not-found"}),
    ],
)
def test_what_is_no_trouble_is_not_counted_as_one(topic: str, given: dict[str, Any]) -> None:
    assert told(event(topic, actor="system", **given)) == {}


def test_every_order_of_a_phase_is_counted() -> None:
    released = event("run.phase_released")

    assert told(released) == {Name.SLICES_RELEASED: len(released.slices)}


def test_whoever_acts_is_active_and_the_platform_itself_is_nobody() -> None:
    by_a_user = list(metrics_of(event("strategy.edited", actor="USER-7")))
    by_the_schedule = list(metrics_of(event("strategy.edited", actor="system")))

    assert [(one.name, one.about) for one in by_a_user] == [
        (Name.USERS_ACTIVE, {"active_user": "USER-7"})
    ]
    assert by_the_schedule == []


def test_who_signs_in_is_active() -> None:
    happened = event("user.signed_in", stream="USER-7", actor="system")

    (active,) = [one for one in metrics_of(happened) if one.name is Name.USERS_ACTIVE]

    assert active.about == {"active_user": "USER-7"}


def test_a_user_is_ready_when_their_broker_is_connected_or_their_strategy_deployed() -> None:
    connected = event("account.connected", actor="USER-7")
    deployed = event("strategy.activated", actor="USER-7")

    for happened in (connected, deployed):
        (first, _) = metrics_of(happened)
        assert first.about["user_id"] == "USER-7"
        assert first.about["ready_ms"] == happened.timestamp.timestamp() * 1000


def test_a_closed_run_tells_what_its_orders_came_to() -> None:
    run = Floor().entered().leave().fill().fill().run

    outcome = {one.name: one for one in outcome_of(run)}

    complete = [s for s in run.slices.values() if s.status is SliceStatus.COMPLETE]
    traded = sum(s.filled * s.average_price for s in complete)
    assert len(complete) == len(run.slices) == 8
    assert outcome[Name.ORDERS_COMPLETE].value == 8
    assert outcome[Name.TURNOVER].value == float(traded)
    assert {one.broker for one in outcome.values()} == {run.terms.broker}
    assert Name.ORDERS_FAILED not in outcome


def test_an_order_that_was_refused_or_never_left_is_a_failed_one() -> None:
    floor = Floor(outcomes=[reject("margin")])
    floor.follow()

    outcome = {one.name: one.value for one in outcome_of(floor.run)}

    assert outcome[Name.ORDERS_FAILED] == 1


def test_how_late_the_first_order_was_is_told_in_milliseconds() -> None:
    run = Floor().run

    late = due_to_broker(run, run.due_at + timedelta(milliseconds=37))

    assert (late.name, late.value, late.unit) == (Name.DUE_TO_BROKER, 37, "Milliseconds")
    assert late.broker == run.terms.broker


def test_a_clock_that_ran_ahead_makes_no_order_early() -> None:
    run = Floor().run

    assert due_to_broker(run, run.due_at - timedelta(milliseconds=3)).value == 0


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:  # Any: JSON
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_what_is_published_is_found_by_stage_and_not_by_function(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "reactor")

    publish([Measured(Name.SIGN_INS, about={"user_id": "USER-7"})], "prod")

    (line,) = lines_of(capsys)
    (described,) = line["_aws"]["CloudWatchMetrics"]
    assert described["Namespace"] == NAMESPACE
    assert described["Dimensions"] == [["stage"]]
    assert described["Metrics"] == [{"Name": "SignIns", "Unit": "Count"}]
    assert (line["stage"], line["SignIns"], line["user_id"]) == ("prod", [1.0], "USER-7")


def test_what_depends_on_the_broker_is_found_with_and_without_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    publish([Measured(Name.ORDERS_COMPLETE, 4, "zerodha")], "prod")

    (line,) = lines_of(capsys)
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["stage"], ["stage", "broker"]]
    assert line["broker"] == "zerodha"


def test_every_name_has_a_meaning_and_somebody_who_tells_it() -> None:
    assert set(MEANINGS) == set(Name)
    assert all(meaning.teller and meaning.text for meaning in MEANINGS.values())
