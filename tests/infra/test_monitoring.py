"""Whatever goes wrong is noticed, told to the right people, and explained in the book."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from adapters.aws.measured import MEANINGS, NAMESPACE, Name
from infra.figures import CLOSES, OPENS
from tests.infra.templates import Stage, alarms

BOOK = (Path(__file__).parents[2] / "docs" / "aws.md").read_text()


@pytest.fixture(scope="module")
def watched(prod: Stage) -> Stage:
    return prod.part("Monitoring")


def test_all_that_the_issue_names_is_watched(watched: Stage) -> None:
    wanted = {
        *("due-to-broker", "unavailable", "error-budget", "schedule-silent", "slot-missed"),
        *("projector-behind", "reactor-behind", "stream-parked", "heads-behind"),
        *("order-unknown", "order-unclear", "drift", "uncovered-short", "exit-blocked"),
        *("api-errors", "api-slow", "errors-api", "throttled-strategy-executor"),
        *("dead-letters-execute", "dead-letters-dispatch", "dead-letters-reconcile"),
        *("table-throttled-events", "table-throttled-lanes", "lane-waits", "workflow-broken"),
    }

    assert wanted <= set(alarms(watched))


def test_the_first_order_may_be_half_a_second_late_and_no_more(watched: Stage) -> None:
    late = alarms(watched)["due-to-broker"]

    (figure,) = [one["MetricStat"] for one in late["Metrics"]]

    assert (figure["Stat"], late["Threshold"]) == ("p99", 500)
    assert late["ComparisonOperator"] == "GreaterThanThreshold"
    assert figure["Metric"] == {
        "Namespace": NAMESPACE,
        "MetricName": "DueToBroker",
        "Dimensions": [{"Name": "stage", "Value": "prod"}],
    }


def test_an_answer_may_take_a_fifth_of_a_second(watched: Stage) -> None:
    slow = alarms(watched)["api-slow"]

    (figure,) = [one["MetricStat"] for one in slow["Metrics"]]

    assert (figure["Stat"], slow["Threshold"]) == ("p95", 200)


def test_every_metric_of_ours_that_is_watched_or_shown_is_one_that_is_told(
    watched: Stage,
) -> None:
    text = json.dumps(watched.stacks["Monitoring"])
    named = re.findall(r'\\*"MetricName\\*": ?\\*"(\w+)\\*"', text)
    shown = re.findall(rf'\\*"{NAMESPACE}\\*",\\*"(\w+)\\*"', text)

    ours = {name.value for name in Name}
    assert set(shown) <= ours
    assert {name.value for name in MEANINGS} & set(named)
    quiet = {Name.USERS_ACTIVE, Name.SIGN_INS, Name.ACCOUNTS_BLOCKED, Name.DRIFTS_RESOLVED}
    asked = {Name.USERS_REGISTERED, Name.ACCOUNTS_CONNECTED, Name.STRATEGIES_DRAFTED}
    asked |= {Name.STRATEGIES_DEPLOYED, Name.DEPLOYMENTS_REFUSED}
    # What is neither watched nor drawn is asked for in queries over the log, or for people only.
    assert ours - set(named) - set(shown) <= {one.value for one in quiet | asked}


def reckoned(alarm: Any, **given: float) -> float:
    """The alarm's expression for one point of each of its metrics, at 04:00 UTC on a Monday."""
    (expression,) = [one["Expression"] for one in alarm["Metrics"] if "Expression" in one]
    functions = {
        "IF": lambda holds, one, other=None: one if holds else other,
        "FILL": lambda value, otherwise: otherwise if value is None else value,
        "DAY": lambda _: given.get("day", 1),
        "HOUR": lambda _: given.get("hour", 4),
        "MINUTE": lambda _: given.get("minute", 0),
    }
    spelt = expression.replace(" AND ", " and ")
    found: float = eval(spelt, functions, {"beats": None, "failed": None, **given})
    return found


