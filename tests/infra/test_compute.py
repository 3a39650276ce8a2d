"""Functions are called by their alias, stand where they should, and trade in one region only."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from adapters.aws.settings import PLACES, AwsSettings
from infra.capacity import AT_BROKERS, AtOnce
from tests.infra.templates import Stage

ROOT = Path(__file__).parents[2]
HANDLERS = {
    path.stem for path in (ROOT / "adapters" / "aws_lambda").glob("*.py") if path.stem != "__init__"
}
#: What Powertools is told; everything else is for our own settings.
POWERTOOLS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}
#: Set only for egresses of families, pages of other origins, or a rehearsed day.
SOMETIMES = {"desk", "desks", "origins", "market_account", "rehearsal", "patience"}
SOMETIMES |= {"kite_root", "kite_login", "kite_ws", "kite_timeout_s"}


def functions(stage: Stage) -> dict[str, Any]:
    """Functions by their name in AWS, after the stage's."""
    return {
        one["FunctionName"].split("-", 2)[2]: one
        for one in stage.properties("AWS::Lambda::Function").values()
    }


def variables(function: Any) -> dict[str, Any]:
    told: dict[str, Any] = function["Environment"]["Variables"]
    return told


def text(part: Any) -> str:
    return json.dumps(part)


def test_every_entry_point_is_a_function_and_every_function_has_one(prod: Stage) -> None:
    handlers = {one["Handler"] for one in functions(prod).values()}

    assert handlers == {f"adapters.aws_lambda.{name}.handler" for name in HANDLERS}


def test_functions_run_on_arm_by_a_python_the_lock_is_tested_with(prod: Stage) -> None:
    for one in functions(prod).values():
        assert (one["Architectures"], one["Runtime"]) == (["arm64"], "python3.13")
        assert len(one["Layers"]) == 2


def test_layers_are_for_what_functions_run_on(prod: Stage) -> None:
    for layer in prod.properties("AWS::Lambda::LayerVersion").values():
        assert layer["CompatibleArchitectures"] == ["arm64"]
        assert layer["CompatibleRuntimes"] == ["python3.13"]


def test_every_function_traces_and_logs_json_into_a_log_of_its_own(prod: Stage) -> None:
    logs = prod.part("Compute").properties("AWS::Logs::LogGroup").values()
    groups = {group["LogGroupName"] for group in logs}

    for one in functions(prod).values():
        assert one["TracingConfig"] == {"Mode": "Active"}
        assert one["LoggingConfig"]["LogFormat"] == "JSON"
        assert "LogGroup" in one["LoggingConfig"]
        assert f"/aws/lambda/{one['FunctionName']}" in groups


def test_functions_are_told_what_their_settings_read_and_nothing_else(prod: Stage) -> None:
    fields = {f"ATP_{name.upper()}" for name in set(AwsSettings.model_fields) - SOMETIMES}

    for one in functions(prod).values():
        assert set(variables(one)) == fields | POWERTOOLS


