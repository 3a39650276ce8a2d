"""The platform's live market, told to the paper broker's process: line by line, on this machine."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from pathlib import Path
from secrets import compare_digest
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Final, Literal

from pydantic import BaseModel, ValidationError

from adapters.brokers.paper.wire import LONGEST_LINE, Endpoint
from commands.ports import MarketData
from domain.chain import Chain, LeftOut
from domain.contract import Contract
from domain.quote import Candle, Quote

LOOPBACK: Final = "127.0.0.1"
#: The prices' endpoint in the paper broker's folder.
PRICES: Final = "prices.json"


class Asked(BaseModel, frozen=True, extra="forbid"):
    """One question to the market; `known` is the edition of the chain that the asker has."""

    token: str
    what: Literal["quotes", "spot", "chain", "candles"]
    keys: tuple[str, ...] = ()
    day: date | None = None
    known: int | None = None
    since: datetime | None = None
    until: datetime | None = None


class Listed(BaseModel, frozen=True):
    """A day's chain; without contracts where the asker has this edition already."""

    edition: int
    contracts: tuple[Contract, ...] | None = None
    left_out: tuple[LeftOut, ...] = ()
    unknown: tuple[str, ...] = ()


class Told(BaseModel, frozen=True):
    """What the market answered; `refused` says why it did not."""

    quotes: dict[str, Quote] = {}
    listed: Listed | None = None
    candles: tuple[Candle, ...] = ()
    refused: str | None = None


class PriceServer(ThreadingTCPServer):
    """Serves the platform's market to whoever may read its endpoint file."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, market: MarketData, endpoint: Path) -> None:
        super().__init__((LOOPBACK, 0), _Conversation)
        self._market = market
        self._token = secrets.token_hex(32)
        self._chains: dict[date, tuple[int, Chain]] = {}
        self._editions = 0
        self.ended = Event()
        endpoint.parent.mkdir(parents=True, exist_ok=True)
        port = int(self.server_address[1])
        Endpoint(host=LOOPBACK, port=port, token=self._token).write(endpoint)
        self._thread = Thread(target=self.serve_forever, args=(0.05,), name="prices", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.ended.set()
        self.shutdown()
        self._thread.join()
        self.server_close()

    def answer(self, line: bytes) -> Told:
        """What the market says to a line."""
        try:
            asked = Asked.model_validate_json(line)
        except ValidationError as error:
            return Told(refused=f"not understood: {error.error_count()} faults")
        if not compare_digest(asked.token.encode(), self._token.encode()):
            return Told(refused="the token is not this platform's")
        match asked.what:
            case "quotes":
                return Told(quotes=dict(self._market.quotes(asked.keys)))
            case "spot":
                return Told(quotes=self._spots(asked.keys))
            case "chain" if asked.day is not None:
                return Told(listed=self._listed(asked.day, asked.known))
            case "candles" if asked.since is not None and asked.until is not None:
                (key,) = asked.keys
                return Told(candles=tuple(self._market.candles(key, asked.since, asked.until)))
        return Told(refused=f"{asked.what}: something is missing")

    def _spots(self, underlyings: tuple[str, ...]) -> dict[str, Quote]:
        found = {name: self._market.spot(name) for name in underlyings}
        return {name: quote for name, quote in found.items() if quote is not None}

    def _listed(self, day: date, known: int | None) -> Listed:
        chain = self._market.chain(day)
        edition, kept = self._chains.get(day, (0, None))
        if kept is not chain:
            self._editions += 1
            edition = self._editions
            self._chains = {day: (edition, chain)}
        if edition == known:
            return Listed(edition=edition)
        return Listed(
            edition=edition,
            contracts=chain.contracts,
            left_out=chain.left_out,
            unknown=chain.unknown,
        )


class _Conversation(StreamRequestHandler):
    """Questions and answers, until the asker has no more."""

    server: PriceServer

    def handle(self) -> None:
        try:
            while (line := self.rfile.readline(LONGEST_LINE)) and not self.server.ended.is_set():
                self.wfile.write(self.server.answer(line).model_dump_json().encode() + b"\n")
        except OSError:
            return  # the asker is gone, and asks again when it is back
