"""What the caller should hear of: notices of runs and accounts, read or not."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from adapters.api.callers import Caller, Posting, Reading
from adapters.api.documents import Paged as PagedShown
from adapters.api.documents import Shown
from adapters.api.openapi import problems
from adapters.api.problems import Declined, FieldError
from adapters.api.reading import Document, Listing, answer, paged, view_of
from commands.user import AcknowledgeNotices
from domain.gravity import Gravity
from domain.user import User
from projections.document import document
from projections.inbox import INBOX, Notice

router = APIRouter(prefix="/inbox")


class NoticeShown(Shown):
    notice_id: str
    user_id: str
    account_id: str
    strategy_id: str | None
    run_id: str | None
    kind: str
    gravity: Gravity
    text: str
    at: datetime
    acknowledged: bool


class Asked(Listing, frozen=True, extra="forbid"):
    """Newest first unless told; `unread` leaves out what was acknowledged."""

    newest_first: bool = True
    unread: bool = False


class Acknowledged(BaseModel, frozen=True, extra="forbid"):
    notices: tuple[str, ...] = Field(min_length=1, max_length=200)


class AcknowledgedShown(Shown):
    notices: list[str]


@router.get("", response_model=PagedShown[NoticeShown])
def inbox(caller: Reading, asked: Annotated[Asked, Query()]) -> Response:
    """The caller's notices; a page may be short, while it has a cursor there is more."""
    known = caller.context.bus.trading.load(caller.user_id, User, verify=False).acknowledged
    page = view_of(caller.context, INBOX).page(
        "owner",
        caller.user_id,
        where=(lambda row: row.id not in known) if asked.unread else None,
        **asked.paging,
    )
    return answer(paged([_document(row, known) for row in page.rows], page.cursor))


@router.post("/acknowledge", response_model=AcknowledgedShown, responses=problems(409))
def acknowledge(body: Acknowledged, caller: Posting) -> Response:
    """Remember that these were read."""
    strange = [
        FieldError(field=f"notices[{i}]", code="unknown-notice", message="there is no such notice")
        for i, notice_id in enumerate(body.notices)
        if not _own(caller, notice_id)
    ]
    if strange:
        raise Declined(422, "unknown-notice", f"{len(strange)} notice(s) are not there", strange)
    caller.ask(AcknowledgeNotices(user_id=caller.user_id, notices=body.notices))
    return answer({"notices": list(body.notices)})


def _own(caller: Caller, notice_id: str) -> bool:
    if "@" not in notice_id:
        return False  # the stream itself is where the view keeps its own state
    row = view_of(caller.context, INBOX).get(notice_id)
    return row is not None and row.user_id == caller.user_id


def _document(row: Notice, known: frozenset[str]) -> Document:
    return {**document(INBOX, row), "acknowledged": row.id in known}
