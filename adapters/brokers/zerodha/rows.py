"""Kite's rows as they come, checked once: order, trade, position, funds, margin and profile.

Field names and oddities: recordings of the API, kite.trade/docs/connect/v3.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any  # Any: what JSON may hold where a number or a time should stand

from pydantic import BaseModel, BeforeValidator, Field

from domain.calendar import IST
from domain.contract import Side


def moment(value: str | datetime, day: date | None = None) -> datetime | None:
    """Kite's time, which is India's where it names no zone, as UTC; None where it is no time.

    `09:16:39` needs the day it was on. The client turns some times into naive datetimes.
    """
    if isinstance(value, str):
        try:
            value = _of_day(value, day) if len(value) == 8 else datetime.fromisoformat(value)
        except ValueError:
            return None
    return (value if value.tzinfo else value.replace(tzinfo=IST)).astimezone(UTC)


def _of_day(text: str, day: date | None) -> datetime:
    if day is None:
        raise ValueError(f"{text} of which day?")
    return datetime.combine(day, time.fromisoformat(text))


def _exact(value: Any) -> Any:
    """A float's shortest form is what the server wrote; null is how Kite says none."""
    if value is None:
        return Decimal(0)
    return Decimal(str(value)) if isinstance(value, float) else value


def _text(value: Any) -> Any:
    """Order ids are texts, and larger than a float could hold."""
    return str(value) if isinstance(value, int) else value


Money = Annotated[Decimal, BeforeValidator(_exact)]
Text = Annotated[str, BeforeValidator(_text)]
When = str | datetime | None


class Row(BaseModel, frozen=True, extra="ignore"):
    """What is read of a row; Kite adds fields when it likes."""


class OrderRow(Row, frozen=True):
    order_id: Annotated[Text, Field(min_length=1)]
    status: str
    status_message: str | None = None
    exchange: str
    tradingsymbol: str
    transaction_type: Side
    product: str
    quantity: int
    filled_quantity: int | None = None
    average_price: Money = Decimal(0)
    price: Money = Decimal(0)
    tag: str | None = None
    tags: tuple[str, ...] | None = None
    order_timestamp: When = None


class TradeRow(Row, frozen=True):
    """`quantity` on the wire is `filled` in the documentation; either will do."""

    trade_id: Annotated[Text, Field(min_length=1)]
    order_id: Annotated[Text, Field(min_length=1)]
    exchange: str
    tradingsymbol: str
    transaction_type: Side
    product: str
    quantity: int | None = None
    filled: int | None = None
    average_price: Money
    fill_timestamp: When = None
    exchange_timestamp: When = None
    order_timestamp: When = None


class PositionRow(Row, frozen=True):
    exchange: str
    tradingsymbol: str
    product: str
    quantity: int
    average_price: Money = Decimal(0)
    last_price: Money | None = None


class Positions(Row, frozen=True):
    """`net` is what is held; `day` is only what was traded today, and may disagree by design."""

    net: tuple[PositionRow, ...]


class Utilised(Row, frozen=True):
    """All that is taken, of which the premium of options is spent (or received), not blocked."""

    debits: Money
    option_premium: Money = Decimal(0)


class FundsRow(Row, frozen=True):
    """The equity segment, which holds futures and options too."""

    net: Money
    utilised: Utilised


class Total(Row, frozen=True):
    total: Money


class BasketRow(Row, frozen=True):
    """`initial` adds up each order's own need; `final` is what the whole needs."""

    final: Total


class ProfileRow(Row, frozen=True):
    user_id: Annotated[str, Field(min_length=1)]
    user_name: str = ""
    exchanges: tuple[str, ...] = ()
