"""Fixtures for all tests: DynamoDB Local and the recorded market data."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

pytest_plugins = ["tests.dynamodb_local"]

ROOT = Path(__file__).parents[1]
#: They play whole days, many thousands of lines deep, in many processes. Being measured would take
#: them three times as long, and tells nothing: each line has tests that say what it is for.
CAMPAIGNS = (
    "chaos",
    "kill",
    "live",
    "emulator",
    "web",
    "adapters/aws/flows",
    "adapters/test_day.py",
    "adapters/test_day_by_kite.py",
    "domain/test_following.py",
)
_left_out = pytest.StashKey[int]()


def recorded_folder() -> Path:
    """Where recorded market data is looked for: ATP_DATA, else beside the project."""
    return Path(os.environ.get("ATP_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def recorded_data() -> Path:
    """The folder of recorded days and instrument dumps; tests that need it are left out without."""
    return recorded_folder()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order tests, measure no campaign; leave out, and say so, what lacks recorded data."""
    # What comes first stays with one worker: its stage is deployed, and its day played, once.
    items.sort(key=lambda item: not item.path.is_relative_to(ROOT / "tests" / "emulator"))
    campaigns = tuple(str(ROOT / "tests" / each) for each in CAMPAIGNS)
    for item in items:
        if str(item.path).startswith(campaigns):
            item.add_marker(pytest.mark.no_cover)
    if recorded_folder().is_dir():
        return
    needing = [item for item in items if "recorded_data" in getattr(item, "fixturenames", ())]
    items[:] = [item for item in items if item not in needing]
    config.hook.pytest_deselected(items=needing)
    config.stash[_left_out] = len(needing)


def pytest_collection_finish() -> None:
    """What was collected stays to the end: no search for garbage has to go through it again."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """One line on tests that could not run for want of recorded data."""
    if count := config.stash.get(_left_out, 0):
        terminalreporter.write_line(
            f"{count} tests left out: no recorded market data in {recorded_folder()} "
            "(set ATP_DATA to a folder that has it)",
            yellow=True,
        )
