"""The form of the data lake: one line of JSON an event, in a folder for each day (UTC)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from json import dumps
from typing import Final

from eventsourcing.persistence import StoredEvent

#: The folder of all events in the lake.
EVENTS: Final = "events/"
DAY: Final = "day"
#: Columns as Athena knows them; `body` is JSON of its own, as its topic has it.
COLUMNS: Final[Mapping[str, str]] = {
    "stream": "string",
    "version": "bigint",
    "topic": "string",
    "recorded_at": "string",
    "body": "string",
}


def folder(recorded_at: datetime) -> str:
    """Where events recorded at this moment lie."""
    return f"{EVENTS}{DAY}={recorded_at.astimezone(UTC):%Y-%m-%d}/"


def line(event: StoredEvent, recorded_at: datetime) -> str:
    """One event as a line, columns in order; its body is kept as it was stored."""
    values = (
        event.originator_id,
        event.originator_version,
        event.topic,
        recorded_at.astimezone(UTC).isoformat(),
        event.state.decode(),
    )
    return dumps(dict(zip(COLUMNS, values, strict=True)), ensure_ascii=False)
