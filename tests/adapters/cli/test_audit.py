"""The log from the command line: shown, verified, exported and explained."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from adapters.cli.terms import Ending
from projections.audit import BEGINNING, link
from tests.adapters.cli.stage import Atp

Cause = Mapping[str, Any]  # JSON


def tamper(home: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(home / "events.sqlite")) as store:
        store.execute(statement, values)
        store.commit()


# ── shown ─────────────────────────────────────────────────────────────────────────────────


def test_events_are_found_by_who_what_when_and_why(atp: Atp, run_id: str) -> None:
    closed = atp.json("audit", "show", "--topic", "run.closed")
    of_run = atp.json("audit", "show", "--stream", run_id, "--oldest-first", "--limit", 2)
    by_schedule = atp.json("audit", "show", "--actor", "schedule")
    of_slot = atp.json("audit", "show", "--correlation", of_run[0]["correlation_id"])
    morning = atp.json("audit", "show", "--since", "2026-08-04", "--until", "2026-08-04T09:19:00")

    assert [row["stream"] for row in closed] == [run_id]
    assert [row["version"] for row in of_run] == [1, 2]
    assert [row["topic"] for row in by_schedule] == ["run.opened"]
    assert {row["stream"] for row in of_slot} == {run_id}
    assert {row["topic"].partition(".")[0] for row in morning} == {
        *("account", "basket", "run", "strategy", "user")
    }


def test_without_words_the_last_day_is_shown(atp: Atp) -> None:
    said = atp("audit", "show", "--limit", 3)

    assert "run.closed" in said.out
    assert "2026-08-04 09:35:0" in said.out


def test_a_time_that_is_none_is_refused(atp: Atp) -> None:
    said = atp("audit", "show", "--since", "yesterday")

    assert said.code == Ending.BAD_INPUT
    assert said.err.startswith("atp: --since: 'yesterday' is no date or time")


# ── verified ──────────────────────────────────────────────────────────────────────────────


def test_a_log_that_nobody_touched_is_sound(atp: Atp) -> None:
    said = atp("audit", "verify")
    report = atp.json("audit", "verify")

    assert said.code == 0
    assert "The log is sound" in said.out
    assert report["sound"]
    assert report["unaudited"] == 0


def test_an_altered_event_is_named(atp: Atp, run_id: str) -> None:
    text = "replace(CAST(state AS TEXT), 'TIME', 'RISK')"
    change = f"UPDATE stored_events SET state = CAST({text} AS BLOB) WHERE topic = ?"
    tamper(atp.home, change, "run.closed")

    said = atp("audit", "verify")

    assert said.code == Ending.WRONG
    assert said.err.startswith(f"atp: {run_id} version ")
    assert "altered" in said.err
    assert "The log is NOT sound" in said.out


def test_a_log_that_was_cut_off_is_found_by_views_and_by_the_seal(atp: Atp, run_id: str) -> None:
    tamper(atp.home, "DELETE FROM stored_events WHERE topic = ?", "run.closed")

    by_views = atp("audit", "verify")
    for path in atp.home.glob("views.sqlite*"):
        path.unlink()
    by_seal = atp("audit", "verify")

    assert by_views.code == by_seal.code == Ending.WRONG
    assert f"{run_id} version" in by_views.err
    assert "truncated" in by_views.err
    assert "truncated" in by_seal.err


def test_seals_without_their_key_are_not_believed(atp: Atp) -> None:
    (atp.home / "seal.key").unlink()

    said = atp("audit", "verify")

    assert said.code == Ending.WRONG
    assert "seal.key" in said.err
    assert not (atp.home / "seal.key").exists()


# ── exported ──────────────────────────────────────────────────────────────────────────────


def test_an_export_holds_every_event_and_proves_its_chain(atp: Atp, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"

    told = atp.json("audit", "export", "--out", file)

    events = [json.loads(line) for line in file.read_text().splitlines()]
    assert told["events"] == len(events) > 20
    last: dict[str, str] = {}
    for event in events:
        before = last.get(event["stream"], BEGINNING)
        hashed = link(before, event["stream"], event["version"], event["digest"])
        assert hashed == event["hash"]
        last[event["stream"]] = hashed
    assert {"actor", "correlation_id", "timestamp"} <= set(events[0]["body"])


def test_an_export_as_parquet_holds_the_same(atp: Atp, tmp_path: Path, run_id: str) -> None:
    said = atp("audit", "export", "--out", tmp_path / "log.parquet", "--stream", run_id)

    rows = pq.read_table(tmp_path / "log.parquet").to_pylist()
    assert said.code == 0
    assert {row["stream"] for row in rows} == {run_id}
    assert rows[0]["topic"] == "run.opened"
    assert rows[0]["at"].isoformat() == "2026-08-04T03:48:15+00:00"
    assert json.loads(rows[-1]["body"])["outcome"] == "TIME"


def test_an_export_is_an_event_too_and_never_overwrites(atp: Atp, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    assert atp("audit", "export", "--out", file).code == 0
    before = file.read_bytes()

    again = atp("audit", "export", "--out", file)

    (event,) = atp.json("audit", "show", "--topic", "user.exported")
    assert event["actor"] == "platform"
    assert again.code == Ending.BAD_INPUT
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.glob("*log*")] == ["log.jsonl"]


def test_the_form_of_an_export_is_named_or_known(atp: Atp, tmp_path: Path) -> None:
    unknown = atp("audit", "export", "--out", tmp_path / "log.txt")
    named = atp("audit", "export", "--out", tmp_path / "log.txt", "--format", "jsonl")

    assert unknown.code == Ending.BAD_INPUT
    assert named.code == 0


# ── explained ─────────────────────────────────────────────────────────────────────────────


def chain(cause: Cause) -> Iterator[Cause]:
    yield cause
    for each in cause["because"]:
        yield from chain(each)


def test_a_fill_is_walked_back_to_the_tick_of_the_clock(atp: Atp, run_id: str) -> None:
    fill = atp.json("run", "show", run_id)["fills"][-1]

    causes = list(chain(atp.json("audit", "why", fill["broker_order_id"])))

    assert [cause["what"] for cause in causes] == [
        "in the broker's book",
        "accepted by the broker",
        "intent stored",
        "exit requested",
        "entered",
        "in the broker's book",
        "accepted by the broker",
        "intent stored",
        "planned",
        "run opened",
        "tick of the clock",
        "strategy activated",
        "basket activated",
        "strategy drafted",
    ]
    times = [
        datetime.fromisoformat(cause["at"])
        for cause in causes
        if cause["what"] != "tick of the clock"
    ]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("what", ["tag", "order", "run", "event", "row"])
def test_whatever_is_named_is_explained(atp: Atp, run_id: str, what: str) -> None:
    names = {
        "tag": atp.json("run", "show", run_id)["fills"][0]["tag"],
        "order": f"{run_id}-EXIT-1",
        "run": run_id,
        "event": f"{run_id}:7",
        "row": f"{run_id}@00000007",
    }

    causes = list(chain(atp.json("audit", "why", names[what])))

    assert causes[0]["event"].startswith(f"{run_id}@")
    assert "tick of the clock" in [cause["what"] for cause in causes]


def test_causes_are_printed_as_a_tree(atp: Atp, run_id: str) -> None:
    said = atp("audit", "why", f"{run_id}-ENTRY-1")

    assert "└── " in said.out
    assert "the slot Tue 04 Aug 2026 09:20:00 IST was due" in said.out


def test_what_is_not_there_has_no_cause(atp: Atp, run_id: str) -> None:
    assert atp("audit", "why", "NOTHING").code == Ending.NOT_FOUND
    assert atp("audit", "why", f"{run_id}@999").code == Ending.NOT_FOUND
