"""A trading day from the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.adapters.cli.stage import Atp, basket, day_rows, write_basket, write_day
from tests.adapters.market.recorded_days import DAY, Row, write_csv
from tests.conftest import ROOT

Words = tuple[object, ...]


@pytest.fixture
def nowhere(tmp_path: Path) -> Atp:
    """`atp` where no platform was ever started."""
    return Atp(tmp_path / "nowhere")


@pytest.fixture
def of_day(recorded: Path, butterfly: Path) -> Words:
    return ("day", "--data", recorded, "--date", DAY, "--basket", butterfly)


def test_a_day_tells_decisions_orders_fills_profit_and_the_audit(
    nowhere: Atp, of_day: Words
) -> None:
    said = nowhere(*of_day)

    assert said.code == 0
    assert "exit requested" in said.out
    assert "TIME: exit at 2026-08-04 09:35:00 IST" in said.out
    assert "NFO:NIFTY2680424500CE" in said.out
    assert "Profit and loss: " in said.out
    assert "Audit: sound" in said.out


def test_the_same_day_gives_the_same_events_and_another_seed_others(
    nowhere: Atp, of_day: Words
) -> None:
    first, again = nowhere(*of_day, "--json"), nowhere(*of_day, "--json")
    other = nowhere.json(*of_day, "--seed", 2)

    assert first.out == again.out
    assert first.json["audit"]["digest"] != other["audit"]["digest"]


def test_profit_is_what_fills_brought_less_charges(nowhere: Atp, of_day: Words) -> None:
    told = nowhere.json(*of_day)

    cash = sum(
        (1 if fill["side"] == "SELL" else -1) * fill["quantity"] * fill["price"]
        for fill in told["fills"]
    )
    assert told["made"]["gross"] == pytest.approx(cash)
    assert told["made"]["net"] == pytest.approx(cash - told["made"]["charges"])
    assert told["made"]["charges"] > 0
    assert told["made"]["open_runs"] == 0


def test_a_day_is_played_by_a_process_of_its_own(tmp_path: Path, of_day: Words) -> None:
    words = [str(word) for word in of_day]

    done = subprocess.run(
        [sys.executable, "-m", "adapters.cli.main", *words, "--out", str(tmp_path / "kept")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "Audit: sound" in done.stdout
    assert Atp(tmp_path / "kept").json("audit", "verify")["sound"]


def test_days_may_be_kept_as_csv_in_a_folder_of_days(
    tmp_path: Path, nowhere: Atp, butterfly: Path
) -> None:
    (tmp_path / "days").mkdir()
    write_csv(tmp_path / "days" / f"{DAY}.csv", day_rows())

    told = nowhere.json("day", "--data", tmp_path, "--date", DAY, "--basket", butterfly)

    assert told["audit"]["sound"]
    assert len(told["runs"]) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--date", "2026-01-26"), "Republic Day"),
        (("--date", "2026-08-08"), "8 Aug 2026 is a Saturday"),
        (("--date", "2026-08-05"), "2026-08-05 is not recorded in"),
        ((), "--date: say which day; recorded in"),
    ],
)
def test_a_day_that_cannot_be_played_is_refused_with_the_reason(
    nowhere: Atp, recorded: Path, butterfly: Path, words: Words, message: str
) -> None:
    said = nowhere("day", "--data", recorded, "--basket", butterfly, *words)

    assert said.code == 2
    assert message in said.err
    assert len(said.err.splitlines()) == 1


def test_a_simulated_day_needs_a_session_too(nowhere: Atp, butterfly: Path) -> None:
    said = nowhere("day", "--simulated", "--date", "2026-01-26", "--basket", butterfly)

    assert said.code == 2
    assert "26 Jan 2026 is an exchange holiday" in said.err


def test_a_market_has_to_be_named(nowhere: Atp, butterfly: Path) -> None:
    said = nowhere("day", "--basket", butterfly)

    assert said.code == 2
    assert said.err.startswith("atp: --data:")


def test_what_is_no_date_is_a_mistake_of_usage(nowhere: Atp, recorded: Path) -> None:
    said = nowhere("day", "--data", recorded, "--date", "2026-13-01", "--basket", "b.json")

    assert said.code == 2
    assert "--date" in said.err
    assert "Traceback" not in said.err


def unsorted() -> list[Row]:
    rows = day_rows(5)
    return [rows[-1], *rows[:-1]]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (unsorted(), "column 'ts'"),
        ([*day_rows(2), *day_rows(2)[-1:]], "has this minute twice"),
        ([], "the file has no rows"),
    ],
)
def test_a_bad_recording_is_named_with_its_file_and_changes_nothing(
    tmp_path: Path, butterfly: Path, rows: list[Row], message: str
) -> None:
    data, out = write_day(tmp_path / "data", rows), tmp_path / "kept" / "home"

    said = Atp(out)("day", "--data", data, "--date", DAY, "--basket", butterfly, "--out", out)

    assert said.code == 2
    assert f"{DAY}.parquet" in said.err
    assert message in said.err
    assert not out.parent.exists()


def test_missing_columns_are_named(tmp_path: Path, nowhere: Atp, butterfly: Path) -> None:
    (tmp_path / f"{DAY}.csv").write_text("ts,tradingsymbol\n")

    said = nowhere("day", "--data", tmp_path, "--date", DAY, "--basket", butterfly)

    assert said.code == 2
    assert "'exchange, underlying" in said.err
    assert "the column is missing" in said.err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (basket(surprise=1), "strategies.0.surprise: Extra inputs are not permitted"),
        ({"name": "Empty", "strategies": []}, "strategies"),
        ({**basket(), "multiplier": 101}, "multiplier"),
    ],
)
def test_a_basket_file_is_refused_with_each_field(
    tmp_path: Path, recorded: Path, nowhere: Atp, content: object, message: str
) -> None:
    file = write_basket(tmp_path / "bad.json", content)

    said = nowhere("day", "--data", recorded, "--date", DAY, "--basket", file)

    assert said.code == 2
    assert "bad.json" in said.err
    assert message in said.err


def test_a_basket_that_does_not_fit_the_day_is_refused_with_its_faults(
    tmp_path: Path, recorded: Path
) -> None:
    wide = basket(schedule={"entry_time": "09:20", "exit_time": "16:00"})
    file, out = write_basket(tmp_path / "wide.json", wide), tmp_path / "home"

    said = Atp(out)("day", "--data", recorded, "--date", DAY, "--basket", file, "--out", out)

    assert said.code == 4
    assert "schedule.exit_time: 16:00 is not between" in said.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["wide.json"]


def test_a_day_is_never_written_over_something_else(atp: Atp, of_day: Words) -> None:
    said = atp(*of_day, "--out", atp.home)

    assert said.code == 2
    assert "is there already" in said.err


@pytest.mark.parametrize(
    ("day", "file"),
    [
        ("2026-08-04", "nifty-iron-condor.json"),
        ("2021-06-11", "nifty-iron-butterfly.json"),
        ("2021-06-11", "nifty-short-strangle.json"),
    ],
)
def test_baskets_of_the_repository_trade_on_the_recorded_days(
    recorded_data: Path, nowhere: Atp, day: str, file: str
) -> None:
    told = nowhere.json(
        "day", "--data", recorded_data, "--date", day, "--basket", ROOT / "baskets" / file
    )

    (run,) = told["runs"]
    assert run["stage"] == "CLOSED"
    assert run["outcome"] in ("TIME", "STOP_LOSS", "MAX_LOSS", "TARGET_PROFIT")
    assert {order["status"] for order in told["orders"]} == {"COMPLETE"}
    assert told["audit"]["sound"]
