"""Sessions, lists and the declared address at Zerodha: each morning, and when one is connected."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.aws.mornings import Attending
from adapters.aws.platform import platform

logger, tracer = Logger(), Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Do what is due at this time, or what the messages say; Any: JSON."""
    with platform().at_work() as working:
        return Attending(working).take(event)
