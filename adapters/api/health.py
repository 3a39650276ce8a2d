"""Whether the platform is well: the beat of its schedule, and how far its views are behind."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from adapters.api.callers import Context
from adapters.api.documents import Shown
from adapters.api.reading import answer
from projections.document import plain

router = APIRouter()


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


@router.get(
    "/health",
    response_model=HealthShown,
    responses={503: {"model": HealthShown, "description": "The schedule stands still"}},
)
def health(context: Context) -> Response:
    """`ok`, `degraded`, or 503 with `failing` where the schedule stands still; open to all."""
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
        "troubles": list(pulse.troubles),
    }
    return answer(body, 200 if beating else 503)
