"""The beat of the schedule, remembered beside the views so that any worker can feel it."""

from __future__ import annotations

import json
from datetime import datetime, time
from typing import Final

from domain.calendar import IST
from projections.tables import Tables

HEART: Final = ("heartbeat", "schedule")
#: Between these times (IST) the schedule is looked at every minute, on any day.
FIRST, LAST = time(8, 45), time(16, 0)


def beat(tables: Tables, now: datetime, next_due: datetime | None = None) -> None:
    """The schedule was looked at just now."""
    told = {"beat": now.isoformat(), "next_due": next_due.isoformat() if next_due else None}
    tables.remember(*HEART, json.dumps(told))


def felt(tables: Tables) -> tuple[datetime | None, datetime | None]:
    """When the schedule was last looked at, and what of it comes next."""
    text = tables.recall(*HEART)
    if text is None:
        return None, None
    told = json.loads(text)
    last, following = told["beat"], told["next_due"]
    return datetime.fromisoformat(last), datetime.fromisoformat(following) if following else None


def resting(now: datetime) -> bool:
    """Whether nobody has to look at the schedule now; its first minute is for waking up."""
    local = now.astimezone(IST).time()
    return not time(FIRST.hour, FIRST.minute + 2) <= local <= LAST
