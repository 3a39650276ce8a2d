"""Something happened to a run or an account: it is followed at once, or made flat."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import BaseModel

from adapters.aws.shift import Drive, Shift, Unfinished
from adapters.aws.slots import Outbox
from adapters.engine import Due
from adapters.runtime import Platform
from commands.errors import NotFound
from commands.flatten import Flattening
from domain.account import BrokerAccount
from domain.run import Run

LOG: Final = logging.getLogger("atp.dispatching")
KILL, GLANCE = "kill", "glance"
#: How often it is looked whether something else happened to a run of the account meanwhile.
GLANCES: Final = timedelta(seconds=2)
#: Where none of its runs can do anything for so long, a blocked account is left to the reconciler.
FAR: Final = timedelta(seconds=30)


class What(StrEnum):
    FOLLOW = "follow"
    KILL = "kill"


class Order(BaseModel, frozen=True, extra="forbid"):
    """Follow the run `key`, or see to it that the account becomes flat."""

    what: What
    key: str
    account_id: str

    def dedup(self, now: datetime) -> str:
        """Told again at another time it is another message."""
        return f"{self.what}-{self.account_id}-{now:%Y%m%dT%H%M%S%f}"


#: The kill switch's work, which tells us of each run that it asked to leave.
FlatteningFor = Callable[[Callable[[str], None]], Flattening]


class Dispatching:
    """One account at a time: its runs are followed together, so that none waits for another."""

    def __init__(
        self,
        platform: Platform,
        flattening: FlatteningFor,
        queue: Outbox,
        drive: Drive,
        *,
        patience: int = 1,
    ) -> None:
        self._platform = platform
        self._clock = platform.engine.clock
        self._flattening = flattening
        self._queue = queue
        self._drive = drive
        self._patience = patience

    def work(self, order: Order, until: datetime) -> Shift:
        """Follow what the account has; a kill that needs longer is sent again. Raises Unfinished.

        A queue that keeps order holds nothing back, so a kill is waited for here, second by second.
        """
        shift = Shift(self._platform, until, patience=self._patience, waits=False)
        self._look_after(order.account_id, shift)
        if order.what is What.KILL:
            shift.chores[KILL] = self._kill(shift)
            shift.give(Due(KILL, order.account_id))
        else:
            self._take(order.key, shift, enters=True)  # a start by hand has no other executor
        for run_id in self._platform.runs.of_account(order.account_id):
            self._take(run_id, shift)
        self._drive(shift)
        self._hand_on(order, shift)
        return shift

    def _take(self, run_id: str, shift: Shift, *, enters: bool = False) -> None:
        try:
            shift.take(run_id, enters=enters)
        except NotFound:
            LOG.warning("there is no run %s to be followed", run_id)

    def _look_after(self, account_id: str, shift: Shift) -> None:
        """While the shift lasts, whatever is wished of the account's other runs is heard."""
        trading = self._platform.trading

        def glance(_: str, now: datetime) -> datetime:
            for run_id in self._platform.runs.of_account(account_id):
                if trading.load(run_id, Run).version != shift.seen.get(run_id):
                    shift.take(run_id)
            return now + GLANCES

        shift.chores[GLANCE] = glance
        shift.wheel.at(self._clock.now() + GLANCES, Due(GLANCE, account_id))

    def _kill(self, shift: Shift) -> Callable[[str, datetime], datetime | None]:
        flattening = self._flattening(shift.notice)

        def kill(account_id: str, now: datetime) -> datetime | None:
            again = flattening.watch(account_id, now)
            runs = self._platform.runs.of_account(account_id)
            idle = [shift.wakes.get(run_id, now) > now + FAR for run_id in runs]
            return None if idle and all(idle) else again

        return kill

    def _hand_on(self, order: Order, shift: Shift) -> None:
        now = self._clock.now()
        rest = [due for due in shift.left if due.what == KILL]
        account = self._platform.trading.load(order.account_id, BrokerAccount)
        if rest and account.block is not None:
            dedup = order.dedup(now)
            self._queue.send(order.model_dump(mode="json"), group=order.account_id, dedup=dedup)
        elif shift.faults and any(due.key == order.key for due in shift.left):
            raise Unfinished(f"{order.what} {order.key} failed {shift.faults} times")
