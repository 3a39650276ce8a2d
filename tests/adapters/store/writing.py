"""A process that appends with four threads and prints each event once it is acknowledged.

    python -m tests.adapters.store.writing FILE EVENTS [BYTES]

With BYTES no file may grow beyond that (a full disk) until every thread has met the error.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Iterator
from threading import Barrier, Thread

from eventsourcing.persistence import OperationalError, StoredEvent

from adapters.store.sqlite import ApplicationEventRecorder, open_sqlite

THREADS = 4
STATE = b'{"pad":"%s"}' % (b"x" * 500)


def stream_events(stream: str, count: int) -> Iterator[StoredEvent]:
    for version in range(1, count + 1):
        yield StoredEvent(stream, version, "run.filled", STATE)


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def write(store: ApplicationEventRecorder, stream: str, count: int, full: Barrier | None) -> None:
    """Append one event after the other; where the disk is full, wait until it no longer is."""
    for event in stream_events(stream, count):
        try:
            numbers = store.insert_events([event])
        except OperationalError as error:
            if full is None:
                raise
            say("failed", stream, event.originator_version, type(error).__name__)
            full.wait(30)
            full = None
            numbers = store.insert_events([event])
        say("stored", stream, event.originator_version, *(numbers or ()))


def lift_limit() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def main(path: str, count: int, limit: int | None) -> None:
    store = open_sqlite(path)
    full = Barrier(THREADS, action=lift_limit) if limit else None
    if limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    threads = [
        Thread(target=write, args=(store, f"RUN-{number}", count, full))
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.datastore.close()


if __name__ == "__main__":
    path, count, *limit = sys.argv[1:]
    main(path, int(count), int(limit[0]) if limit else None)
