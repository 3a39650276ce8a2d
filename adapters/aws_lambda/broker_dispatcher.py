"""broker_dispatcher: follows a run that something happened to, or makes an account flat."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.aws.dispatching import Order
from adapters.aws.flows import Flows
from adapters.aws.messages import one_by_one

logger, tracer = Logger(service="broker_dispatcher"), Tracer(service="broker_dispatcher")


def follow(text: str, flows: Flows, until: datetime) -> None:
    """One account, whatever happened to it."""
    flows.dispatching().work(Order.model_validate_json(text), until)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answers which messages are to be delivered again; Any: JSON."""
    return one_by_one(event, context, follow, in_order=True)
