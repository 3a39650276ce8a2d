"""A simulated exchange: prices by Black's formula around a moving spot and a smile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final

from adapters.market.listing import UNDERLYINGS, Underlying, listed
from adapters.market.model import index_quote, option_quote
from adapters.market.path import Path, path
from adapters.market.scenario import Scenario
from commands.ports import Clock
from domain.calendar import MARKET, Session, at_ist, ist_date
from domain.chain import Chain
from domain.quote import Candle, Quote

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
SAMPLES: Final = (0, 10, 20, 30, 40, 50, 59)
"""Seconds of a minute that make a candle."""


@lru_cache(maxsize=1024)
def _session(day: date) -> Session | None:
    return MARKET.session(day)


class SimulatedMarket:
    """Any day of a seeded exchange; two of the same seed show the same, whenever they are asked."""

    def __init__(
        self,
        clock: Clock,
        seed: int = 1,
        underlyings: Sequence[Underlying] = UNDERLYINGS,
        scenario: Scenario | None = None,
    ) -> None:
        self._clock = clock
        self._seed = seed
        self._underlyings = tuple(underlyings)
        self._by_name = {each.name: each for each in underlyings}
        self._by_index = {each.index_key: each for each in underlyings}
        self._scenario = scenario or Scenario()
        self._chain: Chain | None = None
        self._paths: dict[str, tuple[date, Path]] = {}
        self._shown: tuple[datetime, dict[str, Quote]] = (EPOCH, {})

    def chain(self, day: date) -> Chain:
        """Every contract of a session; none on other days."""
        if self._chain is None or self._chain.day != day:
            trading = _session(day) is not None
            self._chain = listed(self._underlyings, day) if trading else Chain(day, ())
        return self._chain

    def quotes(self, keys: Iterable[str]) -> Mapping[str, Quote]:
        session, at = self._moment(self._clock.now())
        if session is None or at is None:
            return {}
        shown_at, shown = self._shown
        if at != shown_at:
            shown = {}
            self._shown = (at, shown)
        found = {}
        for key in keys:
            if key not in shown:
                quote = self._quote(key, session, at)
                if quote is None:
                    continue
                shown[key] = quote
            found[key] = shown[key]
        return found

    def spot(self, underlying: str) -> Quote | None:
        """The index; None outside of sessions and for unknown underlyings."""
        of = self._by_name.get(underlying)
        return self.quotes([of.index_key]).get(of.index_key) if of else None

    def candles(self, key: str, since: datetime, until: datetime) -> Sequence[Candle]:
        session = _session(ist_date(since))
        if session is None:
            return []
        start = max(_first_full(since, MINUTE), session.open)
        end = min(until, session.close)
        found = []
        while start < end and start + MINUTE <= self._clock.now():
            prices = [self._price(key, session, start + n * SECOND) for n in SAMPLES]
            known = [price for price in prices if price is not None]
            if known:
                found.append(
                    Candle(
                        at=start, open=known[0], high=max(known), low=min(known), close=known[-1]
                    )
                )
            start += MINUTE
        return found

    def _price(self, key: str, session: Session, at: datetime) -> Decimal | None:
        quote = self._quote(key, session, at)
        return quote.last if quote else None

    def next_tick(self, after: datetime) -> datetime | None:
        session = _session(ist_date(after))
        if session is None or after >= session.close:
            return None
        following = max(_last_full(after, SECOND) + SECOND, session.open)
        for silence in self._scenario.silences:
            since, until = at_ist(session.day, silence.since), at_ist(session.day, silence.until)
            if since <= following < until:
                following = until
        return following

    def _moment(self, now: datetime) -> tuple[Session | None, datetime | None]:
        """The session of today and the second whose prices are seen now; none before the open."""
        session = _session(ist_date(now))
        if session is None or now < session.open:
            return session, None
        at = min(_last_full(now, SECOND), session.close)
        for silence in self._scenario.silences:
            since, until = at_ist(session.day, silence.since), at_ist(session.day, silence.until)
            if since <= at < until:
                at = max(since - SECOND, session.open)
        return session, at

    def _quote(self, key: str, session: Session, at: datetime) -> Quote | None:
        index = self._by_index.get(key)
        if index is not None:
            at = self._index_moment(session, at)
            return index_quote(self._path(index, session), _second(session, at), at)
        contract = self.chain(session.day).get(key)
        if contract is None:
            return None
        of_day = self._path(self._by_name[contract.underlying], session)
        return option_quote(self._seed, contract, of_day, _second(session, at), at)

    def _index_moment(self, session: Session, at: datetime) -> datetime:
        """In the closing auction the index stands still; it prints once more at the close."""
        return at if at >= session.close else min(at, session.spot_until)

    def _path(self, of: Underlying, session: Session) -> Path:
        day, known = self._paths.get(of.name, (None, None))
        if known is None or day != session.day:
            known = path(self._seed, of, session, self._scenario)
            self._paths[of.name] = (session.day, known)
        return known


def _second(session: Session, at: datetime) -> int:
    return int((at - session.open).total_seconds())


def _last_full(moment: datetime, unit: timedelta) -> datetime:
    return moment - (moment - EPOCH) % unit


def _first_full(moment: datetime, unit: timedelta) -> datetime:
    return moment + (EPOCH - moment) % unit
