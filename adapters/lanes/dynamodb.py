"""An account's lane in one DynamoDB item: workers on many machines, one pace."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypedDict

from botocore.exceptions import BotoCoreError, ClientError

from adapters.lane import Pace, Sent
from adapters.lanes.item import LaneItem, Moment, lane_item, spelt
from commands.ports import Clock
from domain.book import NotSent

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.literals import BillingModeType
    from mypy_boto3_dynamodb.type_defs import AttributeDefinitionTypeDef, KeySchemaElementTypeDef

LOG: Final = logging.getLogger("atp.lane")
#: How late an answer may come, and clocks of workers may differ, before a place is no good.
SLACK_S: Final = 0.05
#: A place whose answer came later is given up for another, so often and no oftener.
LATE_ANSWERS: Final = 3
#: Somebody else was quicker so often in a row: let them go on.
OVERTAKEN: Final = 30
STAND_ASIDE_S: Final = 0.01


class Schema(TypedDict):
    KeySchema: list[KeySchemaElementTypeDef]
    AttributeDefinitions: list[AttributeDefinitionTypeDef]
    BillingMode: BillingModeType


def schema() -> Schema:
    """How the table of lanes is created, here and in the infrastructure's code."""
    return {
        "KeySchema": [{"AttributeName": "account", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "account", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }


class Overtaken(Exception):
    """Another worker changed the item since it was seen; this is what is there now."""

    def __init__(self, found: LaneItem) -> None:
        super().__init__(f"epoch {found.epoch}")
        self.found = found


class DynamoDBLane:
    """Each place is one conditional put on what this worker saw last: one round trip.

    Who was overtaken is told what is there now by the same answer, and decides again.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        account_id: str,
        clock: Clock,
        pace: Pace | None = None,
    ) -> None:
        self.clock = clock
        self.pace = pace or Pace(slack=SLACK_S)
        self._client = client
        self._table = table
        self._account = account_id
        self._worker = secrets.token_hex(8)
        self._seen = LaneItem()
        self._asked = 0
        self._lock = Lock()

    def place(self, *, entry: bool) -> float:
        """Take a place if there is one: 0, else the seconds until there may be.

        Raises NotSent when the day's orders are used up, and for an entry of which it cannot be
        told whether there is a place. An exit then goes by what this worker knows.
        """
        with self._lock:
            for _ in range(LATE_ANSWERS):
                began = self.clock.monotonic()
                wait = self._place(entry)
                if wait or self.clock.monotonic() - began <= self.pace.slack:
                    return wait
            LOG.warning("the lane of %s answers late", self._account)
            return 0.0

    def _place(self, entry: bool) -> float:
        for _ in range(OVERTAKEN):
            moment = Moment.of(self.clock.now(), self._seen)
            sent = self._seen.on(moment)
            exits_until = sent.exits_until
            wait = self.pace.place(sent, moment.at, entry=entry)
            if wait and (entry or sent.exits_until == exits_until):
                # What others did meanwhile can only make it longer.
                return moment.until(wait)
            try:
                self._keep(sent, entry)
            except Overtaken as overtaken:
                self._seen = overtaken.found
            else:
                return moment.until(wait) if wait else 0.0
        return STAND_ASIDE_S

    def _keep(self, sent: Sent, entry: bool) -> None:
        """Raises Overtaken, and NotSent for an entry when there is no answer."""
        self._asked += 1
        token = f"{self._worker}-{self._asked}"
        item = LaneItem(self._seen.epoch + 1, token, sent)
        try:
            self._put(item)
        except (BotoCoreError, ClientError) as error:
            if entry:
                raise NotSent(f"the account's lane does not answer: {_name(error)}") from error
            LOG.warning("%s: an exit goes without its lane: %s", self._account, _name(error))
            item = replace(item, epoch=self._seen.epoch)  # what is there is not known
        self._seen = item

    def _put(self, item: LaneItem) -> None:
        try:
            self._client.put_item(
                TableName=self._table,
                Item=spelt(self._account, item),
                ConditionExpression="attribute_not_exists(account) OR epoch = :seen",
                ExpressionAttributeValues={":seen": {"N": str(item.epoch - 1)}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            answer: Any = error.response  # Any: botocore does not declare the item in it
            found = lane_item(answer.get("Item") or self._read())
            # The SDK itself repeats a put whose answer was lost: meeting our own is success.
            if found.token != item.token:
                raise Overtaken(found) from None

    def _read(self) -> Mapping[str, Any]:
        """Not every emulator says what is there; and it may have been taken away."""
        key = {"account": {"S": self._account}}
        return self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get(
            "Item", {}
        )


def _name(error: BotoCoreError | ClientError) -> str:
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))
    return type(error).__name__
