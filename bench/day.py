"""A recorded day played as fast as it goes: 375 minutes, 600 contracts, 10 strategies.

`python -m bench.day [--strategies 10] [--json]` needs the recorded days (ATP_DATA).
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from datetime import date
from pathlib import Path

from adapters.clock import SteppedClock
from adapters.day import play_day
from adapters.demo import BasketFile, read_basket
from adapters.market.reading import read_recording
from adapters.market.recorded import RecordedMarket

ROOT = Path(__file__).parent.parent
DAY = date(2026, 8, 4)


def data() -> Path:
    """Where recorded days are."""
    return Path(os.environ.get("ATP_DATA", ROOT.parent / "shared" / "data"))


def measured(strategies: int) -> dict[str, float]:
    """Seconds of reading and of playing."""
    one = read_basket(ROOT / "baskets" / "nifty-iron-condor.json").strategies[0]
    basket = BasketFile(name="Ten", strategies=(one,) * strategies)
    began, cpu = time.perf_counter(), time.process_time()
    recording = read_recording(data() / "days" / f"{DAY}.parquet")
    read = time.perf_counter() - began

    def market(clock: SteppedClock) -> RecordedMarket:
        return RecordedMarket([recording], clock)

    with tempfile.TemporaryDirectory() as folder:
        played = play_day(DAY, market, basket, Path(folder))
        played.platform.reads.close()
    wall = time.perf_counter() - began
    return {
        "strategies": strategies,
        "runs": len(played.runs),
        "read_s": read,
        "all_s": wall,
        "processor_s": time.process_time() - cpu,
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--strategies", type=int, default=10)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    figures = measured(given.strategies)
    if given.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:>12} {value:,.2f}")


if __name__ == "__main__":
    main()
