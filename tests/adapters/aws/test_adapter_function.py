"""The broker's adapter as a function: woken by the clock, or by messages about accounts."""

from __future__ import annotations

from collections.abc import Iterator
from json import dumps

import pytest

from adapters.aws_lambda.broker_adapter_zerodha import handler
from domain.user import Role
from tests.adapters.aws.house import Call, House, container


@pytest.fixture
def house(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The stage, with a container of the function."""
    with container(house, monkeypatch):
        yield house


@pytest.fixture
def account_id(house: House) -> str:
    """A trader's account at Zerodha, logged in."""
    trader = house.admit("trader@example.com", Role.TRADER)
    account_id = house.at_zerodha(trader)
    house.log_in(trader, account_id)
    house.project()
    house.messages("connected")
    return account_id


def message(body: object, number: int = 1) -> dict[str, object]:
    return {
        "messageId": str(number),
        "receiptHandle": "handle",
        "body": dumps(body),
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:ap-south-1:123456789012:house-connected",
        "awsRegion": "ap-south-1",
    }


def test_woken_by_the_clock_it_has_every_account_attended_to(house: House, account_id: str) -> None:
    answer = handler({"schedule": "sessions-end", "at": "2026-08-03T00:31:00Z"}, Call())

    assert answer == {"accounts": 1}
    assert house.messages("connected") == [{"account_id": account_id}]


def test_a_message_about_no_account_comes_again_and_holds_up_no_other(
    house: House, account_id: str
) -> None:
    records = [message({"account": "?"}), message({"account_id": account_id}, 2)]

    answer = handler({"Records": records}, Call())

    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    kept = house.platform.clients.s3.list_objects_v2(
        Bucket=house.platform.settings.told("artifacts_bucket"), Prefix="instruments/NFO-"
    )
    assert kept["KeyCount"] == 2  # the list, and what was known of it
