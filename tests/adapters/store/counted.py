"""Counts what a boto3 client sends, and the capacity units DynamoDB says it took."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass
class Bill:
    """Requests by operation, and the capacity units of all of them."""

    requests: list[str] = field(default_factory=list)
    units: float = 0


@contextmanager
def counted(client: DynamoDBClient) -> Iterator[Bill]:
    """What is asked of DynamoDB inside."""
    bill = Bill()

    # Any: botocore calls its handlers with whatever belongs to the event.
    def ask(params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def note(model: Any, parsed: dict[str, Any], **_: Any) -> None:
        bill.requests.append(model.name)
        consumed = parsed.get("ConsumedCapacity", [])
        for one in consumed if isinstance(consumed, list) else [consumed]:
            bill.units += one["CapacityUnits"]

    client.meta.events.register_first("provide-client-params.dynamodb", ask)
    client.meta.events.register("after-call.dynamodb", note)
    try:
        yield bill
    finally:
        client.meta.events.unregister("provide-client-params.dynamodb", ask)
        client.meta.events.unregister("after-call.dynamodb", note)
