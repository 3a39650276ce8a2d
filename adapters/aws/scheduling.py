"""From the clock to queues: whose strategies enter in a minute, told to their executors ahead."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import ceil
from typing import Final, NamedTuple

from adapters.aws.measured import Measured, Name
from adapters.aws.queues import Message
from adapters.aws.shift import LEASE_S
from adapters.aws.slots import Outbox, Why, by_trader, missed_minutes
from adapters.engine import ARM_AHEAD, MINUTE, PLAN_AHEAD
from commands.ports import Clock
from domain.calendar import IST, MARKET, ist_date
from domain.schedule import Weekday
from projections.due_slots import DUE_SLOTS, DueRow, due_in
from projections.tables import Tables
from projections.view import TableView

LOG: Final = logging.getLogger("atp.scheduling")
#: Under which the views remember up to which minute the schedule was told.
TOLD: Final = ("schedule", "told")
#: Under which they remember up to which minute a day was gone through after its close, and how
#: much of it is at each wake.
CHECKED: Final = ("schedule", "checked")
CHECKED_AT_ONCE: Final = timedelta(minutes=30)
#: When a minute is swept for the last time: after whoever sweeps a lease after its second.
LAST_SWEEP: Final = timedelta(seconds=30)
SECOND: Final = timedelta(seconds=1)


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
        sent += healed.messages + self._check(now)
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

    def _check(self, now: datetime) -> int:
        """After the close the day is gone through once more: of a slot whose every message was lost
        the trader is told that it was MISSED."""
        session = MARKET.session(ist_date(now))
        if session is None or now < session.close:
            return 0
        text = self._tables.recall(*CHECKED)
        checked = datetime.fromisoformat(text) if text else session.open
        since = max(checked, session.open)
        until = min(since + CHECKED_AT_ONCE, session.close)
        sent, minute = 0, since
        while minute < until:
            sent += self.sweep(list(self._due(minute)), minute, now)
            minute += MINUTE
        if until > since:
            self._tables.remember(*CHECKED, until.isoformat())
        return sent

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
