"""Queues, stream, schedules and order workflow: nothing is lost in silence, or done twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.capacity import AtOnce
from infra.schedules import TIMETABLE
from tests.infra.templates import Stage

KINDS = {"execute", "dispatch", "reconcile", "connected"}


def queues(stage: Stage) -> dict[str, Any]:
    """Queues by their name, after the stage's."""
    return {
        one["QueueName"].split("-", 2)[2]: one
        for one in stage.properties("AWS::SQS::Queue").values()
    }


def working(stage: Stage) -> dict[str, Any]:
    return {name: one for name, one in queues(stage).items() if "dead" not in name}


def mappings(stage: Stage, kind: str) -> dict[str, Any]:
    """Event source mappings that read queues (`sqs`) or streams, by logical id."""
    return {
        name: one
        for name, one in stage.properties("AWS::Lambda::EventSourceMapping").items()
        if ("ScalingConfig" in one) is (kind == "sqs")
    }


def timeouts(stage: Stage) -> dict[str, int]:
    return {
        one["FunctionName"].split("-", 2)[2]: one["Timeout"]
        for one in stage.properties("AWS::Lambda::Function").values()
    }


# ── queues ────────────────────────────────────────────────────────────────────────────────


def test_each_kind_of_work_has_a_queue_and_a_place_for_its_dead(prod: Stage) -> None:
    kinds = {name.removesuffix(".fifo") for name in working(prod)}

    assert kinds == KINDS
    for one in working(prod).values():
        assert "Dead" in json.dumps(one["RedrivePolicy"]["deadLetterTargetArn"])
        assert one["RedrivePolicy"]["maxReceiveCount"] in (3, 5)


def test_a_family_has_queues_of_its_own(spread: Stage) -> None:
    kinds = {name.removesuffix(".fifo") for name in working(spread)}

    assert kinds == KINDS | {f"{kind}-{desk}" for kind in KINDS for desk in ("family-rao", "desk")}


