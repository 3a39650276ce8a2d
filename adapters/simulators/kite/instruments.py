"""The daily list of instruments: every option that the market lists, and the indices."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Final

from adapters.simulators.kite.identity import INDICES, tokens
from commands.ports import MarketData
from domain.contract import Contract

COLUMNS: Final = (
    "instrument_token", "exchange_token", "tradingsymbol", "name", "last_price", "expiry",
    "strike", "tick_size", "lot_size", "instrument_type", "segment", "exchange",
)  # fmt: skip
NAME: Final = COLUMNS.index("name")


@dataclass(frozen=True, slots=True)
class Listed:
    """The instruments of one day; `tokens` by key, `keys` by token."""

    day: date
    contracts: tuple[Contract, ...]
    tokens: dict[str, int]
    keys: dict[int, str]


class Instruments:
    """What is listed each day, as the market says it."""

    def __init__(self, market: MarketData) -> None:
        self._market = market
        self._listed: Listed | None = None
        self._files: dict[tuple[date, str | None], bytes] = {}
        self._lock = Lock()

    def of(self, day: date) -> Listed:
        with self._lock:
            if self._listed is None or self._listed.day != day:
                self._listed = _listed(self._market, day)
                self._files.clear()
            return self._listed

    def file(self, day: date, exchange: str | None) -> bytes:
        """The list as Kite serves it, gzipped; of one exchange or of all."""
        listed = self.of(day)
        with self._lock:
            if (day, exchange) not in self._files:
                self._files[day, exchange] = gzip.compress(
                    _text(_rows(listed, exchange)).encode(), compresslevel=1, mtime=0
                )
            return self._files[day, exchange]


def _listed(market: MarketData, day: date) -> Listed:
    alive = tuple(c for c in market.chain(day).contracts if c.expiry >= day)
    by_key = {**INDICES, **tokens(contract.key for contract in alive)}
    return Listed(day, alive, by_key, {token: key for key, token in by_key.items()})


def _rows(listed: Listed, exchange: str | None) -> Iterable[list[str]]:
    for key, token in INDICES.items():
        on, symbol = key.split(":")
        if exchange in (None, on):
            facts = ["0.0", "", "0.0", "0.0", "0", "EQ", "INDICES", on]
            yield [str(token), str(token >> 8), symbol, symbol, *facts]
    for contract in listed.contracts:
        if exchange in (None, contract.exchange):
            yield _option(contract, listed.tokens[contract.key])


def _option(of: Contract, token: int) -> list[str]:
    return [
        str(token),
        str(token >> 8),
        of.tradingsymbol,
        of.underlying,
        "0.0",
        of.expiry.isoformat(),
        str(float(of.strike)),
        str(of.tick.normalize()),
        str(of.lot),
        of.option_type.value,
        f"{of.exchange}-OPT",
        of.exchange,
    ]


def _text(rows: Iterable[list[str]]) -> str:
    """CSV in which names are quoted, as in the lists of 2026."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONE, quotechar=None, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        row[NAME] = f'"{row[NAME]}"'
        writer.writerow(row)
    return out.getvalue()
