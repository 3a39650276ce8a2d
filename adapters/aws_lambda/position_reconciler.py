"""position_reconciler: whose turn it is each minute, and one account's turn."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.aws.comparing import Turn
from adapters.aws.flows import Flows
from adapters.aws.messages import one_by_one
from adapters.aws.once import once

logger, tracer = Logger(service="position_reconciler"), Tracer(service="position_reconciler")


def compare(text: str, flows: Flows, until: datetime) -> None:
    flows.comparing().work(Turn.model_validate_json(text), until)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Woken by the clock it has every account told, by a message it compares one; Any: JSON."""
    if "Records" in event:
        return one_by_one(event, context, compare)
    return once(event, context, lambda aws: {"accounts": Flows(aws).rounds().wake(aws.clock.now())})
