"""From the clock to queues: whose strategies enter in a minute, told to their executors ahead."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from math import ceil, floor
from typing import Final, NamedTuple, Protocol, Self

from pydantic import AwareDatetime, BaseModel, Field

from adapters.aws.measured import Measured, Name
from adapters.aws.queues import LONGEST_DELAY_S, Body, Message
from adapters.aws.shift import LEASE_S
from adapters.engine import ARM_AHEAD, FURTHEST_BACK, MINUTE, PLAN_AHEAD
from commands.ports import Clock
from domain.calendar import IST, MARKET, ist_date
from domain.schedule import Weekday
from projections.due_slots import DUE_SLOTS, DueRow, due_in
from projections.tables import Tables
from projections.view import TableView

LOG: Final = logging.getLogger("atp.scheduling")
#: Under which the views remember up to which minute the schedule was told.
TOLD: Final = ("schedule", "told")
#: When a minute is swept for the last time: after whoever sweeps a lease after its second.
LAST_SWEEP: Final = timedelta(seconds=30)
#: A message names no more strategies than this: it is small, and so is what one worker opens.
MOST: Final = 200
SECOND: Final = timedelta(seconds=1)


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


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one wake: strategies found due two minutes ahead, and messages sent."""

    due: int
    messages: int

    @property
    def measured(self) -> tuple[Measured, ...]:
        return Measured(Name.SCHEDULE_BEATS), Measured(Name.SLOTS_PLANNED, self.due)


class Healed(NamedTuple):
    """Messages sent for minutes that were left out, and up to which; None where all were."""

    messages: int
    up_to: datetime | None


class Scheduling:
    """Constant work for each slot: index pages are read once a wake, messages go ten at a time."""

    def __init__(
        self,
        tables: Tables,
        queue: Outbox,
        clock: Clock,
        *,
        speed: float = 1.0,
        patience: int = 1,
    ) -> None:
        self._clock = clock
        self._tables = tables
        self._slots = TableView(DUE_SLOTS, tables)
        self._queue = queue
        self._speed = speed
        self._lease = timedelta(seconds=LEASE_S * patience)
        self._named: dict[datetime, set[str]] = {}
        """Strategies that this worker has told of, by minute: another's are found by a sweep."""

    def wake(self, until: datetime) -> Told:
        """Tell of the minute two ahead, of news in the two before, and of what nobody told of."""
        now = self._clock.now()
        minute = now.replace(second=0, microsecond=0)
        self._named = {at: ids for at, ids in self._named.items() if at >= minute}
        ahead = minute + PLAN_AHEAD
        told = self._told() or ahead - MINUTE
        due, sent = 0, 0
        for each in (ahead, ahead - MINUTE, minute):
            rows = list(self._due(each))
            due += len(rows) if each == ahead else 0
            sent += self.tell(self._news(rows, each, told), each, now)
            sent += self.sweep(rows, each, now) if each == minute else 0
        healed = self._heal(told, minute - MINUTE, until)
        sent += healed.messages
        self._tables.remember(*TOLD, (healed.up_to or ahead).isoformat())
        return Told(due, sent)

    def tell(self, rows: Sequence[DueRow], minute: datetime, now: datetime) -> int:
        """Send these to their executors, ahead of their minute, and for a lease after it."""
        messages: list[Message] = []
        for slot, last in by_trader(rows, minute, Why.ENTER):
            messages.append(slot.told_in(self._real(minute - ARM_AHEAD - now)))
            ends = minute + SECOND * last.second + self._lease
            messages.append(slot.as_sweep().told_in(ceil(self._real(ends - now))))
        sent = self._queue.send_all(messages)
        self._named.setdefault(minute, set()).update(row.strategy_id for row in rows)
        return sent

    def sweep(self, rows: Sequence[DueRow], minute: datetime, now: datetime) -> int:
        """Once more, apart from what was sent before: what nobody entered is entered yet."""
        at = minute + max(LAST_SWEEP, self._lease)
        slots = by_trader(rows, minute, Why.SWEEP)
        return self._queue.send_all(slot.told_in(self._real(at - now)) for slot, _ in slots)

    def _news(self, rows: Sequence[DueRow], minute: datetime, told: datetime) -> list[DueRow]:
        """Of these, what was not told of: activated meanwhile, or all of a minute left out."""
        known = self._named.get(minute)
        if known is None:
            return list(rows) if minute > told else []
        return [row for row in rows if row.strategy_id not in known]

    def _heal(self, told: datetime, last: datetime, until: datetime) -> Healed:
        """Tell of minutes that nobody told of, as far as time allows: the rest at the next wake."""
        sent, up_to = 0, told
        for missed in missed_minutes(told, last, self._clock.now()):
            if (now := self._clock.now()) >= until:
                return Healed(sent, up_to)
            LOG.warning("nobody told of %s in its time", missed.isoformat())
            sent += self.tell(list(self._due(missed)), missed, now)
            up_to = missed
        return Healed(sent, None)

    def _due(self, minute: datetime) -> Iterator[DueRow]:
        local = minute.astimezone(IST)
        if (weekday := Weekday.of(local.date())) is not None:
            yield from due_in(self._slots, weekday, time(local.hour, local.minute))

    def _real(self, left: timedelta) -> float:
        return left.total_seconds() / self._speed

    def _told(self) -> datetime | None:
        text = self._tables.recall(*TOLD)
        return None if text is None else datetime.fromisoformat(text)


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
