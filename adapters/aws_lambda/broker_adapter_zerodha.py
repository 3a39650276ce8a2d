"""broker_adapter_zerodha: sessions, lists and the declared address, mornings and when connected."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.aws.comparing import Turn
from adapters.aws.flows import Flows
from adapters.aws.messages import one_by_one
from adapters.aws.mornings import Attending
from adapters.aws.platform import platform

logger = Logger(service="broker_adapter_zerodha")
tracer = Tracer(service="broker_adapter_zerodha")


def attend(text: str, flows: Flows, until: datetime) -> None:  # noqa: ARG001
    """One account's turn."""
    Attending(platform()).attend(Turn.model_validate_json(text).account_id)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Woken by the clock it has every account told, by a message it attends to one; Any: JSON."""
    if "Records" in event:
        return one_by_one(event, context, attend)
    with platform().at_work() as aws:
        return {"accounts": Attending(aws).morning()}
