"""Queues and the order workflow, as moto plays them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from moto import mock_aws

from adapters.aws.clients import Clients
from adapters.aws.queues import Message, Queue
from adapters.aws.workflows import OrderWorkflow, execution_name
from tests.adapters.aws.house import made_queue, made_workflow, received

DAY, TUESDAY = date(2026, 8, 3), date(2026, 8, 4)


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
    with mock_aws():
        yield Clients()


def test_any_number_of_messages_goes_out_in_batches_of_ten(clients: Clients) -> None:
    url = made_queue(clients, "execute")
    calls: list[int] = []
    clients.sqs.meta.events.register(
        "provide-client-params.sqs.SendMessageBatch",
        lambda params, **_: calls.append(len(params["Entries"])),
    )

    sent = Queue(clients.sqs, url).send_all(Message(body={"n": n}) for n in range(23))

    assert sent == 23
    assert calls == [10, 10, 3]
    assert sorted(each["n"] for each in received(clients.sqs, url)) == list(range(23))


def test_a_message_without_a_name_of_its_own_is_never_taken_for_another(clients: Clients) -> None:
    url = made_queue(clients, "dispatch.fifo")
    queue = Queue(clients.sqs, url)

    queue.send({"what": "follow", "key": "RUN-1"}, group="ACC-1")
    queue.send({"what": "follow", "key": "RUN-1"}, group="ACC-1")

    assert len(received(clients.sqs, url)) == 2


def test_messages_of_one_name_are_one_message(clients: Clients) -> None:
    url = made_queue(clients, "dispatch.fifo")
    queue = Queue(clients.sqs, url)

    queue.send({"n": 1}, group="ACC-1", dedup="RUN-1:7")
    queue.send({"n": 1}, group="ACC-1", dedup="RUN-1:7")

    assert received(clients.sqs, url) == [{"n": 1}]


def test_a_run_has_one_workflow_a_day(clients: Clients) -> None:
    arn = made_workflow(clients, "orders")
    workflow = OrderWorkflow(clients.workflows, arn)

    for run_id, day in (("RUN-1", DAY), ("RUN-1", DAY), ("RUN-2", DAY), ("RUN-1", TUESDAY)):
        workflow.start(run_id, day)

    begun = clients.workflows.list_executions(stateMachineArn=arn)["executions"]
    assert sorted(each["name"] for each in begun) == [
        "20260803-RUN-1", "20260803-RUN-2", "20260804-RUN-1",
    ]  # fmt: skip


def test_long_names_of_runs_stay_different() -> None:
    run_id = "RUN-STRAT-01J8ZK3V5Q8YB6T2M4N5P6Q7R8-ACC-01J8ZK3V5Q8YB6T2M4N5P6Q7R9-20260803T0920"

    names = {execution_name(f"{run_id}{second:02d}", DAY) for second in range(60)}

    assert len(names) == 60
    assert all(len(name) <= 80 and name.startswith("20260803-RUN-STRAT-") for name in names)
