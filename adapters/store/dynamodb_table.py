"""The table of the DynamoDB event store."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypedDict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.literals import BillingModeType
    from mypy_boto3_dynamodb.type_defs import (
        AttributeDefinitionTypeDef,
        KeySchemaElementTypeDef,
        StreamSpecificationTypeDef,
    )


class Schema(TypedDict):
    AttributeDefinitions: list[AttributeDefinitionTypeDef]
    KeySchema: list[KeySchemaElementTypeDef]
    BillingMode: BillingModeType
    StreamSpecification: StreamSpecificationTypeDef


#: How the event table is created, here and in the infrastructure's code.
SCHEMA: Final[Schema] = {
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "N"},
    ],
    "KeySchema": [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
}


def create_table(client: DynamoDBClient, table: str) -> None:
    """Create the event table where there is none yet, paid by request, with its stream on."""
    with suppress(client.exceptions.ResourceInUseException):  # an event table is never altered
        client.create_table(TableName=table, **SCHEMA)
    client.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
