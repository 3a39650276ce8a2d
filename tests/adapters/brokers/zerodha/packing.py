"""Kite's binary frames, packed byte by byte from the table in its documentation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def u4(number: int) -> bytes:
    return number.to_bytes(4, "big", signed=number < 0)


def u2(number: int) -> bytes:
    return number.to_bytes(2, "big")


def ltp(token: int, last: int) -> bytes:
    return u4(token) + u4(last)


def index(
    token: int, last: int, ohlc: Sequence[int], change: int = 0, at: int | None = None
) -> bytes:
    """28 bytes, or 32 with the exchange's time."""
    opened, high, low, close = ohlc
    told = [token, last, high, low, opened, close, change]
    return b"".join(map(u4, told)) + (b"" if at is None else u4(at))


def traded(token: int, last: int, day: Sequence[int], ohlc: Sequence[int]) -> bytes:
    """44 bytes; `day` is last quantity, average, volume, to buy, to sell."""
    return b"".join(map(u4, [token, last, *day, *ohlc]))


Step = tuple[int, int, int]
NO_STEPS: Sequence[Step] = [(0, 0, 0)] * 5


def full(
    token: int,
    last: int,
    *,
    at: int,
    traded_at: int = 0,
    day: Sequence[int] = (0, 0, 0, 0, 0),
    ohlc: Sequence[int] = (0, 0, 0, 0),
    interest: Sequence[int] = (0, 0, 0),
    bids: Sequence[Step] = NO_STEPS,
    asks: Sequence[Step] = NO_STEPS,
) -> bytes:
    """184 bytes; a step is units, price and orders."""
    head = traded(token, last, day, ohlc) + b"".join(map(u4, [traded_at, *interest, at]))
    depth = [
        u4(units) + u4(price) + u2(orders) + b"\0\0" for units, price, orders in (*bids, *asks)
    ]
    return head + b"".join(depth)


def framed(packets: Iterable[bytes]) -> bytes:
    told = list(packets)
    return u2(len(told)) + b"".join(u2(len(each)) + each for each in told)
