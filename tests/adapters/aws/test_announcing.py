"""The Strategy Execution Event of the product's requirements, told when a run fires."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from adapters.aws.announcing import Announcement, Bus, NotAnnounced, execution
from bench.history import CONDOR, DEFINITION, DUE, Story, by, option, terms
from commands.application import fold
from domain.book import OrderType
from domain.contract import Contract, OptionType
from domain.definition import Definition
from domain.model import DomainEvent, acting
from domain.run import Run
from domain.run_terms import Reference
from domain.slices import Leg, Phase, Slice

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

GOLDEN = Path(__file__).parents[2] / "golden" / "announcements" / "strategy_execution.json"
RUN = "RUN-STRAT-1-ACC-1-20260804-0920"


def fires(run: Run) -> list[Announcement]:
    """What is announced of a run's whole life."""
    events: list[DomainEvent] = list(run.pending_events)  # type: ignore[arg-type]  # all of them are
    found = [
        execution(before, event)
        for event in events
        if isinstance(event, Run.PhaseReleased)
        and isinstance(before := fold(None, events[: event.originator_version - 1]), Run)
    ]
    return [each for each in found if each is not None]


def condor() -> Story:
    story = Story(RUN, terms())
    story.planned()
    return story


def test_the_event_is_that_of_the_requirements_to_the_letter() -> None:
    at = datetime(2025, 1, 15, 9, 20, tzinfo=UTC)
    call = Contract(
        exchange="NFO",
        tradingsymbol="NIFTY24AUG18000CE",
        underlying="NIFTY",
        expiry=date(2025, 1, 17),
        strike=Decimal(18000),
        option_type=OptionType.CE,
        lot=50,
        tick=Decimal("0.05"),
        freeze=1800,
    )
    leg = Leg(contract=call, side=Phase.ENTRY_SELL.side, quantity=50)
    schedule = {"entry_time": "09:20", "exit_time": "15:00", "weekdays": ["WED", "MON"]}
    defined = Definition.model_validate({**DEFINITION.model_dump(), "schedule": schedule})
    told = terms("USER1", "ACC123", "STRAT456").model_copy(
        update={"basket_id": "BASK123", "broker": "zerodha"}
    )
    with acting(by(at)):
        run = Run.open(
            "RUN-1",
            install="golden",
            slot="20250115T092000",
            terms=told,
            definition=defined.model_dump(mode="json"),
            due_at=at,
            exit_at=None,
        )
        run.plan((leg,), Reference(price=None, source="SPOT"), 50, None)
        intent = Slice(
            tag="ABCDEFGHIJ0123456789",
            phase=Phase.ENTRY_SELL,
            leg=0,
            number=1,
            attempt=1,
            side=leg.side,
            quantity=50,
            order_type=OrderType.LIMIT,
            price=Decimal("101.50"),
        )
        run.release(Phase.ENTRY_SELL, (intent,))

    (fired,) = fires(run)

    golden = json.loads(GOLDEN.read_text())
    assert fired.detail == golden
    assert json.dumps(fired.detail, indent=2) == json.dumps(golden, indent=2)
    assert (fired.id, fired.at) == ("RUN-1@3", at)


def test_a_run_is_announced_once_in_and_once_out() -> None:
    story = condor()
    story.entered()
    story.left()

    entry, left = fires(story.run)

    assert [each.detail["payload"]["txn_type"] for each in (entry, left)] == ["ENTRY", "EXIT"]
    assert [leg["action"] for leg in entry.detail["payload"]["legs"]] == ["BUY"] * 2 + ["SELL"] * 2
    assert [leg["action"] for leg in left.detail["payload"]["legs"]] == ["SELL"] * 2 + ["BUY"] * 2
    assert entry.detail["payload"]["schedule_context"]["time"] == "09:20"
    assert left.detail["payload"]["schedule_context"]["time"] == "15:00"


def test_an_exit_names_what_is_held_and_no_more() -> None:
    story = condor()
    story.traded(Phase.ENTRY_BUY, 0, "11.30")
    with acting(story.tick()):
        story.run.request_exit("HEDGE_TIMEOUT", "the other hedge")
    story.released(Phase.EXIT_SELL, 0, "11.00")

    _, left = fires(story.run)

    symbol = CONDOR[0].contract.tradingsymbol
    assert left.detail["payload"]["legs"] == [{"symbol": symbol, "qty": 65, "action": "SELL"}]


def test_days_to_expiry_are_those_of_the_nearest_leg_on_the_day_it_fires() -> None:
    later = option(24800, OptionType.CE).model_copy(update={"expiry": date(2026, 8, 25)})
    nearest = Leg(contract=option(24700, OptionType.CE), side=CONDOR[0].side, quantity=65)
    story = Story(RUN, terms(), DUE - timedelta(days=3))
    story.planned((Leg(contract=later, side=CONDOR[0].side, quantity=65), nearest))
    story.released(Phase.ENTRY_BUY, 0, "11.30")

    (entry,) = fires(story.run)

    assert entry.detail["payload"]["schedule_context"]["dte"] == 3


def test_closing_what_no_run_explains_is_no_execution_of_a_strategy() -> None:
    with acting(by(DUE)):
        run = Run.open(
            "RUN-FLATTEN-ACC-1-20260804T092000MIS",
            install="golden",
            slot="20260804T092000",
            terms=terms(strategy="FLATTEN"),
            definition={},
            due_at=DUE,
            exit_at=None,
        )
    story = Story(RUN, terms())
    story.run = run
    story.planned()
    story.released(Phase.EXIT_SELL, 0, "11.00")

    assert fires(run) == []


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[EventBridgeClient]:
    import boto3

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        events: EventBridgeClient = boto3.client("events", region_name="ap-south-1")
        events.create_event_bus(Name="executions")
        yield events


def news(count: int) -> list[Announcement]:
    detail: dict[str, Any] = {"event_type": "STRATEGY_EXECUTION"}
    return [Announcement(id=f"RUN-{n}@3", at=DUE, detail=detail) for n in range(count)]


def test_twelve_announcements_are_two_requests_that_carry_their_ids(
    client: EventBridgeClient,
) -> None:
    asked: list[Any] = []
    client.meta.events.register(
        "provide-client-params.events.PutEvents", lambda params, **_: asked.append(params)
    )

    Bus(client, "executions").announce(news(12))

    assert [len(each["Entries"]) for each in asked] == [10, 2]
    first = asked[0]["Entries"][0]
    assert (first["Source"], first["DetailType"]) == ("atp", "STRATEGY_EXECUTION")
    assert (first["Resources"], first["Time"]) == (["RUN-0@3"], DUE)


def test_what_the_bus_cannot_take_now_is_told_apart_from_what_it_never_takes(
    client: EventBridgeClient,
) -> None:
    codes = {1: "ThrottlingException", 2: "MalformedDetail"}

    def refuse(parsed: dict[str, Any], **_: Any) -> None:
        for place, code in codes.items():
            parsed["Entries"][place] = {"ErrorCode": code, "ErrorMessage": "by the test"}

    client.meta.events.register("after-call.events.PutEvents", refuse)

    with pytest.raises(NotAnnounced) as raised:
        Bus(client, "executions").announce(news(4))

    assert (raised.value.left, raised.value.lasting) == (["RUN-1@3"], ["RUN-2@3"])
