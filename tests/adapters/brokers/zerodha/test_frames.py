"""Binary frames: what was packed comes out, as the official client reads it; lies are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kiteconnect import KiteTicker

from adapters.brokers.zerodha.frames import (
    BadFrame,
    Level,
    Mode,
    NegativePrice,
    OddPacket,
    Surplus,
    Tick,
    Truncated,
    parse_frame,
)
from tests.adapters.brokers.zerodha.packing import framed, full, index, ltp, traded

unhurried = settings(deadline=None)

NIFTY = 256265
OPTION = 0x00ABCD02
#: 09:20:01 IST on 3 August 2026
AT = 1785729001

prices = st.integers(0, 2**31 - 1)
counts = st.integers(0, 2**32 - 1)
times = st.integers(0, 2**32 - 1)
tokens = st.builds(
    lambda number, segment: number << 8 | segment,
    st.integers(1, 2**24 - 1),
    st.sampled_from([1, 2, 3, 4, 5, 6, 7, 9, 12]),
)
ohlc = st.tuples(prices, prices, prices, prices)
day = st.tuples(counts, prices, counts, counts, counts)
steps = st.lists(st.tuples(counts, prices, st.integers(0, 2**16 - 1)), min_size=5, max_size=5)
packets = st.one_of(
    st.builds(ltp, tokens, prices),
    st.builds(index, tokens, prices, ohlc, st.integers(-(2**31), 2**31 - 1), st.none() | times),
    st.builds(traded, tokens, prices, day, ohlc),
    st.builds(
        full, tokens, prices, at=times, traded_at=times, day=day, ohlc=ohlc,
        interest=st.tuples(counts, counts, counts), bids=steps, asks=steps,
    ),
)  # fmt: skip
frames = st.lists(packets, max_size=6).map(framed)

# Any: what the official client makes of a packet.
Official = dict[str, Any]


def as_official(tick: Tick) -> Official:
    """The tick in the official client's words, without what it computes itself."""
    told: Official = {
        "mode": tick.mode.value,
        "instrument_token": tick.token,
        "last_price": float(tick.last),
        "tradable": not tick.is_index,
    }
    if tick.open is not None:
        names = ("open", "high", "low", "close")
        told["ohlc"] = {name: float(getattr(tick, name)) for name in names}
    if tick.average is not None:
        told |= {
            "last_traded_quantity": tick.last_quantity,
            "average_traded_price": float(tick.average),
            "volume_traded": tick.volume,
            "total_buy_quantity": tick.to_buy,
            "total_sell_quantity": tick.to_sell,
        }
    if tick.depth:
        told |= {"oi": tick.oi, "oi_day_high": tick.oi_high, "oi_day_low": tick.oi_low}
        told["depth"] = {"buy": steps_of(tick.bids), "sell": steps_of(tick.asks)}
    return told


def steps_of(levels: tuple[Level, ...]) -> list[Official]:
    return [
        {"quantity": level.quantity, "price": float(level.price), "orders": level.orders}
        for level in levels
    ]


@unhurried
@given(frames)
def test_every_frame_reads_as_the_official_client_reads_it(frame: bytes) -> None:
    official = KiteTicker("key", "token")._parse_binary(frame)

    ticks = parse_frame(frame)

    ours = [as_official(tick) for tick in ticks]
    computed = {"change", "exchange_timestamp", "last_trade_time"}
    assert ours == [{k: v for k, v in each.items() if k not in computed} for each in official]
    told = [each.get("exchange_timestamp") for each in official]
    # Its times are those of the machine's own zone; and it has a time where there is none.
    expected = [t.astimezone(UTC) if t and t.timestamp() else None for t in told]
    assert [tick.exchange_at for tick in ticks] == expected


@unhurried
@given(st.sampled_from([(1, 2), (2, 2), (3, 7), (4, 2), (6, 4), (7, 2), (9, 2), (12, 4)]), prices)
def test_a_price_is_exact_to_the_places_of_its_segment(segment: tuple[int, int], told: int) -> None:
    number, places = segment

    (tick,) = parse_frame(framed([ltp(77 << 8 | number, told)]))

    assert tick.last == Decimal(told).scaleb(-places)


