"""The market as Kite shows it: contracts by its lists, prices by its stream, else by asking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Final

from adapters.brokers.zerodha.candles import Candles
from adapters.brokers.zerodha.client import Kite
from adapters.brokers.zerodha.dump import EXCHANGES
from adapters.brokers.zerodha.instruments import Instruments, Listed
from adapters.brokers.zerodha.polling import PATIENCE_S, Polling
from adapters.brokers.zerodha.ticks import TickBook
from commands.ports import Clock
from domain.calendar import MARKET, ist_date
from domain.chain import Chain
from domain.quote import Candle, Quote

SECOND: Final = timedelta(seconds=1)
#: A contract that nobody asked for so long is no longer streamed.
KEPT: Final = timedelta(minutes=10)
SWEPT: Final = timedelta(minutes=1)


class KiteMarket:
    """`MarketData` for live trading; `kite` is the account whose session prices are read by.

    `kite` raises what `domain.book` names where there is none; lists need no session. A price that
    cannot be had is absent, and how old one may be is said by `ticks.valid_for`.
    """

    def __init__(
        self,
        kite: Callable[[], Kite],
        ticks: TickBook,
        clock: Clock,
        folder: Path,
        *,
        exchanges: Sequence[str] = EXCHANGES,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.instruments: Final = Instruments(
            folder, lambda exchange: kite().instruments(exchange), clock, exchanges
        )
        self.ticks = ticks
        self.polling: Final = Polling(kite, clock, ticks.valid_for, patience_s)
        self._clock = clock
        self._candles = Candles(kite, clock)
        self._asked: dict[str, datetime] = {}
        self._streamed: dict[str, int] = {}
        self._swept = clock.now()
        self._lock = Lock()

    def chain(self, day: date) -> Chain:
        """The options of that day; what is not known of them, it says itself."""
        return self.instruments.chain(day)

    def quotes(self, keys: Iterable[str]) -> Mapping[str, Quote]:
        """The freshest of tick and answer for each key; contracts asked for are streamed on."""
        now = self._clock.now()
        tokens = self._listed(now).tokens
        known = {key: tokens[key] for key in keys if key in tokens}
        self._want(known, now)
        missing = [key for key in known if not self._fresh(key, now)]
        if missing:
            self.polling.ask(missing, [key for key in self._wanted() if not self._fresh(key, now)])
        found = {key: self._freshest(key) for key in known}
        return {key: quote for key, quote in found.items() if quote is not None}

    def spot(self, underlying: str) -> Quote | None:
        """The index, or the share at NSE; None where it is not listed or not priced."""
        key = self._listed(self._clock.now()).spot_key(underlying)
        return None if key is None else self.quotes([key]).get(key)

    def candles(self, key: str, since: datetime, until: datetime) -> Sequence[Candle]:
        """By the historical API; none for what is no longer listed."""
        token = self._listed(self._clock.now()).tokens.get(key)
        return [] if token is None else self._candles.of(token, since, until)

    def next_tick(self, after: datetime) -> datetime | None:
        """Within a second while the market is open."""
        session = MARKET.session(ist_date(after))
        if session is None or after >= session.close:
            return None
        return max(after + SECOND, session.open)

    def stop(self) -> None:
        """Ask for nothing more."""
        self.polling.stop()

    def _listed(self, now: datetime) -> Listed:
        day = ist_date(now)
        return self.instruments.listed(day if MARKET.is_session(day) else MARKET.next_session(day))

    def _want(self, known: Mapping[str, int], now: datetime) -> None:
        """Have these streamed, and no longer what nobody asks for."""
        with self._lock:
            self._asked.update(dict.fromkeys(known, now))
            news = {key: each for key, each in known.items() if self._streamed.get(key) != each}
            self._streamed.update(news)
            old = self._unasked(now) if now - self._swept > SWEPT else []
        if old:
            self.ticks.forget(old)
            self.polling.forget(old)
        if news:
            self.polling.forget(news)
            self.ticks.want(news)

    def _unasked(self, now: datetime) -> list[str]:
        self._swept = now
        old = [key for key, at in self._asked.items() if now - at > KEPT]
        for key in old:
            del self._asked[key], self._streamed[key]
        return old

    def _wanted(self) -> list[str]:
        with self._lock:
            return list(self._asked)

    def _fresh(self, key: str, now: datetime) -> bool:
        quote = self._freshest(key)
        return quote is not None and quote.fresh(now)

    def _freshest(self, key: str) -> Quote | None:
        tick, told = self.ticks.quote(key, self._clock.now()), self.polling.quote(key)
        if tick is None or told is None:
            return tick or told
        return tick if tick.at >= told.at else told
