"""How fast all views are rebuilt on SQLite: `python -m bench.rebuild [--events N] [--json]`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from adapters.store.sqlite import ApplicationEventRecorder, open_sqlite
from adapters.views.source import SQLiteSource
from adapters.views.sqlite import SQLiteTables
from bench.history import MAPPER, history
from projections.advance import Parked, Projector
from projections.catalogue import CATALOGUE
from projections.replay import rebuild

USERS = 50
#: Events a second a core (design, section 11).
BUDGET = 20_000


def filled(recorder: ApplicationEventRecorder, events: int) -> int:
    """Put a history of about this many events into the store."""
    count = 0
    for commit in history(USERS, max(1, events // (USERS * 45))):
        recorder.insert_events(commit)
        count += len(commit)
    return count


def measured(folder: Path, events: int) -> dict[str, float]:
    """Events, seconds of processor time and events a second of one rebuild of all views."""
    recorder = open_sqlite(folder / "events.db")
    tables = SQLiteTables(folder / "views.db")
    source = SQLiteSource(recorder)
    count = filled(recorder, events)
    projector = Projector(CATALOGUE, tables, source, MAPPER.to_domain_event, complain)
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in rebuild(CATALOGUE, projector, tables, source):
        pass
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    tables.close()
    recorder.datastore.close()
    return {
        "events": count,
        "wall_seconds": round(wall, 3),
        "cpu_seconds": round(cpu, 3),
        "events_per_second": round(count / wall),
        "events_per_cpu_second": round(count / cpu),
    }


def complain(parked: Parked) -> None:
    """A rebuild that parks a stream is not a measurement."""
    sys.exit(f"{parked.stream} was parked: {parked.fault}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measured(Path(folder), asked.events)
    if asked.json:
        print(json.dumps({"rebuild": result}))
    else:
        met = "met" if result["events_per_cpu_second"] >= BUDGET else "missed"
        print(
            f"rebuild of all views: {result['events']:,} events in {result['wall_seconds']} s, "
            f"{result['events_per_second']:,} events/s ({result['events_per_cpu_second']:,} a core)"
            f", budget {BUDGET:,}: {met}"
        )


if __name__ == "__main__":
    main()
