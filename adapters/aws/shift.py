"""The engine at work for one invocation: on the runs it is given, and no longer than it may be."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from threading import Event, Lock
from typing import Final

from adapters.engine import ARM_AHEAD, Due, Engine
from adapters.loop import Loop
from adapters.runtime import Platform
from domain.run import Run
from domain.run_terms import Stage, Terms

#: Real seconds that an invocation keeps for itself: to hand on what is left, and to answer.
SPARE_S: Final = 5.0
#: Market seconds that one worker owns a run for, and within which its last step must be done.
LEASE_S: Final[int] = Terms.model_fields["lease_s"].default
#: Whoever looks at a run so shortly before its exit stays until that second.
STAYS_FOR: Final = timedelta(seconds=5)
#: While nothing may be sent at all, nobody need look sooner.
WHILE_HALTED: Final = timedelta(minutes=1)
FOLLOW, ARM = "follow", "arm"


class Unfinished(Exception):
    """A call ended before its work was done: its message is to be delivered again."""


def until(remaining_ms: int, now: datetime, *, speed: float = 1.0, patience: int = 1) -> datetime:
    """Until when an invocation may begin a step, by the market's clock.

    Its last step may take as long as a lease, in which nobody else could go on with the run.
    """
    left = timedelta(seconds=(remaining_ms / 1000 - SPARE_S) * speed)
    return now + left - timedelta(seconds=LEASE_S * patience)


class Shift(Engine):
    """Follows what it was given until each run rests: ended, entered, or in other hands.

    A run is not let go while our own lease lasts, for until then nobody else may act on it.
    `enters`: runs that wait for their second are ours to enter; else they are their executor's
    until a lease after it. `waits`: once, for the end of somebody else's lease, who may have died.
    """

    def __init__(
        self,
        platform: Platform,
        until: datetime,
        *,
        patience: int = 1,
        enters: bool = False,
        waits: bool = True,
    ) -> None:
        base = platform.engine
        super().__init__(
            trading=base.trading,
            clock=base.clock,
            planner=base.planner,
            run_planner=base.run_planner,
            follower=base.follower,
            runs=platform.runs,
            sweep=None,
            halted=base.halted,
        )
        self.serves = base.serves
        base.follower.begin_anew()
        self.until = until
        self.lease = timedelta(seconds=LEASE_S * patience)
        self.enters = enters
        self.waits = waits
        #: When to come back to each run that rests, and which have ended.
        self.wakes: dict[str, datetime] = {}
        self.ended: set[str] = set()
        #: The version of each run that was followed last.
        self.seen: dict[str, int] = {}
        self.faults = 0
        self.over = Event()
        self.over.set()
        self._left: set[Due] = set()
        self._accounts: dict[str, str] = {}
        self._others: dict[str, datetime] = {}
        self._lock = Lock()

    # ── what there is to do ───────────────────────────────────────────────────────────────

    @property
    def left(self) -> Collection[Due]:
        """Work that was given and is not done."""
        with self._lock:
            return sorted(self._left)

    def begin(self) -> None:
        """Nothing but what was given."""

    def give(self, due: Due, at: datetime | None = None) -> None:
        """Have this done before the shift is over."""
        with self._lock:
            self._left.add(due)
            self.over.clear()
        self.wheel.at(at or self.clock.now(), due)

    def take(self, run_id: str, *, enters: bool = False) -> None:
        """Follow this run, from its second on if it is ours to enter; raises NotFound."""
        run, now = self.trading.load(run_id, Run), self.clock.now()
        if run.stage.ended:
            self.ended.add(run_id)
            return
        if not self.serves(run.terms.account_id):
            self.wakes[run_id] = now + WHILE_HALTED  # its orders leave from another desk
            return
        self.platform_knows(run)
        if run.stage is not Stage.PENDING or run.exit_reason is not None:
            self.give(Due(FOLLOW, run_id))
        elif enters or self.enters or now >= run.due_at + self.lease:
            self.wheel.at(max(now, run.due_at - ARM_AHEAD), Due(ARM, run_id))
            self.give(Due(FOLLOW, run_id), max(now, run.due_at))
        else:
            self.wakes[run_id] = run.due_at + self.lease

    def platform_knows(self, run: Run) -> None:
        """The views may not show it yet."""
        self.runs.add(run)
        self._accounts[run.id] = run.terms.account_id

    def account_of(self, due: Due) -> str | None:
        """The account whose turn this work is."""
        return self._accounts.get(due.key) if due.what in (ARM, FOLLOW) else None

    # ── doing it ──────────────────────────────────────────────────────────────────────────

    def do(self, due: Due) -> None:
        """Do one thing; what need not be done again is done."""
        now = self.clock.now()
        if now >= self.until:
            return  # it stays among what is left
        if (again := self.chores[due.what](due.key, now)) is not None:
            self.wheel.at(again, due)
            return
        with self._lock:
            self._left.discard(due)
            if not self._left:
                self.over.set()

    def retry(self, due: Due, seconds: float) -> None:
        """Do again what failed, while there is time."""
        self.faults += 1
        super().retry(due, seconds)

    def notice(self, run_id: str) -> None:
        """Something happened to this run: look at it now."""
        self.take(run_id)

    def follow(self, run_id: str, now: datetime) -> datetime | None:
        """Follow a run, and say when to do so again, unless it rests as far as we are concerned."""
        if self.halted() is not None:
            self.wakes[run_id] = now + WHILE_HALTED
            return None
        wake = super().follow(run_id, now)
        if wake is None:
            self.ended.add(run_id)
            return None
        run = self.trading.load(run_id, Run, verify=False)
        self.seen[run_id] = run.version
        if self.stays_with(run, wake):
            return wake
        self.wakes[run_id] = wake
        return None

    def stays_with(self, run: Run, wake: datetime) -> bool:
        """Whether it is for us to come back to a run that has nothing to do until then."""
        now = self.clock.now()
        if wake >= self.until:
            return False
        if run.lease_until is not None and now < run.lease_until:
            if run.worker == self.follower.worker:
                return wake <= run.lease_until
            first_seen = self._others.setdefault(run.id, run.lease_until)
            return self.waits and first_seen == run.lease_until
        if run.stage is Stage.PENDING:
            return True
        return run.exit_at is not None and now <= run.exit_at <= now + STAYS_FOR


#: Lets a shift do its work, and comes back when it is over or its time is.
Drive = Callable[[Shift], None]


class ByThreads:
    """As in the one-process engine: a thread for each account's entries, one for its exits."""

    def __init__(self, platform: Platform, speed: float, alarm: Callable[[str], None]) -> None:
        self._clock = platform.engine.clock
        self._turnstile = platform.turnstile
        self._speed = speed
        self._alarm = alarm

    def __call__(self, shift: Shift) -> None:
        if shift.over.is_set():
            return
        loop = Loop(shift, self._clock, self._speed, self._alarm, self._turnstile)
        loop.start()
        left = (shift.until - self._clock.now()).total_seconds() / self._speed
        shift.over.wait(max(left, 0.0))
        loop.stop()
