"""Calls that the clock may make twice: whoever is second has the first one's answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, Final

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyPersistenceLayerError,
)

from adapters.aws.platform import AwsPlatform, platform

LOG: Final = logging.getLogger("atp.once")
#: What tells one wake from another: its schedule, and the moment that was meant.
WAKE: Final = "[schedule, at]"
REMEMBERED_S: Final = 24 * 3600

# Any: JSON, as Lambda gives and takes it.
Json = dict[str, Any]


def once(event: Json, context: Any, work: Callable[[AwsPlatform], Json]) -> Json:
    """Do it once for the moment this event names; twice rather than not at all."""

    def worked(*, event: Json) -> Json:  # noqa: ARG001  # what tells one call from another
        with platform().at_work() as aws:
            return work(aws)

    table = platform().settings.answered_table
    if table is None or not is_moment(event.get("at")):
        return worked(event=event)
    config = IdempotencyConfig(
        event_key_jmespath=WAKE, expires_after_seconds=REMEMBERED_S, lambda_context=context
    )
    asked = idempotent_function(
        worked, data_keyword_argument="event", persistence_store=_layer(table), config=config
    )
    try:
        answer: Json = asked(event=event)
    except IdempotencyPersistenceLayerError as fault:
        LOG.warning("it cannot be told whether this was done: %s", fault)
        return worked(event=event)
    return answer


def is_moment(at: object) -> bool:
    """Whether the clock filled in which moment it meant; else every call would be the same one."""
    try:
        return bool(datetime.fromisoformat(str(at)))
    except ValueError:
        return False


@cache
def _layer(table: str) -> DynamoDBPersistenceLayer:
    return DynamoDBPersistenceLayer(table, boto3_client=platform().recorder.client)
