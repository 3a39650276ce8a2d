"""Group commit: calls that arrive while one is being written share the next transaction.

The first caller to find nobody writing writes at once: a lone writer never waits. Whoever comes
meanwhile queues, and the first of them writes for all of them. Each call keeps its own outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Lock
from typing import Generic, TypeVar

from eventsourcing.persistence import (
    DataError,
    IntegrityError,
    OperationalError,
    PersistenceError,
)
from eventsourcing.sqlite import SQLiteCursor

T = TypeVar("T")
R = TypeVar("R")


Transact = Callable[[], AbstractContextManager[SQLiteCursor]]


class GroupCommit(Generic[T, R]):
    """Appends what many callers bring in few transactions.

    `append` raises IntegrityError or DataError where the call itself is at fault; any other error
    fails the transaction, and with it every call in it.
    """

    def __init__(self, transact: Transact, append: Callable[[SQLiteCursor, T], R]) -> None:
        self._transact = transact
        self._append = append
        self._lock = Lock()
        self._queue: list[_Call[T, R]] = []
        self._writing = False

    @property
    def waiting(self) -> int:
        """How many calls wait for the next transaction."""
        with self._lock:
            return len(self._queue)

    def commit(self, work: T) -> R:
        """Returns when the work is on disk; raises if it is not, or not known to be."""
        call: _Call[T, R] = _Call(work)
        with self._lock:
            self._queue.append(call)
            call.leads = not self._writing
            self._writing = True
        if not call.leads:
            self._await_turn(call)
        if call.leads:
            self._lead(call)
        if call.error is not None:
            raise call.error
        return call.result

    def _await_turn(self, call: _Call[T, R]) -> None:
        try:
            call.turn.acquire()
        except BaseException:  # a signal: nobody may wait for a leader that has gone
            with self._lock:
                if call in self._queue:
                    self._queue.remove(call)
            if call.leads:
                self._hand_over()
            raise

    def _lead(self, leader: _Call[T, R]) -> None:
        with self._lock:
            batch, self._queue = self._queue, []
        try:
            self._write(batch)
        finally:
            self._hand_over()
            for call in batch:
                if call is not leader:
                    call.leads = False
                    call.turn.release()

    def _hand_over(self) -> None:
        with self._lock:
            self._writing = bool(self._queue)
            if self._queue:
                self._queue[0].leads = True
                self._queue[0].turn.release()

    def _write(self, batch: list[_Call[T, R]]) -> None:
        fault: PersistenceError | None = OperationalError("interrupted while writing")
        try:
            with self._transact() as cursor:
                if len(batch) == 1:
                    batch[0].result = self._append(cursor, batch[0].work)
                else:
                    for call in batch:
                        self._append_apart(cursor, call)
            fault = None
        except PersistenceError as error:
            fault = error
        finally:
            if fault is not None:
                for call in batch:  # an exception of its own for each thread
                    call.error = type(fault)(*fault.args)
                    call.error.__cause__ = fault

    def _append_apart(self, cursor: SQLiteCursor, call: _Call[T, R]) -> None:
        cursor.execute("SAVEPOINT call")
        try:
            call.result = self._append(cursor, call.work)
        except (IntegrityError, DataError) as error:
            call.error = error
            cursor.execute("ROLLBACK TO call")
        cursor.execute("RELEASE call")


class _Call(Generic[T, R]):
    __slots__ = ("error", "leads", "result", "turn", "work")

    result: R

    def __init__(self, work: T) -> None:
        self.work = work
        self.error: PersistenceError | None = None
        self.leads = False
        self.turn = Lock()
        self.turn.acquire()
