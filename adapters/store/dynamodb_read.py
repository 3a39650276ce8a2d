"""Reading commits from the DynamoDB event store: always strongly, by the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from adapters.store.commit_item import MAX_EVENTS, Commit, to_commit
from adapters.store.dynamodb_answers import refusal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Span(NamedTuple):
    """The versions asked for: after < version ≤ until; None is without bound."""

    after: int | None = None
    until: int | None = None

    def is_empty(self) -> bool:
        lowest = 0 if self.after is None else self.after + 1
        return self.until is not None and self.until < lowest

    def holds(self, version: int) -> bool:
        return (self.after is None or version > self.after) and (
            self.until is None or version <= self.until
        )

    def condition(self) -> tuple[str, dict[str, Any]]:
        """Sort keys of all commits that may hold such versions, as a key condition."""
        # A commit lies at its first version, or one below, and holds at most MAX_EVENTS.
        low = max(0, (-1 if self.after is None else self.after) + 1 - MAX_EVENTS)
        if self.until is None:
            return "sk >= :low", {":low": {"N": str(low)}}
        return "sk BETWEEN :low AND :high", {
            ":low": {"N": str(low)},
            ":high": {"N": str(self.until)},
        }


class Reader(NamedTuple):
    """Reads commit items of one table; raises OperationalError."""

    client: DynamoDBClient
    table: str

    def last(self, stream: str) -> Commit | None:
        """The latest commit of a stream, in one round trip."""
        for item in self.items(stream, Span(), desc=True, page=1):
            return to_commit(item)
        return None

    def items(
        self, stream: str, span: Span, *, desc: bool = False, page: int | None = None
    ) -> Iterator[Any]:
        """Items that may hold events of the span, in order, so many a round trip."""
        where, values = span.condition()
        request: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": f"pk = :pk AND {where}",
            "ExpressionAttributeValues": {":pk": {"S": stream}, **values},
            "ConsistentRead": True,
            "ScanIndexForward": not desc,
        }
        if page is not None:
            request["Limit"] = page
        while True:
            try:
                answer = self.client.query(**request)
            except (BotoCoreError, ClientError) as error:
                raise refusal(error) from error
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
