"""The broker's side of the story, in one vocabulary for all brokers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from domain.contract import Contract, Product, Side


class OrderType(StrEnum):
    LIMIT = "LIMIT"
    MARKET = "MARKET"


class OrderStatus(StrEnum):
    """A status the platform does not know is OPEN: it may still fill."""

    OPEN = "OPEN"
    COMPLETE = "COMPLETE"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"

    @property
    def terminal(self) -> bool:
        return self is not OrderStatus.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One order as it is sent: quantity in units, price in ₹ (the protection limit for MARKET)."""

    tag: str
    contract: Contract
    side: Side
    quantity: int
    product: Product
    order_type: OrderType = OrderType.LIMIT
    price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookOrder:
    """One row of the broker's order book of the day; `filled` is cumulative, in units."""

    broker_order_id: str
    tags: tuple[str, ...]
    key: str
    """Exchange and symbol, as `Contract.key`."""
    side: Side
    product: str
    quantity: int
    filled: int
    average_price: Decimal
    status: OrderStatus
    price: Decimal | None = None
    message: str | None = None
    placed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookTrade:
    """One execution: quantity in units, price in ₹."""

    trade_id: str
    broker_order_id: str
    key: str
    side: Side
    product: str
    quantity: int
    price: Decimal
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NetPosition:
    """The broker's net in one contract and product: negative quantity is short."""

    key: str
    product: str
    quantity: int
    average_price: Decimal
    last_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Funds:
    """Money at the broker in ₹: what may still be used, what is used, and the cash behind both."""

    available: Decimal
    used: Decimal
    cash: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """What a basket needs in ₹ beyond what is blocked: at its end, and at its peak on the way."""

    final: Decimal
    peak: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Who the broker says this is, and what may be traded."""

    broker_user_id: str
    name: str
    capabilities: tuple[str, ...]


class BrokerError(Exception):
    """Something a broker call may end in besides an answer."""


class Rejected(BrokerError):
    """Final: the broker refused, nothing was placed."""


class NotSent(BrokerError):
    """Nothing was placed, and the same may be asked again (rate limit, connection refused)."""


class TooFast(NotSent):
    """The broker takes no more orders of this account just now: wait a second."""


class Unknown(BrokerError):
    """It may have been accepted: look at the book, never send it again."""


class SessionExpired(BrokerError):
    """The trader has to log in; nothing was placed."""


class AddressRefused(SessionExpired):
    """Orders are not taken from this machine's address, which the message names; no login helps."""


class Unavailable(BrokerError):
    """A read failed; nothing is known and nothing changed."""


class Throttled(Unavailable):
    """Asked too often: nothing is known, and a second later the same may be asked again."""
