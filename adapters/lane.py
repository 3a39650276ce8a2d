"""An account's lane to its broker: so many orders a second, a minute and a day, over processes."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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
#: How long entries stand back after the moment at which a waiting exit has its place.
STAND_BACK_S: Final = 0.05


@dataclass(slots=True)
class Sent:
    """What went to the broker on one day: how many orders, and when those of the last minute."""

    day: str
    count: int = 0
    times: list[float] = field(default_factory=list)
    exits_until: float = 0.0
    """Until then entries stand back: an exit waits for the next place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Orders that a broker takes per account (Kite's numbers); a tenth is kept for exits."""

    second: int = 10
    minute: int = 400
    day: int = 5000
    slack: float = 0.0
    """Seconds by which an order may go later than its place, and no second has one too many."""

    def place(self, sent: Sent, at: float, *, entry: bool) -> float:
        """Take a place if there is one: 0, else the seconds until there may be.

        Raises NotSent when the day's orders are used up.
        """
        most = self.day - (self.day // 10 if entry else 0)
        if sent.count >= most:
            raise NotSent(f"{sent.count} orders were sent today, the account's limit is {most}")
        if entry and at < sent.exits_until:
            return sent.exits_until - at
        wait = self.waits(sent.times, at, entry)
        if wait:
            sent.exits_until = max(sent.exits_until, 0 if entry else at + wait + STAND_BACK_S)
        else:
            sent.count += 1
            sent.times = [t for t in sent.times if t > at - MINUTE] + [at]
        return wait

    def waits(self, times: list[float], at: float, entry: bool) -> float:
        """Seconds until there is a place; 0 for now."""
        wait = 0.0
        for span, most in ((1.0 + self.slack, self.second), (MINUTE, self.minute)):
            allowed = max(1, most - (most + 9) // 10) if entry else most
            recent = [t for t in times if t > at - span]
            if len(recent) >= allowed:
                wait = max(wait, recent[len(recent) - allowed] + span - at)
        return wait


class FileLane:
    """What was sent lately, in a file that all workers of the account share."""

    def __init__(self, path: Path, clock: Clock, pace: Pace | None = None) -> None:
        self.path = path
        self.clock = clock
        self.pace = pace or Pace()
        self._own = Sent("")
        """As this process last left it: all there is where the disk keeps nothing."""
        self._lock = Lock()

    def place(self, *, entry: bool) -> float:
        """Take a place if there is one: 0, else the seconds until there may be."""
        now = self.clock.now()
        with self._lock, locked(self.path) as file:
            self._own = sent = self._newest(file, now)
            wait = self.pace.place(sent, now.timestamp(), entry=entry)
            if file is not None and not (wait and entry):
                write(file, sent)
            return wait

    def _newest(self, file: int | None, now: datetime) -> Sent:
        """What the file holds, unless it lags behind what this process has sent."""
        told = Sent(ist_date(now).isoformat()) if file is None else read(file, now)
        lags = self._own.day == told.day and self._own.count > told.count
        return self._own if lags else told


class MemoryLane:
    """The same lane for one process and one day, as replays use it."""

    def __init__(self, clock: Clock, pace: Pace | None = None) -> None:
        self.clock = clock
        self.pace = pace or Pace()
        self._sent = Sent("")
        self._lock = Lock()

    def place(self, *, entry: bool) -> float:
        """Take a place if there is one: 0, else the seconds until there may be."""
        now = self.clock.now()
        today = ist_date(now).isoformat()
        with self._lock:
            if self._sent.day != today:
                self._sent = Sent(today)
            return self.pace.place(self._sent, now.timestamp(), entry=entry)


@contextmanager
def locked(path: Path) -> Iterator[int | None]:
    """The lane's file, locked; a worker that was stopped while it held it stops nobody for long.

    None where the disk has no room for it: exits go on all the same.
    """
    file = opened(path)
    try:
        patience = time.monotonic() + PATIENCE_S
        while file is not None and time.monotonic() < patience:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.002)
        yield file
    finally:
        if file is not None:
            os.close(file)


def opened(path: Path) -> int | None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        LOG.error("the lane cannot be shared: %s", error)
        return None


def read(file: int, now: datetime) -> Sent:
    """What the file holds of today; a new day, or a torn file, begins anew."""
    today, at = ist_date(now).isoformat(), now.timestamp()
    try:
        day, count, times, *more = json.loads(os.pread(file, 1 << 20, 0) or b"null") or ("", 0, [])
        if day == today:
            gone = [float(t) for t in times if float(t) <= at]
            # A clock that was set back must not keep entries waiting for hours.
            exits_until = min(float(more[0]) if more else 0.0, at + MINUTE)
            return Sent(today, int(count), gone, exits_until)
    except (ValueError, TypeError):
        LOG.warning("the lane's file was torn: its count begins anew")
    return Sent(today)


def write(file: int, sent: Sent) -> None:
    """Tell other processes; on a full disk they are not told, and whoever writes remembers."""
    content = json.dumps([sent.day, sent.count, sent.times, sent.exits_until]).encode()
    try:
        os.pwrite(file, content, 0)
        os.ftruncate(file, len(content))
    except OSError as error:
        LOG.error("the lane cannot be shared: %s", error)
