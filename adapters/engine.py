"""What is due when: planning, arming, following, sweeping; the same in life and in replay."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from adapters.wheel import Wheel
from commands.application import Trading
from commands.follow import Follower
from commands.planner import Planner
from commands.planning import RunPlanner
from commands.ports import Clock
from commands.runs import RunBook
from domain.calendar import MARKET, ist_date
from domain.model import Refused
from domain.run import Run
from domain.run_terms import Stage

LOG: Final = logging.getLogger("atp.engine")
MINUTE: Final = timedelta(minutes=1)
#: How far ahead a minute's slots are read, and how long before its second a run is armed.
PLAN_AHEAD: Final = timedelta(minutes=2)
ARM_AHEAD: Final = timedelta(seconds=45)
#: How far back slots are looked for that nobody was at work for.
FURTHEST_BACK: Final = timedelta(days=7)
DAY: Final = timedelta(days=1)
WHILE_HALTED: Final = timedelta(seconds=5)
#: Minutes are planned after their first seconds, when what is due in them has gone out.
PLAN_AT: Final = timedelta(seconds=15)


Chore = Callable[[str, datetime], datetime | None]


class Due(NamedTuple):
    """One thing to do: `what` names the work, `key` the run, the account or the minute."""

    what: str
    key: str = ""


class Engine:
    """Does what is due, and lets each piece of work say when it is due again."""

    def __init__(
        self,
        *,
        trading: Trading,
        clock: Clock,
        planner: Planner,
        run_planner: RunPlanner,
        follower: Follower,
        runs: RunBook,
        sweep: timedelta | None,
        halted: Callable[[], str | None] = lambda: None,
    ) -> None:
        self.trading = trading
        self.clock = clock
        self.planner = planner
        self.run_planner = run_planner
        self.follower = follower
        self.runs = runs
        self.sweep = sweep
        self.halted = halted
        #: Whether orders of an account may leave from here: another worker may have its address.
        self.serves: Callable[[str], bool] = lambda _: True
        self.wheel: Wheel[Due] = Wheel()
        #: Work by name; other parts of the runtime add theirs. It answers when it is due again.
        self.chores: dict[str, Chore] = {
            "plan": self.plan,
            "arm": self.arm,
            "follow": self.follow,
            "sweep": self.sweep_all,
            "missed": self.look_further_back,
        }

    def begin(self) -> None:
        """Take up every open run, and plan from this minute on."""
        now = self.clock.now()
        for run_id in self.runs.open():
            self.wheel.at(now, Due("follow", run_id))
        self.look_back(now)
        self.wheel.at(now, Due("missed", (ist_date(now) - DAY).isoformat()))
        self.wheel.at(now, Due("plan"))
        if self.sweep is not None:
            self.wheel.at(now + self.sweep, Due("sweep"))

    def look_back(self, now: datetime) -> None:
        """Open what fell due today while nobody was at work: to enter late, or to be MISSED."""
        session = MARKET.session(ist_date(now))
        if session is not None:
            minute = now.replace(second=0, microsecond=0)
            for run_id in self.planner.plan_between(session.open, minute, now):
                self.opened(run_id, now)

    def look_further_back(self, day: str, now: datetime) -> None:
        """Open what fell due on earlier days while nobody was at work: it is told as MISSED.

        Back to a day that has runs of its own time, for then somebody was, or for a week.
        """
        past = date.fromisoformat(day)
        session, lived = MARKET.session(past), False
        due = self.planner.plan_between(session.open, session.close, now) if session else ()
        for run_id in due:
            run = self.trading.load(run_id, Run, verify=False)
            lived |= run.created_on < now
            if not run.stage.ended and self.runs.add(run):
                self.notice(run_id)
        before = past - DAY
        if not lived and before >= ist_date(now) - FURTHEST_BACK:
            self.wheel.at(now, Due("missed", before.isoformat()))

    def turn(self, now: datetime) -> None:
        """Do everything that is due by now."""
        for due in self.wheel.pop_due(now):
            self.do(due)

    def do(self, due: Due) -> None:
        """Do one thing, and put it back on the wheel if it has to be done again."""
        again = self.chores[due.what](due.key, self.clock.now())
        if again is not None:
            self.wheel.at(again, due)

    def account_of(self, due: Due) -> str | None:
        """The account whose turn this work is."""
        if due.what not in ("arm", "follow"):
            return None
        return self.runs.account_of(due.key)

    def direction(self, due: Due) -> str:
        """`in` for a run on its way in, done one after the other; `out` for what overtakes them."""
        going_in = due.what == "arm" or self.follower.going_in(due.key)
        return "in" if going_in else "out"

    def retry(self, due: Due, seconds: float) -> None:
        """Do it again after so many of the market's seconds."""
        self.wheel.at(self.clock.now() + timedelta(seconds=seconds), due)

    def plan(self, _: str, now: datetime) -> datetime:
        """Open the runs of this minute and the next two; what was opened is not opened again."""
        minute = now.replace(second=0, microsecond=0)
        ahead = minute
        while ahead <= minute + PLAN_AHEAD:
            for run_id in self.planner.plan_minute(ahead, now):
                self.opened(run_id, now)
            ahead += MINUTE
        return minute + MINUTE + PLAN_AT if now >= minute + PLAN_AT else minute + PLAN_AT

    def opened(self, run_id: str, now: datetime) -> None:
        """Know of a run that was just opened, and arm it in time."""
        run = self.trading.load(run_id, Run, verify=False)
        if not self.runs.add(run) or run.stage is not Stage.PENDING:
            return
        self.wheel.at(max(now, run.due_at - ARM_AHEAD), Due("arm", run_id))
        self.wheel.at(max(now, run.due_at), Due("follow", run_id))

    def arm(self, run_id: str, now: datetime) -> None:
        """Ask ahead for what the entry will need."""
        run = self.trading.load(run_id, Run, verify=False)
        if run.stage is not Stage.PENDING:
            return
        try:
            self.run_planner.arm(run, now)
        except Refused as refusal:
            # Only its own second decides: until then the trader may log in, or prices come.
            LOG.warning("%s would be refused now: %s", run_id, refusal)

    def follow(self, run_id: str, now: datetime) -> datetime | None:
        """Follow a run, unless a restored store has yet to be reconciled: then nothing is sent."""
        if self.halted() is not None:
            return now + WHILE_HALTED
        wake = self.follower.follow(run_id)
        if wake is None:
            self.runs.ended(run_id)
        return wake

    def notice(self, run_id: str) -> None:
        """Something happened to this run: look at it now."""
        self.wheel.at(self.clock.now(), Due("follow", run_id))

    def sweep_all(self, _: str, now: datetime) -> datetime | None:
        """Look at every open run with a strong read: wishes of other processes, expired leases."""
        for run_id in self.runs.open():
            self.follow_soon(run_id)
        return None if self.sweep is None else now + self.sweep

    def follow_soon(self, run_id: str) -> None:
        run = self.trading.load(run_id, Run, verify=True)
        if run.stage.ended:
            self.runs.ended(run_id)
        else:
            self.notice(run_id)
