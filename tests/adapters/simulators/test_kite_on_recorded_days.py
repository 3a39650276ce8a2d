"""The simulator over recorded days: made-up ones, and real ones where they are at hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from kiteconnect import KiteConnect

from adapters.brokers.paper.exchange import PaperExchange
from adapters.clock import SteppedClock
from adapters.market.reading import read_recording
from adapters.market.recorded import RecordedMarket
from adapters.simulators.kite.simulator import KiteSimulator
from domain.calendar import IST
from tests.adapters.market.recorded_days import index_row, minute, minutes, row, write_parquet
from tests.adapters.simulators.kite_stage import ACCOUNT, KEY, KIND, SECRET, USER, Json, Stage

CALL = "NFO:NIFTY2680424500CE"
Played = tuple[KiteConnect, SteppedClock]


@contextmanager
def recorded(file: Path, at: datetime) -> Iterator[Played]:
    """A client on that day, at that moment."""
    clock, own = SteppedClock(at), SteppedClock(at)
    market = RecordedMarket([read_recording(file)], own)
    kite = KiteSimulator(PaperExchange(market, own, settings=KIND), market, clock)
    kite.add_app(ACCOUNT, KEY, SECRET, USER)
    kite.start()
    client = Stage.client_of(kite)
    yield client, clock
    client.reqsession.close()
    kite.stop()
    assert kite.broken == []


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """An hour of one call and the index, without bids and asks."""
    rows = [each for at in minutes(60) for each in (row(at), index_row(at))]
    return write_parquet(tmp_path / "day.parquet", rows)


def test_a_recorded_price_speaks_for_its_whole_minute(day: Path) -> None:
    with recorded(day, minute("09:20")) as (client, clock):
        shown = []
        for seconds in (30, 29, 2):
            clock.sleep(seconds)
            shown.append(client.quote(CALL)[CALL]["timestamp"].isoformat()[-8:])

    assert shown == ["09:20:30", "09:20:59", "09:21:01"]


def test_after_a_gap_a_recorded_price_is_as_old_as_it_is(day: Path) -> None:
    with recorded(day, minute("10:19")) as (client, clock):
        clock.sleep(300)
        quote = client.quote(CALL)[CALL]

    assert quote["timestamp"].isoformat()[-8:] == "10:19:00"


def test_where_nobody_is_recorded_depth_is_empty(day: Path) -> None:
    with recorded(day, minute("09:21")) as (client, clock):
        clock.sleep(1)
        quotes = client.quote(CALL, "NSE:NIFTY 50")

    assert {level["price"] for level in quotes[CALL]["depth"]["buy"]} == {0}
    assert quotes[CALL]["last_price"] == 100
    assert quotes["NSE:NIFTY 50"]["last_price"] == 24500


def test_an_order_fills_by_the_rules_of_paper(day: Path) -> None:
    with recorded(day, minute("09:21")) as (client, clock):
        clock.sleep(1)
        client.place_order(
            "regular", "NFO", "NIFTY2680424500CE", "BUY", 65, "MIS", "LIMIT", price=101, tag="B1"
        )
        clock.sleep(5)
        (found,) = client.orders()

    assert (found["status"], found["average_price"]) == ("COMPLETE", 100.25)


REAL = [
    ("2021-06-11", "09:20", True),
    ("2025-08-29", "10:00", False),
    ("2026-08-04", "10:00", False),
    ("2026-08-17", "10:00", True),
]


@pytest.mark.parametrize(("name", "at", "with_spot"), REAL)
def test_a_real_day_is_listed_quoted_and_traded(
    recorded_data: Path, name: str, at: str, with_spot: bool
) -> None:
    start = datetime.fromisoformat(f"{name}T{at}:05").replace(tzinfo=IST)
    with recorded(recorded_data / "days" / f"{name}.parquet", start) as (client, clock):
        rows = [each for each in client.instruments("NFO") if each["name"] == "NIFTY"]
        keys = [f"NFO:{each['tradingsymbol']}" for each in rows][:499]
        quotes: Json = client.quote([*keys, "NSE:NIFTY 50"])
        key = max(quotes, key=lambda each: quotes[each].get("volume", 0))
        (listed,) = [each for each in rows if f"NFO:{each['tradingsymbol']}" == key]
        client.place_order(
            "regular", "NFO", listed["tradingsymbol"], "BUY", listed["lot_size"], "NRML",
            "MARKET", market_protection=-1, tag="B1",
        )  # fmt: skip
        clock.sleep(120)
        (found,) = client.orders()
        candles = client.historical_data(
            listed["instrument_token"], f"{name} 09:15:00", f"{name} {at}:00", "5minute"
        )

    assert ("NSE:NIFTY 50" in quotes) is with_spot
    assert found["status"] == "COMPLETE"
    assert found["average_price"] > 0
    assert candles
