"""Instruments, quotes and candles through the official client."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from kiteconnect.exceptions import InputException

from adapters.market.instruments import read_instruments
from adapters.simulators.kite.identity import tokens
from domain.calendar import at_ist
from tests.adapters.simulators.kite_stage import Json, Stage, key_of


def test_the_list_of_instruments_needs_no_session(stage: Stage) -> None:
    rows = stage.stranger().instruments()

    by_key = {key_of(row): row for row in rows}
    contract = stage.listed()
    row = by_key[contract.key]
    assert len(by_key) == len(rows)
    assert {row["exchange"] for row in rows} == {"NSE", "BSE", "NFO"}
    assert (row["name"], row["expiry"], row["strike"]) == (
        "NIFTY", contract.expiry, float(contract.strike),
    )  # fmt: skip
    assert (row["lot_size"], row["tick_size"]) == (65, 0.05)
    assert (row["instrument_type"], row["segment"]) == ("CE", "NFO-OPT")


def test_tokens_carry_their_segment_and_the_exchanges_token(stage: Stage) -> None:
    rows = stage.client.instruments()

    found = [row["instrument_token"] for row in rows]
    options = [row for row in rows if row["exchange"] == "NFO"]
    indices = {key_of(row): row["instrument_token"] for row in rows if row["segment"] == "INDICES"}
    assert len(set(found)) == len(found)
    assert {row["instrument_token"] & 0xFF for row in options} == {2}
    assert {token & 0xFF for token in indices.values()} == {9}
    assert indices["NSE:NIFTY 50"] == 256265
    assert indices["NSE:NIFTY BANK"] == 260105
    assert indices["BSE:SENSEX"] == 265
    assert all(row["instrument_token"] >> 8 == int(row["exchange_token"]) for row in rows)


def test_the_same_key_has_the_same_token_tomorrow_and_bse_another_segment() -> None:
    keys = [f"NFO:NIFTY26NOV{strike}CE" for strike in range(20000, 30000, 50)]

    today, tomorrow = tokens(keys), tokens([*keys, "BFO:SENSEX26NOV80000CE"])

    assert sum(today[key] == tomorrow[key] for key in keys) > 195
    assert tomorrow["BFO:SENSEX26NOV80000CE"] & 0xFF == 5


def test_an_exchange_has_a_list_of_its_own(stage: Stage) -> None:
    assert {row["exchange"] for row in stage.client.instruments("BSE")} == {"BSE"}
    with pytest.raises(InputException, match="exchange"):
        stage.client.instruments("NYSE")


def test_the_list_is_packed_and_names_are_quoted(stage: Stage, tmp_path: Path) -> None:
    with urlopen(Request(f"{stage.kite.root}/instruments/NFO"), timeout=30) as answer:
        packed = answer.read()
        encoding = answer.headers["Content-Encoding"]
    file = tmp_path / "NFO.csv.gz"
    file.write_bytes(packed)

    contracts = read_instruments(file)

    contract = stage.listed()
    assert encoding == "gzip"
    assert contracts[contract.key] == contract.model_copy(update={"freeze": None})


def test_an_expired_contract_is_listed_no_more(stage: Stage) -> None:
    stage.clock.advance_to(at_ist(date(2026, 11, 25), time(9)))

    expiries = {row["expiry"] for row in stage.client.instruments("NFO")}

    assert min(expiries) >= date(2026, 11, 25)


def test_quotes_show_what_the_market_shows(stage: Stage) -> None:
    contract = stage.listed()
    shown = stage.market.quotes([contract.key])[contract.key]

    quote = stage.client.quote(contract.key)[contract.key]

    depth = quote["depth"]
    assert quote["last_price"] == float(shown.last or 0)
    assert (depth["buy"][0]["price"], depth["buy"][0]["quantity"]) == (
        float(shown.bid or 0), shown.bid_qty,
    )  # fmt: skip
    assert (depth["sell"][0]["price"], depth["sell"][0]["quantity"]) == (
        float(shown.ask or 0), shown.ask_qty,
    )  # fmt: skip
    assert (len(depth["buy"]), len(depth["sell"])) == (5, 5)
    assert quote["timestamp"].isoformat() == "2026-11-18T10:00:00"
    assert quote["oi"] == shown.oi


def test_what_is_not_known_is_absent_without_an_error(stage: Stage) -> None:
    contract = stage.listed()
    wanted = [contract.key, "NFO:NIFTY24AUG24000CE", "NSE:NIFTY 50", "NSE:INDIA VIX", "nonsense"]

    found: dict[str, Json] = {}
    for form in ("quote", "ltp", "ohlc"):
        found[form] = getattr(stage.client, form)(wanted)
        stage.pass_time(1)

    for rows in found.values():
        assert set(rows) == {contract.key, "NSE:NIFTY 50"}
    assert "depth" not in found["quote"]["NSE:NIFTY 50"]
    assert set(found["ltp"][contract.key]) == {"instrument_token", "last_price"}


def test_a_quote_keeps_the_day_that_was_seen(stage: Stage) -> None:
    key = "NSE:NIFTY 50"
    seen = []
    for _ in range(20):
        stage.pass_time(30)
        seen.append(stage.client.ltp(key)[key]["last_price"])
    stage.pass_time(1)

    ohlc = stage.client.ohlc(key)[key]

    assert ohlc["ohlc"]["open"] == seen[0]
    assert ohlc["ohlc"]["high"] == max(*seen, ohlc["last_price"])
    assert ohlc["ohlc"]["low"] == min(*seen, ohlc["last_price"])


@pytest.mark.parametrize(("form", "most"), [("quote", 500), ("ohlc", 1000), ("ltp", 1000)])
def test_a_request_names_only_so_many_instruments(stage: Stage, form: str, most: int) -> None:
    keys = [f"NFO:X{n}" for n in range(most + 1)]

    with pytest.raises(InputException, match=str(most)):
        getattr(stage.client, form)(keys)
    stage.pass_time(1)

    assert getattr(stage.client, form)(keys[:most]) == {}


def test_candles_are_made_of_the_markets_minutes(stage: Stage) -> None:
    since, until = "2026-11-18 09:15:00", "2026-11-18 09:59:00"

    minutes = stage.client.historical_data(256265, since, until, "minute")
    quarters = stage.client.historical_data(256265, since, until, "15minute", oi=True)
    (day,) = stage.client.historical_data(256265, "2026-11-18", until, "day")

    assert len(minutes) == 45
    assert minutes[0]["date"].isoformat() == "2026-11-18T09:15:00+05:30"
    assert [row["date"].minute for row in quarters] == [15, 30, 45]
    assert quarters[0]["high"] == max(row["high"] for row in minutes[:15])
    assert quarters[0]["close"] == minutes[14]["close"]
    assert (day["open"], day["close"]) == (minutes[0]["open"], minutes[-1]["close"])
    assert day["low"] == min(row["low"] for row in minutes)
    assert "oi" in quarters[0]


def test_candles_of_several_days_leave_nights_out(stage: Stage) -> None:
    contract = stage.listed()
    token = stage.client.ltp(contract.key)[contract.key]["instrument_token"]

    rows = stage.client.historical_data(
        token, "2026-11-16 15:00:00", "2026-11-17 09:30:00", "5minute"
    )

    assert {row["date"].date() for row in rows} == {date(2026, 11, 16), date(2026, 11, 17)}
    gaps = [after["date"] - before["date"] for before, after in pairwise(rows)]
    assert sum(gap != timedelta(minutes=5) for gap in gaps) == 1


@pytest.mark.parametrize(
    ("token", "since", "interval", "words"),
    [
        (2, "2026-11-18 09:15:00", "minute", "token"),
        (256265, "2026-11-18 09:15:00", "2minute", "interval"),
        (256265, "2026-09-01 09:15:00", "minute", "60 days"),
        (256265, "yesterday", "minute", "from"),
    ],
)
def test_candles_that_cannot_be_given_are_refused(
    stage: Stage, token: int, since: str, interval: str, words: str
) -> None:
    with pytest.raises(InputException, match=words):
        stage.client.historical_data(token, since, "2026-11-18 10:00:00", interval)


def test_tokens_that_collide_are_moved_on() -> None:
    keys = [f"NFO:K{n}" for n in range(5000)]  # a dozen of these have the token of another

    found = tokens(keys)

    assert len(set(found.values())) == len(keys)
