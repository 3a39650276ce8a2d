"""audit_logs: every event of every stream, chained, and found by who, what, when and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from eventsourcing.persistence import StoredEvent
from pydantic_core import from_json

from projections.advance import Recorded
from projections.audit import BEGINNING, digest, link
from projections.view import Index, ReadModel, Row, instant


@dataclass(frozen=True, kw_only=True)
class AuditRow(Row):
    """One event: who caused it, when, because of what, and its link in the stream's chain.

    What it says in full is in the event store; `digest` is the hash of that.
    """

    stream: str
    topic: str
    at: datetime
    actor: str
    correlation_id: str
    causation_id: str | None
    digest: str
    hash: str


def audited(row: AuditRow | None, recorded: Recorded) -> AuditRow:
    """The audit row of the event after the one of `row`."""
    return entry(row.hash if row else BEGINNING, recorded.stored)


def entry(previous: str, stored: StoredEvent) -> AuditRow:
    """The audit row of an event that follows the one with the hash `previous`."""
    body = from_json(stored.state)
    stream, version = str(stored.originator_id), stored.originator_version
    said = digest(stored)
    return AuditRow(
        id=row_id(stream, version),
        version=version,
        stream=stream,
        topic=stored.topic,
        at=_time(body["timestamp"]),
        actor=body["actor"],
        correlation_id=body["correlation_id"],
        causation_id=body.get("causation_id"),
        digest=said,
        hash=link(previous, stream, version, said),
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


AUDIT_LOGS: ReadModel[AuditRow, AuditRow] = ReadModel(
    name="audit_logs",
    reads=("",),
    project=audited,
    row=AuditRow,
    state=AuditRow,
    stream_of=lambda row: row.rpartition("@")[0],
    appends=True,
    from_stored=True,
    sorts={"at": lambda row: instant(row.at)},
    indexes=(
        Index("day", lambda row: instant(row.at)[:10], "at"),
        Index("actor", lambda row: row.actor, "at"),
        Index("topic", lambda row: row.topic, "at"),
        Index("correlation", lambda row: row.correlation_id, "at"),
    ),
)
