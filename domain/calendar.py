"""Which days and hours the derivative exchanges trade."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from domain.holidays import HOLIDAYS, PUBLISHED_UNTIL, SPECIAL_SESSIONS, SpecialSession
from domain.market_facts import HOURS, SQUARE_OFFS, Hours, SquareOff, in_force

IST: Final = ZoneInfo("Asia/Kolkata")
ONE_DAY: Final = timedelta(days=1)
#: MIS positions are left at least this long before the broker closes them for a fee.
AHEAD_OF_SQUARE_OFF: Final = timedelta(minutes=5)


class DteBasis(StrEnum):
    """How days to expiry are counted."""

    CALENDAR = "CALENDAR"
    TRADING = "TRADING"


def at_ist(day: date, clock: time) -> datetime:
    """That time of day in India, as UTC."""
    return datetime.combine(day, clock, IST).astimezone(UTC)


def ist_date(moment: datetime) -> date:
    """The date in India at this moment."""
    return moment.astimezone(IST).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One day of option trading; times are UTC.

    `close` may be relied on; `reported_close` is later where a longer day is only reported.
    `spot_until`: after it the index prints no prices that a decision may rest on.
    """

    day: date
    open: datetime
    close: datetime
    reported_close: datetime
    mis_exit_by: datetime
    intraday_exit_by: datetime
    spot_until: datetime

    @property
    def forced_exit(self) -> datetime:
        """When an intraday position leaves at the latest, whatever its product."""
        return min(self.mis_exit_by, self.intraday_exit_by)


class Calendar:
    """Sessions of the option segment, by the dated market table."""

    def __init__(
        self,
        holidays: Mapping[date, str] = HOLIDAYS,
        specials: Iterable[SpecialSession] = SPECIAL_SESSIONS,
        hours: Iterable[Hours] = HOURS,
        square_offs: Iterable[SquareOff] = SQUARE_OFFS,
        published_until: date = PUBLISHED_UNTIL,
    ) -> None:
        self.holidays = dict(holidays)
        self.specials = {row.day: row for row in specials}
        self.hours = tuple(hours)
        self.square_offs = tuple(square_offs)
        self.published_until = published_until
        self._sessions: dict[date, Session | None] = {}  # asked at every tick, and the same always

    def published(self, day: date) -> bool:
        """Whether the exchange has said which days of that year are holidays."""
        return day <= self.published_until

    def is_session(self, day: date) -> bool:
        """Whether options trade on that day as usual; special sessions do not count."""
        return day.weekday() < 5 and day not in self.holidays and day not in self.specials

    def why_closed(self, day: date) -> str | None:
        """The reason for humans, or None if that day is a session."""
        shown = f"{day.day} {day:%b %Y}"
        if day in self.specials:
            name = self.specials[day].name
            return f"{shown} has only a special session ({name}), which is not traded"
        if day in self.holidays:
            return f"{shown} is an exchange holiday ({self.holidays[day]})"
        return f"{shown} is a {day:%A}" if day.weekday() >= 5 else None

    def session(self, day: date) -> Session | None:
        """The hours of that day; None if it is no session."""
        if day not in self._sessions:
            self._sessions[day] = self._session(day)
        return self._sessions[day]

    def _session(self, day: date) -> Session | None:
        hours = in_force((row for row in self.hours if row.segment == "FNO"), day)
        cash = in_force((row for row in self.hours if row.segment == "CASH"), day)
        broker = in_force(self.square_offs, day)
        if not self.is_session(day) or hours is None or cash is None or broker is None:
            return None
        return Session(
            day=day,
            open=at_ist(day, hours.open),
            close=at_ist(day, hours.close),
            reported_close=at_ist(day, hours.reported_close),
            mis_exit_by=at_ist(day, broker.at) - AHEAD_OF_SQUARE_OFF,
            intraday_exit_by=at_ist(day, hours.intraday_exit_by),
            spot_until=at_ist(day, cash.close),
        )

    def next_session(self, day: date) -> date:
        """The first session after `day`."""
        return self._step(day, ONE_DAY)

    def previous_session(self, day: date) -> date:
        """The last session before `day`."""
        return self._step(day, -ONE_DAY)

    def _step(self, day: date, step: timedelta) -> date:
        day += step
        while not self.is_session(day):
            day += step
        return day

    def sessions_between(self, after: date, until: date) -> int:
        """Sessions after `after` up to and including `until`; negative if `until` is earlier."""
        return self._sessions_up_to(until) - self._sessions_up_to(after)

    def _sessions_up_to(self, day: date) -> int:
        weeks, weekday = divmod(day.toordinal() - 1, 7)  # ordinal 1 was a Monday
        return weeks * 5 + min(weekday + 1, 5) - bisect_right(self._closed_weekdays, day)

    @cached_property
    def _closed_weekdays(self) -> list[date]:
        return sorted(d for d in self.holidays.keys() | self.specials.keys() if d.weekday() < 5)


MARKET: Final = Calendar()


def dte(day: date, expiry: date, basis: DteBasis, calendar: Calendar = MARKET) -> int:
    """Days to expiry: 0 on the day itself, negative when it is over."""
    if basis is DteBasis.CALENDAR:
        return (expiry - day).days
    return calendar.sessions_between(day, expiry)
