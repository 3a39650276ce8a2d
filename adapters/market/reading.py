"""Reads a recorded day from Parquet or CSV; whatever is not as it should be is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from adapters.market.grouping import grouped
from adapters.market.recording import (
    INDEX,
    PRICES,
    TRUE_BAR,
    UNITS,
    BadRecording,
    Recording,
)

if TYPE_CHECKING:
    import pyarrow as pa

TEXTS: Final = ("tradingsymbol", "exchange", "underlying", "expiry", "option_type", "bar")
COLUMNS: Final = ("ts", *TEXTS, "strike", *PRICES, *UNITS)
FILLED: Final = ("ts", "tradingsymbol", "exchange", "underlying", "option_type", "bar")
ALLOWED: Final = {"option_type": ("CE", "PE", INDEX), "bar": (TRUE_BAR, "1m_snapshot")}


def read_recording(path: Path) -> Recording:
    """The day recorded in that file; raises BadRecording or FileNotFoundError."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no recorded day {path.name} in {path.parent}")
    raw = _parquet(path) if path.suffix == ".parquet" else _csv(path)
    missing = [name for name in COLUMNS if name not in raw.column_names]
    if missing:
        raise BadRecording(path, "the column is missing", column=", ".join(missing))
    if raw.num_rows == 0:
        raise BadRecording(path, "the file has no rows")
    typed: pa.Table = _typed(path, raw)
    _check_values(path, typed)
    day = _check_order(path, typed)
    return grouped(path, day, typed)


def _parquet(path: Path) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise BadRecording(path, f"is not readable as Parquet: {error}") from error


def _csv(path: Path) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv

    options = csv.ConvertOptions(
        column_types=dict.fromkeys(COLUMNS, pa.string()), null_values=[""], strings_can_be_null=True
    )
    try:
        return csv.read_csv(path, convert_options=options)
    except pa.ArrowInvalid as error:
        raise BadRecording(path, f"is not readable as CSV: {error}") from error


def _typed(path: Path, raw: pa.Table) -> pa.Table:
    """The columns with their types: time in UTC milliseconds, text, float and whole numbers."""
    import pyarrow as pa

    written_as_text = path.suffix != ".parquet"
    kinds: Mapping[str, tuple[pa.DataType, Callable[[pa.DataType], bool]]] = {
        "ts": (pa.timestamp("ms", "UTC"), _zoned),
        **dict.fromkeys(TEXTS, (pa.string(), _text)),
        **dict.fromkeys((*PRICES, "strike"), (pa.float64(), _number)),
        **dict.fromkeys(UNITS, (pa.int64(), _number)),
    }
    columns = {}
    for name, (kind, accepts) in kinds.items():
        column = raw[name]
        if not (written_as_text or accepts(column.type) or pa.types.is_null(column.type)):
            raise BadRecording(path, f"holds {column.type}, which is not {kind}", column=name)
        columns[name] = _cast(path, name, column, kind)
    return pa.table(columns)


def _text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(inner) or pa.types.is_large_string(inner))


def _number(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def _zoned(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_timestamp(kind) and kind.tz is not None)


def _cast(path: Path, name: str, column: pa.ChunkedArray, kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    try:
        return column.cast(kind).combine_chunks()
    except pa.ArrowInvalid:
        for row, value in enumerate(column, start=1):
            try:
                value.cast(kind)
            except pa.ArrowInvalid:
                problem = f"{value.as_py()!r} is not a {kind}"
                raise BadRecording(path, problem, column=name, row=row) from None
        raise


def _check_values(path: Path, rows: pa.Table) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    def refuse(name: str, wrong: pa.Array, problem: str) -> None:
        row = pc.index(pc.coalesce(wrong, pa.scalar(False)), pa.scalar(True)).as_py()
        if row >= 0:
            value = rows[name][row].as_py()
            raise BadRecording(path, f"{value!r} {problem}", column=name, row=row + 1)

    for name in (*FILLED, "open", "high", "low", "close"):
        refuse(name, pc.is_null(rows[name]), "where a value is needed")
    for name, values in ALLOWED.items():
        wrong = pc.invert(pc.is_in(rows[name], pa.array(values)))
        refuse(name, wrong, f"is none of {', '.join(values)}")
    for name in (*PRICES, "strike"):
        positive = pc.and_(pc.is_finite(rows[name]), pc.greater(rows[name], 0))
        refuse(name, pc.invert(positive), "is not a positive price")
    for name in UNITS:
        refuse(name, pc.less(rows[name], 0), "is not a number of units")
    refuse("high", pc.less(rows["high"], pc.max_element_wise(rows["open"], rows["close"])),
           "is below the open or the close")  # fmt: skip
    refuse("low", pc.greater(rows["low"], pc.min_element_wise(rows["open"], rows["close"])),
           "is above the open or the close")  # fmt: skip
    options = pc.not_equal(rows["option_type"], INDEX)
    refuse("strike", pc.and_(options, pc.is_null(rows["strike"])), "where a strike is needed")
    dated = pc.is_in(rows["expiry"], pa.array(_dates(rows["expiry"]), pa.string()))
    refuse("expiry", pc.and_(options, pc.invert(dated)), "is not a date YYYY-MM-DD")


def _dates(expiries: pa.Array) -> list[str]:
    """Those of the texts that are dates."""
    found = []
    for text in expiries.unique().to_pylist():
        try:
            date.fromisoformat(text or "")
        except ValueError:
            continue
        found.append(text)
    return found


def _check_order(path: Path, rows: pa.Table) -> date:
    """The one day of all rows, whose minutes never go back."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def refuse(wrong: pa.Array, problem: str, shift: int = 1) -> None:
        row = pc.index(wrong, pa.scalar(True)).as_py()
        if row >= 0:
            raise BadRecording(path, problem, column="ts", row=row + shift)

    ts = rows["ts"].combine_chunks()
    whole = pc.floor_temporal(ts, unit="minute")
    refuse(pc.not_equal(ts, whole), "is not the start of a minute")
    days = pc.cast(pc.local_timestamp(pc.cast(ts, pa.timestamp("ms", "Asia/Kolkata"))), pa.date32())
    refuse(pc.not_equal(days, days[0]), "is of another day than the first row")
    refuse(pc.less(ts[1:], ts[:-1]), "is earlier than the row above it", shift=2)
    first: date = days[0].as_py()
    return first
