"""Replay, backup, restore and the halt from the command line."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

from adapters.cli.terms import Ending
from adapters.halt import is_halted
from adapters.runtime import open_read_side, open_trading
from domain.basket import Basket
from domain.model import Origin, acting
from projections.catalogue import CATALOGUE
from projections.replay import rebuild
from tests.adapters.cli.stage import Atp


def test_views_are_rebuilt_by_name_or_all_of_them(atp: Atp) -> None:
    some = atp.json("replay", "orders", "runs")
    everything = atp("replay")

    assert some["views"] == ["runs", "orders"]
    assert some["parked"] == []
    assert "audit_logs" in everything.out
    assert atp.json("audit", "verify")["sound"]


def test_a_view_that_does_not_exist_is_refused(atp: Atp) -> None:
    said = atp("replay", "weather")

    assert said.code == Ending.BAD_INPUT
    assert said.err.startswith("atp: VIEW: weather is none of users, ")


def test_an_interrupted_replay_goes_on_where_it_stopped_and_sees_what_was_written_meanwhile(
    atp: Atp, basket_id: str
) -> None:
    reads = open_read_side(atp.home)
    steps = rebuild(CATALOGUE, reads.projector, reads.tables, reads.source)
    scanned = [next(steps).done, next(steps).done]
    steps.close()
    reads.close()
    rename(atp.home, basket_id, "Renamed")

    told = atp.json("replay")

    assert scanned == [0, told["resumed_at"]]
    assert told["resumed_at"] > 0
    assert told["events"] == told["resumed_at"] + 1
    assert atp.json("basket", "show", basket_id)["name"] == "Renamed"


def rename(home: Path, basket_id: str, name: str) -> None:
    """What a platform at work might write."""
    trading = open_trading(home, random.Random(1).randbytes)
    at = datetime(2026, 8, 4, 11, 0, tzinfo=UTC)
    with acting(Origin(at=at, actor="somebody", correlation_id="test")):
        basket = trading.load(basket_id, Basket)
        basket.edit(name=name, description="", targets=basket.targets)
        trading.save(basket)
    trading.close()


def test_a_backup_is_restored_and_starts_halted(atp: Atp, tmp_path: Path, run_id: str) -> None:
    made = atp.json("backup", tmp_path / "kept")
    there = Atp(tmp_path / "there")

    restored = there("restore", tmp_path / "kept")

    assert restored.code == 0
    assert "It is halted" in restored.out
    assert made["events"] == there.json("audit", "verify")["events"]
    assert [row["run_id"] for row in there.json("run", "list")] == [run_id]
    assert there.json("halt", "show")["halted"]
    assert "Halted since" in there("halt", "show").out


def test_a_halt_is_released_once(atp: Atp, tmp_path: Path) -> None:
    there = Atp(tmp_path / "there")
    assert atp("backup", tmp_path / "kept").code == 0
    assert there("restore", tmp_path / "kept").code == 0

    released = there("halt", "release", "--reason", "compared with the broker")
    again = there("halt", "release")

    assert "Released" in released.out
    assert "was not halted" in again.out
    assert not is_halted(there.home)
    assert "not halted" in there("halt", "show").out


def test_nothing_is_written_over_something_else(atp: Atp, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()

    onto = atp("backup", tmp_path / "there")
    over = atp("restore", tmp_path / "there")
    of_none = Atp(tmp_path / "new")("restore", tmp_path / "there")
    without = Atp(tmp_path / "new")("backup", tmp_path / "kept")

    assert (onto.code, over.code, of_none.code) == (2, 2, 2)
    assert "is there already" in onto.err
    assert "is not empty" in over.err
    assert "is no backup" in of_none.err
    assert without.code == Ending.NOT_FOUND


def test_a_backup_that_was_altered_is_not_restored(atp: Atp, tmp_path: Path) -> None:
    assert atp("backup", tmp_path / "kept").code == 0
    with (tmp_path / "kept" / "events.sqlite").open("r+b") as store:
        store.seek(5000)
        store.write(b"altered")

    said = Atp(tmp_path / "there")("restore", tmp_path / "kept")

    assert said.code == Ending.WRONG
    assert "events.sqlite was altered" in said.err
    assert not (tmp_path / "there").exists()
