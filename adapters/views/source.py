"""The SQLite event store, as the read side reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder

#: Heads read in one query; the store is not held open between two of them.
MANY = 5000


class SQLiteSource:
    """Reads a recorder's events by stream, and all of them in the order of the log."""

    def __init__(self, recorder: SQLiteApplicationRecorder) -> None:
        self._recorder = recorder
        self._scan = (
            "SELECT rowid, originator_id, originator_version, topic, state"
            f" FROM {recorder.events_table_name} WHERE rowid > ? ORDER BY rowid LIMIT ?"
        )

    def stream(self, stream: str, gt: int = 0) -> Sequence[StoredEvent]:
        return self._recorder.select_events(stream, gt=gt)

    def scan(self, after: str | None, limit: int) -> tuple[Sequence[StoredEvent], str | None]:
        with self._recorder.datastore.transaction(commit=False) as cursor:
            cursor.execute(self._scan, (int(after or 0), limit))
            found = cursor.fetchall()
        return [_event(*row) for row in found], str(found[-1][0]) if found else None

    def heads(self) -> Iterator[tuple[str, int]]:
        table = self._recorder.events_table_name
        last = ""
        while True:
            with self._recorder.datastore.transaction(commit=False) as cursor:
                cursor.execute(
                    f"SELECT originator_id, MAX(originator_version) FROM {table}"
                    " WHERE originator_id > ? GROUP BY originator_id"
                    " ORDER BY originator_id LIMIT ?",
                    (last, MANY),
                )
                some = cursor.fetchall()
            if not some:
                return
            yield from ((str(row[0]), int(row[1])) for row in some)
            last = str(some[-1][0])

    def size(self) -> int | None:
        return self._recorder.max_notification_id()


def _event(_: int, stream: str, version: int, topic: str, state: bytes) -> StoredEvent:
    # Half of a scan by the library's own way is spent on making its frozen dataclass.
    event = StoredEvent.__new__(StoredEvent)
    event.__dict__.update(
        originator_id=stream, originator_version=version, topic=topic, state=state
    )
    return event
