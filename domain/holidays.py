"""Days on which the exchanges do not trade as usual: part of the dated market table.

`python -m scripts.market_table` compares it with exchange_calendars (XBOM), which agrees with the
lists that NSE published for 2024-2026. Weekend holidays are left out.
"""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

#: The last day whose holidays an exchange has published. Beyond it, only holidays whose date the
#: law or the moon fixes long before are known, and every other weekday is presumed to be a session.
PUBLISHED_UNTIL: Final = date(2026, 12, 31)
SOURCE: Final = "exchange_calendars XBOM to 2026; 2027 fixed dates only, NSE list not out yet"

_BY_YEAR: Final = {
    2020: """02-21 Mahashivratri; 03-10 Holi; 04-02 Ram Navami; 04-06 Mahavir Jayanti;
        04-10 Good Friday; 04-14 Ambedkar Jayanti; 05-01 Maharashtra Day; 05-25 Id-ul-Fitr;
        10-02 Gandhi Jayanti; 11-16 Diwali Balipratipada; 11-30 Guru Nanak Jayanti;
        12-25 Christmas""",
    2021: """01-26 Republic Day; 03-11 Mahashivratri; 03-29 Holi; 04-02 Good Friday;
        04-14 Ambedkar Jayanti; 04-21 Ram Navami; 05-13 Id-ul-Fitr; 07-21 Bakri Id;
        08-19 Muharram; 09-10 Ganesh Chaturthi; 10-15 Dussehra; 11-04 Diwali Laxmi Pujan;
        11-05 Diwali Balipratipada; 11-19 Guru Nanak Jayanti""",
    2022: """01-26 Republic Day; 03-01 Mahashivratri; 03-18 Holi; 04-14 Ambedkar Jayanti;
        04-15 Good Friday; 05-03 Id-ul-Fitr; 08-09 Muharram; 08-15 Independence Day;
        08-31 Ganesh Chaturthi; 10-05 Dussehra; 10-24 Diwali Laxmi Pujan;
        10-26 Diwali Balipratipada; 11-08 Guru Nanak Jayanti""",
    2023: """01-26 Republic Day; 03-07 Holi; 03-30 Ram Navami; 04-04 Mahavir Jayanti;
        04-07 Good Friday; 04-14 Ambedkar Jayanti; 05-01 Maharashtra Day; 06-29 Bakri Id;
        08-15 Independence Day; 09-19 Ganesh Chaturthi; 10-02 Gandhi Jayanti; 10-24 Dussehra;
        11-14 Diwali Balipratipada; 11-27 Guru Nanak Jayanti; 12-25 Christmas""",
    2024: """01-22 Ram Mandir consecration; 01-26 Republic Day; 03-08 Mahashivratri; 03-25 Holi;
        03-29 Good Friday; 04-11 Id-ul-Fitr; 04-17 Ram Navami; 05-01 Maharashtra Day;
        05-20 general election; 06-17 Bakri Id; 07-17 Muharram; 08-15 Independence Day;
        10-02 Gandhi Jayanti; 11-01 Diwali Laxmi Pujan; 11-15 Guru Nanak Jayanti;
        11-20 Maharashtra election; 12-25 Christmas""",
    2025: """02-26 Mahashivratri; 03-14 Holi; 03-31 Id-ul-Fitr; 04-10 Mahavir Jayanti;
        04-14 Ambedkar Jayanti; 04-18 Good Friday; 05-01 Maharashtra Day;
        08-15 Independence Day; 08-27 Ganesh Chaturthi; 10-02 Gandhi Jayanti;
        10-21 Diwali Laxmi Pujan; 10-22 Diwali Balipratipada; 11-05 Guru Nanak Jayanti;
        12-25 Christmas""",
    2026: """01-15 Maharashtra municipal elections; 01-26 Republic Day; 03-03 Holi;
        03-26 Ram Navami; 03-31 Mahavir Jayanti; 04-03 Good Friday; 04-14 Ambedkar Jayanti;
        05-01 Maharashtra Day; 05-28 Bakri Id; 06-26 Muharram; 09-14 Ganesh Chaturthi;
        10-02 Gandhi Jayanti; 10-20 Dussehra; 11-10 Diwali Balipratipada;
        11-24 Guru Nanak Jayanti; 12-25 Christmas""",
    2027: """01-26 Republic Day; 03-26 Good Friday; 04-14 Ambedkar Jayanti""",
}


def _read(year: int, text: str) -> dict[date, str]:
    rows = (row.split(maxsplit=1) for row in text.split(";"))
    return {date.fromisoformat(f"{year}-{day}"): " ".join(name.split()) for day, name in rows}


HOLIDAYS: Final = {d: n for year, text in _BY_YEAR.items() for d, n in _read(year, text).items()}


class SpecialSession(NamedTuple):
    """A session outside the usual days or hours; the platform does not trade it."""

    day: date
    name: str
    source: str


_ANNOUNCED: Final = "exchange circular, as reported in the press"

SPECIAL_SESSIONS: Final = tuple(
    SpecialSession(date.fromisoformat(day), name, _ANNOUNCED)
    for day, name in (
        ("2020-02-01", "Union Budget"),
        ("2020-11-14", "Muhurat"),
        ("2021-11-04", "Muhurat"),
        ("2022-10-24", "Muhurat"),
        ("2023-11-12", "Muhurat"),
        ("2024-01-20", "Saturday session"),
        ("2024-03-02", "disaster recovery drill"),
        ("2024-05-18", "disaster recovery drill"),
        ("2024-11-01", "Muhurat"),
        ("2025-02-01", "Union Budget"),
        ("2025-10-21", "Muhurat"),
        ("2026-02-01", "Union Budget"),
        ("2026-11-08", "Muhurat"),
    )
)
