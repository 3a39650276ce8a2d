"""Checks the dated market table: `python -m scripts.market_table [DUMP.csv.gz ...]`.

Holidays are compared with exchange_calendars, lots with instrument dumps named
`YYYY-MM-DD_….csv.gz`. Every difference is printed, and makes the exit status 1.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from exchange_calendars import get_calendar

from domain.calendar import MARKET, Calendar
from domain.market_facts import LOTS, lot


def holiday_differences(calendar: Calendar = MARKET) -> Iterator[str]:
    """Days on which the table and exchange_calendars disagree, as far as either is published."""
    first = min(calendar.holidays).replace(month=1, day=1)
    xbom = get_calendar("XBOM", start=first.isoformat())
    theirs = {session.date() for session in xbom.sessions}
    for ordinal in range(first.toordinal(), xbom.last_session.date().toordinal() + 1):
        day = date.fromordinal(ordinal)
        if calendar.is_session(day) != (day in theirs):
            ours = calendar.why_closed(day) or "a session"
            yield f"{day}: the table says {ours}; XBOM says {'open' if day in theirs else 'closed'}"
    if xbom.last_session.date().year > calendar.published_until.year:
        yield f"XBOM knows {xbom.last_session.date().year}: extend domain/holidays.py"


def lot_differences(dump: Path) -> Iterator[str]:
    """Index contracts of a day's dump whose lot the table states differently."""
    day = date.fromisoformat(dump.name[:10])
    known = {row.underlying for row in LOTS}
    with gzip.open(dump, "rt", encoding="utf-8") as rows:
        found = {
            (row["name"], date.fromisoformat(row["expiry"]), int(row["lot_size"]))
            for row in csv.DictReader(rows)
            if row["name"] in known and row["instrument_type"] in ("CE", "PE")
        }
    for underlying, expiry, units in sorted(found):
        ours = lot(underlying, day, expiry)
        if ours != units:
            yield f"{day}: {underlying} {expiry} has lot {units}; the table says {ours}"


def main(dumps: list[str]) -> int:
    differences = list(holiday_differences())
    for dump in dumps:
        differences += lot_differences(Path(dump))
    for difference in differences:
        print(difference)
    if not differences:
        print("The market table agrees.")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