def prices_of_day(tick: Tick) -> list[str]:
    return [str(each) for each in (tick.open, tick.high, tick.low, tick.close)]


def test_a_full_packet_tells_depth_interest_and_times() -> None:
    bids = [(75, 12340, 3), (150, 12335, 1), (0, 0, 0), (0, 0, 0), (0, 0, 0)]
    asks = [(225, 12355, 2), *[(0, 0, 0)] * 4]

    (tick,) = parse_frame(
        framed([
            full(
                OPTION, 12345, at=AT, traded_at=AT - 2, day=(75, 12001, 9000, 100, 200),
                ohlc=(11000, 13000, 10500, 11950), interest=(4500, 5000, 4000),
                bids=bids, asks=asks,
            )
        ])
    )  # fmt: skip

    assert tick.mode is Mode.FULL
    assert (tick.last, tick.average) == (Decimal("123.45"), Decimal("120.01"))
    assert prices_of_day(tick) == ["110", "130", "105", "119.5"]
    assert (tick.oi, tick.oi_high, tick.oi_low) == (4500, 5000, 4000)
    assert tick.exchange_at == datetime(2026, 8, 3, 3, 50, 1, tzinfo=UTC)
    assert tick.last_trade_at == datetime(2026, 8, 3, 3, 49, 59, tzinfo=UTC)
    assert tick.bids[:2] == (Level(75, Decimal("123.4"), 3), Level(150, Decimal("123.35"), 1))
    assert tick.asks[0] == Level(225, Decimal("123.55"), 2)


def test_an_index_tells_high_and_low_before_open_and_close_and_falls_by_a_signed_change() -> None:
    packet = index(NIFTY, 2450055, (2440000, 2460000, 2430000, 2455000), change=-4945, at=AT)

    (tick,) = parse_frame(framed([packet]))

    assert tick.is_index
    assert prices_of_day(tick) == ["24400", "24600", "24300", "24550"]
    assert tick.change == Decimal("-49.45")
    assert tick.exchange_at == datetime(2026, 8, 3, 3, 50, 1, tzinfo=UTC)


@pytest.mark.parametrize("frame", [b"", b"\0", b"\1", b"\0\0"], ids=repr)
def test_a_heartbeat_tells_nothing(frame: bytes) -> None:
    assert parse_frame(frame) == []


@unhurried
@given(st.lists(packets, min_size=1, max_size=4).map(framed), st.data())
def test_a_frame_cut_short_is_refused(frame: bytes, data: st.DataObject) -> None:
    length = data.draw(st.integers(2, len(frame) - 1))

    with pytest.raises(Truncated):
        parse_frame(frame[:length])


@unhurried
@given(frames, st.binary(min_size=1, max_size=8))
def test_bytes_behind_the_last_packet_are_refused(frame: bytes, more: bytes) -> None:
    with pytest.raises(Surplus):
        parse_frame(frame + more)


@unhurried
@given(st.integers(0, 300).filter(lambda n: n not in (8, 28, 32, 44, 184)))
def test_a_packet_of_no_known_length_is_refused(length: int) -> None:
    with pytest.raises(OddPacket):
        parse_frame(framed([bytes(length)]))


@pytest.mark.parametrize(
    "packet",
    [
        ltp(OPTION, -5),
        index(NIFTY, 5, (5, 5, -5, 5)),
        traded(OPTION, 5, (1, -5, 1, 1, 1), (5, 5, 5, 5)),
        full(OPTION, 5, at=AT, asks=[*[(75, 5, 1)] * 4, (75, -5, 1)]),
    ],
    ids=["last", "low", "average", "ask"],
)
def test_a_price_below_zero_is_refused(packet: bytes) -> None:
    with pytest.raises(NegativePrice):
        parse_frame(framed([packet]))


@unhurried
@given(st.binary(min_size=2, max_size=400))
def test_whatever_comes_is_read_or_refused_by_name(frame: bytes) -> None:
    try:
        ticks = parse_frame(frame)
    except BadFrame:
        return

    assert len(ticks) == int.from_bytes(frame[:2], "big")
