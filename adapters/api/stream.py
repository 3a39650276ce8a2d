"""Changes as they happen, by server-sent events: of rows the caller may list, and no others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from adapters.api.callers import Caller, Reading
from adapters.api.reading import Document
from adapters.api.strategies import strategy_document
from adapters.identity.terms import SignInRefused
from commands.desk import ADMINS
from commands.errors import NotFound
from domain.resource import Resource
from projections.advance import Changed
from projections.catalogue import BY_NAME
from projections.document import document
from projections.feed import Subscription
from projections.strategies import StrategyRow
from projections.users import USERS

router = APIRouter()

EVENTS: Final = "text/event-stream"
#: Views whose changes are told; the audit and the due slots are not for watching.
TOLD: Final = frozenset(
    ("users", "broker_accounts", "baskets", "strategies", "runs", "orders", "positions",
     "daily_pnl", "inbox")
)  # fmt: skip
LONGEST_S: Final = 900
#: Seconds between two looks at what changed, and at whether the caller is still signed in.
LOOK_S, BEAT_S = 0.1, 5.0

Seconds = Annotated[
    int, Query(ge=0, le=LONGEST_S, description="The stream ends after so many; then come again.")
]


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {EVENTS: {"schema": {}}}}},
)
def stream(caller: Reading, seconds: Seconds = LONGEST_S) -> Response:
    """Every change of a row of the caller's: `event: change`, `data` with view, id and row.

    An admin hears of every user. It begins with `ready`; `reset` says that changes were lost and
    lists have to be read anew. It ends with the access token or the session.
    """
    longest = min(seconds, caller.context.stream_s)
    return StreamingResponse(changes(caller, longest), media_type=EVENTS)


async def changes(caller: Caller, seconds: int) -> AsyncIterator[bytes]:
    """The stream of one caller, for so many seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    beat = loop.time() + BEAT_S
    with caller.context.feed.subscribed(_to_be_told(caller)) as news:
        yield _event("ready", {"views": sorted(TOLD)})
        while True:
            for told in _taken(news):
                yield told
            if loop.time() >= end:
                return
            if loop.time() >= beat:
                if not await run_in_threadpool(_still_signed_in, caller):
                    return
                beat = loop.time() + BEAT_S
                yield b": still here\n\n"
            await asyncio.sleep(min(LOOK_S, max(end - loop.time(), 0)))


def _still_signed_in(caller: Caller) -> bool:
    try:
        caller.context.identity.session(caller.token)
    except SignInRefused:
        return False
    return True


def _taken(news: Subscription) -> list[bytes]:
    taken = [_change(each) for each in news.take(timeout=0)]
    return [_event("reset", {}), *taken] if news.overflowed() else taken


def _to_be_told(caller: Caller) -> Callable[[Changed], bool]:
    users = USERS.name if caller.principal.has_one_of(ADMINS) else None

    def told(change: Changed) -> bool:
        if change.view not in TOLD:
            return False
        if change.view == users:
            return True
        owner = getattr(change.row, "user_id", None) or _owner(caller, change)
        return owner == caller.user_id

    return told


def _owner(caller: Caller, change: Changed) -> str | None:
    """Whose a row was that is gone: its stream knows."""
    if change.stream.startswith("USER-"):
        return change.stream
    try:
        return caller.context.bus.trading.load(
            change.stream,
            Resource,  # type: ignore[type-abstract]  # any kind
            verify=False,
        ).owner
    except NotFound:
        return None


def _change(change: Changed) -> bytes:
    row: Document | None = None
    if isinstance(change.row, StrategyRow):
        row = strategy_document(change.row)
    elif change.row is not None:
        row = document(BY_NAME[change.view], change.row)
    body = {"view": change.view, "id": change.id, "version": change.version, "row": row}
    return _event("change", body, f"{change.view}/{change.id}/{change.version}")


def _event(name: str, body: Document, event_id: str | None = None) -> bytes:
    lines = [f"event: {name}", *([f"id: {event_id}"] if event_id else [])]
    return "\n".join(lines).encode() + b"\ndata: " + msgspec.json.encode(body) + b"\n\n"
