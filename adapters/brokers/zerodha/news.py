"""News from a broker only says that its book should be read; how often, is ours to say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from adapters.engine import Chore, Due, Engine
from commands.ports import Clock
from domain.pacing import POLL

LOOK: Final = "news"


class News:
    """Turns any number of reports of one account into few looks at its runs.

    The first is looked at once, and what follows after a pause: whoever tells the same a thousand
    times causes no more reading than an order that just went out does by itself.
    """

    def __init__(self, engine: Engine, clock: Clock, pause: timedelta = POLL) -> None:
        self._engine = engine
        self._clock = clock
        self._pause = pause
        self._looked: dict[str, datetime] = {}
        self._expected: set[str] = set()
        self._lock = Lock()

    def heard(self, account_id: str) -> None:
        """Something may have happened to the account's orders; any thread may say so."""
        with self._lock:
            if account_id in self._expected:
                return  # that look is still to come, and will show this, too
            self._expected.add(account_id)
            now, looked = self._clock.now(), self._looked.get(account_id)
        at = now if looked is None else max(now, looked + self._pause)
        self._engine.wheel.at(at, Due(LOOK, account_id))

    def chores(self) -> Mapping[str, Chore]:
        """By the name under which the engine calls them; begun by news, and never by the clock."""
        return {LOOK: self.look}

    def look(self, account_id: str, now: datetime) -> None:
        """Have the account's open runs followed: those with live orders read the book."""
        with self._lock:
            self._expected.discard(account_id)
            self._looked[account_id] = now
        for run_id in self._engine.runs.of_account(account_id):
            self._engine.notice(run_id)
