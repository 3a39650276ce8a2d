"""Kite's REST quotes as ours: what was seen, and when it certainly was so.

Source: kite.trade/docs/connect/v3/market-quotes. A quiet contract's row carries the time of its
last change, and still is what the market shows: as long as others of its exchange are current.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any  # Any: JSON as the client hands it over

from pydantic import ValidationError

from adapters.brokers.zerodha.rows import Money, Row, When, moment
from domain.quote import Quote


class Level(Row, frozen=True):
    price: Money = Decimal(0)
    quantity: int = 0


class Depth(Row, frozen=True):
    buy: tuple[Level, ...] = ()
    sell: tuple[Level, ...] = ()


class QuoteRow(Row, frozen=True):
    """An index has neither depth nor trades."""

    last_price: Money
    timestamp: When = None
    last_trade_time: When = None
    oi: int | None = None
    depth: Depth | None = None


def quotes_of(told: Mapping[str, Any], sent: datetime, valid_for: timedelta) -> dict[str, Quote]:
    """The quotes of one answer to a request sent then; rows in no form that is known are absent.

    They count from when the freshest of their exchange was told, and never from later than sent:
    so a feed that stands still at the broker is not taken for a quiet market.
    """
    rows = {key: row for key, each in told.items() if (row := _row(each)) is not None}
    alive: dict[str, datetime] = {}
    for key, row in rows.items():
        at = None if row.timestamp is None else moment(row.timestamp)
        exchange = key.partition(":")[0]
        if at is not None:
            alive[exchange] = max(at, alive.get(exchange, at))
    return {
        key: _quote(row, min(alive[exchange], sent), sent, valid_for)
        for key, row in rows.items()
        if (exchange := key.partition(":")[0]) in alive
    }


def _row(told: Any) -> QuoteRow | None:
    try:
        return QuoteRow.model_validate(told)
    except ValidationError:
        return None


def _quote(row: QuoteRow, at: datetime, sent: datetime, valid_for: timedelta) -> Quote:
    bid, ask = (_best(row.depth.buy), _best(row.depth.sell)) if row.depth else (None, None)
    return Quote(
        at=at,
        last=row.last_price if row.last_price > 0 and _current(row, sent, valid_for) else None,
        bid=bid.price if bid else None,
        ask=ask.price if ask else None,
        bid_qty=bid.quantity if bid else None,
        ask_qty=ask.quantity if ask else None,
        oi=row.oi,
        valid_for=valid_for,
    )


def _current(row: QuoteRow, sent: datetime, valid_for: timedelta) -> bool:
    """Whether the last price is as young as the touch; an index is as old as its row."""
    if row.depth is None:
        return True
    traded = None if row.last_trade_time is None else moment(row.last_trade_time)
    return traded is not None and sent - traded <= valid_for


def _best(levels: tuple[Level, ...]) -> Level | None:
    """The first level that holds something; an empty one is told as zeros."""
    return next((each for each in levels if each.quantity > 0 and each.price > 0), None)
