"""One trader's slot in one minute: what is told of it, and to whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time
from enum import StrEnum
from math import floor
from typing import Final, Protocol, Self

from pydantic import AwareDatetime, BaseModel, Field

from adapters.aws.queues import LONGEST_DELAY_S, Body, Message
from adapters.engine import FURTHEST_BACK, MINUTE
from domain.calendar import MARKET, ist_date
from projections.due_slots import DueRow

#: A message names no more strategies than this: it is small, and so is what one worker opens.
MOST: Final = 200


class Outbox(Protocol):
    """A queue, as whoever sends sees it."""

    def send(
        self, body: Body, delay_s: int = 0, group: str | None = None, dedup: str | None = None
    ) -> None: ...
    def send_all(self, messages: Iterable[Message]) -> int: ...


class Why(StrEnum):
    """What a message about a slot is for."""

    ENTER = "enter"
    SWEEP = "sweep"  # its executor may have died, or never heard of it


class Slot(BaseModel, frozen=True, extra="forbid"):
    """One trader's strategies that may be due within one minute; their streams decide."""

    what: Why
    user_id: str
    minute: AwareDatetime
    strategies: tuple[str, ...] = Field(min_length=1)

    def told_in(self, seconds: float) -> Message:
        """The message that says so after a while; what is too far off is told to wait again."""
        delay = max(0, min(floor(seconds), LONGEST_DELAY_S))
        return Message(body=self.model_dump(mode="json"), delay_s=delay)

    def as_sweep(self) -> Self:
        return self.model_copy(update={"what": Why.SWEEP})


def by_trader(rows: Iterable[DueRow], minute: datetime, why: Why) -> Iterator[tuple[Slot, time]]:
    """A slot for each trader, with the last entry time in it; many strategies make several."""
    found: dict[str, list[DueRow]] = {}
    for row in rows:
        found.setdefault(row.user_id, []).append(row)
    for user_id, mine in found.items():
        for start in range(0, len(mine), MOST):
            some: Sequence[DueRow] = mine[start : start + MOST]
            ids = tuple(row.strategy_id for row in some)
            slot = Slot(what=why, user_id=user_id, minute=minute, strategies=ids)
            yield slot, max(row.entry_time for row in some)


def missed_minutes(told: datetime, last: datetime, now: datetime) -> Iterator[datetime]:
    """Minutes of sessions after the one told of, up to the last, and not older than a week."""
    minute = max(told + MINUTE, now.replace(second=0, microsecond=0) - FURTHEST_BACK)
    while minute <= last:
        session = MARKET.session(ist_date(minute))
        if session is None or minute >= session.close:
            following = MARKET.session(MARKET.next_session(ist_date(minute)))
            if following is None:
                return
            minute = following.open
        elif minute < session.open:
            minute = session.open
        else:
            yield minute
            minute += MINUTE
