"""sealer: seals what moved, hourly and at the close, and mends what the views lost."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.aws.platform import platform
from adapters.aws.sealing import Sealing, sealing_of

logger = Logger(service="sealer")
tracer = Tracer(service="sealer")


@cache
def sealing() -> Sealing:
    """This container's."""
    return sealing_of(platform())


# Any: JSON of the schedule, or of whoever asks for a look at everything.
@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """`{"whole": true}` looks at all there is, and not only at what moved."""
    whole = bool(event.get("whole"))
    return sealing().work(platform().clock.now(), whole=whole)._asdict()