@pytest.mark.parametrize(
    ("given", "good"),
    [
        ({"asked": 1, "failed": 0}, 1),
        ({"asked": 1, "failed": 1}, 0),
        ({"asked": 3, "failed": 1}, 1),
        ({"asked": 1, "failed": 1, "hour": 3, "minute": 44}, 1),
        ({"asked": 1, "failed": 1, "hour": 3, "minute": 45}, 0),
        ({"asked": 1, "failed": 1, "hour": CLOSES // 60, "minute": CLOSES % 60}, 1),
        ({"asked": 1, "failed": 1, "day": 6}, 1),
    ],
)
def test_a_minute_is_bad_where_health_fails_while_the_market_trades(
    watched: Stage, given: dict[str, float], good: int
) -> None:
    assert reckoned(alarms(watched)["unavailable"], **given) == good


@pytest.mark.parametrize(
    ("given", "looked_at"),
    [
        ({"asked": 1, "beats": 1}, 1),
        ({"asked": 1}, 0),
        ({"asked": 1, "hour": 12}, 1),
    ],
)
def test_a_schedule_that_is_not_looked_at_is_noticed_while_the_market_trades(
    watched: Stage, given: dict[str, float], looked_at: int
) -> None:
    assert reckoned(alarms(watched)["schedule-silent"], **given) == looked_at


def test_the_session_is_that_of_the_exchange() -> None:
    assert (OPENS, CLOSES) == (3 * 60 + 45, 10 * 60)  # 09:15 and 15:30 in India


def test_where_nobody_asks_for_health_any_more_that_is_noticed(watched: Stage) -> None:
    assert alarms(watched)["unavailable"]["TreatMissingData"] == "breaching"
    probe = watched.only("AWS::Events::Rule")
    assert (probe["ScheduleExpression"], probe["State"]) == ("rate(1 minute)", "ENABLED")
    (target,) = probe["Targets"]
    assert json.dumps(target["Arn"]).endswith('/v1/GET/health"]]}')
    assert target["RetryPolicy"]["MaximumRetryAttempts"] == 0


def test_the_objective_counts_market_minutes_only(watched: Stage) -> None:
    objective = watched.only("AWS::ApplicationSignals::ServiceLevelObjective")

    (whole,) = [
        one["Expression"]
        for one in objective["Sli"]["SliMetric"]["MetricDataQueries"]
        if "Expression" in one
    ]
    assert objective["Goal"]["AttainmentGoal"] == 99.9
    assert objective["Goal"]["Interval"]["RollingInterval"]["Duration"] == 30
    assert whole.endswith("IF(asked - FILL(failed, 0) >= 1, 1, 0))")  # else: no minute at all
    assert [one["LookBackWindowMinutes"] for one in objective["BurnRateConfigurations"]] == [
        60,
        360,
    ]


def test_what_endangers_money_wakes_somebody_each_time(watched: Stage) -> None:
    urgent = {
        name for name, one in alarms(watched).items() if "Urgent" in json.dumps(one["AlarmActions"])
    }

    assert {"uncovered-short", "exit-blocked", "order-unknown", "drift", "slot-missed"} <= urgent
    assert "api-slow" not in urgent
    for one in alarms(watched).values():
        assert one["AlarmActions"] == one["OKActions"]


def test_an_outage_wakes_somebody_once_however_much_of_it_there_is(watched: Stage) -> None:
    outage = watched.only("AWS::CloudWatch::CompositeAlarm")

    members = set(re.findall(r'ALARM\("atp-prod-([\w-]+)"\)', outage["AlarmRule"]))

    assert {"unavailable", "schedule-silent", "projector-behind", "api-errors"} <= members
    assert members <= set(alarms(watched))
    assert "Urgent" in json.dumps(outage["AlarmActions"])
    assert len(outage["AlarmRule"]) <= 10_240


def test_topics_are_encrypted_and_let_alarms_of_this_account_in(watched: Stage) -> None:
    topics = watched.properties("AWS::SNS::Topic").values()
    policies = watched.properties("AWS::SNS::TopicPolicy").values()

    assert {one["TopicName"] for one in topics} == {"atp-prod-urgent", "atp-prod-routine"}
    assert all("Operations" in json.dumps(one["KmsMasterKeyId"]) for one in topics)
    for policy in policies:
        statements = policy["PolicyDocument"]["Statement"]
        (denied,) = [one for one in statements if one["Effect"] == "Deny"]
        (allowed,) = [one for one in statements if one["Effect"] == "Allow"]
        assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        assert "aws:SourceAccount" in allowed["Condition"]["StringEquals"]


def test_errors_in_every_functions_log_are_counted(watched: Stage) -> None:
    filters = watched.properties("AWS::Logs::MetricFilter").values()

    logs = {one["LogGroupName"] for one in filters if isinstance(one["LogGroupName"], str)}

    functions = ("api", "strategy-scheduler", "strategy-executor", "reactor", "sealer")
    assert {f"/aws/lambda/atp-prod-{one}" for one in functions} <= logs


def test_traces_of_orders_of_slow_answers_and_of_faults_are_kept_together(watched: Stage) -> None:
    groups = {
        one["GroupName"]: one["FilterExpression"]
        for one in watched.properties("AWS::XRay::Group").values()
    }

    assert 'service("atp-prod-strategy-executor")' in groups["atp-prod-orders"]
    assert groups["atp-prod-slow"].endswith("responsetime > 0.2")
    assert groups["atp-prod-faults"] == "fault = true"


def test_a_cause_and_a_run_can_be_followed_through_every_log(watched: Stage) -> None:
    queries = {
        one["Name"]: one for one in watched.properties("AWS::Logs::QueryDefinition").values()
    }

    assert set(queries) == {f"atp-prod/{name}" for name in ("errors", "one-cause", "one-run")}
    assert "correlation_id" in queries["atp-prod/one-cause"]["QueryString"]
    for query in queries.values():
        assert "/aws/lambda/atp-prod-strategy-executor" in query["LogGroupNames"]
        assert "/aws/lambda/atp-prod-reactor" in query["LogGroupNames"]


def test_every_name_that_is_watched_is_one_there_is(prod: Stage, watched: Stage) -> None:
    compute = prod.part("Compute")
    functions = {
        one["FunctionName"] for one in compute.properties("AWS::Lambda::Function").values()
    }
    queues = {one["QueueName"] for one in compute.properties("AWS::SQS::Queue").values()}
    services = {one["ServiceName"] for one in compute.properties("AWS::ECS::Service").values()}
    clusters = {one["ClusterName"] for one in compute.properties("AWS::ECS::Cluster").values()}
    tables = set(prod.tables())
    there = {
        "ClusterName": clusters,
        "FunctionName": functions,
        "QueueName": queues,
        "ServiceName": services,
        "TableName": tables,
    }
    text = json.dumps(watched.stacks["Monitoring"])

    for kind, names in there.items():
        looked_at = set(re.findall(rf'"Name": "{kind}", "Value": "([^"]+)"', text))
        assert looked_at
        assert looked_at <= names
        assert kind != "FunctionName" or looked_at == functions
    dead = {name for name in queues if "dead" in name}
    assert dead <= set(re.findall(r'"Name": "QueueName", "Value": "([^"]+)"', text))


def test_every_alarm_and_metric_is_explained_in_the_book(watched: Stage) -> None:
    names = set(alarms(watched)) | {"outage"}
    explained = set(re.findall(r"^\| `([\w-]+?)(?:-\*)?`", BOOK, re.MULTILINE))

    missing = {
        name
        for name in names
        if not any(name == one or name.startswith(f"{one}-") for one in explained)
    }

    assert missing == set()
    assert {name.value for name in Name} <= set(re.findall(r"`(\w+)`", BOOK))


def test_a_stage_says_who_is_told(spread: Stage, watched: Stage) -> None:
    mails = spread.properties("AWS::SNS::Subscription").values()

    assert {one["Endpoint"] for one in mails} == {"duty@example.com", "team@example.com"}
    assert watched.properties("AWS::SNS::Subscription") == {}
