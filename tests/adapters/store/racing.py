"""One of several processes that append to the same streams; prints what was acknowledged.

python -m tests.adapters.store.racing ENGINE PLACE NAME COMMITS
"""

from __future__ import annotations

import json
import random
import sys

from eventsourcing.persistence import AggregateRecorder, IntegrityError, StoredEvent

from adapters.store.dynamodb import DynamoDBRecorder, connect
from adapters.store.sqlite import open_sqlite

STREAMS = ("RUN-a", "RUN-b", "RUN-c")


def opened(engine: str, place: str) -> AggregateRecorder:
    """The store of this engine at this place (a file, or a table)."""
    if engine == "sqlite":
        return open_sqlite(place, lock_timeout=30)
    return DynamoDBRecorder(connect(), place)


def race(store: AggregateRecorder, name: str, commits: int) -> list[str]:
    """Append so many commits of one to three events; the markers of those acknowledged."""
    chance = random.Random(name)
    acknowledged: list[str] = []
    while commits:
        stream = chance.choice(STREAMS)
        latest = store.select_events(stream, desc=True, limit=1)
        first = latest[0].originator_version + 1 if latest else 1
        markers = [f"{name}-{commits}-{number}" for number in range(chance.randint(1, 3))]
        try:
            store.insert_events(
                [
                    StoredEvent(stream, version, "run.filled", json.dumps(marker).encode())
                    for version, marker in enumerate(markers, first)
                ]
            )
        except IntegrityError:
            continue  # somebody was faster: look again
        acknowledged += markers
        commits -= 1
    return acknowledged


if __name__ == "__main__":
    engine, place, name, commits = sys.argv[1:]
    print(json.dumps(race(opened(engine, place), name, int(commits))))
