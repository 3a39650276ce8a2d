"""One table of a view in DynamoDB."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from adapters.views.codec import encode, item_of
from projections.tables import Asked, Item, Shape, Unkeepable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.literals import BillingModeType
    from mypy_boto3_dynamodb.type_defs import (
        AttributeDefinitionTypeDef,
        GlobalSecondaryIndexTypeDef,
        KeySchemaElementTypeDef,
    )

#: DynamoDB's limit of keys in one BatchGetItem.
BATCH = 100

# Any: an item as the service spells it, {"name": {"S": "value"}}.
Spelt = Mapping[str, Any]


class Schema(TypedDict):
    KeySchema: list[KeySchemaElementTypeDef]
    AttributeDefinitions: list[AttributeDefinitionTypeDef]
    GlobalSecondaryIndexes: NotRequired[list[GlobalSecondaryIndexTypeDef]]
    BillingMode: BillingModeType


def schema(shape: Shape) -> Schema:
    """How the table of a read model is created, here and in the infrastructure's code."""
    names = ["stream", "id", *(index for index, _ in shape.indexes)]
    names += [f"by_{sort}" for sort in dict.fromkeys(sort for _, sort in shape.indexes)]
    made: Schema = {
        "KeySchema": _hash_and_range("stream", "id"),
        "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in names],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": index,
                "KeySchema": _hash_and_range(index, f"by_{sort}"),
                "Projection": {"ProjectionType": "ALL"},
            }
            for index, sort in shape.indexes
        ],
        "BillingMode": "PAY_PER_REQUEST",
    }
    if not shape.indexes:
        del made["GlobalSecondaryIndexes"]  # an empty list is refused
    return made


def beside_schema() -> Schema:
    """How the table of what is remembered beside the views is created."""
    return {
        "KeySchema": _hash_and_range("kind", "key"),
        "AttributeDefinitions": [
            {"AttributeName": "kind", "AttributeType": "S"},
            {"AttributeName": "key", "AttributeType": "S"},
        ],
        "BillingMode": "PAY_PER_REQUEST",
    }


