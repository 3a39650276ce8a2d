"""What this process knows about where commits end: a cached yes cannot become wrong."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

STREAMS = 10_000


class CommitEnds:
    """The highest known last version of the streams seen most recently.

    Streams only grow and commits are never rewritten: where one ended, one ends for ever.
    """

    def __init__(self, streams: int = STREAMS) -> None:
        self._streams = streams
        self._ends: OrderedDict[str, int] = OrderedDict()
        self._lock = Lock()

    def get(self, stream: str) -> int | None:
        """The last version of the latest commit seen, if any was."""
        with self._lock:
            if stream in self._ends:
                self._ends.move_to_end(stream)
            return self._ends.get(stream)

    def learn(self, stream: str, last: int) -> None:
        """Remember that a commit of this stream ends here."""
        with self._lock:
            self._ends[stream] = max(last, self._ends.get(stream, last))
            self._ends.move_to_end(stream)
            if len(self._ends) > self._streams:
                self._ends.popitem(last=False)
