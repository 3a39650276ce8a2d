"""The functions as Lambda calls them: an event, a context, and the platform of the environment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from adapters.aws.flows import scheduling
from adapters.aws.once import _layer
from adapters.aws.platform import platform
from tests.adapters.aws.house import House, opened_house


@dataclass
class Context:
    """What Lambda tells of a call, as far as it is asked."""

    function_name: str = "function"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:ap-south-1:123456789012:function:function"
    aws_request_id: str = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture
def house(aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:  # noqa: ARG001
    """A stage, and its places in the environment of its functions."""
    with opened_house(tmp_path) as made:
        for name, value in made.platform.settings.model_dump(mode="json").items():
            if value and not isinstance(value, dict):
                monkeypatch.setenv(f"ATP_{name.upper()}", str(value))
        yield made
        platform().close()
        platform.cache_clear()
        _layer.cache_clear()
        scheduling.cache_clear()


# Any: JSON, as Lambda gives and takes it.
def called(function: str, event: dict[str, Any]) -> Any:
    handler = import_module(f"adapters.aws_lambda.{function}").handler
    return json.loads(json.dumps(handler(event, Context())))


def from_queue(queue: str, *bodies: Any) -> dict[str, Any]:
    """Messages as Lambda hands them over."""
    arn = f"arn:aws:sqs:ap-south-1:123456789012:{queue}"
    return {
        "Records": [
            {"messageId": f"m{n}", "body": json.dumps(body), "eventSource": "aws:sqs",
             "eventSourceARN": arn, "attributes": {"MessageGroupId": "ACC-1"}}
            for n, body in enumerate(bodies)
        ]
    }  # fmt: skip


@pytest.mark.usefixtures("house")
def test_the_schedule_says_what_it_found_and_prints_its_beat(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert called("strategy_scheduler", {"at": "now"}) == {"due": 0, "messages": 0}

    assert "ScheduleBeats" in capsys.readouterr().out


def test_whoever_is_woken_twice_for_a_minute_does_its_work_once(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answered, client = f"{house.platform.settings.prefix}answered", house.platform.recorder.client
    client.create_table(
        TableName=answered,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    monkeypatch.setenv("ATP_ANSWERED_TABLE", answered)
    minute = {"schedule": "plan", "at": "2026-08-03T03:45:00Z"}

    for event in (minute, minute, {**minute, "at": "2026-08-03T03:46:00Z"}):
        assert called("strategy_scheduler", event) == {"due": 0, "messages": 0}
    assert capsys.readouterr().out.count('"ScheduleBeats":') == 2

    nameless = {**minute, "at": "<aws.scheduler.scheduled-time>"}  # where nobody filled it in
    assert [called("strategy_scheduler", nameless) for _ in range(2)]
    assert capsys.readouterr().out.count('"ScheduleBeats":') == 2

    client.delete_table(TableName=answered)
    assert called("strategy_scheduler", minute) == {"due": 0, "messages": 0}
    assert capsys.readouterr().out.count('"ScheduleBeats":') == 1


@pytest.mark.usefixtures("house")
def test_the_workflow_of_a_run_that_is_not_there_ends() -> None:
    answer = called("order_monitor", {"run_id": "RUN-none", "day": "2026-08-03"})

    assert answer["ended"] is True
    assert answer["wake"].endswith("Z")


@pytest.mark.usefixtures("house")
def test_nobody_is_compared_where_nothing_is_open() -> None:
    assert called("position_reconciler", {"what": "minute"}) == {"accounts": 0}


@pytest.mark.usefixtures("house")
def test_a_message_that_cannot_be_read_is_told_apart_from_those_that_were_done() -> None:
    slot = {"what": "enter", "user_id": "USER-none", "minute": "2026-08-03T03:50:00Z",
            "strategies": ["STRAT-none"]}  # fmt: skip

    answer = called("strategy_executor", from_queue("execute", slot, {"nothing": "known"}))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


@pytest.mark.usefixtures("house")
def test_after_a_message_that_failed_none_of_an_ordered_queue_is_begun() -> None:
    with pytest.raises(BatchProcessingError):
        called("broker_dispatcher", from_queue("dispatch.fifo", {"nothing": "known"}))
