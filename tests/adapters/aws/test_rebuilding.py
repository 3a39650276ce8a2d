"""Views of a stage are filled anew into tables that are kept as its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from adapters.aws.platform import AwsPlatform, open_platform
from adapters.aws.rebuilding import keeping_of, rebuilt
from adapters.aws.settings import AwsSettings
from adapters.store.dynamodb_table import create_table
from adapters.views.dynamodb import DynamoDBTables
from bench.history import household, terms, whole_run
from projections.catalogue import CATALOGUE
from projections.orders import ORDERS, orders_of
from projections.replay import Progress
from projections.view import TableView

SETTINGS = AwsSettings(
    stage="test", prefix="atp-test-", install="TEST", events_table="atp-test-events"
)


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AwsPlatform]:
    """A stage with a household and a run in its store, and nothing in its views."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("dynamodb")
        create_table(client, SETTINGS.events_table)
        tables = DynamoDBTables(client, SETTINGS.prefix, keeping_of(SETTINGS))
        tables.create(*(model.shape for model in CATALOGUE))
        made = open_platform(SETTINGS, folder=tmp_path)
        for event in household(1):
            made.recorder.insert_events([event])
        made.recorder.insert_events(whole_run("RUN-STRAT-1-ACC-1-20260804-0920", terms())[:25])
        yield made
        made.close()


def test_what_no_edition_has_written_yet_is_rebuilt_and_then_read(platform: AwsPlatform) -> None:
    told: list[Progress] = []

    done = rebuilt(platform, [], told.append)

    assert set(done) == {model.name for model in CATALOGUE}
    assert told[-1].finished
    assert len(orders_of(TableView(ORDERS, platform.tables), "USER-1").rows) == 2
    assert rebuilt(platform, [], told.append) == []


def test_a_view_that_is_named_is_rebuilt_into_a_table_of_the_stages_own_keeping(
    platform: AwsPlatform,
) -> None:
    assert rebuilt(platform, ["orders"], lambda _: None) == ["orders"]

    table = platform.recorder.client.describe_table(TableName="atp-test-orders-b")["Table"]
    assert table["SSEDescription"]["KMSMasterKeyArn"] == "alias/atp-test-records"
    assert len(orders_of(TableView(ORDERS, platform.tables), "USER-1").rows) == 2
