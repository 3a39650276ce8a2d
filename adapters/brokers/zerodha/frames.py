"""Kite's binary frames: prices of many contracts, packed; what does not add up is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from struct import Struct
from typing import Final, NamedTuple

COUNT: Final = Struct(">H")
LTP: Final = Struct(">Ii")
#: token; last, high, low, open, close, change
INDEX: Final = Struct(">I6i")
#: token, last, last quantity, average, volume, to buy, to sell; open, high, low, close
TRADED: Final = Struct(">IiIiIII4i")
#: last trade, open interest, its high and low, exchange time
OF_FULL: Final = Struct(">IIIII")
NOTHING: Final = (0, None, None, None, 0)
SECONDS: Final = Struct(">I")
#: five bids and five asks: units, price, orders
DEPTH: Final = Struct(">" + 10 * "IiH2x")
SIDE: Final = 5 * 3

#: The last byte of a token is its segment; prices are whole numbers of 1/divisor ₹.
CDS, BCD, NCO, INDICES = 3, 6, 12, 9
DIVISORS: Final = {CDS: Decimal(10_000_000), BCD: Decimal(10_000), NCO: Decimal(10_000)}
PAISE: Final = Decimal(100)


class BadFrame(ValueError):
    """A frame that cannot be what Kite sends; nothing of it counts."""


class Truncated(BadFrame):
    """The frame ends before what it announces."""


class Surplus(BadFrame):
    """Bytes follow the last packet that was announced."""


class OddPacket(BadFrame):
    """A packet of a length that no mode has."""


class NegativePrice(BadFrame):
    """A price below zero, which no option, share or index has."""


class Mode(StrEnum):
    """How much is told of a contract."""

    LTP = "ltp"
    QUOTE = "quote"
    FULL = "full"


class Level(NamedTuple):
    """One step of the order book: units at a price in ₹, in so many orders."""

    quantity: int
    price: Decimal
    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What one packet tells: prices in ₹, quantities in units, times UTC; 0 is told as it came.

    `volume` is the day's. An index has neither quantities nor depth; only mode full has times.
    """

    token: int
    mode: Mode
    last: Decimal
    open: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    close: Decimal | None = None
    change: Decimal | None = None
    last_quantity: int | None = None
    average: Decimal | None = None
    volume: int | None = None
    to_buy: int | None = None
    to_sell: int | None = None
    last_trade_at: datetime | None = None
    oi: int | None = None
    oi_high: int | None = None
    oi_low: int | None = None
    exchange_at: datetime | None = None
    depth: tuple[int, ...] = field(default=(), repr=False)
    """As it came, for most ticks are followed by the next before anybody asks."""

    @property
    def is_index(self) -> bool:
        return self.token & 0xFF == INDICES

    @property
    def bids(self) -> tuple[Level, ...]:
        """Best first; an empty step is zeros."""
        return self._levels(self.depth[:SIDE])

    @property
    def asks(self) -> tuple[Level, ...]:
        """Best first; an empty step is zeros."""
        return self._levels(self.depth[SIDE:])

    def _levels(self, told: tuple[int, ...]) -> tuple[Level, ...]:
        divisor = _divisor(self.token)
        steps = zip(told[::3], told[1::3], told[2::3], strict=True)
        return tuple(Level(units, price / divisor, orders) for units, price, orders in steps)


def parse_frame(frame: bytes) -> list[Tick]:
    """Every tick of one binary frame, none in a heartbeat.

    Raises Truncated, Surplus, OddPacket, NegativePrice.
    """
    return [parse_packet(packet) for packet in packets(frame)]


def packets(frame: bytes) -> Iterator[bytes]:
    """The frame cut into its packets; raises Truncated, Surplus."""
    if len(frame) < COUNT.size:
        return  # a heartbeat is one byte
    at = COUNT.size
    (announced,) = COUNT.unpack_from(frame)
    for number in range(announced):
        start = at + COUNT.size
        if start > len(frame):
            raise Truncated(f"{announced} packets are announced, {number} are there")
        at = start + COUNT.unpack_from(frame, at)[0]
        if at > len(frame):
            raise Truncated(f"packet {number} misses {at - len(frame)} of {at - start} bytes")
        yield frame[start:at]
    if at < len(frame):
        raise Surplus(f"{len(frame) - at} bytes follow the {announced} packets announced")


def parse_packet(packet: bytes) -> Tick:
    """One tick; its mode and kind follow from its length. Raises OddPacket, NegativePrice."""
    match len(packet):
        case 8:
            token, last = LTP.unpack(packet)
            return Tick(token=token, mode=Mode.LTP, last=_price(last, _divisor(token)))
        case 28 | 32:
            return _index(packet)
        case 44 | 184:
            return _traded(packet)
    raise OddPacket(f"no mode has packets of {len(packet)} bytes")


def _index(packet: bytes) -> Tick:
    token, last, high, low, opened, close, change = INDEX.unpack_from(packet)
    divisor, full = _divisor(token), len(packet) == 32
    return Tick(
        token=token,
        mode=Mode.FULL if full else Mode.QUOTE,
        last=_price(last, divisor),
        open=_price(opened, divisor),
        high=_price(high, divisor),
        low=_price(low, divisor),
        close=_price(close, divisor),
        change=change / divisor,
        exchange_at=_time(SECONDS.unpack_from(packet, INDEX.size)[0]) if full else None,
    )


def _traded(packet: bytes) -> Tick:
    token, last, units, average, volume, to_buy, to_sell, *day = TRADED.unpack_from(packet)
    divisor, full = _divisor(token), len(packet) == 184
    traded, oi, oi_high, oi_low, told = OF_FULL.unpack_from(packet, 44) if full else NOTHING
    return Tick(
        token=token,
        mode=Mode.FULL if full else Mode.QUOTE,
        last=_price(last, divisor),
        open=_price(day[0], divisor),
        high=_price(day[1], divisor),
        low=_price(day[2], divisor),
        close=_price(day[3], divisor),
        last_quantity=units,
        average=_price(average, divisor),
        volume=volume,
        to_buy=to_buy,
        to_sell=to_sell,
        last_trade_at=_time(traded),
        oi=oi,
        oi_high=oi_high,
        oi_low=oi_low,
        exchange_at=_time(told),
        depth=_depth(packet, divisor) if full else (),
    )


def _depth(packet: bytes, divisor: Decimal) -> tuple[int, ...]:
    told = DEPTH.unpack_from(packet, 64)
    _price(min(told[1::3]), divisor)
    return told


def _divisor(token: int) -> Decimal:
    return DIVISORS.get(token & 0xFF, PAISE)


def _price(told: int, divisor: Decimal) -> Decimal:
    if told < 0:
        raise NegativePrice(f"{told / divisor} is no price")
    return told / divisor


def _time(seconds: int) -> datetime | None:
    """Kite counts true seconds since 1970; 0 says that there is no time."""
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
