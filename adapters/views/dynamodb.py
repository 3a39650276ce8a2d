"""Views in DynamoDB tables, named as the read models are."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from adapters.views.dynamodb_keeping import AtBirth, Keeping
from adapters.views.dynamodb_table import DynamoDBTable, Schema, beside_schema, schema
from projections.tables import Shape

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

#: A query may read the table of before a switch for this long; that table is kept meanwhile.
FRESH_SECONDS = 5.0
#: The two names a view's table goes by in turn.
FIRST, SECOND = "", "-b"
#: What follows the name of the live one while the other is being filled.
REBUILDING = "+"
REMEMBERED = "projections"


class DynamoDBTables:
    """One table a view, and one for what is remembered beside them (`projections`).

    Every write waits for its condition; there are no transactions, and none are needed: rows are
    put before their gate, and whatever is put twice is the same. What is created here is kept as
    `keeping` says, like the tables that the deployment made.
    """

    def __init__(
        self, client: DynamoDBClient, prefix: str = "", keeping: Keeping | None = None
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._keeping = keeping
        self._known: dict[str, DynamoDBTable] = {}
        self._names: Mapping[str, str] = {}
        self._read_at: float | None = None

    def create(self, *shapes: Shape) -> None:
        """Create the tables that are not there, all at once: for a test, or a first deployment."""
        wanted = {REMEMBERED: beside_schema(), **{each.name: schema(each) for each in shapes}}
        there = self._there()
        missing = {name: made for name, made in wanted.items() if name not in there}
        for name, made in missing.items():
            self._make(name, made)
        for name in missing:
            self._made(name)

    def live(self, shape: Shape) -> DynamoDBTable:
        return self._table(shape, shape.name + self._live_suffix(shape))

    def rebuilding(self, shape: Shape) -> DynamoDBTable | None:
        if not self._current().get(shape.name, FIRST).endswith(REBUILDING):
            return None
        return self._table(shape, self._next(shape), f"{shape.name}__next")

    def begin(self, shape: Shape) -> DynamoDBTable:
        self._refresh()
        name, state = self._next(shape), self._names.get(shape.name, FIRST)
        if not state.endswith(REBUILDING):
            self._drop(name)
            self._create(shape, name)
            # Whoever projects from here on writes both tables; what came before is in the store.
            self.remember("tables", shape.name, state + REBUILDING)
        return self._table(shape, name, f"{shape.name}__next")

    def finish(self, shape: Shape) -> None:
        """Nothing: DynamoDB indexes as it writes."""

    def switch(self, shape: Shape) -> None:
        self._refresh()
        after = SECOND if self._live_suffix(shape) == FIRST else FIRST
        self.remember("tables", shape.name, after)

    def abandon(self, shape: Shape) -> None:
        self._refresh()
        self.remember("tables", shape.name, self._live_suffix(shape))
        self._drop(self._next(shape))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Look once which tables are live and which are being rebuilt, and keep to that."""
        self._refresh()
        yield

    def recall(self, kind: str, key: str) -> str | None:
        found = self._client.get_item(
            TableName=self._prefix + REMEMBERED,
            Key={"kind": {"S": kind}, "key": {"S": key}},
            ConsistentRead=True,
        )
        return found["Item"]["value"]["S"] if "Item" in found else None

    def recalled(self, kind: str) -> Mapping[str, str]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._prefix + REMEMBERED,
            KeyConditionExpression="#kind = :kind",
            ExpressionAttributeNames={"#kind": "kind"},
            ExpressionAttributeValues={":kind": {"S": kind}},
            ConsistentRead=True,
        )
        return {i["key"]["S"]: i["value"]["S"] for page in pages for i in page["Items"]}

    def remember(self, kind: str, key: str, value: str) -> None:
        self._client.put_item(
            TableName=self._prefix + REMEMBERED,
            Item={"kind": {"S": kind}, "key": {"S": key}, "value": {"S": value}},
        )
        self._read_at = None

    def forget(self, kind: str, key: str) -> None:
        self._client.delete_item(
            TableName=self._prefix + REMEMBERED, Key={"kind": {"S": kind}, "key": {"S": key}}
        )
        self._read_at = None

    def _live_suffix(self, shape: Shape) -> str:
        return self._current().get(shape.name, FIRST).removesuffix(REBUILDING)

    def _next(self, shape: Shape) -> str:
        return shape.name + (SECOND if self._live_suffix(shape) == FIRST else FIRST)

    def _current(self) -> Mapping[str, str]:
        if self._read_at is None or time.monotonic() - self._read_at > FRESH_SECONDS:
            self._refresh()
        return self._names

    def _refresh(self) -> None:
        self._names, self._read_at = self.recalled("tables"), time.monotonic()

    def _table(self, shape: Shape, name: str, called: str | None = None) -> DynamoDBTable:
        key = f"{name} {called or shape.name}"
        if key not in self._known or self._known[key].shape is not shape:
            self._known[key] = DynamoDBTable(
                self._client, shape, self._prefix + name, called or shape.name
            )
        return self._known[key]

    def _there(self) -> set[str]:
        pages = self._client.get_paginator("list_tables").paginate()
        names = (name for page in pages for name in page["TableNames"])
        return {n.removeprefix(self._prefix) for n in names if n.startswith(self._prefix)}

    def _create(self, shape: Shape, name: str) -> None:
        self._make(name, schema(shape))
        self._made(name)

    def _make(self, name: str, made: Schema) -> None:
        keeping = self._keeping.at_birth if self._keeping else AtBirth()
        self._client.create_table(TableName=self._prefix + name, **made, **keeping)

    def _made(self, name: str) -> None:
        """Wait until it is there, and protect it."""
        table = self._prefix + name
        self._client.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
        if self._keeping is not None:
            self._keeping.protect(self._client, table)

    def _drop(self, name: str) -> None:
        if name in self._there():
            self._client.delete_table(TableName=self._prefix + name)
            self._client.get_waiter("table_not_exists").wait(
                TableName=self._prefix + name, WaiterConfig={"Delay": 1}
            )
