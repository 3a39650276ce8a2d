"""Reading strongly: what the view holds of a stream, and whatever the store holds beyond it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from adapters.api.callers import Caller
from adapters.api.context import ApiContext
from commands.errors import NotFound
from domain.model import DomainEvent
from projections.document import document
from projections.view import Page, Paging, ReadModel, Row, TableView, View

S = TypeVar("S")
R = TypeVar("R", bound=Row)

# Any: JSON.
Document = dict[str, Any]


def state_of(context: ApiContext, model: ReadModel[S, Any], stream: str) -> S | None:
    """The state of a stream as it is now; mostly what the view has, and no event beside it."""
    gate = context.tables.live(model.shape).gates([stream]).get(stream)
    state: Any = gate.body if gate else None
    events = context.bus.trading.events.get(stream, gt=gate.version if gate else None)
    return folded(model, state, events)  # type: ignore[arg-type]  # the store holds no others


def state_at(
    context: ApiContext,
    model: ReadModel[S, Any],
    stream: str,
    version: int | None,
    at: datetime | None = None,
) -> S | None:
    """The state of a stream after that version, and as it was at that time; None before birth."""
    events = context.bus.trading.history(stream)
    return folded(
        model,
        None,
        (
            event
            for event in events
            if (version is None or event.originator_version <= version)
            and (at is None or event.timestamp <= at)
        ),
    )


def folded(model: ReadModel[S, Any], state: S | None, events: Iterable[DomainEvent]) -> S | None:
    for event in events:
        state = model.project(state, event)
    return state


def own_row(caller: Caller, model: ReadModel[R, R], stream: str) -> R:
    """The caller's own row, read strongly; raises NotFound for what is gone or somebody else's."""
    row = state_of(caller.context, model, stream) if stream.startswith(model.reads) else None
    if row is None or owner_of(row) != caller.user_id:
        raise NotFound(model.id_name.removesuffix("_id"), stream)
    return row


def owner_of(row: Row) -> str:
    """Whose a row is: every one names its user but a user's own."""
    return str(getattr(row, "user_id", row.id))


# ── answering ─────────────────────────────────────────────────────────────────────────────


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON out of plain types; rows were made plain by `document`, ₹ are numbers."""
    content = msgspec.json.encode(body)
    return Response(content, status, dict(headers or {}), media_type="application/json")


def shown(
    model: ReadModel[Any, Any],
    row: Row,
    edition: int,
    status: int = 200,
    location: str | None = None,
) -> Response:
    """A resource with its edition as ETag."""
    return answer(document(model, row), status, tagged(edition, location))


def tagged(edition: int, location: str | None = None) -> dict[str, str]:
    """The headers of what has an edition; what was just made also says where it is from now on."""
    headers = {"ETag": f'"{edition}"'}
    return headers if location is None else {**headers, "Location": location}


def listed(page: Page[Any], model: ReadModel[Any, Any]) -> Response:
    return answer(paged([document(model, row) for row in page.rows], page.cursor))


def paged(items: list[Document], cursor: str | None) -> Document:
    """A page of a listing, whatever it lists."""
    return {"items": items, "next_cursor": cursor}


class Listing(BaseModel, frozen=True, extra="forbid"):
    """Which page of a listing is wanted."""

    cursor: str | None = Field(default=None, max_length=2000)
    """What the page before gave as `next_cursor`."""
    limit: int = Query(50, ge=1, le=200)
    newest_first: bool = False

    @property
    def paging(self) -> Paging:
        return Paging(cursor=self.cursor, limit=self.limit, newest_first=self.newest_first)


Paged = Annotated[Listing, Query()]


def view_of(context: ApiContext, model: ReadModel[S, R]) -> View[R]:
    """The read model as listings see it."""
    return TableView(model, context.tables)
