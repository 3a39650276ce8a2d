"""broker_adapter_zerodha: sessions, lists and the declared address, mornings and when connected."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.aws.messages import one_by_one
from adapters.aws.mornings import Attending, attend
from adapters.aws.platform import platform

NAME = "broker_adapter_zerodha"
logger, tracer = Logger(service=NAME), Tracer(service=NAME)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Woken by the clock it has every account told, by a message it attends to one; Any: JSON."""
    if "Records" in event:
        return one_by_one(event, context, attend)
    with platform().at_work() as aws:
        return {"accounts": Attending(aws).morning()}
