"""Small recorded days, written as files of the documented form."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from domain.calendar import IST

DAY = date(2026, 8, 4)
"""An expiry Tuesday."""
SCHEMA = pa.schema(
    {
        "ts": pa.timestamp("us", "Asia/Kolkata"),
        **dict.fromkeys(
            ("tradingsymbol", "exchange", "underlying", "expiry", "option_type", "bar"), pa.string()
        ),
        **dict.fromkeys(
            ("strike", "open", "high", "low", "close", "bid", "ask"),
            pa.float64(),
        ),
        **dict.fromkeys(("volume", "oi", "bid_qty", "ask_qty"), pa.int64()),
    }
)
Row = dict[str, object]


def minute(text: str, day: date = DAY) -> datetime:
    """`09:20` in India on the day."""
    return datetime.combine(day, time.fromisoformat(text), IST)


def row(at: str, symbol: str = "NIFTY2680424500CE", price: float = 100.0, **more: object) -> Row:
    """One minute of an option, all of it at one price unless said otherwise."""
    return {
        "ts": minute(at),
        "tradingsymbol": symbol,
        "exchange": "NFO",
        "underlying": "NIFTY",
        "expiry": DAY.isoformat(),
        "strike": float(symbol[-7:-2]) if symbol[-2:] in ("CE", "PE") else None,
        "option_type": symbol[-2:],
        **dict.fromkeys(("open", "high", "low", "close"), price),
        **dict.fromkeys(("bid", "ask", "volume", "oi", "bid_qty", "ask_qty")),
        "bar": "1m_snapshot",
        **more,
    }


def index_row(at: str, price: float = 24500.0, **more: object) -> Row:
    """One minute of the index."""
    facts: Mapping[str, object] = {
        "exchange": "NSE",
        "expiry": "",
        "strike": None,
        "option_type": "INDEX",
    }
    return {**row(at, "NIFTY 50", price), **facts, **more}


def minutes(count: int, first: str = "09:20") -> list[str]:
    """That many minutes in a row, as text."""
    start = minute(first)
    return [f"{start + timedelta(minutes=n):%H:%M}" for n in range(count)]


def write_parquet(path: Path, rows: Sequence[Row]) -> Path:
    columns = {name: [each.get(name) for each in rows] for name in SCHEMA.names}
    pq.write_table(pa.table(columns, schema=SCHEMA), path)
    return path


def write_csv(path: Path, rows: Sequence[Row]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, SCHEMA.names)
        writer.writeheader()
        for each in rows:
            writer.writerow({**each, "ts": str(each["ts"])})
    return path
