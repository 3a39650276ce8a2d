"""How a stream stands, since when, and when that is worth an alarm."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from commands.ports import Clock
from domain.calendar import IST


class State(StrEnum):
    """LIVE: something was just heard. SILENT: connected, and nothing comes. DOWN: no line."""

    LIVE = "LIVE"
    SILENT = "SILENT"
    DOWN = "DOWN"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a stream stands, since when, and why."""

    state: State
    since: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Worry:
    """Real seconds: without a byte, without a price in session, and until an alarm is raised.

    A line that is cut and back within `grace_s` is nobody's trouble.
    """

    silent_s: float = 5.0
    stalled_s: float = 15.0
    grace_s: float = 3.0


class Bulletin:
    """Tells of every change that lasts, once; of the first LIVE only that there was none before."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        alarm: Callable[[str], None],
        grace_s: float,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._clock = clock
        self._alarm = alarm
        self._grace_s = grace_s
        self._seconds = seconds
        self._changed = seconds()
        self._said: State | None = None
        self.standing = Standing(State.DOWN, clock.now(), "not connected yet")

    def stands(self, state: State, why: str) -> None:
        """What is the case now; `since` goes on while the state stays the same."""
        if state is not self.standing.state:
            self._changed = self._seconds()
            self.standing = Standing(state, self._clock.now(), why)
        elif why != self.standing.why:
            self.standing = Standing(state, self.standing.since, why)

    def speak(self) -> None:
        """Raise the alarm, if there is one to raise."""
        state = self.standing.state
        if state is self._said:
            return
        first, self_evident = self._said is None, state is State.LIVE
        if not self_evident and self._seconds() - self._changed < self._grace_s:
            return
        self._said = state
        if not (first and self_evident):
            self._alarm(self.text())

    def text(self) -> str:
        """`ACC-1: DOWN since 09:31:07 IST: …`."""
        stands = self.standing
        return (
            f"{self._name}: {stands.state.value} since "
            f"{stands.since.astimezone(IST):%H:%M:%S} IST: {stands.why}"
        )
