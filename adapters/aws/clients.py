"""The AWS services of one process, each connected when it is first needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from adapters.cloud import service

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient


class Clients:
    """Where they are and as whom we ask is found by boto3 in the environment."""

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        from adapters.store.dynamodb import connect

        return connect()

    @cached_property
    def s3(self) -> S3Client:
        client: S3Client = service("s3")
        return client

    @cached_property
    def sqs(self) -> SQSClient:
        client: SQSClient = service("sqs")
        return client

    @cached_property
    def workflows(self) -> SFNClient:
        client: SFNClient = service("stepfunctions")
        return client

    @cached_property
    def events(self) -> EventBridgeClient:
        client: EventBridgeClient = service("events")
        return client

    @cached_property
    def sns(self) -> SNSClient:
        client: SNSClient = service("sns")
        return client

    @cached_property
    def secrets(self) -> Any:  # Any: the stubs of this service are not installed
        return service("secretsmanager")

    @cached_property
    def people(self) -> Any:  # Any: the stubs of this service are not installed
        return service("cognito-idp")
