"""What every handler stands on: the exchange brought up to now, its books, and who is asking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from adapters.brokers.paper.book import Account, Book
from adapters.brokers.paper.exchange import PaperExchange, Treatment
from adapters.brokers.paper.money import Money
from adapters.simulators.kite.history import Histories
from adapters.simulators.kite.holdings import Holdings
from adapters.simulators.kite.instruments import Instruments, Listed
from adapters.simulators.kite.quotes import Prices
from adapters.simulators.kite.sessions import KiteApp, Sessions
from adapters.simulators.kite.wire import Request
from commands.ports import Clock, MarketData
from domain.calendar import ist_date

NOBODY = "NOBODY"


class Venue:
    """The paper exchange as Kite shows it."""

    def __init__(
        self, exchange: PaperExchange, market: MarketData, clock: Clock, sessions: Sessions
    ) -> None:
        self.exchange = exchange
        self.market = market
        self.clock = clock
        self.sessions = sessions
        self.histories = Histories()
        self.holdings = Holdings()
        self.instruments = Instruments(market)
        self.prices = Prices(market, clock)
        empty = Book()
        empty.accounts[NOBODY] = Account(Decimal(0))
        self.without_positions = Money(market, empty)
        with exchange.lock:
            for line in exchange.ledger.lines():
                self.histories.apply(line)
                self.holdings.apply(line)
            exchange.watch(self.histories.apply)
            exchange.watch(self.holdings.apply)

    @contextmanager
    def now(self) -> Iterator[datetime]:
        """The exchange to oneself, with everything done that is due before and after."""
        with self.exchange.lock:
            at = self.clock.now()
            self.exchange.step(at)
            yield at
            self.exchange.step(self.clock.now())

    def listed(self, at: datetime) -> Listed:
        """The instruments of that moment's day."""
        return self.instruments.of(ist_date(at))


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a trader who is logged in."""

    request: Request
    app: KiteApp
    venue: Venue
    parts: tuple[str, ...]
    """What stood in the places of the route."""
    treatment: Treatment

    @property
    def account(self) -> str:
        return self.app.account

    def today(self, at: datetime) -> date:
        return ist_date(at)
