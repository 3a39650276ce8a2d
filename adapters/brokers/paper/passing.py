"""Time at the paper exchange: ticks, requests that take effect, and the end of the day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from typing import Final

from adapters.brokers.paper.book import Book, Position
from adapters.brokers.paper.entries import Cancelled, Line
from adapters.brokers.paper.matching import Matching
from adapters.brokers.paper.money import Money
from adapters.brokers.paper.settings import PaperSettings
from adapters.brokers.paper.settlement import settlement
from adapters.clock import SteppedClock
from commands.ports import MarketData
from domain.calendar import MARKET, at_ist, ist_date

NEVER: Final = datetime.max.replace(tzinfo=UTC)
DAY_IS_OVER: Final = "The day is over: the exchange cancelled what was left of the order."


class Passing:
    """Moves the clock from event to event, and lets each happen."""

    def __init__(
        self,
        market: MarketData,
        clock: SteppedClock,
        book: Book,
        settings: PaperSettings,
        money: Money,
        write: Callable[[Line], None],
    ) -> None:
        self._market = market
        self._clock = clock
        self._book = book
        self._write = write
        self._matching = Matching(market, book, settings, money, write)
        self._seen = clock.now()
        self._closes: dict[date, datetime] = {}
        self._unpriced: set[tuple[str, str, str]] = set()
        """Expired positions without a price to settle at; asked again with every `until`."""

    def until(self, now: datetime) -> None:
        """Everything due by `now`, in order; of one moment prices first, then requests."""
        self._unpriced.clear()
        while True:
            at = min(self._tick(), self._request(), self._close())
            if at > now:
                break
            self._go_to(at)
            if at == self._tick():
                self._seen = at
                for order in list(self._book.live.values()):
                    self._matching.match(order, self._clock.now())
            elif at == self._request():
                self._matching.take_effect(self._book.on_the_way[0][2], self._clock.now())
            else:
                self._end_of_day(at)
        self._go_to(now)
        self._seen = max(self._seen, now)

    def next_event(self, after: datetime) -> datetime | None:
        """The earliest moment after which something may have happened."""
        at = min(self._tick(), self._request(), self._close())
        return None if at == NEVER else max(at, after)

    def _go_to(self, moment: datetime) -> None:
        if moment > self._clock.now():
            self._clock.advance_to(moment)

    def _tick(self) -> datetime:
        """Prices matter only to orders that wait for them."""
        return (self._market.next_tick(self._seen) if self._book.live else None) or NEVER

    def _request(self) -> datetime:
        return self._book.on_the_way[0][0] if self._book.on_the_way else NEVER

    def _close(self) -> datetime:
        """When the next order or contract ends with its day; in the past where that was missed."""
        days = {ist_date(order.placed_at) for order in self._book.open.values()}
        days |= {held.contract.expiry for _, _, held in self._held() if held.quantity}
        return min((self._close_of(day) for day in days), default=NEVER)

    def _held(self) -> Iterator[tuple[str, str, Position]]:
        for name, account in self._book.accounts.items():
            for (_, product), position in account.positions.items():
                if (name, position.contract.key, product) not in self._unpriced:
                    yield name, product, position

    def _close_of(self, day: date) -> datetime:
        if day not in self._closes:
            session = MARKET.session(day)
            self._closes[day] = session.close if session else at_ist(day, time.max)
        return self._closes[day]

    def _end_of_day(self, close: datetime) -> None:
        now = self._clock.now()
        for order in list(self._book.open.values()):
            if self._close_of(ist_date(order.placed_at)) <= close:
                self._write(
                    Cancelled(
                        at=now,
                        account=order.account,
                        order_id=order.order_id,
                        done=True,
                        message=DAY_IS_OVER,
                    )
                )
        for account, product, position in list(self._held()):
            if position.quantity and self._close_of(position.contract.expiry) <= close:
                self._settle(account, product, position, now)

    def _settle(self, account: str, product: str, position: Position, now: datetime) -> None:
        line = settlement(account, product, position, self._market, now)
        if line is None:
            self._unpriced.add((account, position.contract.key, product))
        else:
            self._write(line)
