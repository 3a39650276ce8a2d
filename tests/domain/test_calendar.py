from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import IST, MARKET, Calendar, DteBasis, at_ist, dte, ist_date
from domain.market_facts import (
    FREEZES,
    HOURS,
    LOTS,
    SQUARE_OFFS,
    Hours,
    SquareOff,
    freeze,
    in_force,
    lot,
)
from scripts.market_table import holiday_differences, lot_differences

GURU_NANAK = date(2026, 11, 24)


def test_the_holidays_agree_with_exchange_calendars() -> None:
    assert list(holiday_differences()) == []


def test_the_check_names_a_day_that_is_wrong() -> None:
    without = {d: name for d, name in MARKET.holidays.items() if d != GURU_NANAK}

    found = list(holiday_differences(Calendar(holidays=without)))

    assert found == ["2026-11-24: the table says a session; XBOM says closed"]


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (GURU_NANAK, "24 Nov 2026 is an exchange holiday (Guru Nanak Jayanti)"),
        (date(2026, 11, 22), "22 Nov 2026 is a Sunday"),
        (date(2026, 11, 8), "8 Nov 2026 has only a special session (Muhurat), which is not traded"),
        (date(2026, 11, 23), None),
    ],
)
def test_a_closed_day_says_why(day: date, why: str | None) -> None:
    assert MARKET.why_closed(day) == why
    assert MARKET.is_session(day) == (why is None)
    assert (MARKET.session(day) is None) == (why is not None)


def test_a_day_of_options_in_2021_ends_at_half_past_three() -> None:
    session = MARKET.session(date(2021, 6, 11))

    assert session is not None
    assert session.open == datetime(2021, 6, 11, 3, 45, tzinfo=UTC)
    assert session.close == session.reported_close == session.spot_until
    assert session.close == at_ist(date(2021, 6, 11), time(15, 30))


def test_a_close_that_is_only_reported_is_not_relied_on() -> None:
    day = date(2026, 8, 17)

    session = MARKET.session(day)

    assert session is not None
    assert session.close == at_ist(day, time(15, 30))
    assert session.reported_close == at_ist(day, time(15, 40))
    assert session.forced_exit == at_ist(day, time(15, 20))
    assert session.spot_until == at_ist(day, time(15, 15))


def test_mis_leaves_five_minutes_before_the_broker_does() -> None:
    early = SquareOff("zerodha", date(2020, 1, 1), time(15, 15), Decimal(50), "test")

    session = Calendar(square_offs=[early]).session(date(2026, 11, 23))

    assert session is not None
    assert session.forced_exit == at_ist(date(2026, 11, 23), time(15, 10))


def test_before_the_table_begins_there_are_no_hours() -> None:
    assert MARKET.session(date(2019, 12, 31)) is None


def test_beyond_the_published_lists_weekdays_are_presumed_open() -> None:
    assert not MARKET.published(date(2027, 1, 1))
    assert MARKET.is_session(date(2027, 3, 25))
    assert not MARKET.is_session(date(2027, 1, 26))


def test_the_session_before_guru_nanak_jayanti_is_monday() -> None:
    assert MARKET.previous_session(GURU_NANAK) == date(2026, 11, 23)
    assert MARKET.next_session(date(2026, 11, 23)) == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("day", "expiry", "calendar_days", "sessions"),
    [
        (date(2026, 8, 4), date(2026, 8, 4), 0, 0),
        (date(2026, 8, 5), date(2026, 8, 11), 6, 4),
        (date(2026, 11, 20), date(2026, 11, 23), 3, 1),
        (date(2026, 11, 23), date(2026, 12, 1), 8, 5),
        (date(2026, 11, 21), date(2026, 11, 23), 2, 1),
        (date(2026, 11, 25), date(2026, 11, 23), -2, -1),
    ],
)
def test_days_to_expiry_by_both_bases(
    day: date, expiry: date, calendar_days: int, sessions: int
) -> None:
    assert dte(day, expiry, DteBasis.CALENDAR) == calendar_days
    assert dte(day, expiry, DteBasis.TRADING) == sessions


days = st.dates(date(2020, 1, 1), date(2027, 12, 31))


@given(days, st.integers(0, 400))
def test_sessions_are_counted_one_by_one(day: date, span: int) -> None:
    until = day + timedelta(days=span)

    counted = sum(MARKET.is_session(day + timedelta(days=n)) for n in range(1, span + 1))

    assert MARKET.sessions_between(day, until) == counted
    assert MARKET.sessions_between(until, day) == -counted


@given(days)
def test_the_neighbouring_sessions_are_one_session_away(day: date) -> None:
    assert MARKET.sessions_between(day, MARKET.next_session(day)) == 1
    before = MARKET.previous_session(day)
    assert MARKET.sessions_between(before, day) == int(MARKET.is_session(day))


@given(days, st.times())
def test_a_time_in_india_keeps_its_date_and_clock(day: date, clock: time) -> None:
    moment = at_ist(day, clock)

    assert moment.astimezone(IST).time() == clock
    assert ist_date(moment) == day


def test_every_row_of_the_table_names_its_source() -> None:
    assert all(row.source for row in (*HOURS, *SQUARE_OFFS, *LOTS, *FREEZES))


@pytest.mark.parametrize(
    ("underlying", "day", "expiry", "units"),
    [
        ("NIFTY", date(2021, 6, 11), date(2021, 6, 17), 75),
        ("NIFTY", date(2025, 8, 29), date(2025, 9, 2), 75),
        ("BANKNIFTY", date(2025, 8, 29), date(2025, 9, 30), 35),
        ("NIFTY", date(2025, 12, 24), date(2025, 12, 30), 75),
        ("NIFTY", date(2025, 12, 24), date(2026, 1, 6), 65),
        ("NIFTY", date(2026, 8, 17), date(2026, 8, 18), 65),
        ("SENSEX", date(2025, 1, 1), date(2025, 1, 3), None),
        ("RELIANCE", date(2026, 8, 17), date(2026, 8, 25), None),
    ],
)
def test_the_lot_is_that_of_the_day_and_the_expiry(
    underlying: str, day: date, expiry: date, units: int | None
) -> None:
    assert lot(underlying, day, expiry) == units


def test_the_lots_agree_with_the_instrument_dumps(recorded_data: Path) -> None:
    dumps = sorted((recorded_data / "instruments").glob("*.csv.gz"))

    assert dumps
    assert [difference for dump in dumps for difference in lot_differences(dump)] == []


def test_an_unknown_freeze_quantity_is_none() -> None:
    assert freeze("NIFTY", date(2026, 8, 17)) == 1800
    assert freeze("RELIANCE", date(2026, 8, 17)) is None


def test_a_row_counts_until_a_later_one_replaces_it() -> None:
    fno = [row for row in HOURS if row.segment == "FNO"]

    def row_on(day: date) -> Hours | None:
        return in_force(fno, day)

    assert row_on(date(2019, 12, 31)) is None
    assert row_on(date(2026, 8, 2)) == fno[0]
    assert row_on(date(2026, 8, 3)) == fno[1]
