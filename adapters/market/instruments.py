"""Reads a broker's daily list of contracts, in Kite's columns, plain or gzipped."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from adapters.market.recording import plain
from domain.contract import Contract, OptionType

COLUMNS: Final = (
    "tradingsymbol", "name", "expiry", "strike", "tick_size", "lot_size", "instrument_type",
    "exchange",
)  # fmt: skip
OPTIONS: Final = tuple(OptionType)

Row = Mapping[str, str]


class BadInstruments(ValueError):
    """A list of contracts that cannot be trusted: says which file and row (from 1)."""


def read_instruments(path: Path) -> Mapping[str, Contract]:
    """Every option of the list by key; raises BadInstruments or FileNotFoundError."""
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8", newline="") as packed:
            return _options(path.name, packed)
    with path.open(encoding="utf-8", newline="") as plain:
        return _options(path.name, plain)


def _options(file: str, lines: Iterable[str]) -> Mapping[str, Contract]:
    found: dict[str, Contract] = {}
    for number, row in rows_of(file, lines, COLUMNS):
        if row["instrument_type"] in OPTIONS:
            contract = contract_of(file, number, row)
            if contract.key in found:
                raise BadInstruments(f"{file}, row {number}: {contract.key} is listed twice")
            found[contract.key] = contract
    return found


def rows_of(
    file: str, lines: Iterable[str], columns: Iterable[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Every row with its number; raises BadInstruments where a column, or part of a row, lacks."""
    rows = csv.DictReader(lines)
    missing = [name for name in columns if name not in (rows.fieldnames or ())]
    if missing:
        raise BadInstruments(f"{file}: the column {', '.join(missing)} is missing")
    for number, row in enumerate(rows, start=1):
        if None in row or None in row.values():
            raise BadInstruments(f"{file}, row {number}: it is not {len(rows.fieldnames or ())} "
                                 "columns wide: the list was cut or mixed up")  # fmt: skip
        yield number, row


def contract_of(file: str, number: int, row: Row, freeze: int | None = None) -> Contract:
    """The option of that row; raises BadInstruments."""
    try:
        return Contract(
            exchange=row["exchange"],
            tradingsymbol=row["tradingsymbol"],
            underlying=row["name"],
            expiry=date.fromisoformat(row["expiry"]),
            strike=plain(Decimal(row["strike"])),
            option_type=OptionType(row["instrument_type"]),
            lot=int(row["lot_size"]),
            tick=Decimal(row["tick_size"]),
            freeze=freeze,
        )
    except (ValueError, InvalidOperation) as error:
        raise BadInstruments(f"{file}, row {number}: {error}") from error
