"""Whether the platform is well: the beat of its schedule, and how far its views are behind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.responses import Response

from adapters.api.callers import Caller, Context, anybody
from adapters.api.documents import Shown
from adapters.api.reading import answer, view_of
from domain.user import Role
from projections.broker_accounts import BROKER_ACCOUNTS
from projections.document import plain

router = APIRouter()

#: Who looks after the whole platform hears of every account.
OVERSEERS: Final = frozenset((Role.ADMIN, Role.AUDITOR))
ACCOUNT: Final = re.compile(r"ACC-[0-9A-Z]+")


class HeartbeatShown(Shown):
    """When the schedule was last looked at, and what of it comes next."""

    beat: datetime | None
    next_due: datetime | None
    late_s: float | None


class HealthShown(Shown):
    status: str
    now: datetime
    schedule: HeartbeatShown
    views_behind: int
    parked: int
    troubles: list[str]
    """What is wrong in words, for who is signed in; of accounts, only one's own."""


@router.get(
    "/health",
    response_model=HealthShown,
    responses={503: {"model": HealthShown, "description": "The schedule stands still"}},
)
def health(context: Context, caller: Annotated[Caller | None, Depends(anybody)]) -> Response:
    """`ok`, `degraded`, or 503 with `failing` where the schedule stands still; open to all.

    What troubles it is told in words to who is signed in: it names accounts and contracts.
    """
    pulse, now = context.pulse(), context.clock.now()
    late = (now - pulse.beat).total_seconds() if pulse.beat else None
    beating = pulse.resting or (late is not None and late <= context.beat_within_s)
    troubled = bool(pulse.parked or pulse.troubles)
    body = {
        "status": "failing" if not beating else "degraded" if troubled else "ok",
        "now": plain(now),
        "schedule": {"beat": plain(pulse.beat), "next_due": plain(pulse.next_due), "late_s": late},
        "views_behind": pulse.views_behind,
        "parked": pulse.parked,
        "troubles": told(pulse.troubles, caller),
    }
    return answer(body, 200 if beating else 503)


def told(troubles: Sequence[str], caller: Caller | None) -> list[str]:
    """Those that this caller may know of."""
    if caller is None:
        return []
    if caller.principal.has_one_of(OVERSEERS):
        return list(troubles)
    return [each for each in troubles if all(own(caller, named) for named in ACCOUNT.findall(each))]


def own(caller: Caller, account_id: str) -> bool:
    row = view_of(caller.context, BROKER_ACCOUNTS).get(account_id)
    return row is not None and row.user_id == caller.user_id
