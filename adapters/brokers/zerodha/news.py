"""News from a broker only says that its book should be read; how often, is ours to say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from adapters.engine import Due, Engine
from commands.ports import Clock

#: A burst of updates, one for every state of every slice, is answered by this many looks a second.
PAUSE: Final = timedelta(milliseconds=200)


class News:
    """Turns any number of reports of one account into few looks: at once, then after a pause."""

    def __init__(
        self, read: Callable[[str, datetime], None], clock: Clock, pause: timedelta = PAUSE
    ) -> None:
        self._read = read
        self._clock = clock
        self._pause = pause
        self._looks: dict[str, datetime] = {}
        self._lock = Lock()

    def heard(self, account_id: str) -> None:
        """Something may have happened to the account's orders."""
        now = self._clock.now()
        with self._lock:
            last = self._looks.get(account_id)
            if last is not None and last > now:
                return  # that look is still to come, and will show this, too
            at = now if last is None else max(now, last + self._pause)
            self._looks[account_id] = at
        self._read(account_id, at)


def looking(engine: Engine) -> Callable[[str, datetime], None]:
    """Have the engine follow the account's open runs then: those with live orders read the book."""

    def look(account_id: str, at: datetime) -> None:
        for run_id in engine.runs.of_account(account_id):
            engine.wheel.at(at, Due("follow", run_id))

    return look
