"""The time machine: the state of any stream as it was after a version, or at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response

from adapters.api.callers import Caller, Reading
from adapters.api.documents import Shown
from adapters.api.reading import Document, answer, folded
from adapters.api.strategies import strategy_document
from commands.errors import NotFound
from domain.resource import Resource
from domain.user import Role
from projections.advance import AnyModel
from projections.catalogue import CATALOGUE
from projections.document import document, plain
from projections.strategies import STRATEGIES
from projections.verify import verify_stream

router = APIRouter(prefix="/streams")

AUDITORS = frozenset((Role.AUDITOR,))


class When(BaseModel, frozen=True, extra="forbid"):
    """After which version, or at which time; both must hold, now unless told."""

    version: int | None = Field(default=None, ge=1, le=2**31)
    at: AwareDatetime | None = None


class StreamShown(Shown):
    """What was known then: the rows that each view would have shown of this stream."""

    stream: str
    version: int
    newest_version: int
    at: datetime
    deleted: bool
    views: dict[str, list[dict[str, Any]]]  # Any: rows of every view


class FlawShown(Shown):
    """The first event that is not what was recorded."""

    version: int
    kind: str
    detail: str


class SoundnessShown(Shown):
    """A stream's chain of hashes, recomputed from the store.

    The first `sealed` events are also under a seal; null where seals are looked at elsewhere.
    `unaudited` events are stored but not projected yet.
    """

    stream: str
    sound: bool
    events: int
    unaudited: int
    sealed: int | None
    flaw: FlawShown | None
    seal_faults: list[str]


@router.get("/{stream_id}", response_model=StreamShown)
def stream(stream_id: str, caller: Reading, when: Annotated[When, Query()]) -> Response:
    """The stream as it was then; an auditor sees anybody's."""
    readable(caller, stream_id)
    events = caller.context.bus.trading.history(stream_id)
    then = [
        event
        for event in events
        if (when.version is None or event.originator_version <= when.version)
        and (when.at is None or event.timestamp <= when.at)
    ]
    if not then or (when.version or 0) > events[-1].originator_version:
        raise NotFound("state at that moment of", stream_id)
    views = {model.name: _rows(model, folded(model, None, then)) for model in shows(stream_id)}
    body = {
        "stream": stream_id,
        "version": then[-1].originator_version,
        "newest_version": events[-1].originator_version,
        "at": plain(then[-1].timestamp),
        "deleted": not any(views.values()),
        "views": views,
    }
    return answer(body)


@router.get("/{stream_id}/verify", response_model=SoundnessShown)
def verified(stream_id: str, caller: Reading) -> Response:
    """Recompute the chain of one stream against its audit rows and, where they are here, seals."""
    readable(caller, stream_id)
    context = caller.context
    here = context.verified_by is None
    seals, seal_faults = context.seals() if here else ((), ())
    found = verify_stream(context.source, context.tables, stream_id, seals)
    flaw = found.finding
    body = {
        "stream": stream_id,
        "sound": flaw is None and not seal_faults,
        "events": found.events,
        "unaudited": found.unaudited,
        "sealed": found.sealed if here else None,
        "flaw": flaw and {name: getattr(flaw, name) for name in FlawShown.model_fields},
        "seal_faults": list(seal_faults),
    }
    return answer(body)


def readable(caller: Caller, stream_id: str) -> None:
    """Raises NotFound for a stream that is neither the caller's own nor theirs to audit."""
    found = caller.context.bus.trading.load(stream_id, Resource, verify=False)  # type: ignore[type-abstract]  # any kind
    if found.owner != caller.user_id and not caller.principal.has_one_of(AUDITORS):
        raise NotFound("stream", stream_id)


def shows(stream_id: str) -> list[AnyModel]:
    """The read models that are made from such a stream."""
    return [
        model for model in CATALOGUE if stream_id.startswith(model.reads) and not model.from_stored
    ]


def _rows(model: AnyModel, state: Any) -> list[Document]:  # Any: the state of whichever model
    if state is None:
        return []
    if model.name == STRATEGIES.name:
        return [strategy_document(state)]
    rows = [state] if model.rows is None else model.rows(state).values()
    return [document(model, row) for row in rows]
