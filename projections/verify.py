"""Recomputing every chain from the event store, against the audit rows and the seals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from eventsourcing.persistence import StoredEvent

from projections.audit import BEGINNING, digest, link
from projections.audit_logs import AUDIT_LOGS, AuditRow, entry, told, version_of
from projections.tables import Item, Source, Tables
from projections.view import TableView

#: Streams checked between two reports.
STRIDE = 100
#: Audit rows read at a time.
ROWS = 1000


class SealFault(Exception):
    """A seal cannot be trusted."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """Where the chain of a stream ends."""

    stream: str
    version: int
    hash: str


@dataclass(frozen=True, kw_only=True)
class Seal:
    """The heads that moved since the seal before, whose digest is `previous`."""

    number: int
    at: datetime
    previous: str
    heads: tuple[Head, ...]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The first thing wrong with a stream."""

    stream: str
    version: int
    kind: str
    """altered, missing or truncated: the event; row altered or row missing: its audit row."""
    detail: str

    def __str__(self) -> str:
        return f"{self.stream} version {self.version}: {self.kind}, {self.detail}"


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was looked at and found; `unaudited` events were stored but not projected yet."""

    streams: int = 0
    events: int = 0
    unaudited: int = 0
    findings: tuple[Finding, ...] = ()
    seal_faults: tuple[str, ...] = ()
    finished: bool = False

    @property
    def sound(self) -> bool:
        return not self.findings and not self.seal_faults

    @property
    def first(self) -> str | None:
        """The first thing found, in words."""
        found = [*map(str, self.findings), *self.seal_faults]
        return found[0] if found else None


def heads(tables: Tables) -> Iterator[Head]:
    """Where the chain of every stream ends, as the audit rows have it."""
    for gate in tables.live(AUDIT_LOGS.shape).heads():
        if (end := _end(gate)) is not None:
            yield end


def verify(
    source: Source, tables: Tables, seals: Sequence[Seal], seal_faults: Sequence[str]
) -> Iterator[Report]:
    """Check every stream there is or ever was; the last report is the finished one."""
    sealed = _by_stream(seals)
    ends = {head.stream: head for head in heads(tables)}
    streams = sorted({stream for stream, _ in source.heads()} | sealed.keys() | ends.keys())
    report = Report(seal_faults=tuple(seal_faults))
    for count, stream in enumerate(streams, 1):
        rows = _rows(tables, stream)  # before the events: what is stored meanwhile is no fault
        events = source.stream(stream)
        finding = check(stream, events, rows, sealed.get(stream, {}), ends.get(stream))
        report = replace(
            report,
            streams=count,
            events=report.events + len(events),
            unaudited=report.unaudited + max(0, len(events) - max(rows, default=0)),
            findings=(*report.findings, finding) if finding else report.findings,
        )
        if count % STRIDE == 0:
            yield report
    yield replace(report, finished=True)


@dataclass(frozen=True, kw_only=True)
class Soundness:
    """What recomputing one stream's chain found; the first `sealed` events are under a seal."""

    events: int
    unaudited: int
    sealed: int
    finding: Finding | None


def verify_stream(source: Source, tables: Tables, stream: str, seals: Sequence[Seal]) -> Soundness:
    """Check one stream alone."""
    rows = _rows(tables, stream)  # before the events: what is stored meanwhile is no fault
    sealed = _by_stream(seals).get(stream, {})
    gate = tables.live(AUDIT_LOGS.shape).gates([stream]).get(stream)
    events = source.stream(stream)
    return Soundness(
        events=len(events),
        unaudited=max(0, len(events) - max(rows, default=0)),
        sealed=max(sealed, default=0),
        finding=check(stream, events, rows, sealed, _end(gate) if gate else None),
    )


def _end(gate: Item) -> Head | None:
    if not isinstance(gate.body, AuditRow):
        return None
    return Head(stream=gate.stream, version=gate.version, hash=gate.body.hash)


def check(
    stream: str,
    events: Sequence[StoredEvent],
    rows: Mapping[int, AuditRow],
    sealed: Mapping[int, str],
    end: Head | None,
) -> Finding | None:
    """The first thing wrong with a stream: its events as they are now, against what was kept."""
    kept = max((*rows, *sealed, end.version if end else 0))
    version, previous, trusted = 0, BEGINNING, 0
    for version, event in enumerate(events, 1):
        if event.originator_version != version:
            there = event.originator_version
            return _finding(stream, version, "missing", f"the next event there is {there}")
        row, before = rows.get(version), previous
        previous = link(before, stream, version, digest(event))
        if row is not None and row.hash != previous:
            return _unlike(stream, version, before, events, rows, sealed)
        if sealed.get(version, previous) != previous:
            span = f"this event, or one before it after version {trusted}, is not what was sealed"
            return _finding(stream, version, "altered", span)
        if row is None and version <= kept:
            return _finding(stream, version, "row missing", "the event itself is in the store")
        if row is not None and row != entry(before, event, told(event)):
            return _finding(stream, version, "row altered", "its hash is right, the rest is not")
        if end and end.version == version and end.hash != previous:
            return _finding(stream, version, "row altered", "the end of the chain is another")
        trusted = version if row is not None or version in sealed else trusted
    if version < kept:
        return _finding(stream, version + 1, "truncated", f"{kept} events were recorded")
    return None


def _unlike(
    stream: str,
    version: int,
    previous: str,
    events: Sequence[StoredEvent],
    rows: Mapping[int, AuditRow],
    sealed: Mapping[int, str],
) -> Finding:
    """Which of two is altered, the event or its row: a seal knows, else the row's own hash."""
    row, said = rows[version], digest(events[version - 1])
    own = link(previous, stream, version, row.digest)
    if own != row.hash or _vouched(stream, version, previous, events, sealed):
        return _finding(stream, version, "row altered", "it is not what the event hashes to")
    moved = [other for other, one in rows.items() if one.digest == said and other != version]
    detail = f"it holds what was recorded at version {moved[0]}" if moved else "it was rewritten"
    return _finding(stream, version, "altered", detail)


def _vouched(
    stream: str,
    version: int,
    previous: str,
    events: Sequence[StoredEvent],
    sealed: Mapping[int, str],
) -> bool:
    later = min((sealed_at for sealed_at in sealed if sealed_at >= version), default=None)
    if later is None or later > len(events):
        return False
    for at, event in enumerate(events[version - 1 : later], version):
        previous = link(previous, stream, at, digest(event))
    return previous == sealed[later]


def _finding(stream: str, version: int, kind: str, detail: str) -> Finding:
    return Finding(stream=stream, version=version, kind=kind, detail=detail)


def _by_stream(seals: Iterable[Seal]) -> dict[str, dict[int, str]]:
    sealed: dict[str, dict[int, str]] = {}
    for seal in seals:
        for head in seal.heads:
            sealed.setdefault(head.stream, {})[head.version] = head.hash
    return sealed


def _rows(tables: Tables, stream: str) -> dict[int, AuditRow]:
    view, cursor = TableView(AUDIT_LOGS, tables), None
    rows: dict[int, AuditRow] = {}
    while True:
        page = view.page(None, stream, cursor=cursor, limit=ROWS)
        rows |= {version_of(row.id): row for row in page.rows}
        cursor = page.cursor
        if cursor is None:
            return rows
