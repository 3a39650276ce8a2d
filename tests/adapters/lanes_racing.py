"""One of several workers that send orders of one account; prints when each had its place.

python -m tests.adapters.lanes_racing TABLE ACCOUNT ENTRIES EXITS
"""

from __future__ import annotations

import json
import sys
import time

from adapters.clock import SystemClock
from adapters.lane import Pace
from adapters.lanes.dynamodb import DynamoDBLane
from adapters.store.dynamodb import connect

#: Machines of tests are slower to answer than AWS, and stall for longer.
PACE = Pace(slack=0.25)


def race(table: str, account: str, entries: int, exits: int) -> list[tuple[float, bool]]:
    """Seconds at which each place was there, on the clock that all processes share."""
    clock = SystemClock()
    lane = DynamoDBLane(connect(), table, account, clock, PACE)
    went: list[tuple[float, bool]] = []
    for number in range(entries + exits):
        entry = number < entries
        while wait := lane.place(entry=entry):
            clock.sleep(wait)
        went.append((time.monotonic(), entry))
    return went


if __name__ == "__main__":
    print(json.dumps(race(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
