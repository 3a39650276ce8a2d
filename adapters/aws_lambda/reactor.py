"""reactor: what follows from the events of the event table's stream."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer

from adapters.aws.platform import platform
from adapters.aws.reacting import Reacting, reacting_of

logger = Logger(service="reactor")
tracer = Tracer(service="reactor")


@cache
def reacting() -> Reacting:
    """This container's."""
    return reacting_of(platform())


# Any: an event of the stream, and Lambda's context.
@logger.inject_lambda_context
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001
    """A batch of one shard; names the first record to be delivered again."""
    return reacting().take(event["Records"])
