"""The audit: every event found by who, what, when and why; verified, exported, explained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response, StreamingResponse

from adapters.api.auth import record
from adapters.api.callers import Caller, Reading
from adapters.api.documents import EventShown, Shown
from adapters.api.documents import Paged as PagedShown
from adapters.api.openapi import problems
from adapters.api.orders import own_order
from adapters.api.problems import Declined
from adapters.api.reading import Document, Listing, answer, paged, view_of
from adapters.api.streams import AUDITORS, readable
from commands.errors import NotFound
from commands.user import RecordExport
from projections.audit_logs import AUDIT_LOGS, AuditRow, version_of
from projections.audit_search import AuditSearch, search
from projections.document import document, plain
from projections.verify import verify
from projections.view import Page
from projections.why import last_of, why

router = APIRouter()

NDJSON: Final = "application/x-ndjson"
AT_ONCE: Final = 200


class Wanted(BaseModel, frozen=True, extra="forbid"):
    """Everything given must match; times are since ≤ at < until."""

    stream: str | None = Field(default=None, max_length=200)
    correlation_id: str | None = Field(default=None, max_length=200)
    actor: str | None = Field(default=None, max_length=100)
    topic: str | None = Field(default=None, max_length=100)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None

    @property
    def searched(self) -> AuditSearch:
        return AuditSearch(**{name: getattr(self, name) for name in Wanted.model_fields})


class Asked(Listing, Wanted, frozen=True, extra="forbid"):
    """A page of what is wanted."""


class FindingShown(Shown):
    stream: str
    version: int
    kind: str
    detail: str


class ReportShown(Shown):
    """What was looked at and found; `unaudited` events are stored but not projected yet."""

    sound: bool
    streams: int
    events: int
    unaudited: int
    findings: list[FindingShown]
    seal_faults: list[str]
    first: str | None


class CauseShown(Shown):
    stream: str
    version: int
    topic: str
    at: datetime
    actor: str
    text: str


class CausesShown(Shown):
    """From what happened back to what caused it, newest first."""

    items: list[CauseShown]


class Event(BaseModel, frozen=True, extra="forbid"):
    stream: str = Field(min_length=1, max_length=200)
    version: int = Field(ge=1, le=2**31)


@router.get("/audit", response_model=PagedShown[EventShown], responses=problems(404))
def events(caller: Reading, asked: Annotated[Asked, Query()]) -> Response:
    """Events that match. An auditor finds all; others what they did, and their own streams."""
    page = search(
        view_of(caller.context, AUDIT_LOGS),
        _allowed(caller, asked),
        cursor=asked.cursor,
        limit=asked.limit,
        newest_first=asked.newest_first,
    )
    return answer(paged(list(_documents(caller, page)), page.cursor))


@router.get("/audit/verify", response_model=ReportShown, responses=problems(409))
def verified(caller: Reading) -> Response:
    """Recompute every chain from the store against rows and seals; for auditors.

    Where the log is too long to be read while somebody waits, 409 says what to use instead.
    """
    caller.needs(AUDITORS, "VerifyAudit")
    if (instead := caller.context.verified_by) is not None:
        detail = f"the log is too long to be verified in one answer: use {instead}"
        raise Declined(409, "verified-elsewhere", detail)
    seals, seal_faults = caller.context.seals()
    context = caller.context
    *_, report = verify(context.source, context.tables, seals, seal_faults)
    shown = {name: plain(getattr(report, name)) for name in ReportShown.model_fields}
    return answer(shown)


@router.get(
    "/audit/export",
    response_class=StreamingResponse,
    responses={200: {"content": {NDJSON: {"schema": {}}}}, **problems(404)},
)
def export(caller: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """Everything that matches, one event a line (JSONL); the export itself is recorded."""
    view, allowed = view_of(caller.context, AUDIT_LOGS), _allowed(caller, wanted)
    first = search(view, allowed, limit=AT_ONCE)
    told = RecordExport(user_id=caller.user_id, what="audit", form="jsonl")
    record(caller.context, told, caller.request_id)

    def lines() -> Iterator[bytes]:
        page = first
        while True:
            for shown in _documents(caller, page):
                yield msgspec.json.encode(shown) + b"\n"
            if page.cursor is None:
                return
            page = search(view, allowed, cursor=page.cursor, limit=AT_ONCE)

    headers = {"Content-Disposition": 'attachment; filename="audit.jsonl"'}
    return StreamingResponse(lines(), media_type=NDJSON, headers=headers)


@router.get("/audit/why", response_model=CausesShown, responses=problems(404))
def causes(caller: Reading, event: Annotated[Event, Query()]) -> Response:
    """What led to this event of a run."""
    readable(caller, event.stream)
    found = why(caller.context.bus.trading.history, event.stream, event.version)
    if not found:
        raise NotFound(f"version {event.version} of", event.stream)
    return answer({"items": plain(found)})


@router.get("/orders/{order_id}/why", response_model=CausesShown)
def order_causes(
    order_id: str,
    caller: Reading,
    tag: Annotated[str | None, Query(max_length=40, description="One slice of it.")] = None,
) -> Response:
    """Why the order went out: from its last fill back to who caused it."""
    row = own_order(caller, order_id)
    tags = [each.tag for leg in row.legs for each in leg.slices if tag in (None, each.tag)]
    history = caller.context.bus.trading.history
    version = last_of(history(row.run_id), tags)
    if version is None:
        raise NotFound("slice of", order_id)
    return answer({"items": plain(why(history, row.run_id, version))})


def _allowed(caller: Caller, wanted: Wanted) -> AuditSearch:
    """What of it the caller may find; raises NotFound, Forbidden."""
    if wanted.stream is not None:
        readable(caller, wanted.stream)
        return wanted.searched
    if caller.principal.has_one_of(AUDITORS):
        return wanted.searched
    if wanted.actor not in (None, caller.user_id):
        caller.needs(AUDITORS, "SearchAudit", wanted.actor)
    return AuditSearch(**{**vars(wanted.searched), "actor": caller.user_id})


def _documents(caller: Caller, page: Page[AuditRow]) -> Iterator[Document]:
    """Rows with what each event says in full, which only the store holds."""
    said = _bodies(caller, page.rows)
    for row in page.rows:
        shown = document(AUDIT_LOGS, row)
        version = version_of(row.id)
        yield {
            **{name: shown[name] for name in EventShown.model_fields if name in shown},
            "version": version,
            "event": said.get((row.stream, version), {}),
        }


def _bodies(caller: Caller, rows: Sequence[AuditRow]) -> Mapping[tuple[str, int], Any]:
    # Any: JSON of whichever event.
    first: dict[str, int] = {}
    for row in rows:
        version = version_of(row.id)
        first[row.stream] = min(first.get(row.stream, version), version)
    return {
        (stream, stored.originator_version): msgspec.json.decode(stored.state)
        for stream, version in first.items()
        for stored in caller.context.source.stream(stream, gt=version - 1)
    }
