"""An export of the event table is read whole, or not at all."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from adapters.aws.exports import Export, RestoreFault
from tests.adapters.aws.exported import PREFIX, export

ITEMS = [
    {"pk": {"S": "USER-1"}, "sk": {"N": "0"}, "events": {"L": [{"M": {"body": {"S": "{}"}}}]}},
    {"pk": {"S": "USER-2"}, "sk": {"N": "0"}, "events": {"L": [{"M": {"body": {"B": b"\xff"}}}]}},
    {"pk": {"S": "USER-2"}, "sk": {"N": "2"}, "events": {"L": []}},
]


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:  # Any: moto's client
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="backups")
        keep(client, export(ITEMS))
        yield client


def keep(client: Any, objects: dict[str, bytes]) -> None:  # Any: moto's client
    for key, content in objects.items():
        client.put_object(Bucket="backups", Key=key, Body=content)


def read(client: Any) -> list[Any]:  # Any: items as the service spells them
    return list(Export(client=client, bucket="backups", prefix=PREFIX).items())


def test_every_item_is_read_as_the_table_had_it(bucket: Any) -> None:
    found = read(bucket)

    by_key = sorted(found, key=lambda item: (item["pk"]["S"], int(item["sk"]["N"])))
    assert by_key == ITEMS


def test_a_file_that_is_not_as_it_was_written_stops_everything(bucket: Any) -> None:
    objects = export(ITEMS)
    key = next(key for key in objects if "/data/" in key)
    altered = gzip.decompress(objects[key]).replace(b"USER-1", b"USER-9")
    keep(bucket, {key: gzip.compress(altered)})

    with pytest.raises(RestoreFault, match="is not as it was written"):
        read(bucket)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"itemCount": 4}, "3 items, 4 are told"),
        ({"outputFormat": "ION"}, "written as ION"),
        ({"exportType": "INCREMENTAL_EXPORT"}, "what changed only"),
    ],
)
def test_an_export_that_is_not_of_a_whole_table_is_refused(
    bucket: Any, change: dict[str, object], fault: str
) -> None:
    key = f"{PREFIX}manifest-summary.json"
    keep(bucket, {key: json.dumps(json.loads(export(ITEMS)[key]) | change).encode()})

    with pytest.raises(RestoreFault, match=fault):
        read(bucket)
