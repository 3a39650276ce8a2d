"""What is the same for every command: the home, the forms of an answer, and how one may end."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from eventsourcing.persistence import OperationalError

from adapters.cli.faults import ending_of
from adapters.cli.late import hoisted
from adapters.cli.showing import ist, rupees
from adapters.cli.terms import Ending
from adapters.home_files import LOCK, take_lock
from tests.adapters.cli.stage import Atp
from tests.conftest import ROOT

HELP = """
import sys
from typer.testing import CliRunner
from adapters.cli.main import app
assert CliRunner().invoke(app, ["--help"]).exit_code == 0
print(sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_help_costs_nothing_that_only_commands_need() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HELP], cwd=ROOT, capture_output=True, text=True, check=True
    )

    heavy = ("pyarrow", "fastapi", "QuantLib", "eventsourcing", "cryptography", "uvicorn", "boto3")
    assert [name for name in heavy if f"'{name}'" in done.stdout] == []


@pytest.mark.parametrize(
    "words", [(), ("--help",), ("account", "--help"), ("audit", "why", "--help")]
)
def test_help_names_commands_and_exit_codes(atp: Atp, words: tuple[str, ...]) -> None:
    said = atp(*words)

    assert "Usage: " in said.out + said.err
    assert "Traceback" not in said.out + said.err


def test_what_is_good_everywhere_may_stand_anywhere(atp: Atp) -> None:
    first = atp("--json", "account", "list")
    last = Atp(Path("var/none"))("account", "list", "--json", f"--home={atp.home}")

    assert first.json == last.json
    assert hoisted(["a", "--as", "x", "--", "--json"]) == ["--as", "x", "a", "--", "--json"]


def test_where_nothing_was_started_there_is_nothing_and_nothing_is_made(tmp_path: Path) -> None:
    said = Atp(tmp_path / "none")("account", "list")

    assert said.code == Ending.NOT_FOUND
    assert said.err == (
        f"atp: there is no platform in {tmp_path / 'none'}: start one there with `atp up`\n"
    )
    assert not (tmp_path / "none").exists()


def test_a_store_of_a_newer_schema_is_left_alone(atp: Atp) -> None:
    with closing(sqlite3.connect(atp.home / "events.sqlite")) as store:
        store.execute("PRAGMA user_version=99")
    before = (atp.home / "events.sqlite").read_bytes()

    said = atp("run", "list")

    assert said.code == Ending.STORAGE
    assert "schema 99" in said.err
    assert "install the version that wrote it" in said.err
    assert (atp.home / "events.sqlite").read_bytes() == before


def test_a_file_that_is_no_store_is_named(atp: Atp) -> None:
    for name in ("events.sqlite", "events.sqlite-wal", "events.sqlite-shm"):
        (atp.home / name).unlink(missing_ok=True)
    (atp.home / "events.sqlite").write_text("no database at all, but long enough to be read" * 20)

    said = atp("run", "list")

    assert said.code == Ending.STORAGE
    assert "events.sqlite" in said.err
    assert "Traceback" not in said.err


def test_a_store_that_another_process_holds_is_busy() -> None:
    assert ending_of(OperationalError("database is locked")) is Ending.BUSY
    assert ending_of(OperationalError("database or disk is full")) is Ending.STORAGE


def test_errors_for_machines_are_objects(atp: Atp) -> None:
    said = atp("account", "show", "ACC-NONE", "--json")

    assert said.code == Ending.NOT_FOUND
    assert json.loads(said.err) == {
        "error": "NOT_FOUND",
        "messages": ["there is no account ACC-NONE"],
    }


def test_views_that_were_thrown_away_come_back(atp: Atp, run_id: str) -> None:
    for path in atp.home.glob("views.sqlite*"):
        path.unlink()

    (row,) = atp.json("run", "list")

    assert row["run_id"] == run_id


def test_views_ahead_of_an_older_store_are_told_and_replayed(atp: Atp, played: Path) -> None:
    (user,) = atp.json("user", "list")
    assert atp("account", "block", user["accounts"][0]).code == 0
    for path in played.glob("events.sqlite*"):
        shutil.copy(path, atp.home)

    said = atp("account", "list")
    replayed = atp("replay")
    (account,) = atp.json("account", "list")

    assert said.code == Ending.STORAGE
    assert "the store ends at" in said.err
    assert replayed.code == 0
    assert account["block"] is None


def test_of_several_users_one_has_to_be_named(atp: Atp, account_id: str) -> None:
    assert atp("user", "add", "second@example.com").code == 0

    unsaid = atp("account", "block", account_id)
    other = atp("account", "block", account_id, "--as", "second@example.com")
    own = atp("account", "block", account_id, "--as", "trader@example.com")

    assert unsaid.code == Ending.BAD_INPUT
    assert unsaid.err.startswith("atp: --as: say for which user")
    assert other.code == Ending.NOT_FOUND
    assert own.code == 0
    assert atp("account", "list", "--as", "nobody@example.com").code == Ending.NOT_FOUND
    assert len(atp.json("account", "list")) == 2
    assert len(atp.json("account", "list", "--as", "second@example.com")) == 1


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "₹0.00"),
        (-572, "-₹572.00"),
        (1234, "₹1,234.00"),
        (123456, "₹1,23,456.00"),
        (-12345678, "-₹1,23,45,678.00"),
        (None, "–"),
    ],
)
def test_rupees_are_shown_as_india_writes_them(amount: int | None, text: str) -> None:
    assert rupees(amount) == text


def test_a_time_that_is_not_known_is_a_dash() -> None:
    assert ist(None) == "–"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--port", "99999"), "port: Input should be less than or equal to 65535"),
        (("--host", "0.0.0.0"), "host 0.0.0.0 is public: it needs tls_cert and tls_key"),
        (("--speed", "0"), "speed: Input should be greater than 0"),
    ],
)
def test_a_platform_is_not_started_with_settings_that_cannot_be(
    tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    said = Atp(tmp_path / "new")("up", *words)

    assert said.code == Ending.BAD_INPUT
    assert message in said.err
    assert not (tmp_path / "new").exists()


def test_only_one_platform_works_in_a_home(atp: Atp) -> None:
    with take_lock(atp.home / LOCK):
        said = atp("up", "--port", 0)

    assert said.code == Ending.BUSY
    assert "is at work in home already" in said.err
