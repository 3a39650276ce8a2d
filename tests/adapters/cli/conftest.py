"""A platform that played one short day, for each test a copy of its own."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from adapters.practice import PRACTICE, Practice
from tests.adapters.cli.stage import Atp, basket, day_rows, write_basket, write_day
from tests.adapters.market.recorded_days import DAY

#: The platform's clock stands before the open of the day after the one it played.
NEXT_DAY = Practice(
    wall_start=datetime.now(UTC), first_day=date(2026, 8, 5), speed=0.000001, seed=1
)


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one short recorded day."""
    return write_day(tmp_path_factory.mktemp("data"), day_rows())


@pytest.fixture(scope="session")
def butterfly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The basket file of that day."""
    return write_basket(tmp_path_factory.mktemp("baskets") / "short.json", basket())


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory, recorded: Path, butterfly: Path) -> Path:
    """What `atp day --out` left."""
    home = tmp_path_factory.mktemp("played") / "home"
    said = Atp(home)("day", "--data", recorded, "--date", DAY, "--basket", butterfly, "--out", home)
    assert said.code == 0, said.err
    (home / PRACTICE).write_text(NEXT_DAY.model_dump_json())
    return home


@pytest.fixture
def atp(tmp_path: Path, played: Path) -> Atp:
    """`atp` in a home of its own, where that day was played."""
    return Atp(Path(shutil.copytree(played, tmp_path / "home")))


@pytest.fixture
def run_id(atp: Atp) -> str:
    """The one run of the day."""
    (row,) = atp.json("run", "list")
    return str(row["run_id"])


@pytest.fixture
def strategy_id(atp: Atp) -> str:
    """The one strategy."""
    (row,) = atp.json("strategy", "list")
    return str(row["strategy_id"])


@pytest.fixture
def account_id(atp: Atp) -> str:
    """The one account."""
    (row,) = atp.json("account", "list")
    return str(row["account_id"])


@pytest.fixture
def basket_id(atp: Atp) -> str:
    """The one basket."""
    (row,) = atp.json("basket", "list")
    return str(row["basket_id"])
