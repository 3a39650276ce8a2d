"""Tables that the platform makes itself are kept like those its deployment made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from adapters.views.dynamodb import REMEMBERED, DynamoDBTables
from adapters.views.dynamodb_keeping import Keeping
from tests.projections.watchlist import WATCHLISTS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SHAPE = WATCHLISTS.shape
KEEPING = Keeping(key="alias/atp-test-records", recovery_days=35, tags={"atp:stage": "test"})


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoDBClient]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield boto3.client("dynamodb", region_name="ap-south-1")


@pytest.fixture
def tables(client: DynamoDBClient) -> DynamoDBTables:
    made = DynamoDBTables(client, "atp-test-", KEEPING)
    made.create(SHAPE)
    return made


def kept(client: DynamoDBClient, name: str) -> None:
    """That this table is encrypted by the stage's key, recoverable, and tagged."""
    table = client.describe_table(TableName=f"atp-test-{name}")["Table"]
    assert table["SSEDescription"]["SSEType"] == "KMS"
    assert table["SSEDescription"]["KMSMasterKeyArn"] == KEEPING.key
    told = client.describe_continuous_backups(TableName=f"atp-test-{name}")
    recovery = told["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
    tags = client.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
    assert tags == [{"Key": "atp:stage", "Value": "test"}]


@pytest.mark.parametrize("name", [REMEMBERED, SHAPE.name])
def test_a_first_deployments_tables_are_kept_as_told(
    client: DynamoDBClient, tables: DynamoDBTables, name: str
) -> None:
    assert tables.recall("tables", SHAPE.name) is None

    kept(client, name)


def test_the_table_of_a_rebuild_is_kept_as_the_one_it_replaces(
    client: DynamoDBClient, tables: DynamoDBTables
) -> None:
    tables.begin(SHAPE)

    kept(client, f"{SHAPE.name}-b")

    tables.finish(SHAPE)
    tables.switch(SHAPE)
    tables.begin(SHAPE)
    kept(client, SHAPE.name)


def test_without_being_told_a_table_is_kept_as_the_service_keeps_any(
    client: DynamoDBClient,
) -> None:
    DynamoDBTables(client, "plain-").create(SHAPE)

    table = client.describe_table(TableName=f"plain-{SHAPE.name}")["Table"]
    assert "SSEDescription" not in table
