"""Appending commits to the DynamoDB event store: once, whatever happens to the answer."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from eventsourcing.persistence import IntegrityError, OperationalError

from adapters.store import dynamodb_answers as answers
from adapters.store.commit_item import Commit, Item, to_commit

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

TRIES = 6
FIRST_PAUSE_S = 0.02
LONGEST_PAUSE_S = 0.5
ABSENT = "attribute_not_exists(pk)"


class Conflict(IntegrityError):
    """Another commit lies where this one belongs."""

    def __init__(self, found: Commit) -> None:
        super().__init__(
            f"{found.stream} already has a commit of versions {found.first} to {found.last}"
        )
        self.found = found


class Append(NamedTuple):
    """Writes commit items to one table."""

    client: DynamoDBClient
    table: str
    now: Callable[[], datetime]

    def put(self, make: Callable[[str, datetime], Item]) -> None:
        """Write one item, in one round trip; raises Conflict, DataError, OperationalError."""
        commit_id = uuid4().hex
        item = make(commit_id, self.now())
        self._until_known(lambda: self._put(item, commit_id), item, commit_id)

    def transact(self, make: Sequence[Callable[[str, datetime], Item]]) -> None:
        """Write several items, all or none; raises the same."""
        commit_id = uuid4().hex
        at = self.now()
        items = [one(commit_id, at) for one in make]
        self._until_known(lambda: self._transact(items, commit_id), items[0], commit_id)

    def _until_known(self, write: Callable[[], None], item: Item, commit_id: str) -> None:
        for pause in _pauses():
            if pause:  # sleeping for no time gives the processor away, too
                time.sleep(pause)
            try:
                return write()
            except (BotoCoreError, ClientError) as error:
                if answers.is_ambiguous(error):
                    if self._is_written(item, commit_id):
                        return None
                elif not answers.is_busy(error):
                    raise answers.refusal(error) from error
                failure = error
        raise OperationalError(f"not written, after {TRIES} tries: {failure}") from failure

    def _put(self, item: Item, commit_id: str) -> None:
        try:
            self.client.put_item(
                TableName=self.table,
                Item=item,
                ConditionExpression=ABSENT,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as error:
            there: Any = error.response
            self._must_be_ours(item, there.get("Item"), commit_id)

    def _transact(self, items: Sequence[Item], commit_id: str) -> None:
        puts: list[TransactWriteItemTypeDef] = [
            {
                "Put": {
                    "TableName": self.table,
                    "Item": item,
                    "ConditionExpression": ABSENT,
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            }
            for item in items
        ]
        try:
            self.client.transact_write_items(TransactItems=puts, ClientRequestToken=commit_id)
        except self.client.exceptions.TransactionCanceledException as error:
            failed = [
                (item, reason.get("Item"))
                for item, reason in zip(items, answers.reasons(error), strict=False)
                if reason.get("Code") == "ConditionalCheckFailed"
            ]
            if not failed:
                raise
            for item, there in failed:
                self._must_be_ours(item, there, commit_id)

    def _must_be_ours(self, item: Item, there: Any, commit_id: str) -> None:
        # The SDK itself repeats a put whose answer was lost: meeting our own commit is success.
        there = there or self._found(item)  # not every emulator says what is there
        if there is None:
            raise OperationalError("refused because of an item that is not there")
        found = to_commit(there)
        if found.id != commit_id:
            raise Conflict(found)

    def _is_written(self, item: Item, commit_id: str) -> bool:
        # What was put without an answer is there, or something else is, or nothing.
        there = self._found(item)
        if there is not None:
            self._must_be_ours(item, there, commit_id)
        return there is not None

    def _found(self, item: Item) -> Any:
        try:
            return self.client.get_item(
                TableName=self.table,
                Key={"pk": item["pk"], "sk": item["sk"]},
                ConsistentRead=True,
            ).get("Item")
        except (BotoCoreError, ClientError) as error:
            raise OperationalError(f"not known whether written: {error}") from error


def _pauses() -> Iterator[float]:
    yield 0
    for retry in range(TRIES - 1):
        yield random.uniform(0, min(FIRST_PAUSE_S * 2**retry, LONGEST_PAUSE_S))
