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
    rows = csv.DictReader(lines)
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise BadInstruments(f"{file}: the column {', '.join(missing)} is missing")
    found: dict[str, Contract] = {}
    for number, contract in _contracts(file, rows):
        if contract.key in found:
            raise BadInstruments(f"{file}, row {number}: {contract.key} is listed twice")
        found[contract.key] = contract
    return found


def _contracts(file: str, rows: Iterable[dict[str, str]]) -> Iterator[tuple[int, Contract]]:
    for number, row in enumerate(rows, start=1):
        if row["instrument_type"] not in ("CE", "PE"):
            continue
        try:
            yield number, _contract(row)
        except (ValueError, InvalidOperation) as error:
            raise BadInstruments(f"{file}, row {number}: {error}") from error


def _contract(row: Mapping[str, str]) -> Contract:
    return Contract(
        exchange=row["exchange"],
        tradingsymbol=row["tradingsymbol"],
        underlying=row["name"],
        expiry=date.fromisoformat(row["expiry"]),
        strike=plain(Decimal(row["strike"])),
        option_type=OptionType(row["instrument_type"]),
        lot=int(row["lot_size"]),
        tick=Decimal(row["tick_size"]),
    )
