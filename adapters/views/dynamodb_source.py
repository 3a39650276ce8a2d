"""The DynamoDB event store, as the read side reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from json import dumps, loads
from typing import TYPE_CHECKING, Any, Protocol

from eventsourcing.persistence import StoredEvent

from adapters.store.commit_item import to_commit, to_events

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Recorder(Protocol):
    """The event store's recorder, with its table in reach."""

    @property
    def client(self) -> DynamoDBClient: ...
    @property
    def table(self) -> str: ...

    def select_events(self, originator_id: str, *, gt: int | None) -> Sequence[StoredEvent]: ...


class DynamoDBSource:
    """Reads a recorder's events by stream, and all of them in whatever order the table has.

    Commits of one stream lie together and in order; every read is strong.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def stream(self, stream: str, gt: int = 0) -> Sequence[StoredEvent]:
        return self._recorder.select_events(stream, gt=gt)

    def scan(self, after: str | None, limit: int) -> tuple[Sequence[StoredEvent], str | None]:
        request: dict[str, Any] = {"Limit": limit}
        if after is not None:
            stream, key = loads(after)
            request["ExclusiveStartKey"] = {"pk": {"S": stream}, "sk": {"N": key}}
        page = self._page(**request)
        found = [event for item in page["Items"] for event in to_events(item)]
        last = page.get("LastEvaluatedKey") or (page["Items"][-1] if page["Items"] else None)
        return found, dumps([last["pk"]["S"], last["sk"]["N"]]) if last else None

    def heads(self) -> Iterator[tuple[str, int]]:
        """Every stream and its last version, by reading the whole table."""
        stream, version = None, 0
        for item in self._items():
            commit = to_commit(item)
            if stream is not None and commit.stream != stream:
                yield stream, version
            stream, version = commit.stream, commit.last
        if stream is not None:
            yield stream, version

    def size(self) -> int | None:
        return None

    def _items(self) -> Iterator[Mapping[str, Any]]:
        request: dict[str, Any] = {
            "ProjectionExpression": "pk, sk, #first, #last, #commit",
            "ExpressionAttributeNames": {
                "#first": "first", "#last": "last", "#commit": "commit"
            },
        }  # fmt: skip
        while True:
            page = self._page(**request)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    # Any: a request and its answer, as the service spells them.
    def _page(self, **request: Any) -> Mapping[str, Any]:
        return self._recorder.client.scan(
            TableName=self._recorder.table, ConsistentRead=True, **request
        )
