"""Where the events of a lost stage come from: another table, or an export of one in a bucket.

A recovery to a point in time makes a table beside the lost one; an export is what AWS wrote of a
table as of a second, in files of gzipped JSON that are named, counted and hashed in its manifests.
"""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import md5
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

#: An item as the service spells it; Any: a value of whichever type.
Spelt = Mapping[str, Any]
SUMMARY: Final = "manifest-summary.json"
FORMAT: Final = "DYNAMODB_JSON"


class RestoreFault(Exception):
    """A restore cannot go on, or its source cannot be trusted; the message says where."""


def scanned(client: DynamoDBClient, table: str) -> Iterator[Spelt]:
    """Every item of a table, streams together and in order."""
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    for page in pages:
        yield from page["Items"]


@dataclass(frozen=True, kw_only=True)
class Export:
    """An export to a bucket: `prefix` ends with the export's own name, `AWSDynamoDB/0123…/`."""

    client: S3Client
    bucket: str
    prefix: str

    def items(self) -> Iterator[Spelt]:
        """Every item, each file checked against the manifest first; raises RestoreFault."""
        summary = json.loads(self._read(self.prefix + SUMMARY))
        if summary.get("outputFormat") != FORMAT:
            raise RestoreFault(f"{self.prefix}: written as {summary.get('outputFormat')}")
        if summary.get("exportType", "FULL_EXPORT") != "FULL_EXPORT":
            raise RestoreFault(f"{self.prefix} holds what changed only, not a whole table")
        files = self._read(summary["manifestFilesS3Key"]).splitlines()
        counted = 0
        for each in map(json.loads, files):
            found = list(self._file(each))
            counted += len(found)
            yield from found
        if counted != summary["itemCount"]:
            raise RestoreFault(f"{self.prefix}: {counted} items, {summary['itemCount']} are told")

    def _file(self, told: Mapping[str, Any]) -> Iterator[Spelt]:
        packed = self._read(told["dataFileS3Key"])
        # The service's own checksum: against a damaged copy; what is in it the seals vouch for.
        if md5(packed, usedforsecurity=False).digest() != b64decode(told["md5Checksum"]):
            raise RestoreFault(f"{told['dataFileS3Key']} is not as it was written")
        lines = gzip.decompress(packed).splitlines()
        if len(lines) != told["itemCount"]:
            raise RestoreFault(f"{told['dataFileS3Key']}: {len(lines)} items")
        return (_bytes(json.loads(line)["Item"]) for line in lines)

    def _read(self, key: str) -> bytes:
        return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()


def _bytes(value: Any) -> Any:
    """As the client spells it: what an export has as base64 is bytes."""
    if isinstance(value, list):
        return [_bytes(each) for each in value]
    if isinstance(value, dict):
        return {
            kind: b64decode(each) if kind == "B" and isinstance(each, str) else _bytes(each)
            for kind, each in value.items()
        }
    return value
