"""strategy_executor: opens, arms and enters a trader's runs of one minute."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.aws.flows import Flows
from adapters.aws.messages import one_by_one
from adapters.aws.slots import Slot

logger, tracer = Logger(service="strategy_executor"), Tracer(service="strategy_executor")


def enter(text: str, flows: Flows, until: datetime) -> None:
    """One trader's slot."""
    flows.executing().work(Slot.model_validate_json(text), until)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answers which messages are to be delivered again; Any: JSON."""
    return one_by_one(event, context, enter)
