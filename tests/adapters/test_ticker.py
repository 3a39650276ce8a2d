"""What runs do is printed as it happens, each line once."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

from rich.console import Console

from adapters.ticker import Ticker
from projections.advance import Changed
from projections.feed import Feed
from projections.runs import RUNS
from tests.commands.pit import Pit


def test_every_decision_and_fill_is_printed_once(tmp_path: Path) -> None:
    pit, feed, printed = Pit(tmp_path), Feed(), StringIO()
    run_id = pit.opened()
    change = Changed(view=RUNS.name, stream=run_id, id=run_id, version=1, row=None)

    with Ticker(feed, pit.trading, Console(file=printed, width=200)):
        until(lambda: len(feed._subscriptions) == 1)
        pit.follow(run_id, until="09:25")
        feed.publish([change])
        until(lambda: "entered" in printed.getvalue())
        pit.follow(run_id)
        feed.publish([change, change])
        until(lambda: "closed" in printed.getvalue())

    lines = printed.getvalue().splitlines()
    assert len(lines) == len(set(lines))
    assert sum(" 65 NFO:" in line and "at ₹" in line for line in lines) == 8


def until(reached: Callable[[], bool]) -> None:
    """Wait for the ticker's own thread."""
    for _ in range(2000):
        if reached():
            return
        time.sleep(0.01)
    raise AssertionError("it was never printed")
