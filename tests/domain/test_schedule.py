from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.calendar import MARKET, DteBasis
from domain.schedule import (
    HoldingPeriod,
    Schedule,
    Weekday,
    schedule_faults,
    upcoming,
    why_not_due,
)

PRD = {
    "entry_time": "09:20",
    "exit_time": "15:00",
    "weekdays": ["MON", "WED", "FRI"],
    "dte_min": 0,
    "dte_max": 7,
}
TUESDAYS = [date(2026, 11, 17), date(2026, 11, 23), date(2026, 12, 1), date(2026, 12, 8)]


def nearest(day: date) -> date | None:
    return next((expiry for expiry in TUESDAYS if expiry >= day), None)


def schedule(**changes: object) -> Schedule:
    return Schedule.model_validate(PRD | changes)


def test_the_schedule_of_the_prd_is_read_and_written_as_it_is() -> None:
    read = Schedule.model_validate_json(json.dumps(PRD))

    assert read.entry_time == time(9, 20)
    assert read.weekdays == (Weekday.MON, Weekday.WED, Weekday.FRI)
    assert json.loads(read.model_dump_json()) == PRD | {"dte_basis": "CALENDAR", "skip_dates": []}
    assert Schedule.model_validate_json(read.model_dump_json()) == read
    assert schedule_faults(read, HoldingPeriod.INTRADAY) == []


def test_entry_is_a_second_in_india() -> None:
    due = schedule(entry_time="09:20:07").due_at(date(2026, 11, 23))

    assert due == datetime(2026, 11, 23, 3, 50, 7, tzinfo=UTC)


def test_leaving_is_a_second_in_india_too() -> None:
    three_o_clock = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

    assert schedule(exit_time=time(15, 0)).exit_at(date(2026, 11, 23)) == three_o_clock


@pytest.mark.parametrize(
    "change",
    [
        {"entry_time": "9:20"},
        {"entry_time": "24:00"},
        {"entry_time": "09:20:00.5"},
        {"entry_time": "09:20+05:30"},
        {"exit_time": None},
        {"exit_time": 1500},
        {"weekdays": ["SUN"]},
        {"dte_min": -1},
        {"dte_maximum": 3},
        {"skip_dates": ["tomorrow"]},
    ],
)
def test_a_malformed_schedule_is_not_read(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        schedule(**change)


@pytest.mark.parametrize(
    ("change", "holding", "found"),
    [
        ({"entry_time": "09:14"}, "INTRADAY", [("outside-session", "schedule.entry_time")]),
        ({"exit_time": "15:20"}, "INTRADAY", []),
        ({"exit_time": "15:21"}, "INTRADAY", [("outside-session", "schedule.exit_time")]),
        ({"exit_time": "15:30"}, "POSITIONAL", []),
        ({"exit_time": "15:31"}, "POSITIONAL", [("outside-session", "schedule.exit_time")]),
        ({"exit_time": "09:20"}, "INTRADAY", [("exit-before-entry", "schedule.exit_time")]),
        ({"exit_time": "09:18"}, "POSITIONAL", []),
        ({"weekdays": []}, "INTRADAY", [("never-due", "schedule.weekdays")]),
        ({"weekdays": ["MON", "MON"]}, "INTRADAY", [("weekday-twice", "schedule.weekdays")]),
        ({"dte_min": 8}, "INTRADAY", [("never-due", "schedule.dte_min")]),
        (
            {"entry_time": "08:00", "exit_time": "07:00", "weekdays": []},
            "INTRADAY",
            [
                ("outside-session", "schedule.entry_time"),
                ("outside-session", "schedule.exit_time"),
                ("exit-before-entry", "schedule.exit_time"),
                ("never-due", "schedule.weekdays"),
            ],
        ),
    ],
)
def test_faults_of_a_schedule_are_all_named(
    change: dict[str, object], holding: str, found: list[tuple[str, str]]
) -> None:
    faults = schedule_faults(schedule(**change), HoldingPeriod(holding))

    assert [(fault.code, fault.field) for fault in faults] == found


def test_the_preview_names_the_days_and_the_reasons_against_them() -> None:
    every_day = schedule(weekdays=list(Weekday), dte_max=3, skip_dates=["2026-11-30"])
    sunday = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

    days = upcoming(every_day, nearest, sunday, 7)

    assert [(d.day.day, d.reason and d.reason.text) for d in days] == [
        (23, None),
        (24, "24 Nov 2026 is an exchange holiday (Guru Nanak Jayanti)"),
        (25, "6 days to the expiry of 1 Dec 2026; it enters at 0 to 3"),
        (26, "5 days to the expiry of 1 Dec 2026; it enters at 0 to 3"),
        (27, "4 days to the expiry of 1 Dec 2026; it enters at 0 to 3"),
        (30, "30 Nov 2026 is among the dates to skip"),
        (1, None),
    ]
    assert days[0].due_at == datetime(2026, 11, 23, 3, 50, tzinfo=UTC)


def test_a_due_time_that_has_passed_today_is_not_upcoming() -> None:
    at_the_second = datetime(2026, 11, 23, 3, 50, tzinfo=UTC)
    a_second_later = at_the_second.replace(second=1)

    assert upcoming(schedule(), nearest, at_the_second, 1)[0].day == date(2026, 11, 23)
    assert upcoming(schedule(), nearest, a_second_later, 1)[0].day == date(2026, 11, 25)


def test_days_to_expiry_may_be_counted_in_sessions() -> None:
    in_sessions = schedule(dte_min=1, dte_max=1, dte_basis=DteBasis.TRADING)

    assert why_not_due(in_sessions, date(2026, 11, 20), nearest) is None
    reason = why_not_due(in_sessions, date(2026, 11, 23), nearest)
    assert reason is not None
    assert reason.text == "0 sessions to the expiry of 23 Nov 2026; it enters at 1 to 1"


def test_without_a_dte_filter_no_expiry_is_looked_up() -> None:
    def unknown(day: date) -> date | None:
        raise AssertionError(day)

    free = schedule(dte_min=None, dte_max=None)

    assert why_not_due(free, date(2026, 11, 23), unknown) is None


def test_an_unknown_expiry_is_a_reason() -> None:
    reason = why_not_due(schedule(), date(2026, 12, 9), nearest)

    assert reason is not None
    assert reason.code == "no-expiry"


def test_a_day_off_the_weekdays_says_so() -> None:
    reason = why_not_due(schedule(), date(2026, 11, 26), nearest)

    assert reason is not None
    assert reason.text == "26 Nov 2026 is a Thursday, which is not among its weekdays"


moments = st.integers(0, 300 * 86_400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@given(
    st.lists(st.sampled_from(list(Weekday)), unique=True),
    moments,
    st.integers(0, 12),
)
def test_the_preview_walks_the_weekdays_in_order(
    weekdays: list[Weekday], start: datetime, n: int
) -> None:
    plain = schedule(weekdays=weekdays, dte_min=None, dte_max=None)

    days = upcoming(plain, nearest, start, n)

    assert len(days) == (n if weekdays else 0)
    assert all(d.due_at >= start and Weekday.of(d.day) in weekdays for d in days)
    assert [d.day for d in days] == sorted({d.day for d in days})
    assert all((d.reason is None) == MARKET.is_session(d.day) for d in days)
