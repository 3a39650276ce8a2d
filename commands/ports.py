"""What the core needs from the world; adapters provide it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from domain.book import BookOrder, BookTrade, Funds, Margin, NetPosition, Profile, Ticket
from domain.chain import Chain
from domain.quote import Candle, Quote


class Clock(Protocol):
    """Time as the platform lives it: real, scaled (practice) or stepped (replay)."""

    def now(self) -> datetime:
        """The present moment, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump; deadlines are measured with these."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait that many of this clock's seconds."""
        ...


class MarketData(Protocol):
    """Contracts and prices; a key is `Contract.key`, an absent answer means not known."""

    def chain(self, day: date) -> Chain:
        """Every contract listed on that day."""
        ...

    def quotes(self, keys: Iterable[str]) -> Mapping[str, Quote]:
        """What the market shows now; keys without any quote are absent."""
        ...

    def spot(self, underlying: str) -> Quote | None:
        """The index or stock itself; None where no price is recorded."""
        ...

    def candles(self, key: str, since: datetime, until: datetime) -> Sequence[Candle]:
        """Finished one-minute candles with since ≤ start < until."""
        ...

    def next_tick(self, after: datetime) -> datetime | None:
        """When prices change next, as far as this market knows; None after the close."""
        ...


class Broker(Protocol):
    """One account at one broker. Errors are those of `domain.book`, and no others."""

    def place(self, ticket: Ticket) -> str:
        """Send the order, once; the broker's order id means registered, not filled.

        Raises Rejected, NotSent, Unknown, SessionExpired.
        """
        ...

    def modify(self, broker_order_id: str, price: Decimal) -> None:
        """Ask for a new limit price in ₹; raises Rejected, NotSent, Unknown, SessionExpired."""
        ...

    def cancel(self, broker_order_id: str) -> None:
        """Ask for cancellation; the book says whether it happened."""
        ...

    def orders(self) -> Sequence[BookOrder]:
        """The order book of the day, ours and others'; raises Unavailable, SessionExpired."""
        ...

    def trades(self) -> Sequence[BookTrade]:
        """Executions of the day."""
        ...

    def positions(self) -> Sequence[NetPosition]:
        """Net positions, overnight ones included."""
        ...

    def funds(self) -> Funds:
        """Money available and used."""
        ...

    def basket_margin(self, tickets: Sequence[Ticket]) -> Margin:
        """What these orders would need in this sequence, existing positions considered."""
        ...

    def profile(self) -> Profile:
        """Who is logged in."""
        ...

    def login_url(self) -> str:
        """Where the trader logs in."""
        ...

    def exchange_token(self, request_token: str) -> str:
        """Turn what the login returned into a session; answers when it was opened, as text."""
        ...


class Lane(Protocol):
    """One account's way to its broker: so many calls a second, a minute and a day."""

    def place(self, *, entry: bool) -> float:
        """Take a place if there is one: 0, else the seconds until there may be.

        Exits go before entries, and keep a share for themselves. Raises NotSent when the day's
        orders are used up.
        """
        ...
