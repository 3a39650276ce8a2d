"""What a client asks of DynamoDB, and the units it is charged: by table, indexes apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WRITES = frozenset(("PutItem", "DeleteItem", "UpdateItem", "BatchWriteItem", "TransactWriteItems"))


@dataclass
class Bill:
    """Round trips by operation, queries by table; units by table, and by its indexes."""

    requests: Counter[str] = field(default_factory=Counter)
    queries: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    indexed: Counter[str] = field(default_factory=Counter)

    @property
    def round_trips(self) -> int:
        return self.requests.total()

    @property
    def reads(self) -> float:
        return sum(self.read.values())

    @property
    def writes(self) -> float:
        """Of tables and indexes."""
        return sum(self.written.values()) + sum(self.indexed.values())

    def __str__(self) -> str:
        asked = ", ".join(f"{count} {name}" for name, count in sorted(self.requests.items()))
        names = sorted(self.read.keys() | self.written.keys())
        lines = [
            f"  {name:16} read {self.read[name]:6.1f}  written {self.written[name]:5.0f}"
            f"  in indexes {self.indexed[name]:5.0f}"
            for name in names
        ]
        whole = f"read {self.reads:.1f}, written {self.writes:.0f} units"
        return "\n".join([f"{self.round_trips} round trips ({asked}); {whole}", *lines])


@contextmanager
def metered(client: DynamoDBClient, prefix: str) -> Iterator[Bill]:
    """What is asked of DynamoDB inside; names of tables without their prefix."""
    bill = Bill()

    # Any: botocore calls its handlers with whatever belongs to the event.
    def ask(params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "INDEXES"

    def note(model: Any, parsed: dict[str, Any], **_: Any) -> None:
        bill.requests[model.name] += 1
        told = parsed.get("ConsumedCapacity", [])
        for one in told if isinstance(told, list) else [told]:
            table = one["TableName"].removeprefix(prefix)
            bill.queries[table] += model.name == "Query"
            _charge(bill, model.name, table, one)

    client.meta.events.register_first("provide-client-params.dynamodb", ask)
    client.meta.events.register("after-call.dynamodb", note)
    try:
        yield bill
    finally:
        client.meta.events.unregister("provide-client-params.dynamodb", ask)
        client.meta.events.unregister("after-call.dynamodb", note)


def _charge(bill: Bill, operation: str, table: str, told: dict[str, Any]) -> None:
    indexes = sum(
        each["CapacityUnits"]
        for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
        for each in told.get(kind, {}).values()
    )
    if operation not in WRITES:
        bill.read[table] += told["CapacityUnits"]
        return
    bill.written[table] += told["CapacityUnits"] - indexes
    bill.indexed[table] += indexes
