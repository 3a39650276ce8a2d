"""The library's own cases for aggregate recorders, unchanged, over DynamoDB Local."""

from __future__ import annotations

from uuid import uuid4

import pytest
from eventsourcing.tests.persistence import AggregateRecorderTestCase

from adapters.store.dynamodb import DynamoDBRecorder
from adapters.store.dynamodb_table import create_table
from tests.dynamodb_local import DynamoDBLocal


class TestDynamoDBRecorder(AggregateRecorderTestCase):
    @pytest.fixture(autouse=True)
    def _server(self, dynamodb: DynamoDBLocal) -> None:
        self.client = dynamodb.client()

    def new_originator_id(self) -> str:
        return f"RUN-{uuid4()}"

    def create_recorder(self) -> DynamoDBRecorder:
        table = f"events-{uuid4()}"
        create_table(self.client, table)
        return DynamoDBRecorder(self.client, table)


del AggregateRecorderTestCase  # the cases run in the class above
