"""A market whose prices another process knows: the live platform's, for the paper broker."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

from pydantic import ValidationError

from adapters.brokers.paper.prices import Asked, Listed, Told
from adapters.brokers.paper.wire import Endpoint
from commands.ports import Clock
from domain.calendar import MARKET, ist_date
from domain.chain import Chain
from domain.quote import Candle, Quote

TIMEOUT_S: Final = 7.0
#: How often orders that wait are held against the prices: at these moments of every second,
#: whenever one asks for the next.
EVERY: Final = timedelta(seconds=0.5)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: A price so much later than the moment it is asked for was not there yet.
AHEAD: Final = timedelta(seconds=1)
#: How long a chain is used before it is asked whether there is a newer one.
CHAIN_FOR: Final = timedelta(minutes=1)


class Wire(Protocol):
    """A connection, read and written line by line."""

    def write(self, line: bytes, /) -> int: ...
    def flush(self) -> None: ...
    def readline(self) -> bytes: ...
    def close(self) -> None: ...


class SharedMarket:
    """Asks the platform; while that is not there nothing has a price, and so nothing fills."""

    def __init__(self, endpoint: Path, clock: Clock) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._wire: tuple[str, Wire] | None = None
        self._lock = Lock()
        self._chain: Chain | None = None
        self._edition: int | None = None
        self._looked: datetime | None = None

    def chain(self, day: date) -> Chain:
        """The contracts of that day as the platform knows them; the last known ones without it."""
        now = self._clock.now()
        same = self._chain is not None and self._chain.day == day
        if self._chain is not None and same and self._looked and now - self._looked < CHAIN_FOR:
            return self._chain
        listed = self._ask(what="chain", day=day, known=self._edition if same else None).listed
        if listed is None:
            return self._chain if self._chain is not None and same else self._nothing(day)
        self._looked = now
        return self._took(day, listed)

    def _took(self, day: date, listed: Listed) -> Chain:
        if self._chain is None or listed.contracts is not None:
            contracts = listed.contracts or ()
            self._chain = Chain(day, contracts, listed.left_out, listed.unknown)
            self._edition = listed.edition
        return self._chain

    def _nothing(self, day: date) -> Chain:
        return Chain(day, (), unknown=("the platform, which knows the contracts, is not there",))

    def quotes(self, keys: Iterable[str]) -> Mapping[str, Quote]:
        """Prices as they are now; none where `now` is a moment long gone."""
        wanted = tuple(keys)
        if not wanted:
            return {}
        return self._seen(self._ask(what="quotes", keys=wanted).quotes)

    def spot(self, underlying: str) -> Quote | None:
        return self._seen(self._ask(what="spot", keys=(underlying,)).quotes).get(underlying)

    def _seen(self, quotes: Mapping[str, Quote]) -> dict[str, Quote]:
        latest = self._clock.now() + AHEAD
        return {key: quote for key, quote in quotes.items() if quote.at <= latest}

    def candles(self, key: str, since: datetime, until: datetime) -> Sequence[Candle]:
        return self._ask(what="candles", keys=(key,), since=since, until=until).candles

    def next_tick(self, after: datetime) -> datetime | None:
        session = MARKET.session(ist_date(after))
        if session is None or after >= session.close:
            return None
        return max(after - (after - EPOCH) % EVERY + EVERY, session.open)

    def _ask(self, **question: object) -> Told:
        """The platform's answer; an empty one where it is not there."""
        with self._lock:
            told = self._told(question)
            if told.refused is not None:  # it may have been started anew since the last question
                told = self._told(question)
            return told

    def _told(self, question: Mapping[str, object]) -> Told:
        try:
            token, wire = self._connected()
            asked = Asked.model_validate({"token": token, **question})
            wire.write(asked.model_dump_json().encode() + b"\n")
            wire.flush()
            told = Told.model_validate_json(wire.readline())
        except (OSError, ValidationError) as error:
            told = Told(refused=f"the platform is not there: {type(error).__name__}")
        if told.refused is not None:
            self._hang_up()
        return told

    def _connected(self) -> tuple[str, Wire]:
        if self._wire is None:
            endpoint = Endpoint.read(self._endpoint)
            connection = socket.create_connection((endpoint.host, endpoint.port), TIMEOUT_S)
            with connection:  # the file made of it keeps it open
                self._wire = endpoint.token, connection.makefile("rwb")
        return self._wire

    def _hang_up(self) -> None:
        if self._wire is not None:
            _, wire = self._wire
            self._wire = None
            with suppress(OSError):
                wire.close()
