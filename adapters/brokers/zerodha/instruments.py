"""What may be traded today, by Kite's daily lists: fetched in the morning, kept, never guessed.

The lists are made anew at about 08:30 IST; before that time the last ones show what is known so
far, after it only those of this very morning count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Final

from adapters.brokers.zerodha.dump import (
    DERIVATIVES,
    EXCHANGES,
    Dump,
    of_two,
    read_dump,
    unpacked,
)
from adapters.brokers.zerodha.shelf import Shelf
from adapters.brokers.zerodha.spots import spot_key
from adapters.market.instruments import BadInstruments
from commands.ports import Clock
from domain.book import BrokerError
from domain.calendar import at_ist, ist_date
from domain.chain import Chain

#: When the lists of a day can be relied on to be those of that day (IST).
MADE_AT: Final = time(8, 30)
#: How many days' contracts are remembered once they were put together.
REMEMBERED: Final = 2

#: The list of one exchange, as it comes; raises what `domain.book` names.
Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Listed:
    """All that is listed on one day; tokens by key, of options, indices and shares."""

    chain: Chain
    tokens: Mapping[str, int]
    underlyings: frozenset[str]

    def spot_key(self, underlying: str) -> str | None:
        """Its index or share; None where that is not listed."""
        return spot_key(underlying, self.underlyings)


class Instruments:
    """The lists of all exchanges; any thread may ask, and none waits for the network."""

    def __init__(
        self, folder: Path, fetch: Fetch, clock: Clock, exchanges: Sequence[str] = EXCHANGES
    ) -> None:
        self.shelves = MappingProxyType({each: Shelf(folder, each) for each in exchanges})
        self.troubles: dict[str, str] = {}
        self._fetch = fetch
        self._clock = clock
        self._held: dict[str, tuple[datetime, Dump]] = {}
        self._listed: dict[tuple[object, ...], Listed] = {}
        self._refreshing, self._lock = Lock(), Lock()
        self.look_on_shelves()

    # ── asking ────────────────────────────────────────────────────────────────────────────

    def listed(self, day: date) -> Listed:
        """What is listed on that day; what is not known of it is said by its chain."""
        now = self._clock.now()
        lists = {each: self._of(each, day, now) for each in self.shelves}
        place = (day, *lists.values())
        with self._lock:
            known = self._listed.get(place)
        if known is not None:
            return known
        made = put_together(day, lists)
        with self._lock:
            latest = list(self._listed.items())[1 - REMEMBERED :]
            self._listed = {**dict(latest), place: made}
        return made

    def chain(self, day: date) -> Chain:
        """The options of that day."""
        return self.listed(day).chain

    def _of(self, exchange: str, day: date, now: datetime) -> Dump | str:
        """The list that counts for that day, or why there is none."""
        held = self._held.get(exchange)
        if held is not None and counts(held[0], day, now):
            return held[1]
        why = self.troubles.get(exchange, "the list of that day is not there")
        return f"the contracts of {exchange} on {day} are not known: {why}"

    # ── fetching ──────────────────────────────────────────────────────────────────────────

    def lacking(self, now: datetime) -> list[str]:
        """Exchanges whose list is not the best that can be had by now."""
        return [each for each in self.shelves if not self._current(each, now)]

    def _current(self, exchange: str, now: datetime) -> bool:
        held = self._held.get(exchange)
        if held is None:
            return False
        made = at_ist(ist_date(now), MADE_AT)
        return held[0] >= made if now >= made else ist_date(held[0]) == ist_date(now)

    def outdated(self, now: datetime) -> list[str]:
        """Exchanges whose list was fetched in time, and still holds what expired before today."""
        return [
            exchange
            for exchange, (_, dump) in sorted(self._held.items())
            if dump.first_expiry is not None and dump.first_expiry < ist_date(now)
        ]

    def look_on_shelves(self) -> None:
        """Take the lists that somebody put there, where they are newer than those held."""
        with self._refreshing:
            for exchange, shelf in self.shelves.items():
                found, held = shelf.newest(), self._held.get(exchange)
                if found is not None and (held is None or found[0] > held[0]):
                    self._held[exchange] = found
                    self.troubles.pop(exchange, None)

    def fetch(self, exchanges: Sequence[str]) -> None:
        """Fetch these lists; one that cannot be had, or not be trusted, becomes a trouble."""
        with self._refreshing:
            for exchange in exchanges:
                at = self._clock.now()
                try:
                    text = unpacked(exchange, self._fetch(exchange))
                    self._held[exchange] = (at, self._trusted(exchange, text, at))
                    self.troubles.pop(exchange, None)
                    self.shelves[exchange].put(text, at)
                except (BrokerError, BadInstruments, OSError) as error:
                    self.troubles[exchange] = str(error)

    def _trusted(self, exchange: str, text: str, at: datetime) -> Dump:
        dump = read_dump(exchange, text, ist_date(at))
        before = self._held.get(exchange)
        of_two(exchange, before[1] if before else None, dump)
        return dump

    def fetched_at(self, exchange: str) -> datetime | None:
        """When the list that is held was fetched."""
        held = self._held.get(exchange)
        return None if held is None else held[0]


def put_together(day: date, lists: Mapping[str, Dump | str]) -> Listed:
    """What all exchanges list on that day; where there is no list, the reason stands for it."""
    known = [dump for dump in lists.values() if isinstance(dump, Dump)]
    chain = Chain(
        day,
        [contract for dump in known for contract in dump.contracts.values()],
        [each for dump in known for each in dump.left_out],
        [
            why
            for exchange, why in lists.items()
            if isinstance(why, str) and exchange in DERIVATIVES
        ],
    )
    return Listed(
        chain,
        {key: token for dump in known for key, token in dump.tokens.items()},
        frozenset(key for dump in known for key in dump.underlyings),
    )


def counts(fetched_at: datetime, day: date, now: datetime) -> bool:
    """Whether a list fetched then says what is listed on that day, as far as can be known now."""
    made = at_ist(day, MADE_AT)
    if fetched_at >= made:
        return ist_date(fetched_at) == day
    return now < made
