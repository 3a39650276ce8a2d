"""Every morning: today's lists are fetched, and whom a change concerns is looked at again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final

from adapters.brokers.zerodha.dump import DERIVATIVES, read_dump
from adapters.brokers.zerodha.instruments import MADE_AT, Instruments
from adapters.brokers.zerodha.listing_diff import Difference, difference
from adapters.engine import Chore
from adapters.market.instruments import BadInstruments
from adapters.runtime import Platform
from commands.listing import look_again, record_changes
from domain.calendar import MARKET, at_ist, ist_date
from domain.listing import Touched
from domain.strategy import StrategyStatus
from projections.strategies import STRATEGIES, StrategyRow

LOG: Final = logging.getLogger("atp.zerodha.instruments")
#: A list that could not be had is asked for again, the sooner the nearer the open is.
AGAIN: Final = timedelta(seconds=30)
#: One that was not made anew in time is asked for again for as long (IST).
GIVEN_UP: Final = time(9, 12)


class Morning:
    """Chores of the engine around the daily lists."""

    def __init__(
        self, lists: Instruments, platform: Platform, alarm: Callable[[str], None]
    ) -> None:
        self.lists = lists
        self.platform = platform
        self.alarm = alarm
        self._said: frozenset[str] = frozenset()

    def chores(self) -> Mapping[str, Chore]:
        """By the name under which the engine calls them; due at once, at start."""
        return {"instruments": self.look}

    def look(self, _: str, now: datetime) -> datetime:
        """Fetch what is not of this morning, tell whom it concerns; answers when to look again."""
        old = self._outdated(now)
        self.lists.fetch(sorted({*self.lists.lacking(now), *old}))
        old = self._outdated(now)
        self._take_notice(now)
        lacking = self.lists.lacking(now)
        self._tell(lacking, old, now)
        return now + AGAIN if lacking or old else next_list(now)

    def _outdated(self, now: datetime) -> list[str]:
        """What still holds yesterday's expiries, as long as there is time to ask again."""
        day = ist_date(now)
        wanted = MARKET.is_session(day) and at_ist(day, MADE_AT) <= now < at_ist(day, GIVEN_UP)
        return self.lists.outdated(now) if wanted else []

    def _tell(self, lacking: list[str], old: list[str], now: datetime) -> None:
        """Each trouble once, for as long as it lasts."""
        found = {f"no list of {each}: {self.lists.troubles.get(each)}" for each in lacking}
        found |= {f"the list of {each} is not of {ist_date(now)} yet" for each in old}
        found |= {
            f"the list of {each}: {why}"
            for each, why in self.lists.troubles.items()
            if each not in lacking
        }
        for trouble in sorted(found - self._said):
            self.alarm(trouble)
        self._said = frozenset(found)

    # ── what changed ──────────────────────────────────────────────────────────────────────

    def _take_notice(self, now: datetime) -> None:
        """Record each change, then look at its strategies, then call the list known: in this
        order, so that whoever dies on the way begins again."""
        day = ist_date(now)
        lacking = self.lists.lacking(now)
        touched, read = Touched(), {}
        for exchange in (each for each in DERIVATIVES if each in self.lists.shelves):
            if exchange in lacking or (text := self._news(exchange)) is None:
                continue
            read[exchange] = text
            found = self._difference(exchange, text, now)
            if found is not None and found.changes:
                LOG.info("%s: %d changes in the list of %s", exchange, len(found.changes), day)
                record_changes(self.platform.trading, exchange, day, found.changes, now)
                touched |= found.touched
        if read:
            strategies = list(self._concerned(touched, again=not lacking))
            faulty = look_again(self.platform.bus, strategies, day, now)
            LOG.info("%d strategies looked at again, %d with faults", len(strategies), len(faulty))
        for exchange, text in read.items():
            self.lists.shelves[exchange].know(text)

    def _news(self, exchange: str) -> str | None:
        """The list that is held, if it was not taken notice of yet."""
        at, shelf = self.lists.fetched_at(exchange), self.lists.shelves[exchange]
        try:
            text = shelf.text(at) if at is not None else None
        except BadInstruments as error:
            self.lists.troubles[exchange] = str(error)
            return None
        return None if text == shelf.known() else text

    def _difference(self, exchange: str, text: str, now: datetime) -> Difference | None:
        known = self.lists.shelves[exchange].known()
        if known is None:
            return None
        day = ist_date(now)
        before, after = (read_dump(exchange, each, day) for each in (known, text))
        return difference(before, after, day)

    def _concerned(self, touched: Touched, *, again: bool) -> Iterator[str]:
        """Strategies on what changed; `again`: and active ones with faults, which may be over."""
        self.platform.reads.catch_up()
        for item in self.platform.reads.tables.live(STRATEGIES.shape).heads():
            row = item.body
            if not isinstance(row, StrategyRow):
                continue
            faulty = row.status is StrategyStatus.ACTIVE and bool(row.faults)
            if (again and faulty) or touched.concerns(*named(row.legs)):
                yield item.stream


# Any: legs as JSON, in the form a client sent them.
def named(legs: list[Any]) -> tuple[set[str], set[str]]:
    """The symbols that these legs name, and the underlyings on whose options they choose."""
    symbols = {leg["symbol"] for leg in legs if leg.get("symbol")}
    chosen_on = {leg["selector"]["underlying"] for leg in legs if leg.get("selector")}
    return symbols, chosen_on


def next_list(now: datetime) -> datetime:
    """The next time at which a list is made for a session."""
    day = ist_date(now)
    made = at_ist(day, MADE_AT)
    if now < made and MARKET.is_session(day):
        return made
    return at_ist(MARKET.next_session(day), MADE_AT)
