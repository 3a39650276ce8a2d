"""When a strategy enters and leaves, and on which days it does so."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, PlainSerializer

from domain.calendar import MARKET, Calendar, DteBasis, at_ist, dte, ist_date
from domain.fault import Fault
from domain.market_facts import HOURS
from domain.value import Value

CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")


class Weekday(StrEnum):
    """In the order of `date.weekday()`."""

    MON = "MON"
    TUE = "TUE"
    WED = "WED"
    THU = "THU"
    FRI = "FRI"

    @staticmethod
    def of(day: date) -> Weekday | None:
        """None at the weekend."""
        return tuple(Weekday)[day.weekday()] if day.weekday() < 5 else None


class HoldingPeriod(StrEnum):
    """Whether a position may be kept overnight."""

    INTRADAY = "INTRADAY"
    POSITIONAL = "POSITIONAL"


def _read_clock(value: object) -> object:
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not CLOCK.fullmatch(value):
        raise ValueError("a time of day in India is HH:MM or HH:MM:SS")
    return time.fromisoformat(value)


def _show_clock(clock: time) -> str:
    return clock.isoformat("seconds" if clock.second else "minutes")


#: A time of day in India, read and shown as HH:MM or HH:MM:SS.
ClockTime = Annotated[
    time, BeforeValidator(_read_clock), PlainSerializer(_show_clock, str, when_used="json")
]


class Schedule(Value, frozen=True, extra="forbid"):
    """Entry and exit in IST; days to expiry are those of the nearest leg, both ends inclusive."""

    entry_time: ClockTime
    exit_time: ClockTime
    weekdays: tuple[Weekday, ...] = tuple(Weekday)
    dte_min: Annotated[int, Field(ge=0, le=10_000)] | None = None
    dte_max: Annotated[int, Field(ge=0, le=10_000)] | None = None
    dte_basis: DteBasis = DteBasis.CALENDAR
    skip_dates: Annotated[tuple[date, ...], Field(max_length=1_000)] = ()

    @property
    def filters_dte(self) -> bool:
        return self.dte_min is not None or self.dte_max is not None

    def due_at(self, day: date) -> datetime:
        """The second of entry on that day, UTC."""
        return at_ist(day, self.entry_time)

    def exit_at(self, day: date) -> datetime:
        """The exit time on that day, UTC; `Session.forced_exit` may come before it."""
        return at_ist(day, self.exit_time)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why there is no entry on a day: a stable code, and text for humans."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class DueDay:
    """A day of the schedule: the moment of entry (UTC), or the reason why there is none."""

    day: date
    due_at: datetime
    reason: Reason | None


def why_not_due(
    schedule: Schedule,
    day: date,
    nearest_expiry: Callable[[date], date | None],
    calendar: Calendar = MARKET,
) -> Reason | None:
    """None if the strategy enters on that day; the lookup is asked only if DTE matters."""
    shown = f"{day.day} {day:%b %Y}"
    if (closed := calendar.why_closed(day)) is not None:
        return Reason("market-closed", closed)
    if Weekday.of(day) not in schedule.weekdays:
        return Reason("weekday", f"{shown} is a {day:%A}, which is not among its weekdays")
    if day in schedule.skip_dates:
        return Reason("skip-date", f"{shown} is among the dates to skip")
    if not schedule.filters_dte:
        return None
    expiry = nearest_expiry(day)
    if expiry is None:
        return Reason("no-expiry", f"no listed expiry is known for {shown}")
    return _outside_dte(schedule, dte(day, expiry, schedule.dte_basis, calendar), expiry)


def _outside_dte(schedule: Schedule, days: int, expiry: date) -> Reason | None:
    low, high = schedule.dte_min or 0, schedule.dte_max
    if low <= days and (high is None or days <= high):
        return None
    what = "sessions" if schedule.dte_basis is DteBasis.TRADING else "days"
    wanted = f"{low} or more" if high is None else f"{low} to {high}"
    text = f"{days} {what} to the expiry of {expiry.day} {expiry:%b %Y}; it enters at {wanted}"
    return Reason("dte", text)


def upcoming(
    schedule: Schedule,
    chain_expiry_lookup: Callable[[date], date | None],
    start: datetime,
    n: int,
    calendar: Calendar = MARKET,
) -> list[DueDay]:
    """The next `n` days on the schedule's weekdays whose entry is not before `start`.

    Days without an entry are listed with their reason; no weekdays, no days.
    """
    found: list[DueDay] = []
    day = ist_date(start)
    while schedule.weekdays and len(found) < n:
        if Weekday.of(day) in schedule.weekdays and schedule.due_at(day) >= start:
            reason = why_not_due(schedule, day, chain_expiry_lookup, calendar)
            found.append(DueDay(day, schedule.due_at(day), reason))
        day = date.fromordinal(day.toordinal() + 1)
    return found


def schedule_faults(schedule: Schedule, holding: HoldingPeriod) -> list[Fault]:
    """Everything that would keep this schedule from ever working as it reads."""
    return [*_time_faults(schedule, holding), *_day_faults(schedule)]


def _time_faults(schedule: Schedule, holding: HoldingPeriod) -> list[Fault]:
    hours = max((row for row in HOURS if row.segment == "FNO"), key=lambda row: row.valid_from)
    intraday = holding is HoldingPeriod.INTRADAY
    last = hours.intraday_exit_by if intraday else hours.close
    faults = [
        Fault("outside-session", f"schedule.{name}", f"{_show_clock(clock)} is not between "
              f"{_show_clock(hours.open)} and {_show_clock(last)} IST{why}")
        for name, clock, ok in (
            ("entry_time", schedule.entry_time, hours.open <= schedule.entry_time < last),
            ("exit_time", schedule.exit_time, hours.open <= schedule.exit_time <= last),
        )
        for why in (", when intraday positions leave at the latest" if intraday else "",)
        if not ok
    ]  # fmt: skip
    if intraday and schedule.exit_time <= schedule.entry_time:
        message = "an intraday position has to leave after it was entered"
        faults.append(Fault("exit-before-entry", "schedule.exit_time", message))
    return faults


def _day_faults(schedule: Schedule) -> list[Fault]:
    faults = []
    if not schedule.weekdays:
        faults.append(Fault("never-due", "schedule.weekdays", "without a weekday it never enters"))
    if len(set(schedule.weekdays)) < len(schedule.weekdays):
        faults.append(Fault("weekday-twice", "schedule.weekdays", "a weekday is named twice"))
    if schedule.dte_max is not None and (schedule.dte_min or 0) > schedule.dte_max:
        message = f"no day has {schedule.dte_min} to {schedule.dte_max} days to expiry"
        faults.append(Fault("never-due", "schedule.dte_min", message))
    return faults
