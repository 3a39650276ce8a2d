"""Somebody who listens to the deployed bus of executions, by a queue of their own."""

from __future__ import annotations

import json
from typing import Final

from tests.emulator.deploying import Deployed
from tests.emulator.member import soon
from tests.emulator.stage import PREFIX
from tests.live.trader import Json

BUS: Final = f"{PREFIX}executions"


class Listener:
    """Hears from here on what the deployed rule lets through."""

    def __init__(self, deployed: Deployed) -> None:
        emulator = deployed.emulator
        self._queues, bus = emulator.client("sqs"), emulator.client("events")
        self._url = str(self._queues.create_queue(QueueName="listener")["QueueUrl"])
        rule = bus.describe_rule(Name=BUS, EventBusName=BUS)
        bus.put_rule(Name="listener", EventBusName=BUS, EventPattern=rule["EventPattern"])
        told = self._queues.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        arn = told["Attributes"]["QueueArn"]
        bus.put_targets(Rule="listener", EventBusName=BUS, Targets=[{"Id": "listener", "Arn": arn}])

    def events(self, *, least: int) -> list[Json]:
        """The details of all that was heard, at least so many."""
        heard: list[Json] = []

        def enough() -> list[Json] | None:
            told = self._queues.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=10, VisibilityTimeout=600
            )
            heard.extend(json.loads(each["Body"])["detail"] for each in told.get("Messages", []))
            return heard if len(heard) >= least and not told.get("Messages") else None

        return soon(enough, f"{least} announcements")
