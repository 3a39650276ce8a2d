"""Brings checked rows into the order of contract and time, one span of rows for each contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from adapters.market.recording import (
    CLOSE_SEEN_MS,
    INDEX,
    OPEN_SEEN_MS,
    TRUE_BAR,
    BadRecording,
    Listing,
    Recording,
    plain,
)
from domain.contract import OptionType

if TYPE_CHECKING:
    import pyarrow as pa

FACTS: Final = ("exchange", "tradingsymbol", "underlying", "expiry", "strike", "option_type")


def grouped(path: Path, day: date, rows: pa.Table) -> Recording:
    """The recording of these rows; raises BadRecording for doubles and contradictions."""
    import pyarrow as pa
    import pyarrow.compute as pc

    keys = pc.binary_join_element_wise(rows["exchange"], rows["tradingsymbol"], ":")
    code = keys.combine_chunks().dictionary_encode()
    table = rows.append_column("code", code.indices)
    table = table.append_column("row", pa.array(range(1, rows.num_rows + 1), pa.int64()))
    table = table.append_column("ms", pc.cast(rows["ts"], pa.int64()))
    order = pc.sort_indices(table, [("code", "ascending"), ("ms", "ascending")])
    table = table.take(order).combine_chunks()
    _refuse_doubles(path, table)
    runs = pc.run_end_encode(table["code"].combine_chunks())
    ends: list[int] = runs.run_ends.to_pylist()
    starts = [0, *ends[:-1]]
    _refuse_contradictions(path, table, starts)
    listings = _listings(table.take(pa.array(starts, pa.int64())))
    spans = {
        listing.key: (start, end - start)
        for listing, start, end in zip(listings, starts, ends, strict=True)
    }
    return Recording(day, path.name, table, spans, listings, _moments(rows))


def _refuse_doubles(path: Path, table: pa.Table) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    code, ms = table["code"].combine_chunks(), table["ms"].combine_chunks()
    double = pc.and_(pc.equal(code[1:], code[:-1]), pc.equal(ms[1:], ms[:-1]))
    at = pc.index(double, pa.scalar(True)).as_py()
    if at >= 0:
        symbol = table["tradingsymbol"][at].as_py()
        problem = f"{symbol} has this minute twice, first in row {table['row'][at].as_py()}"
        raise BadRecording(path, problem, column="ts", row=table["row"][at + 1].as_py())


def _refuse_contradictions(path: Path, table: pa.Table, starts: Sequence[int]) -> None:
    """Every row of a contract names the same expiry, strike and type as its first row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    first = pa.array(starts, pa.int64()).take(table["code"].combine_chunks())
    for name in ("underlying", "expiry", "strike", "option_type"):
        column = table[name].combine_chunks()
        stated = pc.cast(column, pa.string()) if name == "strike" else column
        stated = pc.coalesce(stated, pa.scalar(""))
        at = pc.index(pc.not_equal(stated, stated.take(first)), pa.scalar(True)).as_py()
        if at >= 0:
            symbol = table["tradingsymbol"][at].as_py()
            problem = f"{symbol} was {stated[first[at].as_py()]} before, and is {stated[at]} here"
            raise BadRecording(path, problem, column=name, row=table["row"][at].as_py())


def _listings(firsts: pa.Table) -> list[Listing]:
    return [
        Listing(
            exchange=row["exchange"],
            tradingsymbol=row["tradingsymbol"],
            underlying=row["underlying"],
            expiry=date.fromisoformat(row["expiry"]) if row["expiry"] else None,
            strike=None if row["strike"] is None else plain(Decimal(repr(row["strike"]))),
            option_type=None if row["option_type"] == INDEX else OptionType(row["option_type"]),
        )
        for row in firsts.select(FACTS).to_pylist()
    ]


def _moments(rows: pa.Table) -> list[int]:
    """Every millisecond at which a price becomes visible, in order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ms = pc.cast(rows["ts"], pa.int64())
    bars = pc.unique(pc.filter(ms, pc.equal(rows["bar"], TRUE_BAR))).to_pylist()
    opens = [minute + OPEN_SEEN_MS for minute in pc.unique(ms).to_pylist()]
    return sorted([*opens, *(minute + CLOSE_SEEN_MS for minute in bars)])
