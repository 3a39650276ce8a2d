"""reactor: what follows from the events of the event table's stream."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.aws.platform import platform
from adapters.aws.reacting import Reacting, reacting_of

logger, tracer = Logger(service="reactor"), Tracer(service="reactor")


@cache
def reacting() -> Reacting:
    """This container's."""
    return reacting_of(platform())


# Any: an event of the stream, or of the schedule, and what Lambda is answered.
@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """A batch of one shard; woken by the clock, a look for what was never delivered."""
    if "Records" in event:
        return reacting().take(event["Records"])
    return {"late": reacting().look_again(platform().clock.now())}
