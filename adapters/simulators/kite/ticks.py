"""Ticks in Kite's binary form: big-endian, prices in paise."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from adapters.simulators.kite.identity import INDEX_SEGMENT
from adapters.simulators.kite.quotes import LEVELS, Price
from domain.quote import Quote

HEARTBEAT: Final = b"\x00"
PAISE: Final = 100


class Mode(StrEnum):
    LTP = "ltp"
    QUOTE = "quote"
    FULL = "full"


def message(packets: Iterable[bytes]) -> bytes:
    """Packets as one WebSocket message."""
    packed = list(packets)
    return struct.pack(">H", len(packed)) + b"".join(
        struct.pack(">H", len(packet)) + packet for packet in packed
    )


def packet(token: int, price: Price, mode: Mode) -> bytes:
    """One instrument in that mode."""
    if mode is Mode.LTP:
        return struct.pack(">II", token, _paise(price.last))
    if token & 0xFF == INDEX_SEGMENT:
        return _index(token, price, mode)
    day, quote = price.day, price.quote
    body = struct.pack(
        ">11I",
        token,
        _paise(price.last),
        0,
        _paise(price.last),
        day.traded,
        quote.bid_qty or 0,
        quote.ask_qty or 0,
        *map(_paise, (day.open, day.high, day.low, day.close)),
    )
    return body if mode is Mode.QUOTE else body + _full(quote, price.seen_at)


def _index(token: int, price: Price, mode: Mode) -> bytes:
    day = price.day
    prices = (price.last, day.high, day.low, day.open, day.close)
    body = struct.pack(">6Ii", token, *map(_paise, prices), _paise(price.last - day.close))
    return body if mode is Mode.QUOTE else body + struct.pack(">I", _epoch(price.seen_at))


def _full(quote: Quote, seen_at: datetime) -> bytes:
    interest, traded, seen = quote.oi or 0, _epoch(quote.at), _epoch(seen_at)
    return (
        struct.pack(">5I", traded, interest, interest, interest, seen)
        + _side(quote.bid, quote.bid_qty)
        + _side(quote.ask, quote.ask_qty)
    )


def _side(price: Decimal | None, quantity: int | None) -> bytes:
    """Five levels, of which the market knows the first."""
    best = (quantity or 0, _paise(price), 1) if price else (0, 0, 0)
    return struct.pack(">IIH2x", *best) + bytes(12 * (LEVELS - 1))


def _paise(price: Decimal) -> int:
    return int(price * PAISE)


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())
