"""An account's lane to its broker: so many orders a second, a minute and a day, over processes."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final

from commands.ports import Clock
from domain.book import NotSent
from domain.calendar import ist_date

LOG: Final = logging.getLogger("atp.lane")
MINUTE: Final = 60.0
#: How long a place is waited for while another process holds the lane's file; then we go on.
PATIENCE_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Orders that a broker takes per account (Kite's numbers); a tenth is kept for exits."""

    second: int = 10
    minute: int = 400
    day: int = 5000

    def waits(self, sent: list[float], at: float, entry: bool) -> float:
        """Seconds until there is a place; 0 for now."""
        wait = 0.0
        for span, most in ((1.0, self.second), (MINUTE, self.minute)):
            allowed = max(1, most - (most + 9) // 10) if entry else most
            recent = [t for t in sent if t > at - span]
            if len(recent) >= allowed:
                wait = max(wait, recent[len(recent) - allowed] + span - at)
        return wait


class FileLane:
    """Times of the orders sent lately, in a file that all workers of the account share."""

    def __init__(self, path: Path, clock: Clock, pace: Pace | None = None) -> None:
        self.path = path
        self.clock = clock
        self.pace = pace or Pace()
        self._lock = Lock()
        path.parent.mkdir(parents=True, exist_ok=True)

    def take(self, *, entry: bool) -> None:
        """Wait for a place in the lane; raises NotSent when the day's orders are used up."""
        while wait := self._place(entry):
            self.clock.sleep(wait)

    def _place(self, entry: bool) -> float:
        now = self.clock.now()
        with self._lock, locked(self.path) as file:
            day, count, sent = read(file, now)
            most = self.pace.day - (self.pace.day // 10 if entry else 0)
            if count >= most:
                raise NotSent(f"{count} orders were sent today, the account's limit is {most}")
            at = now.timestamp()
            wait = self.pace.waits(sent, at, entry)
            if not wait:
                write(file, day, count + 1, [t for t in sent if t > at - MINUTE] + [at])
            return wait


class MemoryLane:
    """The same lane for one process and one day, as replays use it."""

    def __init__(self, clock: Clock, pace: Pace | None = None) -> None:
        self.clock = clock
        self.pace = pace or Pace()
        self._sent: list[float] = []
        self._lock = Lock()

    def take(self, *, entry: bool) -> None:
        """Wait for a place in the lane."""
        while wait := self._place(entry):
            self.clock.sleep(wait)

    def _place(self, entry: bool) -> float:
        with self._lock:
            at = self.clock.now().timestamp()
            self._sent = [t for t in self._sent if t > at - MINUTE]
            wait = self.pace.waits(self._sent, at, entry)
            if not wait:
                self._sent.append(at)
            return wait


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """The lane's file, locked; a worker that was stopped while it held it stops nobody for long."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        patience = time.monotonic() + PATIENCE_S
        while time.monotonic() < patience:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.002)
        yield file
    finally:
        os.close(file)


def read(file: int, now: datetime) -> tuple[str, int, list[float]]:
    """The day, its count and the last minute's times; a new day, or a torn file, begins anew."""
    today = ist_date(now).isoformat()
    try:
        day, count, sent = json.loads(os.pread(file, 1 << 20, 0) or b"null") or ("", 0, [])
        if day == today:
            return today, int(count), [float(t) for t in sent if float(t) <= now.timestamp()]
    except (ValueError, TypeError):
        LOG.warning("the lane's file was torn: its count begins anew")
    return today, 0, []


def write(file: int, day: str, count: int, sent: list[float]) -> None:
    content = json.dumps([day, count, sent]).encode()
    os.pwrite(file, content, 0)
    os.ftruncate(file, len(content))
