"""A trading day at the deployed stage: sign-in, condors in and out, and books that agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from adapters.brokers.paper.ledger import Judge
from domain.ledger import held
from domain.run import Run
from domain.run_terms import Stage
from tests.emulator.compared import OneProcess, in_one_process, shown_at
from tests.emulator.day import Day, operated
from tests.emulator.deploying import Deployed
from tests.emulator.member import soon
from tests.emulator.stage import PATH, PREFIX, STAGE
from tests.live.trader import Json

EVENTS = f"{PREFIX}events"


@pytest.fixture(scope="module")
def embedded(
    day: Day, deployed: Deployed, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OneProcess]:
    """The one-process engine with the events of that day."""
    del day
    folder = tmp_path_factory.mktemp("embedded") / "home"
    with in_one_process(deployed, EVENTS, folder) as found:
        yield found


@pytest.fixture(scope="module")
def judge(day: Day) -> Iterator[Judge]:
    """Reads the broker's own ledger."""
    found = Judge(day.rehearsed.kite.ledger)
    yield found
    found.close()


def test_all_six_stacks_stand(deployed: Deployed) -> None:
    client = deployed.emulator.client("cloudformation")

    told = [client.describe_stacks(StackName=each.name) for each in deployed.stacks.values()]

    assert [each["Stacks"][0]["StackStatus"] for each in told] == ["CREATE_COMPLETE"] * 6


# ── people ────────────────────────────────────────────────────────────────────────────────


def test_a_password_alone_lets_nobody_in_who_has_enrolled(day: Day) -> None:
    answer = day.trader.without_code

    assert answer is not None
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.json()["type"].endswith("otp-required")


def test_the_gateway_turns_away_who_shows_no_token(day: Day) -> None:
    bare = day.trader.client.get("/users/profile", headers={"Authorization": "Bearer no.such.one"})

    assert bare.status_code == 401


# ── what is traded ────────────────────────────────────────────────────────────────────────


def test_the_prds_own_examples_are_kept_and_refused_with_every_fault(day: Day) -> None:
    basket, strategy = day.drafted

    assert (basket["name"], basket["status"]) == ("Weekly NIFTY Iron Condor", "DRAFT")
    assert [leg["symbol"] for leg in strategy["legs"]] == ["NIFTY24AUG18000CE", "NIFTY24AUG18200CE"]
    assert day.refused is not None
    assert day.refused["type"].endswith("strategy-has-faults")
    assert {"unknown-symbol"} <= {each["code"] for each in day.refused["errors"]}


def test_a_condor_is_entered_at_its_second_hedges_first(
    day: Day, embedded: OneProcess, judge: Judge
) -> None:
    assert day.entered is not None
    run = next(each for each in embedded.runs() if each.id == day.entered["run_id"])
    first = min(each.released_at for each in run.slices.values() if each.released_at)

    grace = timedelta(seconds=run.terms.entry_grace_s)
    assert run.due_at <= first <= run.due_at + grace
    tags = set(run.slices)
    mine = [order.ticket for order in judge.placed() if order.ticket.tag in tags]
    assert [ticket.side.value for ticket in mine[:4]] == ["BUY", "BUY", "SELL", "SELL"]


def test_what_is_held_is_shown_with_its_price(day: Day) -> None:
    assert day.held is not None

    quantities = [each["quantity"] for each in day.held["items"]]
    assert sorted(quantities)[:2] == [-quantities[0] if quantities[0] > 0 else quantities[0]] * 2
    assert all(each["last_price"] for each in day.held["items"])


def test_a_run_leaves_at_its_time(day: Day) -> None:
    assert day.timed is not None
    assert (day.timed["stage"], day.timed["exit_reason"]) == ("CLOSED", "TIME")


def test_an_order_that_is_cancelled_on_its_way_is_undone(day: Day, embedded: OneProcess) -> None:
    assert day.cancelled is not None
    run = next(each for each in embedded.runs() if each.id == day.cancelled["run_id"])

    assert run.stage is Stage.CLOSED
    assert day.cancelled["exit_reason"] == "CANCELLED"
    entry = day.trader.get(f"/orders/{run.id}-ENTRY-1")
    shorts = [leg for leg in entry["legs"] if leg["action"] == "SELL"]
    assert not all(leg["status"] == "COMPLETE" for leg in shorts), entry
    assert held_of(run) == set()


