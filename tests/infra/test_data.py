"""Tables are those the adapters make, and are encrypted, recoverable and copied."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from eventsourcing.persistence import StoredEvent

from adapters.lake_form import COLUMNS, folder, line
from adapters.lanes.dynamodb import schema
from adapters.store.dynamodb_table import create_table
from adapters.views.dynamodb import REMEMBERED, DynamoDBTables
from projections.catalogue import BY_NAME, CATALOGUE
from tests.dynamodb_local import DynamoDBLocal
from tests.infra.templates import Stage

EVENTS, ANSWERED, LANES = "atp-prod-events", "atp-prod-answered", "atp-prod-lanes"


def form(table: Any) -> dict[str, Any]:
    """Keys, indexes and stream of a table, described by DynamoDB or declared in a template."""
    attributes = table["AttributeDefinitions"]
    indexes = table.get("GlobalSecondaryIndexes", [])
    return {
        "keys": table["KeySchema"],
        "attributes": {one["AttributeName"]: one["AttributeType"] for one in attributes},
        "indexes": {
            one["IndexName"]: (one["KeySchema"], one["Projection"]["ProjectionType"])
            for one in indexes
        },
        "billing": table.get("BillingMode")
        or table.get("BillingModeSummary", {}).get("BillingMode"),
        "stream": table.get("StreamSpecification", {}).get("StreamViewType"),
    }


def test_the_event_table_is_the_one_the_store_makes(prod: Stage, dynamodb: DynamoDBLocal) -> None:
    client = dynamodb.client()

    create_table(client, EVENTS)

    made = client.describe_table(TableName=EVENTS)["Table"]
    assert form(prod.tables()[EVENTS]) == form(made)


@pytest.fixture(scope="module")
def made_by_the_views(dynamodb: DynamoDBLocal) -> DynamoDBLocal:
    DynamoDBTables(dynamodb.client(), "atp-prod-").create(*[one.shape for one in CATALOGUE])
    return dynamodb


@pytest.mark.parametrize("name", [*BY_NAME, REMEMBERED])
def test_the_table_of_a_view_is_the_one_the_view_makes(
    name: str, prod: Stage, made_by_the_views: DynamoDBLocal
) -> None:
    made = made_by_the_views.client().describe_table(TableName=f"atp-prod-{name}")["Table"]

    assert form(prod.tables()[f"atp-prod-{name}"]) == form(made)


def test_the_table_of_lanes_is_the_one_a_lane_finds_its_item_in(
    prod: Stage, dynamodb: DynamoDBLocal
) -> None:
    client = dynamodb.client()

    client.create_table(TableName=LANES, **schema())

    made = client.describe_table(TableName=LANES)["Table"]
    assert form(prod.tables()[LANES]) == form(made)


def test_there_is_a_table_for_every_view_and_none_for_anything_else(prod: Stage) -> None:
    expected = {f"atp-prod-{name}" for name in (*BY_NAME, REMEMBERED)}

    assert set(prod.tables()) == expected | {EVENTS, ANSWERED, LANES}


def test_every_table_is_encrypted_by_our_key_and_recoverable_to_the_second(prod: Stage) -> None:
    for table in prod.tables().values():
        assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        (here,) = table["Replicas"]
        assert "Records" in json.dumps(here["SSESpecification"]["KMSMasterKeyId"])
        assert here["PointInTimeRecoverySpecification"] == {
            "PointInTimeRecoveryEnabled": True,
            "RecoveryPeriodInDays": 35,
        }


def test_every_stream_shows_the_new_image(prod: Stage) -> None:
    streams = {
        name: table["StreamSpecification"]["StreamViewType"]
        for name, table in prod.tables().items()
        if "StreamSpecification" in table
    }

    assert streams == {EVENTS: "NEW_IMAGE"}


def test_the_event_table_is_warm_and_cannot_be_deleted_by_mistake(prod: Stage) -> None:
    events = prod.tables()[EVENTS]

    assert events["WarmThroughput"] == {
        "ReadUnitsPerSecond": 12_000,
        "WriteUnitsPerSecond": 4_000,
    }
    assert events["Replicas"][0]["DeletionProtectionEnabled"] is True
    kept = prod.resources("AWS::DynamoDB::GlobalTable").values()
    assert {one["DeletionPolicy"] for one in kept} == {"Retain"}


def test_only_answered_requests_are_ever_forgotten(prod: Stage) -> None:
    forgetting = {
        name: table["TimeToLiveSpecification"]
        for name, table in prod.tables().items()
        if "TimeToLiveSpecification" in table
    }

    assert forgetting == {ANSWERED: {"AttributeName": "expiration", "Enabled": True}}


def test_a_second_region_holds_every_table_under_its_own_key(spread: Stage) -> None:
    for table in spread.tables().values():
        assert {one["Region"] for one in table["Replicas"]} == {"ap-south-1", "ap-south-2"}
        (second,) = [one for one in table["Replicas"] if one["Region"] == "ap-south-2"]
        assert second["SSESpecification"]["KMSMasterKeyId"].startswith("arn:aws:kms:ap-south-2")


def test_one_region_writes_and_the_others_refuse_all_but_replication(spread: Stage) -> None:
    policies = [
        replica["ResourcePolicy"]["PolicyDocument"]["Statement"]
        for table in spread.tables().values()
        for replica in table["Replicas"]
    ]

    assert len(policies) == 2 * len(spread.tables())
    for (fence,) in policies:
        assert fence["Effect"] == "Deny"
        assert {"dynamodb:PutItem", "dynamodb:UpdateItem"} <= set(fence["Action"])
        assert fence["Condition"]["StringNotEquals"] == {"aws:RequestedRegion": "ap-south-2"}
        exempt = json.dumps(fence["Condition"]["ArnNotEquals"])
        assert "AWSServiceRoleForDynamoDBReplication" in exempt


def test_replication_has_the_stream_it_insists_on(spread: Stage) -> None:
    events = spread.tables()["atp-spread-events"]

    assert events["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_the_lakes_table_has_the_columns_of_a_line(prod: Stage) -> None:
    table = prod.only("AWS::Glue::Table")["TableInput"]
    event = StoredEvent("RUN-1", 7, "run.leg_filled", b'{"price":"45.50"}')

    written = json.loads(line(event, datetime(2026, 11, 20, 4, tzinfo=UTC)))

    columns = {one["Name"]: one["Type"] for one in table["StorageDescriptor"]["Columns"]}
    assert columns == dict(COLUMNS)
    assert list(written) == list(columns)
    assert written["body"] == '{"price":"45.50"}'


def test_athena_finds_the_folder_an_event_is_written_to(prod: Stage) -> None:
    parameters = prod.only("AWS::Glue::Table")["TableInput"]["Parameters"]

    wanted = parameters["storage.location.template"]["Fn::Join"][1][-1]

    day = folder(datetime(2026, 11, 20, 23, tzinfo=UTC))
    assert wanted.replace("${day}", "2026-11-20") == f"/{day}"


def test_questions_to_the_lake_are_bounded_and_answers_encrypted(prod: Stage) -> None:
    workgroup = prod.only("AWS::Athena::WorkGroup")["WorkGroupConfiguration"]

    assert workgroup["EnforceWorkGroupConfiguration"] is True
    assert workgroup["BytesScannedCutoffPerQuery"] == 100 * 1024**3
    answers = workgroup["ResultConfiguration"]["EncryptionConfiguration"]
    assert answers["EncryptionOption"] == "SSE_KMS"


def test_every_execution_is_announced_on_a_bus_of_our_own_and_logged(prod: Stage) -> None:
    rule = prod.part("Data").only("AWS::Events::Rule")

    assert "KmsKeyIdentifier" in prod.only("AWS::Events::EventBus")
    assert rule["EventBusName"] == prod.only("AWS::Events::EventBus")["Name"]
    assert rule["EventPattern"] == {"source": ["atp"], "detail-type": ["STRATEGY_EXECUTION"]}
    assert [target["Id"] for target in rule["Targets"]] == ["log"]


def test_every_table_is_copied_each_night_and_kept(prod: Stage) -> None:
    plan = prod.only("AWS::Backup::BackupPlan")["BackupPlan"]
    chosen = prod.only("AWS::Backup::BackupSelection")["BackupSelection"]

    kept = {one["RuleName"]: one["Lifecycle"]["DeleteAfterDays"] for one in plan["BackupPlanRule"]}

    assert kept == {"nightly": 35, "monthly": 366}
    assert len(chosen["Resources"]) == len(prod.tables())
    assert "EncryptionKeyArn" in prod.only("AWS::Backup::BackupVault")


def test_backups_go_to_another_region_where_it_is_wished(spread: Stage) -> None:
    plan = spread.only("AWS::Backup::BackupPlan")["BackupPlan"]

    for rule in plan["BackupPlanRule"]:
        (copy,) = rule["CopyActions"]
        assert copy["DestinationBackupVaultArn"].endswith("backup-vault:far")
