"""Who may be at the store and its journal: many who append, or one alone who moves events."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from threading import Condition
from typing import Final

from eventsourcing.persistence import OperationalError

#: Seconds to wait for another process, and between two looks at whether it has gone.
PATIENCE: Final = 10.0
LOOK_AGAIN: Final = 0.001


class Gate:
    """Holds between the threads of this process, and by a lock on the file between processes.

    The lock of a process that is killed goes with it. Neither way in may be nested in the other.
    """

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self._door = Condition()
        self._inside = 0
        self._wanted_alone = 0

    @contextmanager
    def shared(self) -> Iterator[None]:
        """In here with others who append; whoever wants to be alone goes first."""
        with self._door:
            self._door.wait_for(lambda: not self._wanted_alone)
            if not self._inside:
                self._lock(fcntl.LOCK_SH)
            self._inside += 1
        try:
            yield
        finally:
            with self._door:
                self._inside -= 1
                if not self._inside:
                    fcntl.flock(self._file, fcntl.LOCK_UN)
                    self._door.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """In here with nobody else, of this process or another."""
        with self._door:
            self._wanted_alone += 1
            try:
                self._door.wait_for(lambda: not self._inside)
                self._lock(fcntl.LOCK_EX)
                try:
                    yield
                finally:
                    fcntl.flock(self._file, fcntl.LOCK_UN)
            finally:
                self._wanted_alone -= 1
                self._door.notify_all()

    def _lock(self, how: int) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return fcntl.flock(self._file, how | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > until:
                    raise OperationalError("another process keeps the journal locked") from error
            time.sleep(LOOK_AGAIN)