def held_of(run: Run) -> set[str]:
    """The contracts of which the run still holds something."""
    return {leg.contract.key for number, leg in enumerate(run.legs) if held(run, number)}


def test_the_kill_switch_leaves_the_account_flat_and_blocked(day: Day, judge: Judge) -> None:
    assert day.killed is not None
    assert day.killed["exit_reason"] == "KILL"

    account = day.trader.get(day.trader.path)
    assert account["block"]["reason"] == "enough for today"
    nets = [net for _, net in judge.nets(day.trader.account_id)]
    assert nets[-1] == {}


def test_nothing_was_sent_twice_and_the_books_agree(
    day: Day, embedded: OneProcess, judge: Judge
) -> None:
    del day
    known = {tag: state.filled for run in embedded.runs() for tag, state in run.slices.items()}
    tags = {order.order_id: order.ticket.tag for order in judge.placed()}
    filled = dict.fromkeys(tags.values(), 0)
    for fill in judge.fills(None):
        filled[tags[fill.order_id]] += fill.quantity

    assert list(judge.sent_twice()) == []
    assert filled == {tag: units for tag, units in known.items() if tag in filled}


# ── what is kept of it ────────────────────────────────────────────────────────────────────


def test_what_is_sealed_holds_against_every_event(day: Day, deployed: Deployed) -> None:
    del day
    sealed = deployed.emulator.client("lambda").invoke(FunctionName=f"{PREFIX}sealer:live")
    assert json.load(sealed["Payload"])["heads"] > 10

    def audited() -> Json | None:
        told: Json = json.loads(operated(deployed, "adapters.aws.verify", "--stage", STAGE))
        return told if told["unaudited"] == 0 else None

    told = soon(audited, "every event to be audited")

    assert (told["sound"], told["faults"]) == (True, [])


def test_who_asks_the_api_for_that_is_told_the_command_that_does_it(day: Day) -> None:
    answer = day.admin.asked("GET", "/audit/verify")

    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert answer.json()["type"] == "urn:atp:problem:verified-elsewhere"
    assert f"python -m adapters.aws.verify --stage {STAGE}" in answer.json()["detail"]


def test_every_fire_was_announced_in_the_prds_own_words(day: Day) -> None:
    fired = [each for each in day.announced if each["payload"]["txn_type"] == "ENTRY"]

    assert {each["event_type"] for each in day.announced} == {"STRATEGY_EXECUTION"}
    assert len(fired) >= 2
    for each in fired:
        payload = each["payload"]
        assert payload["account_id"] == day.trader.account_id
        assert {"symbol", "qty", "action"} <= payload["legs"][0].keys()
        assert {"days", "time", "dte"} <= payload["schedule_context"].keys()


def test_the_trader_finds_what_happened_to_a_run(day: Day) -> None:
    assert day.killed is not None
    of_the_run = f"/audit?stream={day.killed['run_id']}&limit=200"
    happened = {"run.opened", "run.phase_released", "run.exit_requested", "run.closed"}

    def told() -> bool | None:
        events = day.trader.get(of_the_run)["items"]
        return True if {each["topic"] for each in events} >= happened else None

    assert soon(told, "all that happened to the run")


def test_the_lake_has_every_event(day: Day, deployed: Deployed, embedded: OneProcess) -> None:
    del day
    stored = {
        (stream, version)
        for stream, head in embedded.heads().items()
        for version in range(1, head + 1)
    }

    def whole() -> bool | None:
        return True if {*lines(deployed)} >= stored else None

    assert soon(whole, "the lake to have every event")


def lines(deployed: Deployed) -> Iterator[tuple[str, int]]:
    """Stream and version of every line in the lake."""
    s3, bucket = deployed.emulator.client("s3"), deployed.parameter(f"{PATH}/bucket/lake")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="events/"):
        for each in page.get("Contents", []):
            text = s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read().decode()
            for line in text.splitlines():
                told = json.loads(line)
                yield told["stream"], int(told["version"])


def test_the_deployed_views_are_those_of_the_one_process_engine(
    day: Day, deployed: Deployed, tmp_path: Path
) -> None:
    del day
    looks = count()

    def same() -> bool | None:
        with in_one_process(deployed, EVENTS, tmp_path / f"{next(looks)}") as embedded:
            return True if shown_at(deployed, PREFIX) == embedded.views else None

    assert soon(same, "equal views")