class DynamoDBTable:
    """Items of one read model; a put of an equal or older version changes nothing."""

    def __init__(self, client: DynamoDBClient, shape: Shape, name: str, called: str) -> None:
        self.shape = shape
        self._client = client
        self._name = name
        self._called = called

    @property
    def name(self) -> str:
        return self._called

    def gates(self, streams: Collection[str]) -> Mapping[str, Item]:
        found = self._batch(streams, ("stream", "id", "version", "body"))
        return {spelt["stream"]["S"]: self._item(spelt) for spelt in found}

    def versions(self, streams: Collection[str]) -> Mapping[str, int]:
        found = self._batch(streams, ("stream", "version"))
        return {spelt["stream"]["S"]: int(spelt["version"]["N"]) for spelt in found}

    def heads(self) -> Iterator[Item]:
        """Every gate, by reading the whole table."""
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._name,
            FilterExpression="#stream = id",
            ExpressionAttributeNames={"#stream": "stream"},
            ConsistentRead=True,
        )
        return (self._item(spelt) for page in pages for spelt in page["Items"])

    def put(self, items: Sequence[Item]) -> Sequence[Item]:
        return [item for item in items if self._put(item)]

    def get(self, stream: str, item_id: str) -> Item | None:
        found = self._client.get_item(
            TableName=self._name,
            Key={"stream": {"S": stream}, "id": {"S": item_id}},
            ConsistentRead=True,
        )
        return self._item(found["Item"]) if "Item" in found else None

    def ask(self, asked: Asked) -> Sequence[tuple[str, Item]]:
        sort = f"by_{dict(self.shape.indexes)[asked.index]}" if asked.index else "id"
        request = self._request(asked, sort)
        found: list[tuple[str, Item]] = []
        while True:
            page = self._client.query(**request)
            for spelt in page["Items"]:
                before = asked.until is None or spelt[sort]["S"] < asked.until
                if "body" in spelt and before:  # tombstones are not shown
                    found.append((spelt[sort]["S"], self._item(spelt)))
            if len(found) >= asked.limit or "LastEvaluatedKey" not in page:
                return found[: asked.limit]
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    # Any: the request of a query, whose parts depend on what is asked.
    def _request(self, asked: Asked, sort: str) -> dict[str, Any]:
        partition = asked.index or "stream"
        since = asked.since
        if asked.index is None:
            since = max(since or "", asked.partition + "\x00")  # after the gate
        values = {":p": asked.partition, ":since": since or " ", ":until": asked.until}
        condition = "#p = :p AND #s >= :since"
        if asked.until is not None:
            condition = "#p = :p AND #s BETWEEN :since AND :until"
        request: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": {"#p": partition, "#s": sort},
            "ExpressionAttributeValues": {k: {"S": v} for k, v in values.items() if v is not None},
            "ScanIndexForward": not asked.newest_first,
            "Limit": asked.limit,
        }
        if asked.index:
            request["IndexName"] = asked.index
        else:
            request["ConsistentRead"] = True
        if asked.after:
            request["ExclusiveStartKey"] = _start(asked, sort, *asked.after)
        return request

    def _put(self, item: Item) -> bool:
        try:
            self._client.put_item(
                TableName=self._name,
                Item=self._spelt(item),
                ConditionExpression="attribute_not_exists(id) OR #version < :version",
                ExpressionAttributeNames={"#version": "version"},
                ExpressionAttributeValues={":version": {"N": str(item.version)}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False  # an equal or newer version is there
        except self._client.exceptions.ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ValidationException":
                raise
            raise Unkeepable(item, str(error)) from error
        return True

    def _spelt(self, item: Item) -> dict[str, Any]:
        spelt: dict[str, Any] = {
            "stream": {"S": item.stream},
            "id": {"S": item.id},
            "version": {"N": str(item.version)},
        }
        body = encode(item.body)
        if body is not None:
            spelt["body"] = {"S": body}
        listed = zip((index for index, _ in self.shape.indexes), item.partitions, strict=False)
        sorted_by = zip((f"by_{sort}" for sort in self.shape.sorts), item.sorts, strict=False)
        spelt |= {name: {"S": value} for name, value in (*listed, *sorted_by) if value is not None}
        return spelt

    def _item(self, spelt: Spelt) -> Item:
        body = spelt["body"]["S"] if "body" in spelt else None
        version = int(spelt["version"]["N"])
        return item_of(self.shape, spelt["stream"]["S"], spelt["id"]["S"], version, body)

    def _batch(self, streams: Collection[str], attributes: Sequence[str]) -> Iterator[Spelt]:
        left, names = iter(streams), {f"#{name}": name for name in attributes}
        while some := list(islice(left, BATCH)):
            keys: Any = [{"stream": {"S": s}, "id": {"S": s}} for s in some]
            pause = 0.05
            while keys:
                found = self._client.batch_get_item(
                    RequestItems={
                        self._name: {
                            "Keys": keys,
                            "ProjectionExpression": ", ".join(names),
                            "ExpressionAttributeNames": names,
                            "ConsistentRead": True,
                        }
                    }
                )
                yield from found["Responses"][self._name]
                left_over = found.get("UnprocessedKeys", {}).get(self._name)
                keys = left_over["Keys"] if left_over else []
                if keys:  # throttled: ask for the rest a little later
                    time.sleep(pause)
                    pause = min(pause * 2, 2.0)


def _start(asked: Asked, sort: str, value: str, stream: str, item_id: str) -> dict[str, Any]:
    key = {"stream": {"S": stream}, "id": {"S": item_id}}
    if asked.index:
        key |= {asked.index: {"S": asked.partition}, sort: {"S": value}}
    return key


def _hash_and_range(first: str, second: str) -> list[KeySchemaElementTypeDef]:
    return [
        {"AttributeName": first, "KeyType": "HASH"},
        {"AttributeName": second, "KeyType": "RANGE"},
    ]
