"""audit_logs: every event of every stream, chained, and found by who, what, when and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from eventsourcing.persistence import StoredEvent
from pydantic_core import from_json

from projections.audit import BEGINNING, link
from projections.view import Index, ReadModel, Row, instant


@dataclass(frozen=True, kw_only=True)
class AuditRow(Row):
    """One event: who caused it, when, because of what, and its link in the stream's chain."""

    stream: str
    topic: str
    at: datetime
    actor: str
    correlation_id: str
    causation_id: str | None
    event: str
    """The event as stored, JSON."""
    hash: str


def audited(row: AuditRow | None, stored: StoredEvent) -> AuditRow:
    """The audit row of the event after the one of `row`."""
    return entry(row.hash if row else BEGINNING, stored)


def entry(previous: str, stored: StoredEvent) -> AuditRow:
    """The audit row of an event that follows the one with the hash `previous`."""
    body = from_json(stored.state)
    stream, version = str(stored.originator_id), stored.originator_version
    return AuditRow(
        id=row_id(stream, version),
        version=version,
        stream=stream,
        topic=stored.topic,
        at=_time(body["timestamp"]),
        actor=body["actor"],
        correlation_id=body["correlation_id"],
        causation_id=body.get("causation_id"),
        event=stored.state.decode(),
        hash=link(previous, stored),
    )


def row_id(stream: str, version: int) -> str:
    """Where the row of an event is kept: ids of a stream sort by version."""
    return f"{stream}@{version:08d}"


def version_of(row_id: str) -> int:
    """The version of the event a row is of."""
    return int(row_id.rpartition("@")[2])


@lru_cache(maxsize=1024)
def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _by_id(row: AuditRow) -> Mapping[str, AuditRow]:
    return {row.id: row}


def _day(row: AuditRow) -> tuple[str, str]:
    moment = instant(row.at)
    return moment[:10], moment


AUDIT_LOGS: ReadModel[AuditRow, AuditRow] = ReadModel(
    name="audit_logs",
    reads=("",),
    project=audited,
    row=AuditRow,
    state=AuditRow,
    rows=_by_id,
    stream_of=lambda row: row.rpartition("@")[0],
    appends=True,
    from_stored=True,
    indexes=(
        Index("day", _day),
        Index("actor", lambda row: (row.actor, instant(row.at))),
        Index("topic", lambda row: (row.topic, instant(row.at))),
        Index("correlation", lambda row: (row.correlation_id, instant(row.at))),
    ),
)
