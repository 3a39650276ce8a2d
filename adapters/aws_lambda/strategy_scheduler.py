"""strategy_scheduler: each market minute, the slots of the minute two ahead to their executors."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Tracer

from adapters.aws.flows import Flows, Invocation, scheduling
from adapters.aws.metrics import publish
from adapters.aws.platform import platform

logger = Logger(service="strategy_scheduler")
tracer = Tracer(service="strategy_scheduler")


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: Invocation) -> dict[str, int]:  # noqa: ARG001
    """Woken by the clock, maybe twice or late; Any: JSON."""
    with platform().at_work() as aws:
        told = scheduling().wake(Flows(aws).until(context))
        aws.beat()
        publish(told.measured, aws.settings.stage)
        return {"due": told.due, "messages": told.messages}
