"""One-minute candles by Kite's historical API, which knows only what is listed today."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final  # Any: JSON as the client hands it over

from pydantic import ValidationError

from adapters.brokers.zerodha.client import Kite
from adapters.brokers.zerodha.rows import Money, Row, When, moment
from commands.ports import Clock
from domain.book import BrokerError
from domain.calendar import IST
from domain.quote import Candle

LOG: Final = logging.getLogger("atp.zerodha.candles")
MINUTE: Final = timedelta(minutes=1)
#: What Kite allows: so many days of minutes a request, and so many seconds between two.
LONGEST: Final = timedelta(days=60)
APART_S: Final = 1 / 3


class CandleRow(Row, frozen=True):
    date: When
    open: Money
    high: Money
    low: Money
    close: Money
    volume: int | None = None
    oi: int | None = None


class Candles:
    """Asks for minutes, at Kite's pace; whoever asks, waits."""

    def __init__(self, kite: Callable[[], Kite], clock: Clock) -> None:
        self._kite = kite
        self._clock = clock
        self._next = clock.monotonic()
        self._turn = Lock()

    def of(self, token: int, since: datetime, until: datetime) -> Sequence[Candle]:
        """Finished minutes with since ≤ start < until: all that there are, or none."""
        finished = self._clock.now() - MINUTE
        try:
            rows = [row for span in _spans(since, until) for row in self._asked(token, *span)]
        except BrokerError as error:
            LOG.warning("no candles of %d: %s", token, error)
            return []
        found = {
            candle.at: candle
            for candle in map(_candle, rows)
            if candle is not None and since <= candle.at < until and candle.at <= finished
        }
        return [found[at] for at in sorted(found)]

    def _asked(self, token: int, since: datetime, until: datetime) -> list[Any]:
        with self._turn:
            self._clock.sleep(self._next - self._clock.monotonic())
            self._next = self._clock.monotonic() + APART_S
        first, last = (at.astimezone(IST).replace(tzinfo=None) for at in (since, until))
        rows: list[Any] = self._kite().reading(
            lambda client: client.historical_data(token, first, last, "minute", oi=True)
        )
        return rows


def _spans(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The time from one to the other in parts that Kite answers."""
    while since < until:
        end = min(since + LONGEST, until)
        yield since, end
        since = end


def _candle(told: Any) -> Candle | None:
    try:
        row = CandleRow.model_validate(told)
    except ValidationError:
        return None
    at = None if row.date is None else moment(row.date)
    if at is None:
        return None
    return Candle(
        at=at,
        open=row.open,
        high=row.high,
        low=row.low,
        close=row.close,
        volume=row.volume,
        oi=row.oi,
    )
