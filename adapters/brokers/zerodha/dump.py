"""One exchange's daily list at Kite: options with their facts, and the token of whatever has one.

Source: kite.trade/docs/connect/v3/market-quotes (instruments). Keys are `EXCHANGE:SYMBOL`, as
tokens are given to other contracts once theirs are gone.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from io import StringIO
from typing import Final

from adapters.market.instruments import (
    COLUMNS,
    OPTIONS,
    BadInstruments,
    Row,
    contract_of,
    rows_of,
)
from domain.chain import LeftOut
from domain.contract import Contract
from domain.market_facts import freeze

#: Which lists hold options; the others hold what these are options on.
DERIVATIVES: Final = ("NFO", "BFO")
CASH: Final = ("NSE", "BSE")
EXCHANGES: Final = (*DERIVATIVES, *CASH)
INDICES: Final = "INDICES"
GZIPPED: Final = b"\x1f\x8b"
#: A list with less than this part of the rows it had is one that was cut.
SHRUNK: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dump:
    """What one exchange listed when the list was fetched; `underlyings` are indices and shares."""

    exchange: str
    contracts: Mapping[str, Contract]
    left_out: tuple[LeftOut, ...]
    tokens: Mapping[str, int]
    underlyings: frozenset[str]
    rows: int

    @property
    def first_expiry(self) -> date | None:
        """The nearest; one that has passed shows that the list was not made anew since."""
        return min((contract.expiry for contract in self.contracts.values()), default=None)


def unpacked(exchange: str, body: bytes) -> str:
    """The text of a list as it came, gzipped or plain; raises BadInstruments."""
    try:
        whole = gzip.decompress(body) if body.startswith(GZIPPED) else body
        return whole.decode("utf-8-sig")
    except (EOFError, OSError, zlib.error, UnicodeDecodeError) as error:
        raise BadInstruments(f"{exchange}: the list is damaged: {error}") from error


def read_dump(exchange: str, text: str, day: date) -> Dump:
    """The list of that exchange, with the freeze quantities of that day; raises BadInstruments."""
    reading = _Reading(exchange, day)
    lines = StringIO(text, newline="")
    for number, row in rows_of(exchange, lines, ("instrument_token", "segment", *COLUMNS)):
        reading.rows = number
        key = _key(exchange, number, row)
        if row["instrument_type"] in OPTIONS:
            reading.option(number, key, row)
        elif _cash(row):
            reading.cash(number, key, row)
    return reading.done()


class _Reading:
    """A list while it is read."""

    def __init__(self, exchange: str, day: date) -> None:
        self.exchange = exchange
        self.day = day
        self.rows = 0
        self.contracts: dict[str, Contract] = {}
        self.left_out: list[LeftOut] = []
        self.tokens: dict[str, int] = {}
        self.underlyings: set[str] = set()
        self.twice: set[str] = set()
        """Shares of which nobody knows which row is meant: they have no price."""

    def option(self, number: int, key: str, row: Row) -> None:
        if key in self.tokens:
            raise BadInstruments(f"{self.exchange}, row {number}: {key} is listed twice")
        self.tokens[key] = _token(self.exchange, number, row)
        if (why := _incomplete(row)) is not None:
            self.left_out.append(LeftOut(key, row["name"], why))
            return
        largest = _freeze(row["name"], self.day)
        self.contracts[key] = contract_of(self.exchange, number, row, largest)

    def cash(self, number: int, key: str, row: Row) -> None:
        if key in self.tokens:
            self.twice.add(key)
        self.underlyings.add(key)
        self.tokens[key] = _token(self.exchange, number, row)

    def done(self) -> Dump:
        if self.rows:  # an exchange that lists nothing refuses whatever is asked of it
            _check(self.exchange, self.contracts, self.underlyings, self.tokens)
        return Dump(
            exchange=self.exchange,
            contracts=self.contracts,
            left_out=tuple(self.left_out),
            tokens={key: each for key, each in self.tokens.items() if key not in self.twice},
            underlyings=frozenset(self.underlyings - self.twice),
            rows=self.rows,
        )


def of_two(exchange: str, before: Dump | None, after: Dump) -> None:
    """Refuse a list that is much shorter than the one before it; raises BadInstruments."""
    if before is not None and after.rows < before.rows * SHRUNK:
        raise BadInstruments(f"{exchange}: {after.rows} rows, and {before.rows} the last time")


def _key(exchange: str, number: int, row: Row) -> str:
    if row["exchange"] != exchange or not row["tradingsymbol"]:
        shown = f"{row['exchange']}:{row['tradingsymbol']}"
        raise BadInstruments(f"{exchange}, row {number}: {shown} is no instrument of {exchange}")
    return f"{exchange}:{row['tradingsymbol']}"


def _token(exchange: str, number: int, row: Row) -> int:
    text = row["instrument_token"]
    if not text.isdecimal() or int(text) == 0:
        raise BadInstruments(f"{exchange}, row {number}: {text!r} is no token")
    return int(text)


def _cash(row: Row) -> bool:
    """An index, or a share; of BSE only indices have options that are read here."""
    return row["segment"] == INDICES or row["segment"] == "NSE"


@lru_cache(maxsize=4096)
def _freeze(underlying: str, day: date) -> int | None:
    return freeze(underlying, day)


def _incomplete(row: Row) -> str | None:
    """What the row of an option lacks to be traded."""
    for column, name in (("lot_size", "lot"), ("tick_size", "tick")):
        try:
            if Decimal(row[column] or 0) <= 0:
                return f"the {name} of {row['name']} is not in today's list"
        except ArithmeticError:
            return f"the {name} of {row['name']} is {row[column]!r} in today's list"
    if not row["name"]:
        return f"the underlying of {row['tradingsymbol']} is not in today's list"
    return None


def _check(
    exchange: str,
    contracts: Mapping[str, Contract],
    underlyings: Iterable[str],
    tokens: Mapping[str, int],
) -> None:
    if exchange in DERIVATIVES and not contracts:
        raise BadInstruments(f"{exchange}: the list has no options")
    if exchange in CASH and not any(underlyings):
        raise BadInstruments(f"{exchange}: the list has no indices")
    if exchange in DERIVATIVES and len(set(tokens.values())) < len(tokens):
        raise BadInstruments(f"{exchange}: two instruments have the same token")
