"""What was alarmed lately, for whoever asks how the platform is."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from commands.ports import Clock

#: How long an alarm that is not heard again counts as a trouble of now.
LASTING: Final = timedelta(minutes=10)
KEPT: Final = 20


class LatestAlarms:
    """Each alarm once, from when it was last heard until it has been quiet for a while."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard: dict[str, datetime] = {}
        self._lock = Lock()

    def hear(self, trouble: str) -> None:
        """Any thread may say so."""
        with self._lock:
            self._heard.pop(trouble, None)
            self._heard[trouble] = self._clock.now()
            while len(self._heard) > KEPT:
                del self._heard[next(iter(self._heard))]

    def lasting(self) -> tuple[str, ...]:
        """Those of now, the latest last."""
        since = self._clock.now() - LASTING
        with self._lock:
            return tuple(trouble for trouble, at in self._heard.items() if at > since)
