"""order_monitor: follows a run for the order workflow, and says when to look again."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Tracer

from adapters.aws.flows import Flows, Invocation
from adapters.aws.monitoring import Asked
from adapters.aws.platform import platform

logger, tracer = Logger(service="order_monitor"), Tracer(service="order_monitor")


@logger.inject_lambda_context(correlation_id_path="run_id")
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: Invocation) -> dict[str, Any]:
    """One look; Any: JSON."""
    with platform().at_work() as aws:
        asked, flows = Asked.model_validate(event), Flows(aws)
        return flows.monitoring().look(asked, flows.until(context)).model_dump(mode="json")