def test_every_queue_is_encrypted_by_our_key_and_reached_by_tls_only(prod: Stage) -> None:
    policies = [
        statement
        for policy in prod.properties("AWS::SQS::QueuePolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
    ]

    assert all("Operations" in json.dumps(one["KmsMasterKeyId"]) for one in queues(prod).values())
    assert len(policies) == len(queues(prod))
    for statement in policies:
        assert (statement["Effect"], statement["Action"]) == ("Deny", "sqs:*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_messages_of_one_account_keep_their_order_and_hold_up_no_other(prod: Stage) -> None:
    (dispatch,) = [one for name, one in working(prod).items() if name.startswith("dispatch")]

    assert dispatch["FifoQueue"] is True
    assert dispatch["DeduplicationScope"] == "messageGroup"
    assert dispatch["FifoThroughputLimit"] == "perMessageGroupId"


def test_work_of_a_killed_function_comes_again_as_soon_as_it_must_have_ended(prod: Stage) -> None:
    workers = {
        "execute": "strategy-executor",
        "dispatch": "broker-dispatcher",
        "reconcile": "position-reconciler",
        "connected": "broker-adapter-zerodha",
    }

    for name, one in working(prod).items():
        timeout = timeouts(prod)[workers[name.removesuffix(".fifo")]]
        assert timeout < one["VisibilityTimeout"] <= timeout + 10


def test_one_message_is_one_call_and_no_more_calls_than_are_kept_room_for(prod: Stage) -> None:
    most = {one["ScalingConfig"]["MaximumConcurrency"] for one in mappings(prod, "sqs").values()}

    reserved = AtOnce()
    assert most == {
        reserved.strategy_executor,
        reserved.broker_dispatcher,
        reserved.position_reconciler - 1,  # one is woken by the clock
        reserved.broker_adapter_zerodha - 1,
    }
    for one in mappings(prod, "sqs").values():
        assert one["BatchSize"] == 1
        assert one["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


# ── the stream ────────────────────────────────────────────────────────────────────────────


def test_the_stream_has_two_readers_as_many_as_a_shard_allows(prod: Stage) -> None:
    readers = mappings(prod, "stream")

    assert {name.split("/")[1].split("Stream")[0] for name in readers} == {"Projector", "Reactor"}


def test_a_shard_is_read_in_order_and_a_bad_batch_is_halved(prod: Stage) -> None:
    for one in mappings(prod, "stream").values():
        assert one["StartingPosition"] == "TRIM_HORIZON"
        assert one["ParallelizationFactor"] == 1
        assert one["BisectBatchOnFunctionError"] is True
        assert one["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert "TumblingWindowInSeconds" not in one
        assert "MaximumBatchingWindowInSeconds" not in one


def test_what_cannot_be_read_of_the_stream_is_given_up_within_its_day_and_kept(prod: Stage) -> None:
    for one in mappings(prod, "stream").values():
        assert 0 < one["MaximumRecordAgeInSeconds"] < 24 * 3600
        assert 0 < one["MaximumRetryAttempts"] < 100
        assert "Dead" in json.dumps(one["DestinationConfig"]["OnFailure"]["Destination"])


# ── schedules ─────────────────────────────────────────────────────────────────────────────


def minutes(cron: str) -> set[tuple[int, int]]:
    """Hours and minutes of the expression of a schedule, as Scheduler reads it."""
    minute, hour, *days = cron.removeprefix("cron(").removesuffix(")").split()
    assert days == ["*", "*", "?", "*"]
    return {(h, m) for h in _named(hour, 24) for m in _named(minute, 60)}


def _named(field: str, most: int) -> list[int]:
    if field == "*":
        return list(range(most))
    first, _, last = field.partition("-")
    return list(range(int(first), int(last or first) + 1))


def woken(stage: Stage, function: str) -> list[tuple[int, int]]:
    """When a function is woken each day, India's time."""
    names = {wake.name for wake in TIMETABLE if wake.function == function}
    schedules = stage.properties("AWS::Scheduler::Schedule").values()
    crons = [one["ScheduleExpression"] for one in schedules if one["Name"] in names]
    return sorted(at for cron in crons for at in minutes(cron))


def test_the_planner_wakes_each_minute_from_quarter_to_nine_until_four(prod: Stage) -> None:
    expected = [(h, m) for h in range(8, 17) for m in range(60) if (8, 45) <= (h, m) <= (16, 0)]

    assert woken(prod, "strategy_scheduler") == expected


def test_the_mornings_work_at_zerodha_has_its_times(prod: Stage) -> None:
    assert woken(prod, "broker_adapter_zerodha") == [(6, 1), (8, 30), (8, 40), (9, 0)]


def test_accounts_are_compared_each_minute_of_the_market_and_after_its_close(prod: Stage) -> None:
    times = woken(prod, "position_reconciler")

    assert {(h, m) for h in range(9, 16) for m in range(60)} <= set(times)
    assert (16, 5) in times


def test_what_was_never_delivered_is_looked_for_each_hour(prod: Stage) -> None:
    assert woken(prod, "reactor") == [(hour, 37) for hour in range(24)]


def test_digests_are_sealed_each_hour_and_after_the_close(prod: Stage) -> None:
    assert woken(prod, "sealer") == sorted([*((hour, 7) for hour in range(24)), (16, 20)])


def test_schedules_go_by_the_exchanges_time_and_to_the_minute(prod: Stage) -> None:
    for one in prod.properties("AWS::Scheduler::Schedule").values():
        assert one["ScheduleExpressionTimezone"] == "Asia/Kolkata"
        assert one["FlexibleTimeWindow"] == {"Mode": "OFF"}
        assert one["GroupName"] == "atp-prod"


def test_who_could_not_be_woken_is_known(prod: Stage) -> None:
    for one in prod.properties("AWS::Scheduler::Schedule").values():
        target = one["Target"]
        assert "Failed" in json.dumps(target["DeadLetterConfig"]["Arn"])
        assert 60 <= target["RetryPolicy"]["MaximumEventAgeInSeconds"] <= 3600
        assert target["RetryPolicy"]["MaximumRetryAttempts"] == 3


def test_who_failed_when_woken_is_tried_again_and_then_known(prod: Stage) -> None:
    woken_ones = prod.properties("AWS::Lambda::EventInvokeConfig").values()

    assert len(woken_ones) == len({wake.function for wake in TIMETABLE})
    for one in woken_ones:
        assert one["MaximumRetryAttempts"] == 2
        assert "Failed" in json.dumps(one["DestinationConfig"]["OnFailure"]["Destination"])


# ── the order workflow ────────────────────────────────────────────────────────────────────


@pytest.fixture
def workflow(prod: Stage) -> Any:
    """The definition of the order workflow; what AWS fills in is left out."""
    parts = prod.only("AWS::StepFunctions::StateMachine")["DefinitionString"]["Fn::Join"][1]
    return json.loads("".join(part if isinstance(part, str) else "arn" for part in parts))


def test_the_workflow_only_waits_and_has_the_run_followed_again(workflow: Any) -> None:
    states = workflow["States"]

    assert workflow["StartAt"] == "Follow"
    assert states["Follow"]["Next"] == "Over"
    assert states["Over"]["Choices"] == [
        {"Variable": "$.ended", "BooleanEquals": True, "Next": "Ended"}
    ]
    assert states["Over"]["Default"] == "Wait"
    assert states["Wait"] == {"Type": "Wait", "TimestampPath": "$.wake", "Next": "Follow"}
    assert states["Ended"]["Type"] == "Succeed"


def test_what_the_monitor_answered_is_what_it_is_asked_next(workflow: Any) -> None:
    follow = workflow["States"]["Follow"]

    assert follow["Parameters"]["Payload.$"] == "$"
    assert follow["OutputPath"] == "$.Payload"


def test_a_run_is_not_left_alone_because_its_monitor_failed(workflow: Any) -> None:
    follow = workflow["States"]["Follow"]
    passing, others = follow["Retry"]

    assert "Lambda.TooManyRequestsException" in passing["ErrorEquals"]
    assert others["ErrorEquals"] == ["States.ALL"]
    (caught,) = follow["Catch"]
    assert (caught["ErrorEquals"], caught["Next"]) == (["States.ALL"], "After a fault")
    assert caught["ResultPath"] == "$.fault"  # the run and the day stay
    assert workflow["States"]["After a fault"]["Next"] == "Follow"


def test_the_workflow_ends_with_the_day_at_the_latest(workflow: Any) -> None:
    assert workflow["TimeoutSeconds"] < 24 * 3600


def test_a_workflow_that_fails_all_day_does_not_outgrow_its_history(workflow: Any) -> None:
    states = workflow["States"]
    tries = 1 + sum(one["MaxAttempts"] for one in states["Follow"]["Retry"])
    lines = 3 * tries + 4  # scheduled, started and failed; entered and left

    turns = workflow["TimeoutSeconds"] // states["After a fault"]["Seconds"]

    # Faults of Lambda itself are soon over: of them alone no day consists.
    assert turns * (3 * (1 + states["Follow"]["Retry"][1]["MaxAttempts"]) + 4) < 25_000
    assert lines < 100


def test_the_workflow_is_traced_and_logged_under_our_key_without_its_data(prod: Stage) -> None:
    machine = prod.only("AWS::StepFunctions::StateMachine")

    assert machine["StateMachineType"] == "STANDARD"
    assert machine["TracingConfiguration"] == {"Enabled": True}
    logging = machine["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", False)


# ── notices ───────────────────────────────────────────────────────────────────────────────


def test_notices_are_encrypted_and_sent_by_tls_only(prod: Stage) -> None:
    topics = [
        one
        for one in prod.properties("AWS::SNS::Topic").values()
        if one["TopicName"] == "atp-prod-notices"
    ]

    (topic,) = topics
    assert "Operations" in json.dumps(topic["KmsMasterKeyId"])
    denied = [
        statement
        for policy in prod.properties("AWS::SNS::TopicPolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
    ]
    assert {"Bool": {"aws:SecureTransport": "false"}} in [one["Condition"] for one in denied]
