"""Every measurement, one after the other: `make bench` prints them and writes bench/RESULTS.md."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.day import data

HERE = Path(__file__).parent
RUNS = (
    ("The event store beside bare engines and the library's default", ["bench.store"]),
    ("Rebuild of all views", ["bench.rebuild"]),
    ("Due to first order, 20 accounts, one run each", ["bench.due", "--without-broker"]),
    ("The same with Kite: its simulator in another process, 5 accounts", ["bench.due_at_kite"]),
    ("1,000 strategies due in one second on 100 accounts", ["bench.crowd"]),
)
RECORDED = ("A recorded day with 10 strategies", ["bench.day"])


def told(title: str, module: list[str]) -> tuple[str, int]:
    """What this measurement prints, as a section; and its exit code."""
    command = [sys.executable, "-m", *module]
    done = subprocess.run(
        command,
        cwd=HERE.parent,
        env={**os.environ, "COLUMNS": "110", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    printed = (done.stdout + done.stderr).rstrip()
    print(f"\n{title}\n{printed}", flush=True)
    shown = f"## {title}\n\n`python -m {' '.join(module)}`\n\n```\n{printed}\n```\n"
    return shown, done.returncode


def main() -> None:
    """Run all; exits with 1 where a budget was missed."""
    runs = [*RUNS, RECORDED] if (data() / "days").is_dir() else list(RUNS)
    if len(runs) == len(RUNS):
        print("No recorded days are at hand (ATP_DATA): the replayed day is left out.")
    sections, codes = zip(*(told(title, module) for title, module in runs), strict=True)
    head = (
        "# Measured\n\n"
        f"`make bench` on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, "
        f"{platform.machine()}, Python {platform.python_version()}. Ratios are of one run, side by "
        "side; absolute times are this machine's.\n\n"
    )
    (HERE / "RESULTS.md").write_text(head + "\n".join(sections))
    sys.exit(max(codes))


if __name__ == "__main__":
    main()
