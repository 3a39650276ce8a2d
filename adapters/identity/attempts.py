"""Counting what went wrong: who fails too often has to wait, whether they exist or not."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Final

from adapters.identity.file import IdentityFile
from adapters.identity.terms import TooManyAttempts

#: Failures in a row that cost nothing; each further one doubles the wait.
FREE: Final = 5
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(minutes=15)
FORGOTTEN: Final = timedelta(days=1)
#: From one network address, whoever is tried.
PER_ADDRESS: Final = 60
WINDOW: Final = timedelta(minutes=1)
ADDRESSES_KEPT: Final = 10_000


class Attempts:
    """Failures in a row by e-mail address, kept in the file; attempts a minute by network."""

    def __init__(self, file: IdentityFile) -> None:
        self._file = file
        self._recent: dict[str, deque[datetime]] = {}
        self._lock = Lock()

    def check(self, email: str, address: str | None, now: datetime) -> None:
        """Count the attempt; raises TooManyAttempts."""
        if address is not None:
            self._pace(address, now)
        with self._file.reading() as db:
            row = db.execute("SELECT until FROM attempts WHERE who=?", (_who(email),)).fetchone()
        if row is not None and row[0] > now.timestamp():
            raise TooManyAttempts(int(row[0] - now.timestamp()) + 1)

    def failed(self, email: str, now: datetime) -> None:
        who = _who(email)
        with self._file.change() as db:
            row = db.execute("SELECT failures FROM attempts WHERE who=?", (who,)).fetchone()
            failures = (row[0] if row else 0) + 1
            until = (now + _wait(failures)).timestamp()
            db.execute("DELETE FROM attempts WHERE until<?", ((now - FORGOTTEN).timestamp(),))
            db.execute("INSERT OR REPLACE INTO attempts VALUES (?,?,?)", (who, failures, until))

    def succeeded(self, email: str) -> None:
        with self._file.change() as db:
            db.execute("DELETE FROM attempts WHERE who=?", (_who(email),))

    def _pace(self, address: str, now: datetime) -> None:
        with self._lock:
            if len(self._recent) > ADDRESSES_KEPT:
                self._recent.clear()
            recent = self._recent.setdefault(address, deque())
            while recent and now - recent[0] > WINDOW:
                recent.popleft()
            if len(recent) >= PER_ADDRESS:
                raise TooManyAttempts(int((recent[0] + WINDOW - now).total_seconds()) + 1)
            recent.append(now)


def _who(email: str) -> str:
    return sha256(email.encode()).hexdigest()


def _wait(failures: int) -> timedelta:
    if failures < FREE:
        return timedelta(0)
    doublings = min(failures - FREE, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
