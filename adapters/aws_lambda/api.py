"""The HTTP API behind API Gateway."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.logging.correlation_paths import API_GATEWAY_REST
from aws_lambda_powertools.utilities.typing import LambdaContext
from mangum import Mangum

from adapters.aws.platform import platform
from adapters.aws.serving import arrived, behind_gateway

logger, tracer = Logger(), Tracer()


@cache
def _app() -> Mangum:
    return behind_gateway(platform())


@logger.inject_lambda_context(correlation_id_path=API_GATEWAY_REST)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request; Any: JSON as API Gateway spells it."""
    with platform().at_work():
        return _app()(arrived(platform(), event), context)  # type: ignore[arg-type]  # the same object, as each spells it
