"""A market that shows again what was recorded, as its clock goes on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from adapters.market.lots import TICK, UnknownLot, lot_of
from adapters.market.recording import (
    MINUTE_MS,
    Listing,
    Recording,
    Series,
    milliseconds,
    moment,
)
from commands.ports import Clock
from domain.calendar import ist_date
from domain.chain import Chain, LeftOut
from domain.contract import Contract
from domain.market_facts import freeze
from domain.quote import Candle, Quote


class RecordedMarket:
    """Recorded days in order, seen through a clock; a gap in them is a silent feed."""

    def __init__(
        self,
        recordings: Sequence[Recording],
        clock: Clock,
        instruments: Mapping[str, Contract] | None = None,
    ) -> None:
        if not recordings:
            raise ValueError("a recorded market needs at least one recorded day")
        self._recordings = sorted(recordings, key=lambda each: each.day)
        self._clock = clock
        self._instruments = instruments or {}
        self._chains: dict[date, Chain] = {}

    def chain(self, day: date) -> Chain:
        """Every option in the rows of that day; without those whose lot is not known."""
        if day not in self._chains:
            listings = [
                listing
                for recording in self._recordings
                if recording.day == day
                for listing in recording.listings
            ]
            self._chains[day] = self._chain(day, listings)
        return self._chains[day]

    def _chain(self, day: date, listings: Iterable[Listing]) -> Chain:
        contracts, left_out = [], []
        for listing in listings:
            try:
                contract = self._contract(day, listing)
            except UnknownLot as unknown:
                left_out.append(LeftOut(listing.key, listing.underlying, str(unknown)))
                continue
            if contract is not None:
                contracts.append(contract)
        return Chain(day, contracts, left_out)

    def _contract(self, day: date, listing: Listing) -> Contract | None:
        """The option of that row; None for an index. Raises UnknownLot."""
        if listing.option_type is None or listing.expiry is None or listing.strike is None:
            return None
        listed = self._listed(listing)
        return Contract(
            exchange=listing.exchange,
            tradingsymbol=listing.tradingsymbol,
            underlying=listing.underlying,
            expiry=listing.expiry,
            strike=listing.strike,
            option_type=listing.option_type,
            lot=listed.lot if listed else lot_of(listing.underlying, day, listing.expiry),
            tick=listed.tick if listed else TICK,
            freeze=freeze(listing.underlying, day),
        )

    def _listed(self, listing: Listing) -> Contract | None:
        """Its row in the broker's list; none where that list says another expiry or strike."""
        listed = self._instruments.get(listing.key)
        if listed is None or (listed.expiry, listed.strike) != (listing.expiry, listing.strike):
            return None
        return listed

    def quotes(self, keys: Iterable[str]) -> Mapping[str, Quote]:
        now = milliseconds(self._clock.now())
        recording = self._of(now)
        if recording is None:
            return {}
        found = {}
        for key in keys:
            series = recording.series(key)
            quote = series.quote(now) if series else None
            if quote is not None:
                found[key] = quote
        return found

    def spot(self, underlying: str) -> Quote | None:
        """The index as recorded; where it is not, parity is for the domain to find."""
        recording = self._of(milliseconds(self._clock.now()))
        key = recording.index_of.get(underlying) if recording else None
        return self.quotes([key]).get(key) if key else None

    def candles(self, key: str, since: datetime, until: datetime) -> Sequence[Candle]:
        finished = milliseconds(self._clock.now()) - MINUTE_MS
        last = min(milliseconds(until), finished + 1)
        return [
            candle
            for series in self._series(key)
            for candle in series.candles(milliseconds(since), last)
        ]

    def _series(self, key: str) -> Iterable[Series]:
        for recording in self._recordings:
            series = recording.series(key)
            if series is not None:
                yield series

    def next_tick(self, after: datetime) -> datetime | None:
        now = milliseconds(after)
        for recording in self._recordings:
            index = bisect_right(recording.moments, now)
            if index < len(recording.moments):
                return moment(recording.moments[index])
        return None

    def bar(self, key: str) -> Candle | None:
        """The true bar of the present minute: a fill may not lie outside it."""
        now = milliseconds(self._clock.now())
        recording = self._of(now)
        series = recording.series(key) if recording else None
        return series.bar(now) if series else None

    def _of(self, now_ms: int) -> Recording | None:
        """The recording of today, else the latest before it."""
        today = ist_date(moment(now_ms))
        index = bisect_right(self._recordings, today, key=lambda each: each.day) - 1
        return self._recordings[index] if index >= 0 else None
