"""A stage of the platform on AWS, and a trader with an account at Zerodha."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader

from domain.user import Role
from tests.adapters.api.practice import Person
from tests.adapters.aws.house import REGION, House, opened_house
from tests.dynamodb_local import DynamoDBLocal


@pytest.fixture(scope="session", autouse=True)
def services_described_once() -> Iterator[None]:
    """The SDK reads its megabytes about services once, and not anew in every account of moto's."""
    read = cache(JSONFileLoader().load_file)

    def load(_: JSONFileLoader, path: str) -> Any:  # Any: JSON as the SDK keeps it
        return read(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", load)
        yield


@pytest.fixture
def house(
    tmp_path: Path, dynamodb: DynamoDBLocal, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb.endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with opened_house(tmp_path) as opened:
        yield opened


@pytest.fixture
def trader(house: House) -> Person:
    return house.admit("trader@example.com", Role.TRADER)


@pytest.fixture
def account_id(house: House, trader: Person) -> str:
    """The trader's account at Zerodha, logged in, with today's lists fetched."""
    account_id = house.at_zerodha(trader)
    house.log_in(trader, account_id)
    house.project()
    house.attend()
    return account_id
