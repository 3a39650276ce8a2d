"""A recorded day is shown again as it was, never earlier than it could have been seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.clock import SteppedClock
from adapters.market.instruments import BadInstruments, read_instruments
from adapters.market.reading import read_recording
from adapters.market.recorded import RecordedMarket
from adapters.market.recording import BadRecording
from domain.contract import OptionType
from tests.adapters.market.recorded_days import (
    DAY,
    Row,
    index_row,
    minute,
    row,
    write_csv,
    write_parquet,
)

CALL = "NFO:NIFTY2680424500CE"
MS = timedelta(milliseconds=1)
TRUE_BAR: Row = {"open": 100.0, "high": 110.0, "low": 95.5, "close": 105.05, "bar": "1m_ohlc"}


def market(
    tmp_path: Path, rows: Sequence[Row], at: datetime
) -> tuple[RecordedMarket, SteppedClock]:
    clock = SteppedClock(at)
    return RecordedMarket(
        [read_recording(write_parquet(tmp_path / "d.parquet", rows))], clock
    ), clock


def test_a_snapshot_is_seen_a_millisecond_into_its_minute_and_counts_for_a_minute(
    tmp_path: Path,
) -> None:
    shown, clock = market(tmp_path, [row("09:20", price=100.05)], minute("09:20"))

    assert shown.quotes([CALL]) == {}
    clock.advance_to(minute("09:20") + MS)
    quote = shown.quotes([CALL])[CALL]

    assert quote.last == Decimal("100.05")
    assert quote.at == minute("09:20") + MS
    assert quote.fresh(quote.at + timedelta(seconds=60))
    assert not quote.fresh(quote.at + timedelta(seconds=60) + MS)


def test_a_true_bar_shows_its_open_first_and_its_close_at_the_end(tmp_path: Path) -> None:
    shown, clock = market(tmp_path, [row("09:20") | TRUE_BAR], minute("09:20") + MS)

    opened = shown.quotes([CALL])[CALL]
    clock.advance_to(minute("09:20") + timedelta(seconds=58, milliseconds=999))
    still = shown.quotes([CALL])[CALL]
    clock.advance_to(minute("09:20") + timedelta(seconds=59))
    closed = shown.quotes([CALL])[CALL]

    assert (opened.last, still.last, closed.last) == (
        Decimal("100.0"),
        Decimal("100.0"),
        Decimal("105.05"),
    )


def test_the_next_tick_is_when_the_next_price_can_be_seen(tmp_path: Path) -> None:
    rows = [row("09:20") | TRUE_BAR, row("09:25")]
    shown, _ = market(tmp_path, rows, minute("09:20"))

    ticks = [minute("09:20")]
    while (tick := shown.next_tick(ticks[-1])) is not None:
        ticks.append(tick)

    assert ticks[1:] == [
        minute("09:20") + MS,
        minute("09:20") + timedelta(seconds=59),
        minute("09:25") + MS,
    ]


def test_bid_ask_volume_and_interest_are_shown_as_recorded(tmp_path: Path) -> None:
    known: Row = {"bid": 99.9, "ask": 100.2, "bid_qty": 65, "ask_qty": 130, "volume": 6500, "oi": 9}
    shown, _ = market(tmp_path, [row("09:20") | known], minute("09:21"))

    quote = shown.quotes([CALL])[CALL]

    assert (quote.bid, quote.ask) == (Decimal("99.9"), Decimal("100.2"))
    assert (quote.bid_qty, quote.ask_qty, quote.volume, quote.oi) == (65, 130, 6500, 9)


def test_a_gap_in_the_rows_is_a_silent_feed(tmp_path: Path) -> None:
    shown, _ = market(tmp_path, [row("09:20"), row("09:40")], minute("09:30"))

    quote = shown.quotes([CALL])[CALL]

    assert quote.at == minute("09:20") + MS
    assert not quote.fresh(minute("09:30"))


def test_an_unknown_contract_is_absent(tmp_path: Path) -> None:
    shown, _ = market(tmp_path, [row("09:20")], minute("09:21"))

    assert shown.quotes(["NFO:NIFTY2680499999CE"]) == {}


def test_contracts_are_read_from_the_rows_with_the_lot_of_their_day(tmp_path: Path) -> None:
    shown, _ = market(tmp_path, [row("09:20"), index_row("09:20")], minute("09:21"))

    (contract,) = shown.chain(DAY).contracts

    assert contract.key == CALL
    assert (contract.strike, contract.expiry, contract.lot) == (Decimal(24500), DAY, 65)
    assert contract.option_type is OptionType.CE
    assert contract.order_maximum == 1755


def test_a_lot_nobody_knows_keeps_that_contract_out_and_no_other(tmp_path: Path) -> None:
    rows = [row("09:20", "LIQUOR2680424500CE", underlying="LIQUOR"), row("09:20")]
    shown, _ = market(tmp_path, rows, minute("09:21"))

    chain = shown.chain(DAY)

    assert [contract.key for contract in chain.contracts] == [CALL]
    assert [each.key for each in chain.left_out] == ["NFO:LIQUOR2680424500CE"]
    assert "LIQUOR" in chain.left_out[0].why


def test_the_brokers_list_has_the_last_word_on_the_lot(tmp_path: Path) -> None:
    dump = tmp_path / "dump.csv"
    header = "tradingsymbol,name,expiry,strike,tick_size,lot_size,instrument_type,exchange\n"
    dump.write_text(
        header
        + "NIFTY2680424500CE,NIFTY,2026-08-04,24500.0,0.05,50,CE,NFO\n"
        + "NIFTY2680424500PE,NIFTY,2026-08-11,24500.0,0.05,75,PE,NFO\n"
    )
    file = write_parquet(tmp_path / "d.parquet", [row("09:20"), row("09:20", "NIFTY2680424500PE")])
    clock = SteppedClock(minute("09:21"))

    chain = RecordedMarket([read_recording(file)], clock, read_instruments(dump)).chain(DAY)

    lots = {contract.option_type: contract.lot for contract in chain.contracts}
    assert lots == {"CE": 50, "PE": 65}  # the put of that list has another expiry


def test_a_broken_list_of_contracts_names_its_row(tmp_path: Path) -> None:
    dump = tmp_path / "dump.csv"
    dump.write_text(
        "tradingsymbol,name,expiry,strike,tick_size,lot_size,instrument_type,exchange\n"
        "NIFTY2680424500CE,NIFTY,2026-08-04,24500.0,0.05,many,CE,NFO\n"
    )

    with pytest.raises(BadInstruments, match=r"dump.csv, row 1: .*many"):
        read_instruments(dump)


def test_the_index_is_the_spot_where_it_was_recorded(tmp_path: Path) -> None:
    shown, _ = market(tmp_path, [row("09:20"), index_row("09:20", 24512.35)], minute("09:21"))

    spot = shown.spot("NIFTY")

    assert spot is not None
    assert spot.last == Decimal("24512.35")
    assert shown.spot("BANKNIFTY") is None


def test_only_finished_candles_are_shown(tmp_path: Path) -> None:
    rows = [row("09:20") | TRUE_BAR, row("09:21", price=105.0)]
    shown, clock = market(tmp_path, rows, minute("09:21"))

    one = shown.candles(CALL, minute("09:15"), minute("15:30"))
    clock.advance_to(minute("09:22"))
    both = shown.candles(CALL, minute("09:15"), minute("15:30"))
    since = shown.candles(CALL, minute("09:21"), minute("15:30"))

    assert [candle.at for candle in one] == [minute("09:20")]
    assert (one[0].open, one[0].high, one[0].low) == (Decimal(100), Decimal(110), Decimal("95.5"))
    assert list(both[1:]) == list(since)


def test_days_follow_each_other(tmp_path: Path) -> None:
    next_day = date(2026, 8, 5)
    later = row("09:20", "NIFTY2681124500CE", 55.0, expiry="2026-08-11")
    later["ts"] = minute("09:20", next_day)
    files = [
        write_parquet(tmp_path / "1.parquet", [row("09:20")]),
        write_parquet(tmp_path / "2.parquet", [later]),
    ]
    clock = SteppedClock(minute("09:21"))

    shown = RecordedMarket([read_recording(file) for file in files], clock)

    assert [c.expiry for c in shown.chain(next_day).contracts] == [date(2026, 8, 11)]
    assert shown.next_tick(minute("09:21")) == minute("09:20", next_day) + MS
    assert shown.quotes(["NFO:NIFTY2681124500CE"]) == {}
    clock.advance_to(minute("09:21", next_day))
    assert list(shown.quotes(["NFO:NIFTY2681124500CE", CALL])) == ["NFO:NIFTY2681124500CE"]


def test_csv_and_parquet_are_the_same_market(tmp_path: Path) -> None:
    rows = [index_row("09:20"), row("09:20", bid=99.95, bid_qty=65), row("09:21") | TRUE_BAR]
    clock = SteppedClock(minute("09:30"))

    shown = [
        RecordedMarket([read_recording(file)], clock)
        for file in (
            write_csv(tmp_path / "d.csv", rows),
            write_parquet(tmp_path / "d.parquet", rows),
        )
    ]

    assert shown[0].chain(DAY).contracts == shown[1].chain(DAY).contracts
    assert shown[0].quotes([CALL]) == shown[1].quotes([CALL])
    everything = (CALL, minute("09:00"), minute("15:30"))
    assert shown[0].candles(*everything) == shown[1].candles(*everything)


WRONG: list[tuple[str, Row, str]] = [
    ("a price that is none", {"close": -1.0}, "column 'close', row 2: -1.0 is not a positive"),
    ("a high below its open", {"high": 99.0}, "column 'high', row 2: 99.0 is below"),
    ("a low above its close", {"low": 101.0}, "column 'low', row 2: 101.0 is above"),
    ("no symbol", {"tradingsymbol": None}, "column 'tradingsymbol', row 2: None where a value"),
    ("an unknown type", {"option_type": "FUT"}, "column 'option_type', row 2: 'FUT' is none of"),
    ("an unknown bar", {"bar": "5m"}, "column 'bar', row 2: '5m' is none of"),
    ("no strike", {"strike": None}, "column 'strike', row 2: None where a strike"),
    ("no date", {"expiry": "2026-13-04"}, "column 'expiry', row 2: '2026-13-04' is not a date"),
    ("negative units", {"volume": -65}, "column 'volume', row 2: -65 is not a number of units"),
    ("another strike", {"strike": 24600.0}, "column 'strike', row 2: NIFTY2680424500CE was 24500"),
    ("a row twice", {"ts": minute("09:20")}, "column 'ts', row 2: .* has this minute twice"),
    ("an earlier row", {"ts": minute("09:19")}, "column 'ts', row 2: is earlier than the row"),
    ("half a minute", {"ts": minute("09:21:30")}, "column 'ts', row 2: is not the start of"),
    ("another day", {"ts": minute("09:21", date(2026, 8, 5))}, "row 2: is of another day"),
]


@pytest.mark.parametrize(("wrong", "message"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_file_with_something_wrong_is_refused_by_file_column_and_row(
    tmp_path: Path, form: str, wrong: Row, message: str
) -> None:
    write = write_csv if form == "csv" else write_parquet
    file = write(tmp_path / f"day.{form}", [row("09:20"), row("09:21") | wrong])

    with pytest.raises(BadRecording, match=message) as refused:
        read_recording(file)

    assert str(refused.value).startswith(file.name)


def test_text_where_a_number_belongs_names_the_row(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "d.csv", [row("09:20"), row("09:21", close="cheap")])

    with pytest.raises(
        BadRecording, match=r"d.csv, column 'close', row 2: 'cheap' is not a double"
    ):
        read_recording(file)


def test_a_time_without_its_zone_is_refused(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "d.csv", [row("09:20", ts="2026-08-04 09:20:00")])

    with pytest.raises(BadRecording, match="column 'ts', row 1"):
        read_recording(file)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    file.write_text("ts,tradingsymbol\n2026-08-04 09:20:00+05:30,X\n")

    with pytest.raises(BadRecording, match=r"d.csv, column 'exchange, .*': the column is missing"):
        read_recording(file)


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    file = write_parquet(tmp_path / "d.parquet", [])

    with pytest.raises(BadRecording, match="has no rows"):
        read_recording(file)


def test_what_is_no_parquet_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "d.parquet"
    file.write_bytes(b"PAR1 but not really")

    with pytest.raises(BadRecording, match="not readable as Parquet"):
        read_recording(file)


def test_a_day_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no recorded day 2026-08-04.parquet"):
        read_recording(tmp_path / "2026-08-04.parquet")


@pytest.mark.parametrize(
    ("day", "contracts", "lot", "with_index"),
    [
        ("2021-06-11", 12, 75, True),
        ("2025-08-29", 940, None, False),
        ("2026-08-04", 669, 65, False),
        ("2026-08-05", 577, 65, False),
        ("2026-08-17", 538, 65, True),
    ],
)
def test_every_recorded_day_is_a_market(
    recorded_data: Path, day: str, contracts: int, lot: int | None, with_index: bool
) -> None:
    recording = read_recording(recorded_data / "days" / f"{day}.parquet")
    clock = SteppedClock(minute("11:00", recording.day))

    shown = RecordedMarket([recording], clock)
    chain = shown.chain(recording.day)
    quotes = shown.quotes(contract.key for contract in chain.contracts)

    assert recording.day.isoformat() == day
    assert len(chain.contracts) == contracts
    assert {c.lot for c in chain.contracts if c.underlying == "NIFTY"} == {lot or 75}
    assert (shown.spot("NIFTY") is not None) is with_index
    assert sum(quote.fresh(clock.now()) for quote in quotes.values()) > contracts / 2


def test_lots_of_a_recorded_day_come_from_its_dump(recorded_data: Path) -> None:
    listed = read_instruments(recorded_data / "instruments" / "2026-08-17_NFO_BFO.csv.gz")
    recording = read_recording(recorded_data / "days" / "2026-08-17.parquet")

    chain = RecordedMarket([recording], SteppedClock(datetime(2026, 8, 17, 5, tzinfo=UTC)), listed)

    assert {c.lot for c in chain.chain(recording.day).contracts} == {65}
    assert {c.lot for c in listed.values() if c.underlying == "SENSEX"} == {20}
