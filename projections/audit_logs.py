"""audit_logs: every event of every stream, chained, and found by who, what, when and why."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol, cast

from eventsourcing.persistence import StoredEvent
from pydantic_core import from_json

from projections.advance import PROJECTOR_FAULTS, Recorded
from projections.audit import BEGINNING, digest, link
from projections.view import Index, ReadModel, Row, instant


class AuditRow(Row, frozen=True, kw_only=True):
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


class Cause(Protocol):
    """What every event tells besides what happened."""

    @property
    def timestamp(self) -> datetime: ...
    @property
    def actor(self) -> str: ...
    @property
    def correlation_id(self) -> str: ...
    @property
    def causation_id(self) -> str | None: ...


class Told(NamedTuple):
    """The same of an event this edition of the code cannot read."""

    timestamp: datetime
    actor: str
    correlation_id: str
    causation_id: str | None


def audited(row: AuditRow | None, recorded: Recorded) -> AuditRow:
    """The audit row of the event after the one of `row`."""
    try:
        cause = cast(Cause, recorded.event)
    except PROJECTOR_FAULTS:
        cause = told(recorded.stored)  # what cannot be read here is audited all the same
    return entry(row.hash if row else BEGINNING, recorded.stored, cause)


def entry(previous: str, stored: StoredEvent, cause: Cause) -> AuditRow:
    """The audit row of an event that follows the one with the hash `previous`."""
    stream, version = str(stored.originator_id), stored.originator_version
    said = digest(stored)
    return AuditRow(
        id=row_id(stream, version),
        version=version,
        stream=stream,
        topic=stored.topic,
        at=cause.timestamp,
        actor=cause.actor,
        correlation_id=cause.correlation_id,
        causation_id=cause.causation_id,
        digest=said,
        hash=link(previous, stream, version, said),
    )


def told(stored: StoredEvent) -> Told:
    """Who caused an event, when and why, from its JSON alone."""
    body = from_json(stored.state)
    return Told(
        timestamp=datetime.fromisoformat(body["timestamp"]),
        actor=body["actor"],
        correlation_id=body["correlation_id"],
        causation_id=body.get("causation_id"),
    )


def row_id(stream: str, version: int) -> str:
    """Where the row of an event is kept: ids of a stream sort by version."""
    return f"{stream}@{version:08d}"


def version_of(row_id: str) -> int:
    """The version of the event a row is of."""
    return int(row_id.rpartition("@")[2])


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
