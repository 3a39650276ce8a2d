"""One trader's slot: runs are opened and armed ahead, entered at their second, and handed on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.measured import Measured
from adapters.aws.shift import FOLLOW, Drive, Shift, Unfinished
from adapters.aws.slots import Outbox, Slot, Why
from adapters.aws.timing import Timing
from adapters.engine import ARM_AHEAD, Due
from adapters.runtime import Platform
from domain.calendar import ist_date
from domain.run import Run
from domain.run_terms import Stage

LOG: Final = logging.getLogger("atp.executing")
OPEN: Final = "open"
#: A message so much too early is sent again, to arrive in time: waiting is paid for.
TOO_EARLY: Final = ARM_AHEAD + timedelta(seconds=30)


def unmeasured(_: Iterable[Measured]) -> None:
    """Where nobody looks at figures."""


class Workflow(Protocol):
    """The order workflow, as whoever has it started sees it."""

    def start(self, run_id: str, day: date) -> bool: ...


class Executing:
    """What one executor does with a slot; any number of times, at any time, with the same end."""

    def __init__(
        self,
        platform: Platform,
        queue: Outbox,
        workflow: Workflow,
        drive: Drive,
        measure: Callable[[Iterable[Measured]], None] = unmeasured,
        *,
        speed: float = 1.0,
        patience: int = 1,
    ) -> None:
        self._platform = platform
        self._clock = platform.engine.clock
        self._queue = queue
        self._workflow = workflow
        self._drive = drive
        self._measure = measure
        self._speed = speed
        self._patience = patience

    def work(self, slot: Slot, until: datetime) -> Shift | None:
        """Enter what is due, or take over what somebody else left; raises Unfinished.

        None where it is too early: the slot is told of again in time.
        """
        now = self._clock.now()
        if (early := slot.minute - TOO_EARLY - now) > timedelta():
            seconds = (early + TOO_EARLY - ARM_AHEAD).total_seconds() / self._speed
            self._queue.send_all([slot.told_in(seconds)])
            return None
        shift = Shift(self._platform, until, patience=self._patience, enters=True)

        def opened(strategy_id: str, at: datetime) -> None:
            for run_id in shift.planner.open_strategy(strategy_id, slot.minute, at):
                self._take(run_id, shift)

        shift.chores[OPEN] = opened
        for strategy_id in slot.strategies:
            shift.give(Due(OPEN, strategy_id))
        timing = Timing()
        with timing.of(shift.follower):
            self._drive(shift)
        self._measure(timing.measured)
        self._hand_on(slot, shift)
        return shift

    def _take(self, run_id: str, shift: Shift) -> None:
        """Follow what is not in the market yet, or on its way out of it."""
        run = self._platform.trading.load(run_id, Run, verify=False)
        if not run.stage.ended and run.stage is not Stage.OPEN:
            self._begin_workflow(run)
            shift.take(run_id)

    def _begin_workflow(self, run: Run) -> None:
        """Have it looked after from then on; else the reconciler will, within a minute."""
        try:
            self._workflow.start(run.id, ist_date(self._clock.now()))
        except (BotoCoreError, ClientError) as error:
            LOG.warning("the workflow of %s was not started: %s", run.id, error)

    def _hand_on(self, slot: Slot, shift: Shift) -> None:
        """What there was no time for is somebody else's, at once; raises Unfinished."""
        left = shift.left
        if any(due.what == OPEN for due in left):
            raise Unfinished(f"{len(left)} of {slot.user_id}'s slot {slot.minute.isoformat()}")
        runs = [due.key for due in left if due.what == FOLLOW]
        if runs:
            load = self._platform.trading.load
            strategies = {load(run, Run, verify=False).terms.strategy_id for run in runs}
            rest = Slot(
                what=Why.SWEEP,
                user_id=slot.user_id,
                minute=slot.minute,
                strategies=tuple(sorted(strategies)),
            )
            LOG.warning("%d runs of %s are handed on", len(runs), slot.user_id)
            self._queue.send_all([rest.told_in(0)])
