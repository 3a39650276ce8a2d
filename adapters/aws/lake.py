"""Events into the data lake: each batch an object a day, each event in it once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from json import loads
from typing import TYPE_CHECKING, Final

from eventsourcing.persistence import StoredEvent

from adapters.aws.records import Delivered
from adapters.lake_form import DAY, EVENTS, folder, line
from projections.audit_logs import told

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ENDING: Final = ".json"


class Lake:
    """Objects are named by the first record in them, so that doing it again replaces them.

    Lambda always begins again with the first record it was not told to be done. Whatever cut the
    batch had before, the objects of one shard therefore end up side by side: none overlaps the
    next, and none is missing.
    """

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def keep(self, records: Sequence[Delivered]) -> None:
        """Keep these records, in their order; raises what S3 raises."""
        for key, lines in objects(records).items():
            self._put(key, lines)

    def mend(self, stream: str, events: Sequence[StoredEvent]) -> None:
        """Keep events of a stream that no record brought, on the days they happened."""
        for day, some in groupby(events, key=lambda one: folder(told(one).timestamp)):
            lost = list(some)
            first, last = lost[0].originator_version, lost[-1].originator_version
            key = f"{day}mended-{stream}@{first:08d}-{last:08d}{ENDING}"
            self._put(key, [line(event, told(event).timestamp) for event in lost])

    def moved(self, since: datetime, until: datetime) -> Mapping[str, int]:
        """The last version of each stream that came in between; by when S3 took the objects."""
        found: dict[str, int] = {}
        for text in self._texts(since, until):
            for one in map(loads, text.splitlines()):
                found[one["stream"]] = max(found.get(one["stream"], 0), one["version"])
        return found

    def _texts(self, since: datetime, until: datetime) -> Iterator[str]:
        day = since.date()
        while day <= until.date():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=f"{EVENTS}{DAY}={day:%Y-%m-%d}/"
            )
            for each in (each for page in pages for each in page.get("Contents", [])):
                if since <= each["LastModified"] < until:
                    found = self._client.get_object(Bucket=self._bucket, Key=each["Key"])
                    yield found["Body"].read().decode()
            day += timedelta(days=1)

    def _put(self, key: str, lines: Sequence[str]) -> None:
        self._client.put_object(
            Bucket=self._bucket,
            Key=key,
            Body="".join(f"{one}\n" for one in lines).encode(),
            ContentType="application/x-ndjson",
        )


def objects(records: Sequence[Delivered]) -> dict[str, list[str]]:
    """Lines by the object they belong to."""
    names: dict[str, str] = {}
    made: dict[str, list[str]] = {}
    for record in records:
        day = folder(record.recorded_at)
        name = names.setdefault(day, f"{day}{record.sequence}-{record.commit[:8]}{ENDING}")
        made.setdefault(name, []).extend(lines_of(record))
    return made


def lines_of(record: Delivered) -> Iterator[str]:
    """Its events as the lake has them; raises UnicodeDecodeError where one is no text."""
    return (line(event, record.recorded_at) for event in record.events)
