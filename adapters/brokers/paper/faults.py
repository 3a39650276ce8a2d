"""Faults to order, so that tests and demonstrations can see what a bad day looks like."""

from __future__ import annotations

from enum import StrEnum
from threading import Lock

from pydantic import BaseModel, Field


class FaultKind(StrEnum):
    DROP_REQUEST = "DROP_REQUEST"
    """The connection breaks before the broker has acted; the caller cannot know."""
    DROP_ANSWER = "DROP_ANSWER"
    """The broker acts, and its answer is lost."""
    LATE = "LATE"
    """The answer is lost, and the order is registered `seconds` later."""
    DELAY = "DELAY"
    """The answer comes `seconds` late."""
    THROTTLE = "THROTTLE"
    """Too many requests: nothing is done, and the same may be asked again."""
    REJECT = "REJECT"
    """Refused at the door with `message`."""
    REFUSE = "REFUSE"
    """Registered, then refused by the exchange with `message`."""
    HIDE = "HIDE"
    """Answered, and in the book only after `seconds`."""
    PARTIAL = "PARTIAL"
    """The first fill gives no more than `quantity` units."""
    FAIL = "FAIL"
    """A read fails."""


class Fault(BaseModel, frozen=True, extra="forbid"):
    """Something to go wrong with the next `times` calls of a method of an account."""

    kind: FaultKind
    method: str = "place"
    times: int = Field(default=1, ge=1)
    seconds: float = Field(default=0, ge=0)
    message: str = "The order was rejected."
    quantity: int = Field(default=0, ge=0)


class Faults:
    """What is in store for each account, first come first served."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Fault]] = {}
        self._expired: set[str] = set()
        self._lock = Lock()

    def inject(self, account: str, fault: Fault) -> None:
        with self._lock:
            self._waiting.setdefault(account, []).extend([fault] * fault.times)

    def take(self, account: str, method: str) -> Fault | None:
        """The next fault of that method, which then has happened."""
        with self._lock:
            waiting = self._waiting.get(account, [])
            for index, fault in enumerate(waiting):
                if fault.method == method:
                    return waiting.pop(index)
            return None

    def expire_session(self, account: str) -> None:
        """Every call is refused until the trader logs in."""
        self._expired.add(account)

    def open_session(self, account: str) -> None:
        self._expired.discard(account)

    def session_expired(self, account: str) -> bool:
        return account in self._expired