def test_settings_take_what_functions_are_told(
    spread: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what AWS fills in filled in."""
    told = variables(functions(spread)["strategy-executor-family-rao"])
    for name, value in told.items():
        plain = value if isinstance(value, str) else "".join(_plain(value))
        monkeypatch.setenv(name, plain)

    settings = AwsSettings()

    assert settings.desk == "family-rao"
    assert settings.desks["family-rao"].serves == ("USER-RAO",)
    assert settings.desks["desk"].serves == ("ACC-1",)
    assert settings.install == "spread-AWS::AccountId"


def _plain(value: Any) -> list[str]:
    """A function of CloudFormation as text: names of what is referred to stand for it."""
    if isinstance(value, str):
        return [value]
    ((kind, of),) = value.items()
    if kind == "Fn::Join":
        return [part for each in of[1] for part in _plain(each)]
    return [of if isinstance(of, str) else of[0]]


def test_no_function_is_told_a_secret(prod: Stage) -> None:
    for one in functions(prod).values():
        for name, value in variables(one).items():
            assert not re.search("resolve:secretsmanager|SecretString", text(value)), name


def test_whom_somebody_or_a_second_waits_for_starts_from_a_snapshot(prod: Stage) -> None:
    quick = {
        name
        for name, one in functions(prod).items()
        if one.get("SnapStart") == {"ApplyOn": "PublishedVersions"}
    }

    assert quick == {"api", "strategy-executor", "order-monitor", "broker-dispatcher"}


def test_every_function_is_published_as_live_and_old_versions_are_kept(prod: Stage) -> None:
    aliases = prod.properties("AWS::Lambda::Alias").values()
    versions = prod.resources("AWS::Lambda::Version").values()

    assert len(aliases) == len(versions) == len(functions(prod))
    assert {alias["Name"] for alias in aliases} == {"live"}
    assert {version["DeletionPolicy"] for version in versions} == {"Retain"}


def test_whoever_calls_a_function_calls_it_by_its_alias(prod: Stage) -> None:
    called = [
        *[
            one["FunctionName"]
            for one in prod.properties("AWS::Lambda::EventSourceMapping").values()
        ],
        *[one["Target"]["Arn"] for one in prod.properties("AWS::Scheduler::Schedule").values()],
    ]

    assert all("Alias" in one["Ref"] for one in called)
    woken = prod.properties("AWS::Lambda::EventInvokeConfig").values()
    assert {one["Qualifier"] for one in woken} == {"live"}


def test_room_is_kept_for_every_function_and_left_for_others(prod: Stage) -> None:
    reserved = {
        name.replace("-", "_"): one["ReservedConcurrentExecutions"]
        for name, one in functions(prod).items()
    }

    assert reserved == AtOnce().model_dump(exclude={"family"})
    assert sum(reserved.values()) <= 900


def test_what_speaks_to_a_broker_leaves_by_an_egress_and_nothing_else_does(prod: Stage) -> None:
    placed = {name.replace("-", "_") for name, one in functions(prod).items() if "VpcConfig" in one}

    assert placed == set(AT_BROKERS)
    for one in functions(prod).values():
        if "VpcConfig" in one:
            subnets = text(one["VpcConfig"]["SubnetIds"])
            assert "Egressshared" in subnets.replace("-", "")


def test_a_familys_functions_stand_behind_the_familys_address(spread: Stage) -> None:
    made = functions(spread)

    for job in AT_BROKERS:
        family = made[f"{job.replace('_', '-')}-family-rao"]
        subnets = text(family["VpcConfig"]["SubnetIds"])
        assert "familyrao" in subnets
        assert "shared" not in subnets
        assert variables(family)["ATP_DESK"] == "family-rao"
    assert "ATP_DESK" not in variables(made["strategy-executor"])


def test_a_familys_work_goes_to_the_familys_desk(spread: Stage) -> None:
    """Where everybody's settings send it is what the family's desk has."""
    told = variables(functions(spread)["strategy-scheduler"])["ATP_DESKS"]
    there = {one["QueueName"] for one in spread.properties("AWS::SQS::Queue").values()}
    machines = spread.properties("AWS::StepFunctions::StateMachine").values()
    there |= {one["StateMachineName"] for one in machines}

    desks = AwsSettings(
        stage="spread",
        prefix="atp-spread-",
        install="spread-1",
        events_table="atp-spread-events",
        execute_queue="https://sqs/1/atp-spread-execute",
        dispatch_queue="https://sqs/1/atp-spread-dispatch.fifo",
        reconcile_queue="https://sqs/1/atp-spread-reconcile",
        connected_queue="https://sqs/1/atp-spread-connected",
        order_workflow="arn:aws:states:::stateMachine:atp-spread-orders",
        desks=json.loads(told),
    ).desks

    assert desks["family-rao"].serves == ("USER-RAO",)
    for places in desks.values():
        sent_to = {re.split("[/:]", places.at(name))[-1] for name in PLACES}
        assert len(sent_to) == 5
        assert sent_to <= there


def test_routes_to_many_families_fit_into_an_environment() -> None:
    families = {f"family-{n}": [f"USER-{n:026}", f"ACC-{n:026}"] for n in range(20)}

    assert len(json.dumps(families)) < 4096 - 2048  # of which all else takes less than half


def test_a_familys_desk_is_a_stack_of_its_own_as_one_has_room_for_few(spread: Stage) -> None:
    most = 500  # resources of a stack, by CloudFormation

    desks = spread.part("Compute", "Desk-family-rao", "Desk-desk")

    assert all(len(one["Resources"]) < most / 2 for one in desks.stacks.values())


def test_nothing_comes_in_behind_an_egress_and_only_tls_goes_out(prod: Stage) -> None:
    guard = prod.only("AWS::EC2::SecurityGroup")

    assert "SecurityGroupIngress" not in guard
    (out,) = guard["SecurityGroupEgress"]
    assert (out["IpProtocol"], out["FromPort"], out["ToPort"]) == ("tcp", 443, 443)


def test_in_the_region_that_writes_everything_is_at_work(prod: Stage) -> None:
    assert {one["State"] for one in prod.properties("AWS::Scheduler::Schedule").values()} == {
        "ENABLED"
    }
    mappings = prod.properties("AWS::Lambda::EventSourceMapping").values()
    assert {one["Enabled"] for one in mappings} == {True}


def test_in_a_region_that_does_not_write_nothing_is_woken_polled_or_watched(spread: Stage) -> None:
    assert {one["State"] for one in spread.properties("AWS::Scheduler::Schedule").values()} == {
        "DISABLED"
    }
    mappings = spread.properties("AWS::Lambda::EventSourceMapping").values()
    assert {one["Enabled"] for one in mappings} == {False}
    assert {one["DesiredCount"] for one in spread.properties("AWS::ECS::Service").values()} == {0}


def test_a_stage_to_try_things_out_leaves_no_versions_behind(spread: Stage) -> None:
    versions = spread.resources("AWS::Lambda::Version").values()

    assert {version["DeletionPolicy"] for version in versions} == {"Delete"}


def test_an_entry_point_is_thirty_lines_of_wiring_at_most() -> None:
    doors = sorted((ROOT / "adapters" / "aws_lambda").glob("[a-z]*.py"))

    assert len(doors) == 10
    assert {door.name: n for door in doors if (n := len(door.read_text().splitlines())) > 30} == {}
