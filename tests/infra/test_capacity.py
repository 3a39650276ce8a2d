"""What functions run on and how many at once is refused where AWS would refuse it."""

from __future__ import annotations

import platform
import sys

import pytest
from pydantic import ValidationError

from infra.capacity import PROCESSORS, AtOnce, Capacity, Rehearsed, Watcher
from infra.config import Config, Egress, load

SIMULATOR = Rehearsed(
    kite_root="http://127.0.0.1:1", kite_login="http://127.0.0.1:1", kite_ws="ws://127.0.0.1:1"
)
FAMILIES = tuple(Egress(name=f"family-{n}", serves=(f"USER-{n}",)) for n in range(9))


def test_more_than_the_account_may_have_at_once_is_refused() -> None:
    with pytest.raises(ValidationError, match="leave fewer than 100 of the account's 1000"):
        Config(stage="test", egress=(Egress(name="shared"), *FAMILIES))


def test_a_larger_account_has_room_for_more_families() -> None:
    capacity = Capacity(account_limit=2_000)

    config = Config(stage="test", egress=(Egress(name="shared"), *FAMILIES), capacity=capacity)

    assert config.capacity.at_once.total(len(FAMILIES)) == AtOnce().total(0) + 9 * 5 * 5


def test_a_small_account_reserves_nothing() -> None:
    small = Capacity(account_limit=10, reserved=False)

    assert Config(stage="test", capacity=small).capacity.account_limit == 10


def test_a_second_watcher_behind_an_egress_is_refused() -> None:
    with pytest.raises(ValidationError, match="less than or equal to 1"):
        Watcher(count=2)


def test_the_emulators_stage_is_for_this_machine_and_leaves_nothing() -> None:
    stage = load("emulator")

    assert stage.capacity.processor == PROCESSORS[platform.machine().lower()]
    assert stage.capacity.python_version == "{}.{}".format(*sys.version_info[:2])
    assert not stage.kept


def test_the_stage_that_trades_runs_on_arm_with_snapshots() -> None:
    capacity = load("prod").capacity

    assert capacity.bundled_for == "arm64-3.13"
    assert capacity.snapshots
    assert not Capacity(python="3.11").snapshots


def test_a_stage_that_is_kept_has_no_simulator_in_the_brokers_place() -> None:
    with pytest.raises(ValidationError, match="trades at the broker, not at a simulator"):
        Config(stage="test", rehearsed=SIMULATOR)

    assert Config(stage="test", kept=False, rehearsed=SIMULATOR).rehearsed == SIMULATOR
