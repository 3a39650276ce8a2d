"""DynamoDB Local for tests: one server a session (and xdist worker), in memory, on a free port."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.tools.dynamodb_local import CannotInstall, running

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class DynamoDBLocal:
    """A running server, and what one needs to reach it."""

    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Variables under which boto3 in another process talks to this server."""
        return {
            "AWS_ENDPOINT_URL_DYNAMODB": self.endpoint,
            "AWS_DEFAULT_REGION": "ap-south-1",
            "AWS_REGION": "ap-south-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
        }

    def client(self, port: int | None = None) -> DynamoDBClient:
        """A boto3 client of this server, or of a proxy in front of it on another port."""
        import boto3
        from botocore.config import Config

        client: DynamoDBClient = boto3.client(
            "dynamodb",
            endpoint_url=f"http://127.0.0.1:{port or self.port}",
            region_name="ap-south-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(
                retries={"mode": "standard", "max_attempts": 3},
                connect_timeout=2,
                read_timeout=10,
                max_pool_connections=50,
            ),
        )
        return client


@pytest.fixture(scope="session")
def dynamodb() -> Iterator[DynamoDBLocal]:
    """DynamoDB Local, running."""
    try:
        with running() as port:
            yield DynamoDBLocal(port)
    except CannotInstall as error:
        pytest.fail(f"DynamoDB Local cannot be set up: {error}")
