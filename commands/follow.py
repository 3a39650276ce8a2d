"""The process manager: load the run, look, let the domain decide, record it, do it, again.

Anything may call `follow`: a timer, news from the broker, a risk tick, the API, the sweeper. What
it does depends only on the run's stream, the time and the facts it looks up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock
from typing import Final

from eventsourcing.persistence import PersistenceError, RecordConflictError

from commands.application import Trading
from commands.gathering import Lookout
from commands.ports import Clock
from commands.recording import record_all
from commands.sending import Answer, Boundary, Dealer, answered, nowhere
from domain.following import next_steps
from domain.model import Origin, acting
from domain.run import Run
from domain.run_terms import Stage
from domain.steps import Ask, Cancel, Claim, Facts, Release, Reprice, Steps, Wait

#: A run that takes more turns than this without waiting is going in circles.
TURNS: Final = 200
#: Seconds of a lease in which nothing is sent any more: the client's timeout, and a margin.
LEASE_RESERVE_S: Final = 9.0
#: What goes to the broker, and never before it is stored.
ACTS: Final = (Release, Reprice, Cancel)


@dataclass
class Course:
    """One look at a run: our copy of it, and what of it is not stored yet."""

    run: Run
    owed: Sequence[Answer] = field(default_factory=list)
    """Answers of the broker that are recorded on the copy only."""
    claimed: float | None = None
    """Monotonic seconds at which a lease began that is recorded on the copy only."""


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
        aside: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.trading = trading
        self.clock = clock
        self.lookout = lookout
        self.dealer = dealer
        self.worker = worker
        self.reserve_s = reserve_s
        self.boundary = boundary
        self.aside = aside
        """Where others may decide while this waits for the disk."""
        self._deadlines: dict[str, float] = {}
        self._runs: dict[str, Run] = {}
        # Ours alone: whoever appends a wish to the run need not wait for the broker's answers.
        self._turns: dict[str, RLock] = {}
        #: Runs whose last commit failed: their facts are stored before what is decided on them,
        #: for a full disk takes facts and refuses new risk.
        self._apart: set[str] = set()

    def follow(self, run_id: str, *, verify: bool = False) -> datetime | None:
        """Take every step that can be taken now; answers when to come back, None when it ended."""
        with self.turn(run_id):
            course = Course(self.present(run_id, verify))
            try:
                return self.go(course)
            except BaseException:
                self.forget(run_id)  # the copy may hold events that were never stored
                raise

    @contextmanager
    def turn(self, run_id: str) -> Iterator[None]:
        """Alone with the run; whoever has it may have to decide before letting go of it."""
        turn = self._turns.setdefault(run_id, RLock())
        if not turn.acquire(blocking=False):
            with self.aside():
                turn.acquire()
        try:
            yield
        finally:
            turn.release()

    def go(self, course: Course) -> datetime | None:
        """Decide and record until there is nothing left to do now."""
        facts = Facts(worker=self.worker)
        for _ in range(TURNS):
            # Read first: a stall between the two clocks must shorten the lease, not stretch it.
            began = self.clock.monotonic()
            now = self.clock.now()
            run = course.run
            steps = next_steps(run, now, facts)
            if steps and isinstance(steps[0], Ask):
                facts = self.lookout.gather(run, steps[0].needs, facts, now)
                continue
            resting = not steps or isinstance(steps[-1], Wait)
            if self.take(course, steps, now, began, resting=resting) and resting:
                return self.rested(run, steps)
            facts = replace(facts, asked=frozenset(), plan=None, drift=None)
        raise RuntimeError(f"{course.run.id} took {TURNS} turns without coming to rest")

    def rested(self, run: Run, steps: Steps) -> datetime | None:
        """When to come back to a run for which there is nothing to do now."""
        if steps and isinstance(steps[-1], Wait):
            return steps[-1].until
        self.forget(run.id)
        self._deadlines.pop(run.id, None)
        return None

    def take(
        self, course: Course, steps: Steps, now: datetime, began: float, *, resting: bool
    ) -> bool:
        """Record the steps, and carry out what goes to the broker once that is stored.

        Facts alone wait for what is decided on them, so that both are one commit: until then
        nothing rests on them, and the broker's book would tell them again.
        """
        acting_now = any(isinstance(step, ACTS) for step in steps)
        if acting_now and course.run.id in self._apart and not self.store(course):
            return False
        self.arise(course.run, now, lambda into: record_all(into, steps, self.worker))
        if any(isinstance(step, Claim) for step in steps):
            course.claimed = began
        if not (acting_now or resting):
            return True
        if not self.store(course):
            return False
        if acting_now:
            self.carry_out(course, steps, began)
        return True

    def carry_out(self, course: Course, steps: Steps, began: float) -> None:
        """Call the broker for what is stored, and record what it answered."""
        run = course.run
        deadline = self._deadlines.get(run.id, began)
        dealer = self.dealer(run.terms.account_id)
        answers = dealer.carry_out(run, steps, deadline, self.overtaken)
        if not answers:
            return
        self.boundary("before-answer")
        course.owed = answers
        self.arise(run, self.clock.now(), lambda into: answered(into, answers))
        # An order's id is found again by its tag; that an order was refused is told only once.
        if any(answer.kind != "accepted" for answer in answers):
            self.store(course)

    def store(self, course: Course) -> bool:
        """Append what arose; False, and the run as it is by now, if somebody else wrote first."""
        run = course.run
        if not run.pending_events:
            return True
        self.boundary("before-append")
        try:
            with self.aside():
                self.trading.save(run)
        except RecordConflictError:
            self.begin_again(course)
            return False
        except PersistenceError:
            self._apart.add(run.id)
            raise
        self._apart.discard(run.id)
        self.boundary("after-append")
        course.owed = []
        if course.claimed is not None:
            self._deadlines[run.id] = course.claimed + run.terms.lease_s - self.reserve_s
            course.claimed = None
        return True

    def begin_again(self, course: Course) -> None:
        """Somebody else wrote: their word comes first, and what the broker answered is added."""
        course.claimed = None
        while True:
            course.run = self.present(course.run.id, verify=True)
            if not course.owed:
                return
            self.arise(course.run, self.clock.now(), lambda into: answered(into, course.owed))
            try:
                self.trading.save(course.run)
            except RecordConflictError:
                continue
            course.owed = []

    def arise(self, run: Run, now: datetime, decide: Callable[[Run], None]) -> None:
        """Let events arise on our copy of the run, caused by its newest."""
        cause = f"{run.id}:{run.version}"
        origin = Origin(at=now, actor="system", correlation_id=run.correlation, causation_id=cause)
        with acting(origin):
            decide(run)

    def present(self, run_id: str, verify: bool) -> Run:
        """The run as it is: our own copy while nobody else of this process wrote to it."""
        run = self._runs.get(run_id)
        if verify or run is None or self.trading.version_of(run_id) != run.version:
            run = self.trading.load(run_id, Run, verify=verify)
            self._runs[run_id] = run
        return run

    def going_in(self, run_id: str) -> bool:
        """Whether the run, as last seen here, takes new risk and nobody wished otherwise since.

        One of which nothing is known, as after a fault, may have to leave: it does not queue.
        """
        run = self._runs.get(run_id) or self.trading.remembered(run_id, Run)
        if run is None:
            return False
        untouched = self.trading.version_of(run_id) in (0, run.version)
        return untouched and run.stage in (Stage.PENDING, Stage.ENTERING)

    def overtaken(self, run: Run) -> bool:
        """Whether somebody of this process wrote to the run since what it carries out."""
        return self.trading.version_of(run.id) > run.version

    def begin_anew(self) -> None:
        """Rely on nothing of before: this process may have stood still, and its clocks with it."""
        self._deadlines.clear()
        self._runs.clear()

    def forget(self, run_id: str) -> None:
        """Drop what is remembered of a run that ended, or whose copy is worthless."""
        self._runs.pop(run_id, None)
