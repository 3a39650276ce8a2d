"""Each function may do what its work needs, on named things, and nothing besides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.infra.templates import Stage, listed

#: What can be asked of no thing in particular, each with its reason in the code.
UNNAMED = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
    "ecr:GetAuthorizationToken",
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
}
AT_DESK = {
    "StrategyExecutor",
    "OrderMonitor",
    "BrokerDispatcher",
    "PositionReconciler",
    "BrokerAdapterZerodha",
}
TRADES = (AT_DESK - {"BrokerAdapterZerodha"}) | {"Watcher"}


def allowed(stage: Stage) -> Iterator[tuple[str, Any]]:
    """What policies of whoever works allow: whose they are, and the statement."""
    for name, one in stage.statements():
        _, _, owner = name.partition("/")
        identity = "Action" in one and "Principal" not in one
        if one["Effect"] == "Allow" and identity:
            yield owner, one


@pytest.fixture
def working(either: Stage) -> Stage:
    """Every stack in which somebody works: those beneath are looked at in test_foundation.py."""
    return either.part(*sorted(either.stacks.keys() - {"Security", "Foundation", "Data"}))


@pytest.fixture(scope="session")
def compute(prod: Stage) -> Stage:
    """The functions, and the watcher, of the stage that trades."""
    return prod.part("Compute")


def who_may(stage: Stage, action: str, upon: str = "") -> set[str]:
    """Functions, by the name of their role, whose own or shared policy allows it."""
    found: set[str] = set()
    for owner, one in allowed(stage):
        if action in listed(one["Action"]) and upon in json.dumps(one["Resource"]):
            found |= _holders(stage, owner)
    return found


def _holders(stage: Stage, owner: str) -> set[str]:
    """Who has this policy: its role, or every role that it is attached to."""
    resources = stage.stacks["Compute"]["Resources"]
    roles = [one["Ref"] for one in resources[owner]["Properties"].get("Roles", [])]
    attached = [
        name
        for name, one in resources.items()
        if one["Type"] == "AWS::IAM::Role"
        and {"Ref": owner} in one["Properties"].get("ManagedPolicyArns", [])
    ]
    return {_named(role) for role in (*roles, *attached)}


def _named(role: str) -> str:
    return role.removeprefix("Desk").partition("Role")[0]


def test_no_policy_allows_any_action_of_a_service(working: Stage) -> None:
    actions = {action for _, one in allowed(working) for action in listed(one["Action"])}

    assert not [action for action in actions if "*" in action]


def test_any_resource_is_said_only_of_what_has_no_name(working: Stage) -> None:
    unnamed = {
        action
        for _, one in allowed(working)
        if "*" in listed(one["Resource"])
        for action in listed(one["Action"])
    }

    assert unnamed == UNNAMED


def test_part_of_a_name_is_left_open_for_objects_indexes_and_nothing_else(working: Stage) -> None:
    endings = {
        str(part).rpartition(":")[2].rpartition("/")[0].rpartition("/")[2]
        for _, one in allowed(working)
        for resource in listed(one["Resource"])
        if isinstance(resource, dict) and "Fn::Join" in resource
        for part in resource["Fn::Join"][1][-1:]
        if isinstance(part, str) and part.endswith("*")
    }

    # Files of the desk and its parameters, for whoever publishes it; the last: all of the bucket of
    # digests, whose name ends in the region.
    of_the_desk = {"assets", "desk"}
    assert endings == {"index", "instruments", "events", *of_the_desk, "-ap-south-1"}


def test_who_appends_to_the_log_decides_or_records_and_readers_of_the_stream_do_not(
    compute: Stage,
) -> None:
    appending = who_may(compute, "dynamodb:PutItem", "table/atp-prod-events")

    assert appending == AT_DESK | {"Api", "Watcher"}


def test_nobody_changes_or_takes_away_what_was_appended(compute: Stage) -> None:
    for action in ("UpdateItem", "DeleteItem", "BatchWriteItem"):
        assert who_may(compute, f"dynamodb:{action}", "table/atp-prod-events") == set()


def test_rows_of_views_are_written_by_who_projects_and_mends(compute: Stage) -> None:
    assert who_may(compute, "dynamodb:PutItem", "table/atp-prod-orders") == {"Projector", "Sealer"}


def test_whole_tables_are_read_by_who_has_to(compute: Stage) -> None:
    assert who_may(compute, "dynamodb:Scan", "table/atp-prod-events") == {"Sealer"}
    assert who_may(compute, "dynamodb:Scan", "table/atp-prod-broker_accounts") == {
        "Sealer",
        "PositionReconciler",
        "BrokerAdapterZerodha",
        "Watcher",
    }


def test_places_in_an_accounts_lane_are_taken_by_who_sends_orders(compute: Stage) -> None:
    assert who_may(compute, "dynamodb:PutItem", "table/atp-prod-lanes") == TRADES


def test_what_was_answered_is_remembered_for_whom_the_clock_may_wake_twice(compute: Stage) -> None:
    remembering = who_may(compute, "dynamodb:UpdateItem", "table/atp-prod-answered")

    assert remembering == {"StrategyScheduler", "PositionReconciler"}


def test_users_are_known_to_the_api_alone(compute: Stage) -> None:
    assert who_may(compute, "cognito-idp:AdminInitiateAuth") == {"Api"}
    assert who_may(compute, "cognito-idp:AdminCreateUser") == {"Api"}


def attached(stage: Stage, policy: str) -> set[str]:
    """Roles with a policy of the security stack."""
    return {
        _named(name.partition("/")[2])
        for name, role in stage.properties("AWS::IAM::Role").items()
        if policy in json.dumps(role.get("ManagedPolicyArns", []))
    }


def test_secrets_are_kept_by_who_logs_in_and_out_and_read_by_who_trades(prod: Stage) -> None:
    assert attached(prod, "VaultWriter") == {"Api", "BrokerAdapterZerodha"}
    assert attached(prod, "VaultReader") == TRADES


def test_digests_are_written_by_the_sealer_alone(compute: Stage) -> None:
    assert who_may(compute, "s3:PutObject", "digests") == {"Sealer"}
    assert who_may(compute, "secretsmanager:GetSecretValue", "Sealing") == {"Sealer"}


def test_the_lake_is_fed_by_the_reactor_alone(compute: Stage) -> None:
    assert who_may(compute, "s3:PutObject", "lake") == {"Reactor"}


@pytest.mark.parametrize(
    ("action", "who"),
    [
        ("events:PutEvents", {"Reactor"}),
        ("sns:Publish", {"Reactor"}),
        (
            "states:StartExecution",
            {"Api", "StrategyExecutor", "BrokerDispatcher", "PositionReconciler", "Watcher"},
        ),
        ("dynamodb:GetRecords", {"Projector", "Reactor"}),
    ],
)
def test_news_go_out_where_they_arise(compute: Stage, action: str, who: set[str]) -> None:
    assert who_may(compute, action) == who


def test_work_is_given_by_who_has_some(compute: Stage) -> None:
    def giving(kind: str) -> set[str]:
        return who_may(compute, "sqs:SendMessage", f':atp-prod-{kind}"')

    assert giving("execute") == {"StrategyScheduler", "StrategyExecutor"}
    assert giving("dispatch.fifo") == TRADES | {"Api", "Reactor", "BrokerAdapterZerodha"}
    assert giving("reconcile") == {"PositionReconciler", "BrokerAdapterZerodha"}
    assert giving("connected") == {"Api", "BrokerAdapterZerodha"}


def test_a_familys_functions_give_work_to_their_own_desk_only(spread: Stage) -> None:
    given = {
        name.partition("/")[0]: json.dumps(one["Resource"])
        for name, one in spread.statements()
        if "sqs:SendMessage" in listed(one["Action"]) and "OrderMonitor" in name
    }

    assert given["Desk-family-rao"].endswith('dispatch-family-rao.fifo"]]}')
    assert "family-rao" in given["Compute"]
    assert "-desk.fifo" in given["Compute"]


def test_the_clock_wakes_by_the_alias_those_it_has_to_and_no_others(compute: Stage) -> None:
    waking = [
        json.dumps(one["Resource"])
        for owner, one in allowed(compute)
        if owner.startswith("Schedules") and "lambda:InvokeFunction" in listed(one["Action"])
    ]

    (aliases,) = waking
    for name in ("StrategyScheduler", "Sealer", "PositionReconciler", "BrokerAdapterZerodha"):
        assert f"{name}Alias" in aliases
    assert "ApiAlias" not in aliases


def test_a_functions_own_code_cannot_touch_the_network_it_stands_in(prod: Stage) -> None:
    denied = [
        (name, one)
        for name, one in prod.statements()
        if one["Effect"] == "Deny" and "ec2:CreateNetworkInterface" in listed(one["Action"])
    ]

    assert len(denied) == len(AT_DESK)
    for _, one in denied:
        (itself,) = one["Condition"]["ArnEquals"].values()
        assert ":function:atp-prod-" in json.dumps(itself)


def test_keys_are_used_through_the_services_that_need_them(working: Stage) -> None:
    """Queues and the stream are read by Lambda in the function's name: not by a service of ours."""
    for owner, one in allowed(working):
        uses = [action for action in listed(one["Action"]) if action.startswith("kms:")]
        if uses and "Condition" not in one:
            assert set(uses) <= {"kms:GenerateDataKey", "kms:Decrypt"}, owner
