"""Chains and quotes for tests of pure rules, made up or recorded."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from domain.chain import Chain
from domain.contract import Contract, OptionType
from domain.quote import Quote


@cache
def _dump(path: Path) -> Chain:
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        found = [
            Contract(
                exchange=row["exchange"],
                tradingsymbol=row["tradingsymbol"],
                underlying=row["name"],
                expiry=date.fromisoformat(row["expiry"]),
                strike=Decimal(row["strike"]).normalize(),
                option_type=OptionType(row["instrument_type"]),
                lot=int(row["lot_size"]),
                tick=Decimal(row["tick_size"]),
            )
            for row in csv.DictReader(rows)
            if row["instrument_type"] in ("CE", "PE")
        ]
    return Chain(date.fromisoformat(path.name[:10]), found)


@pytest.fixture(scope="session")
def dump_2025(recorded_data: Path) -> Chain:
    """Every option listed on NFO on 24 Sep 2025."""
    return _dump(recorded_data / "instruments" / "2025-09-24_NFO.csv.gz")


@pytest.fixture(scope="session")
def dump_2026(recorded_data: Path) -> Chain:
    """Every option listed on NFO and BFO on 17 Aug 2026."""
    return _dump(recorded_data / "instruments" / "2026-08-17_NFO_BFO.csv.gz")


@dataclass(frozen=True)
class RecordedDay:
    """One day's contracts, and the quotes of each of its minutes."""

    chain: Chain
    minutes: Mapping[datetime, Mapping[str, Quote]]
    spot: Mapping[datetime, Decimal]


COLUMNS = [
    *("ts", "tradingsymbol", "exchange", "expiry", "strike", "option_type"),
    *("close", "bid", "ask"),
]


@cache
def read_day(path: Path, underlying: str, every: int) -> RecordedDay:
    """Every n-th minute of a recorded day; a quote is as old as its minute."""
    day = date.fromisoformat(path.stem)
    table = pq.read_table(path, columns=COLUMNS, filters=[("underlying", "==", underlying)])
    minute = pc.minute(table["ts"])
    skipped = pc.subtract(minute, pc.multiply(pc.divide(minute, every), every))
    rows = table.filter(pc.equal(skipped, 0)).to_pylist()
    contracts: dict[str, Contract] = {}
    minutes: dict[datetime, dict[str, Quote]] = {}
    spot: dict[datetime, Decimal] = {}
    for row in rows:
        at = row["ts"].astimezone(UTC)
        close = Decimal(str(row["close"]))
        if row["option_type"] == "INDEX":
            spot[at] = close
            continue
        contract = Contract(
            exchange=row["exchange"],
            tradingsymbol=row["tradingsymbol"],
            underlying=underlying,
            expiry=date.fromisoformat(row["expiry"]),
            strike=Decimal(str(row["strike"])),
            option_type=OptionType(row["option_type"]),
            lot=1,
            tick=Decimal("0.05"),
        )
        contracts[contract.key] = contract
        minutes.setdefault(at, {})[contract.key] = Quote(
            at=at,
            last=close,
            bid=None if row["bid"] is None else Decimal(str(row["bid"])),
            ask=None if row["ask"] is None else Decimal(str(row["ask"])),
            valid_for=timedelta(seconds=60),
        )
    return RecordedDay(Chain(day, contracts.values()), minutes, spot)


def chain_of(
    day: date,
    underlying: str,
    expiries: Mapping[date, str],
    strikes: Iterable[int],
    *,
    missing: Iterable[tuple[int, str]] = (),
) -> Chain:
    """A made-up chain: the text of an expiry is what its symbols carry in its place."""
    return Chain(
        day,
        [
            Contract(
                exchange="NFO",
                tradingsymbol=f"{underlying}{text}{strike}{option_type}",
                underlying=underlying,
                expiry=expiry,
                strike=Decimal(strike),
                option_type=option_type,
                lot=65,
                tick=Decimal("0.05"),
            )
            for expiry, text in expiries.items()
            for strike in strikes
            for option_type in OptionType
            if (strike, option_type.value) not in set(missing)
        ],
    )
