"""strategy_scheduler: each market minute, the slots of the minute two ahead to their executors."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.aws.flows import Flows, scheduling
from adapters.aws.metrics import publish
from adapters.aws.once import once
from adapters.aws.platform import AwsPlatform

logger, tracer = Logger(service="strategy_scheduler"), Tracer(service="strategy_scheduler")


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Woken by the clock, maybe twice or late; Any: JSON."""

    def woken(aws: AwsPlatform) -> dict[str, Any]:
        told = scheduling().wake(Flows(aws).until(context))
        aws.beat()
        publish(told.measured, aws.settings.stage)
        return {"due": told.due, "messages": told.messages}

    return once(event, context, woken)
