"""The service that holds what functions cannot: streams of ticks and order news, and a watch.

It follows every open run that its desk serves, as the one-process engine does; entries are the
executors'. A run has one owner at a time, so that watching beside functions does no harm.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from adapters.aws.shift import LEASE_S
from adapters.brokers.zerodha.feed import Feed, Told
from adapters.brokers.zerodha.logins import login_of
from adapters.brokers.zerodha.news import News
from adapters.carrier import ZERODHA
from adapters.engine import Due, Engine
from adapters.loop import Loop
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus
from domain.book import SessionExpired
from domain.run import Run
from domain.run_terms import Stage
from projections.runs import RUNS, open_runs
from projections.view import TableView

if TYPE_CHECKING:
    from adapters.aws.platform import AwsPlatform

LOG: Final = logging.getLogger("atp.watching")
LEARN: Final = "learn"
#: How often the views are asked which runs are open.
LEARN_EVERY: Final = timedelta(seconds=5)
REFUSED: Final = "Kite refused the token of the stream: log in again"


class Watch(Engine):
    """Open runs of one desk, learnt from the views, each looked at whenever it wants to be."""

    def __init__(self, aws: AwsPlatform) -> None:
        base = aws.platform.engine
        super().__init__(
            trading=base.trading,
            clock=base.clock,
            planner=base.planner,
            run_planner=base.run_planner,
            follower=base.follower,
            runs=aws.runs,
            sweep=None,  # wishes are the dispatcher's; an append finds out what was missed
            halted=base.halted,
        )
        self.wheel = base.wheel  # where sessions found dead are noted, too
        self.serves = base.serves
        self._rows = TableView(RUNS, aws.tables)
        self._lease = timedelta(seconds=LEASE_S * aws.settings.patience)
        self.chores |= aws.care.sessions.chores()
        self.chores |= {LEARN: self.learn, "secret-reads": aws.care.mornings.note_reads}

    def begin(self) -> None:
        """Learn what is open; what falls due is planned elsewhere."""
        now = self.clock.now()
        for name in (LEARN, "secret-reads"):
            self.wheel.at(now, Due(name))

    def learn(self, _: str, now: datetime) -> datetime:
        """Take up runs that others opened, and let go those that are open no more."""
        shown = {row.id for row in open_runs(self._rows) if self.serves(row.account_id)}
        for run_id in sorted(shown - set(self.runs.known())):
            run = self.trading.load(run_id, Run)
            if self.runs.add(run) and not run.stage.ended:
                self.wheel.at(now, Due("follow", run.id))
        for run_id in sorted(set(self.runs.open()) - shown):
            self.follow_soon(run_id)
        return now + LEARN_EVERY

    def follow(self, run_id: str, now: datetime) -> datetime | None:
        """Follow a run that is in the market, or that nobody has entered in its time."""
        run = self.trading.load(run_id, Run, verify=False)
        entered_by = run.due_at + self._lease
        if run.stage is Stage.PENDING and run.exit_reason is None and now < entered_by:
            return entered_by
        return super().follow(run_id, now)


class Watching:
    """The watch of one desk, with a stream for each account that has an open run."""

    def __init__(self, aws: AwsPlatform) -> None:
        self.aws = aws
        self.watch = Watch(aws)
        venue, care = aws.venue, aws.care
        self.news = News(self.watch, aws.clock)

        def heard(account_id: str) -> None:
            venue.stir(account_id)
            self.news.heard(account_id)

        def lost(account_id: str) -> None:
            care.sessions.lost(account_id, SessionExpired(REFUSED))

        told = Told(news=heard, session_lost=lost, alarm=aws.alarm)
        self.feed = Feed(venue.ticks, aws.clock, login_of(aws.vault), told)
        self._connected: set[str] = set()
        self.watch.chores |= {
            **self.feed.chores(),
            **self.news.chores(),
            "streams": self.link,
        }
        rehearsal = aws.settings.rehearsal
        speed = rehearsal.speed if rehearsal is not None else 1.0
        self.loop = Loop(self.watch, aws.clock, speed, aws.alarm, aws.platform.turnstile)

    def start(self) -> None:
        self.aws.market.polling.aside = self.aws.platform.turnstile.aside
        now = self.aws.clock.now()
        self.watch.learn("", now)
        for name in (*self.feed.chores(), "streams"):
            self.watch.wheel.at(now, Due(name))
        self.loop.start()

    def stop(self) -> None:
        """Finish what is under way, and let go: functions look at every run anyway."""
        self.loop.stop()
        self.feed.stop()
        self.aws.finish()
        self.aws.close()

    def link(self, _: str, now: datetime) -> datetime:
        """Have a stream for each account with an open run, with its latest login."""
        accounts = {self.watch.runs.account_of(run_id) for run_id in self.watch.runs.open()}
        for account_id in sorted(filter(None, accounts)):
            self.heed(self.aws.trading.load(account_id, BrokerAccount, verify=False))
        return now + LEARN_EVERY

    def heed(self, account: BrokerAccount) -> None:
        """It was logged in or out, or has an open run for the first time."""
        if account.broker != ZERODHA:
            return
        self.aws.venue.carrier.heed(account)
        self.feed.link(account.id, self.aws.settings.kite_ws)
        connected = account.status is AccountStatus.CONNECTED
        if connected and account.id not in self._connected:
            self.feed.renewed(account.id)
        (self._connected.add if connected else self._connected.discard)(account.id)
