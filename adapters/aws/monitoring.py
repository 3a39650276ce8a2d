"""One look at a run for the order workflow, which only waits and asks for the next one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final

from pydantic import BaseModel

from adapters.aws.shift import Drive, Shift
from adapters.runtime import Platform
from commands.errors import NotFound
from domain.calendar import MARKET, ist_date
from domain.run import Run
from domain.run_terms import Stage

LOG: Final = logging.getLogger("atp.monitoring")
SOONEST: Final = timedelta(seconds=1)
LATEST: Final = timedelta(seconds=60)
#: Waits are what a workflow costs. An open run is looked at by the watcher at each tick and by the
#: reconciler each minute; wishes and news come by the dispatcher.
WHILE_OPEN: Final = timedelta(minutes=5)
#: A run is looked at so much before its exit, to be there at that second.
BEFORE_EXIT: Final = timedelta(seconds=4)
#: When the last books and settlement prices of a day are known; what is open then waits for the
#: next session, which begins a workflow of its own.
AFTER_CLOSE: Final = timedelta(minutes=30)


def _wall() -> datetime:
    return datetime.now(UTC)


class Asked(BaseModel, frozen=True, extra="ignore"):
    """What the workflow was started with."""

    run_id: str
    day: date


class Answer(BaseModel, frozen=True):
    """`ended`: the workflow is over, because its run or its day is; else look again at `wake`.

    `wake` is the machine's time, UTC, for it is the machine's clock that the workflow waits by.
    """

    run_id: str
    ended: bool
    wake: str


class Monitoring:
    """Takes every step that can be taken now, and stays while nobody else could take the next."""

    def __init__(
        self,
        platform: Platform,
        drive: Drive,
        *,
        speed: float = 1.0,
        patience: int = 1,
        wall: Callable[[], datetime] = _wall,
    ) -> None:
        self._platform = platform
        self._clock = platform.engine.clock
        self._drive = drive
        self._speed = speed
        self._patience = patience
        self._wall = wall

    def look(self, asked: Asked, until: datetime) -> Answer:
        """Follow the run, and say when to do so again."""
        shift = Shift(self._platform, until, patience=self._patience, waits=False)
        try:
            shift.take(asked.run_id)
        except NotFound:
            LOG.error("there is no run %s: its workflow ends", asked.run_id)
            return self._answer(asked, None)
        self._drive(shift)
        now = self._clock.now()
        if asked.run_id in shift.ended:
            return self._answer(asked, None)
        run = self._platform.trading.load(asked.run_id, Run, verify=False)
        wanted = shift.wakes.get(asked.run_id, now)
        if over(asked.day, wanted, now):
            return self._answer(asked, None)
        return self._answer(asked, next_look(run, wanted, now))

    def _answer(self, asked: Asked, wake: datetime | None) -> Answer:
        left = timedelta() if wake is None else (wake - self._clock.now()) / self._speed
        at = self._wall() + max(left, SOONEST)
        return Answer(
            run_id=asked.run_id,
            ended=wake is None,
            wake=at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        )


def over(day: date, wanted: datetime, now: datetime) -> bool:
    """Whether nothing is to be done for the run any more on this workflow's day."""
    session = MARKET.session(day)
    if session is None or ist_date(now) != day or ist_date(wanted) != day:
        return True
    return now >= session.close + AFTER_CLOSE


def next_look(run: Run, wanted: datetime, now: datetime) -> datetime:
    """When the workflow looks again: soon while orders are out, now and then while it is open."""
    if run.stage is Stage.PENDING or not trading(now):
        return max(wanted, now + SOONEST)
    if run.stage is not Stage.OPEN:
        return min(max(wanted, now + SOONEST), now + LATEST)
    if run.exit_at is None or run.exit_at - BEFORE_EXIT <= now:
        return now + (WHILE_OPEN if run.exit_at is None else SOONEST)
    return min(now + WHILE_OPEN, run.exit_at - BEFORE_EXIT)


def trading(now: datetime) -> bool:
    session = MARKET.session(ist_date(now))
    return session is not None and session.open <= now < session.close
