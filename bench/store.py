"""The event store beside bare engines and the library's default.

`python -m bench.store [--json] [--without-dynamodb]`; the two sides of a row take turns, so
that both meet the same machine. Exits with 1 where a budget is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from eventsourcing.application import Application
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent
from rich.console import Console
from rich.table import Table

from adapters.store.dynamodb import DynamoDBRecorder, connect
from adapters.store.mapper import KEY, PydanticMapper
from adapters.store.plain import builds, plain_fields
from adapters.store.sqlite import open_sqlite
from bench.peers import BareDynamoDB, BareSQLite, LibraryMapper, library_transcoder
from bench.run_stream import run_stream
from commands.application import Trading
from domain.run import Run
from tests.dynamodb_local import DynamoDBLocal
from tests.tools.dynamodb_local import running

RUN_ID = "RUN-STRAT-1-ACC-1-2026-08-04T09:20"
THREADS = 32
EACH = 20
STATE = PydanticMapper(JSONTranscoder()).to_stored_event(run_stream(RUN_ID)[-1]).state


@dataclass(frozen=True)
class Row:
    """One comparison: microseconds of ours and of the peer's, and how many times faster ours is."""

    what: str
    ours_us: float
    peer: str
    peer_us: float
    ratio: float
    budget: float | None

    @property
    def met(self) -> bool:
        return self.budget is None or self.ratio >= self.budget


def compared(
    what: str,
    ours: Callable[[], object],
    peer: str,
    theirs: Callable[[], object],
    *,
    rounds: int,
    budget: float | None,
    warm: int = 20,
) -> Row:
    """Lower quartiles of so many turns of each side: what else the machine does matters less."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(warm + rounds):
        sides = [(0, ours), (1, theirs)]
        for side, act in sides if turn % 2 else reversed(sides):
            begun = time.perf_counter()
            act()
            if turn >= warm:
                times[side].append(time.perf_counter() - begun)
    mine, other = (statistics.quantiles(one)[0] * 1e6 for one in times)
    return Row(what, round(mine, 1), peer, round(other, 1), round(other / mine, 2), budget)


def stored_events(stream: str) -> Iterator[StoredEvent]:
    """The events of an endless stream."""
    return (StoredEvent(stream, version, "run.closed", STATE) for version in count(1))


def sqlite_rows(folder: Path) -> Iterator[Row]:
    """Appending to a file."""
    store, bare = open_sqlite(folder / "ours.db"), BareSQLite(folder / "bare.db")
    ours, theirs = stored_events("RUN-1"), stored_events("RUN-1")

    def trade(stream: Iterator[StoredEvent]) -> None:
        for _ in range(EACH):
            store.insert_events([next(stream)])

    def burst() -> None:
        list(threads.map(trade, streams))

    def one_by_one() -> None:
        for _ in range(THREADS * EACH):
            bare.append(next(theirs))

    yield compared(
        "append one event, SQLite",
        lambda: store.insert_events([next(ours)]),
        "bare one-row transaction",
        lambda: bare.append(next(theirs)),
        rounds=800,
        budget=0.8,
    )
    streams = [stored_events(f"RUN-B{number}") for number in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as threads:
        yield compared(
            f"{THREADS} threads of {EACH} appends, SQLite",
            burst,
            "bare transactions, one by one",
            one_by_one,
            rounds=10,
            budget=1.0,
            warm=2,
        )
    store.datastore.close()
    bare.connection.close()


def dynamodb_rows() -> Iterator[Row]:
    """Appending to a table of DynamoDB Local."""
    with running() as port, closing(DynamoDBLocal(port).client()) as client:
        os.environ.update(DynamoDBLocal(port).environment)
        bare = BareDynamoDB(client, "bare")
        BareDynamoDB(client, "ours")  # a table like the other
        store = DynamoDBRecorder(connect(), "ours")
        ours, theirs = stored_events("RUN-1"), stored_events("RUN-1")
        yield compared(
            "append one event, DynamoDB",
            lambda: store.insert_events([next(ours)]),
            "bare conditional PutItem",
            lambda: bare.append(next(theirs)),
            rounds=1000,
            budget=0.9,
            warm=400,
        )


def load_rows(folder: Path) -> Iterator[Row]:
    """Loading a run from a file, and making events of what is stored."""
    events = run_stream(RUN_ID)
    mapper, default = LibraryMapper(library_transcoder()), Mapper[str](library_transcoder())

    class Library(Application[str]):
        def construct_mapper(self) -> Mapper[str]:
            return mapper

    trading = Trading(_environment(folder / "trading.db"), entropy=lambda size: b"x" * size)
    library = Library(_environment(folder / "library.db"))
    trading.events.put(events)
    library.events.put(events)
    ours = [trading.mapper.to_stored_event(event) for event in events]
    theirs = [mapper.to_stored_event(event) for event in events]
    flat = [event for event in events if not builds(plain_fields(type(event), but=KEY) or {})]
    plain = [default.to_stored_event(event) for event in flat]
    ours_flat = [trading.mapper.to_stored_event(event) for event in flat]

    def cold() -> None:
        trading.forget_all()
        trading.load(RUN_ID, Run)

    def load() -> None:
        library.repository.get(RUN_ID)

    def mapped() -> None:
        list(map(trading.mapper.to_domain_event, ours))

    what, by_library = f"a run of {len(events)} events", "library's repository and transcoder"
    yield compared(
        f"load {what}",
        lambda: trading.load(RUN_ID, Run),
        by_library,
        load,
        rounds=500,
        budget=5,
    )
    yield compared(f"load {what}, unknown before", cold, by_library, load, rounds=500, budget=None)
    yield compared(
        f"map {what}",
        mapped,
        "library's transcoder, then pydantic",
        lambda: list(map(mapper.to_domain_event, theirs)),
        rounds=1000,
        budget=None,
    )
    yield compared(
        f"map {len(flat)} events without models in them",
        lambda: list(map(trading.mapper.to_domain_event, ours_flat)),
        "library's default (enums come back as text)",
        lambda: list(map(default.to_domain_event, plain)),
        rounds=1000,
        budget=None,
    )
    trading.close()
    library.close()


def _environment(path: Path) -> dict[str, str]:
    return {
        "PERSISTENCE_MODULE": "adapters.store.sqlite",
        "SQLITE_DBNAME": str(path),
        "MAPPER_TOPIC": "adapters.store.mapper:PydanticMapper",
    }


def printed(rows: list[Row]) -> None:
    """The rows as a table."""
    table = Table("what", "ours µs", "beside", "µs", "times", "budget", "")
    for row in rows:
        budget = "" if row.budget is None else f"≥ {row.budget}"
        verdict = "" if row.budget is None else "met" if row.met else "MISSED"
        figures = (f"{row.ours_us:,.1f}", row.peer, f"{row.peer_us:,.1f}", f"{row.ratio:.2f}")
        table.add_row(row.what, *figures, budget, verdict)
    Console(width=140).print(table)


def measured(dynamodb: bool = True) -> list[Row]:
    """All comparisons."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [*sqlite_rows(Path(folder)), *load_rows(Path(folder))]
    return [*rows, *dynamodb_rows()] if dynamodb else rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--without-dynamodb", action="store_true")
    asked = parser.parse_args()
    rows = measured(dynamodb=not asked.without_dynamodb)
    if asked.json:
        print(json.dumps({"store": [asdict(row) | {"met": row.met} for row in rows]}))
    else:
        printed(rows)
    sys.exit(not all(row.met for row in rows))


if __name__ == "__main__":
    main()
