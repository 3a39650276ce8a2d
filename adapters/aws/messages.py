"""Messages of a queue, one by one: those that failed are delivered again, and no others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    SqsFifoPartialProcessor,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.aws.flows import Flows
from adapters.aws.platform import platform

#: What is done with a message: its text, the flows, and until when a step may be begun.
Work = Callable[[str, Flows, datetime], object]


# Any: JSON, as Lambda gives and takes it.
def one_by_one(
    event: dict[str, Any], context: LambdaContext, work: Work, *, in_order: bool = False
) -> Any:
    """Lambda's answer to this batch; `in_order`: after one that failed none is begun."""

    def taken(record: SQSRecord) -> None:
        with platform().at_work() as aws:
            flows = Flows(aws)
            work(record.body, flows, flows.until(context))

    processor = SqsFifoPartialProcessor() if in_order else BatchProcessor(EventType.SQS)
    return process_partial_response(event, taken, processor, context)
