"""projector: the event table's stream into the views."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.aws.platform import platform
from adapters.aws.projecting import Projecting, projecting_of

logger = Logger(service="projector")
tracer = Tracer(service="projector")


@cache
def projecting() -> Projecting:
    """This container's."""
    return projecting_of(platform())


# Any: an event of the stream, as Lambda gives it.
@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """A batch of one shard; names the first record to be delivered again."""
    return projecting().take(event["Records"])
