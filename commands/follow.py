"""The process manager: load the run, look, let the domain decide, record it, do it, again.

Anything may call `follow`: a timer, news from the broker, a risk tick, the API, the sweeper. What
it does depends only on the run's stream, the time and the facts it looks up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from threading import RLock
from typing import Final

from eventsourcing.persistence import RecordConflictError

from commands.application import Trading
from commands.gathering import Lookout
from commands.ports import Clock
from commands.recording import record_all
from commands.sending import Answer, Boundary, Dealer, answered, nowhere
from domain.following import next_steps
from domain.model import Origin, acting
from domain.run import Run
from domain.steps import Ask, Claim, Facts, Steps, Wait

#: A run that takes more turns than this without waiting is going in circles.
TURNS: Final = 200
#: Seconds of a lease in which nothing is sent any more: the client's timeout, and a margin.
LEASE_RESERVE_S: Final = 9.0


class Follower:
    """Follows runs for one worker; each run by one thread at a time."""

    def __init__(
        self,
        trading: Trading,
        clock: Clock,
        lookout: Lookout,
        dealer: Callable[[str], Dealer],
        *,
        worker: str,
        reserve_s: float = LEASE_RESERVE_S,
        boundary: Boundary = nowhere,
    ) -> None:
        self.trading = trading
        self.clock = clock
        self.lookout = lookout
        self.dealer = dealer
        self.worker = worker
        self.reserve_s = reserve_s
        self.boundary = boundary
        self._deadlines: dict[str, float] = {}
        self._runs: dict[str, Run] = {}
        # Ours alone: whoever appends a wish to the run need not wait for the broker's answers.
        self._turns: dict[str, RLock] = {}

    def follow(self, run_id: str, *, verify: bool = False) -> datetime | None:
        """Take every step that can be taken now; answers when to come back, None when it ended."""
        with self._turns.setdefault(run_id, RLock()):
            run = self.present(run_id, verify)
            facts = Facts(worker=self.worker)
            for _ in range(TURNS):
                # Read first: a stall between the two clocks must shorten the lease, not stretch it.
                began = self.clock.monotonic()
                now = self.clock.now()
                steps = next_steps(run, now, facts)
                if not steps:
                    self.forget(run_id)
                    self._deadlines.pop(run_id, None)
                    return None
                if isinstance(steps[0], Ask):
                    facts = self.lookout.gather(run, steps[0].needs, facts, now)
                    continue
                waits = isinstance(steps[0], Wait)  # with nothing to record before that
                done = waits or self.take(run, steps, now, began)
                if done and isinstance(steps[-1], Wait):
                    return steps[-1].until
                run = self._runs.get(run_id) or self.present(run_id, verify=True)
                facts = replace(facts, asked=frozenset(), plan=None, drift=None)
        raise RuntimeError(f"{run_id} took {TURNS} turns without coming to rest")

    def take(self, run: Run, steps: Steps, now: datetime, began: float) -> bool:
        """Record the steps in one commit, then carry out what goes to the broker."""
        self.boundary("before-append")
        if not self.save(run, now, lambda into: record_all(into, steps, self.worker)):
            return False
        self.boundary("after-append")
        if any(isinstance(step, Claim) for step in steps):
            self._deadlines[run.id] = began + run.terms.lease_s - self.reserve_s
        dealer = self.dealer(run.terms.account_id)
        answers = dealer.carry_out(run, steps, self._deadlines.get(run.id, began))
        if answers:
            self.boundary("before-answer")
            self.note(run, answers)
        return True

    def note(self, run: Run, answers: Sequence[Answer]) -> None:
        """Record what the broker answered, whoever else has written to the run meanwhile."""
        while not self.save(run, self.clock.now(), lambda into: answered(into, answers)):
            run = self.present(run.id, verify=True)

    def save(self, run: Run, now: datetime, decide: Callable[[Run], None]) -> bool:
        """Let events arise and append them; False if somebody else wrote first."""
        cause = f"{run.id}:{run.version}"
        origin = Origin(at=now, actor="system", correlation_id=run.correlation, causation_id=cause)
        try:
            with acting(origin):
                decide(run)
            self.trading.save(run)
        except RecordConflictError:
            self.forget(run.id)
            return False
        except BaseException:
            self.forget(run.id)  # the copy holds events that were never stored
            raise
        return True

    def present(self, run_id: str, verify: bool) -> Run:
        """The run as it is: our own copy while nobody else of this process wrote to it."""
        run = self._runs.get(run_id)
        if verify or run is None or self.trading.version_of(run_id) != run.version:
            run = self.trading.load(run_id, Run, verify=verify)
            self._runs[run_id] = run
        return run

    def forget(self, run_id: str) -> None:
        """Drop what is remembered of a run that ended, or whose copy is worthless."""
        self._runs.pop(run_id, None)
