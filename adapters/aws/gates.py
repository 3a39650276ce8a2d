"""How far each stream has been dealt with by those who keep no view of it, beside the views."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

#: Begin the names of gates; the stream follows, so that no two lie in one partition.
REACTED: Final = "reacted "
SEALED: Final = "sealed "
KEY: Final = "version"
#: DynamoDB's limit of keys in one BatchGetItem.
BATCH: Final = 100
LONGEST_PAUSE_S: Final = 2.0


class Mark(NamedTuple):
    """How far a stream is done, and what is noted of it."""

    version: int
    note: str = ""


class Gates:
    """One small item a stream; a version that is there already is never moved back."""

    def __init__(self, client: DynamoDBClient, table: str, kind: str = REACTED) -> None:
        self._client = client
        self._table = table
        self._kind = kind

    def read(self, streams: Collection[str]) -> Mapping[str, Mark]:
        """How far each of these is done, read strongly; a stream never seen is absent."""
        found: dict[str, Mark] = {}
        left = iter(dict.fromkeys(streams))
        while some := list(islice(left, BATCH)):
            found |= self._batch([self._key(stream) for stream in some])
        return found

    def move(self, marks: Mapping[str, Mark]) -> None:
        """These streams are done so far."""
        for stream, mark in marks.items():
            self._put(stream, mark)

    def _put(self, stream: str, mark: Mark) -> None:
        version = {"N": str(mark.version)}
        try:
            self._client.put_item(
                TableName=self._table,
                Item={**self._key(stream), "value": {"S": mark.note}, KEY: version},
                ConditionExpression="attribute_not_exists(kind) OR #version < :version",
                ExpressionAttributeNames={"#version": KEY},
                ExpressionAttributeValues={":version": version},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return  # the same was done twice at once

    def _key(self, stream: str) -> dict[str, Any]:
        return {"kind": {"S": f"{self._kind}{stream}"}, "key": {"S": KEY}}

    def _batch(self, keys: Any) -> dict[str, Mark]:  # Any: keys as the service spells them
        found: dict[str, Mark] = {}
        pause = 0.05
        while keys:
            asked: Any = {self._table: {"Keys": keys, "ConsistentRead": True}}
            told = self._client.batch_get_item(RequestItems=asked)
            for item in told["Responses"].get(self._table, []):
                stream = item["kind"]["S"].removeprefix(self._kind)
                found[stream] = Mark(int(item[KEY]["N"]), item["value"]["S"])
            left_over = told.get("UnprocessedKeys", {}).get(self._table)
            keys = left_over["Keys"] if left_over else []
            if keys:
                if pause > LONGEST_PAUSE_S:
                    raise _throttled()
                time.sleep(pause)
                pause *= 2
        return found


def _throttled() -> ClientError:
    told: Any = {"Error": {"Code": "ThrottlingException", "Message": "gates cannot be read now"}}
    return ClientError(told, "BatchGetItem")
