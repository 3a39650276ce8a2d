"""Tells traders outside of the inbox what the inbox holds, each as they like to be told."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, Thread
from typing import Final

from eventsourcing.persistence import ApplicationRecorder, PersistenceError

from adapters.notify.intake import Found, Intake
from adapters.notify.line import Rate, Waiting
from adapters.notify.lines import Lines, Place
from adapters.notify.message import Manner
from adapters.notify.outbox import Outbox
from adapters.notify.platform_alarms import PlatformAlarms
from adapters.notify.services import channel_of
from adapters.notify.target import prepare, schema_of
from adapters.notify.targets import Targets
from adapters.vault.vault import VaultError
from commands.ports import Clock
from projections.broker_accounts import BROKER_ACCOUNTS
from projections.evolve import evolve
from projections.feed import Feed
from projections.inbox import INBOX, Notice
from projections.tables import Tables
from projections.users import USERS, UserRow
from projections.view import TableView

LOG: Final = logging.getLogger("atp.notify")
WATCHED: Final = (INBOX.name, USERS.name)
#: Seconds between looks while something waits, while nothing does, and after a fault.
BUSY_S, IDLE_S, FAULT_S = 0.1, 1.0, 2.0
#: A notice this old is summed up with others.
OLD: Final = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Where the notifier reads: the log, the views made of it, and how far those are."""

    log: ApplicationRecorder
    tables: Tables
    views_at: Callable[[], int]
    feed: Feed


class Notifier:
    """Follows the log behind the views, in a thread of its own; nothing ever waits for it.

    What is owed is kept beside the views: a restart goes on with it, and repeats at most what was
    being sent when the process died.
    """

    def __init__(
        self,
        reading: Reading,
        targets: Targets,
        clock: Clock,
        *,
        rate: Rate | None = None,
        label: str = "",
    ) -> None:
        self.targets = targets
        self._reading = reading
        self._clock = clock
        self._label = label
        self._outbox = Outbox(reading.tables)
        self._intake = Intake(reading.log, reading.tables, self._outbox, reading.views_at)
        self._users = TableView(USERS, reading.tables)
        self._lines = Lines(rate or Rate())
        self._accounts = TableView(BROKER_ACCOUNTS, reading.tables)
        self._alarms = PlatformAlarms(self._users)
        self._fault: str | None = None
        self._stopping = Event()
        self._thread: Thread | None = None

    # ── life ──────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Take up what is owed, then follow the log until stopped."""
        self._intake.begin()
        self._thread = Thread(target=self._follow, name="notify", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; what nobody has heard yet is told after the next start."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._lines.stop()
        self._settle()

    # ── what others ask ───────────────────────────────────────────────────────────────────

    def alarm(self, trouble: str) -> None:
        """Tell every admin of a trouble of the platform; answers at once."""
        self._alarms.put(trouble)

    def troubles(self) -> tuple[str, ...]:
        """What is wrong with telling, without saying who is not told."""
        found = sorted(self._lines.broken().items())
        broken = ", ".join(f"{count} × {service}" for service, count in found)
        told = f"notifications do not get through: {broken}" if broken else None
        ended = self._thread is not None and not self._thread.is_alive()
        dead = "nobody is notified any more: start the platform again" if ended else None
        return tuple(each for each in (self._fault, dead, told) if each)

    def failing(self, user_id: str) -> frozenset[str]:
        """Names of the user's targets that do not listen."""
        return self._lines.broken_of(user_id)

    # ── its thread ────────────────────────────────────────────────────────────────────────

    def _follow(self) -> None:
        resumed = False
        with self._reading.feed.subscribed(lambda each: each.view in WATCHED) as news:
            while not self._stopping.is_set():
                try:
                    if not resumed:
                        self._resume()
                        resumed = True
                    self._turn()
                except (PersistenceError, VaultError, sqlite3.Error) as fault:
                    self._fault = f"notifications stand still: {type(fault).__name__}"
                    LOG.error("%s: %s", self._fault, fault)
                    self._stopping.wait(FAULT_S)
                    continue
                self._fault = None
                news.take(timeout=BUSY_S if self._lines.busy() else IDLE_S)

    def _turn(self) -> None:
        """Take in what is new, and tell whoever may be told."""
        while (found := self._intake.look()) is not None:
            before = self._outbox.position
            self._take_in(found)
            self._lines.serve()
            if found.position == before:
                break
        for notice in self._alarms.notices(self._clock.now()):
            self._hand_over(notice, self._wanted(notice), late=False)
        self._lines.serve()
        self._settle()

    def _take_in(self, found: Found) -> None:
        for user_id in found.chosen:
            self.targets.changed(user_id)
            self._lines.lead_to(user_id, self.targets.urls(user_id))
        owed = {notice.id: self._wanted(notice) for notice in found.notices}
        moved = found.position != self._outbox.position
        if moved or owed or found.caught_up:
            names = {notice: list(manners) for notice, manners in owed.items()}
            self._outbox.advance(found.position, names, found.behind, found.caught_up)
        for notice in found.notices:
            late = self._clock.now() - notice.at > OLD
            self._hand_over(notice, owed[notice.id], late)

    def _resume(self) -> None:
        """Go on with what was owed when the last process ended."""
        if self.targets.anybody():
            prepare()
        for notice_id, names in [(key, list(held)) for key, held in self._outbox.owed.items()]:
            notice = self._intake.notice(notice_id)
            manners = self._manners(notice.user_id) if notice else {}
            for name in names:
                if notice is not None and name in manners:
                    self._hand_over(notice, {name: manners[name]}, late=True)
                else:
                    self._outbox.settle(notice_id, name)

    def _hand_over(self, notice: Notice, manners: Mapping[str, Manner], late: bool) -> None:
        if not manners:
            return
        urls, notice = self.targets.urls(notice.user_id), self._named(notice)
        for name, manner in manners.items():
            place = Place(notice.user_id, name)
            self._lines.add(place, urls[name], manner, Waiting(notice=notice, late=late))

    def _settle(self) -> None:
        for told in self._lines.done():
            for notice in told.notices:
                self._outbox.settle(notice.id, told.place.name)
            if not told.taken and told.notices:
                LOG.warning(
                    "%s was not told of %d notice(s)", told.place.user_id, len(told.notices)
                )

    def _named(self, notice: Notice) -> Notice:
        """With the account's name beside its id, which a run does not know."""
        account = self._accounts.get(notice.account_id) if notice.run_id else None
        if account is None:
            return notice
        named = f"on {account.account_name} ({account.id})"
        return evolve(notice, text=notice.text.replace(f"on {account.id}", named, 1))

    # ── whom to tell, and how ─────────────────────────────────────────────────────────────

    def _wanted(self, notice: Notice) -> Mapping[str, Manner]:
        """Targets that want to hear of it, with their manners."""
        user = self._users.get(notice.user_id)
        if user is None:
            return {}
        wants = user.preferences.notifications.wants
        manners = self._manners(notice.user_id, user)
        return {name: m for name, m in manners.items() if wants(m.channel, notice.gravity)}

    def _manners(self, user_id: str, user: UserRow | None = None) -> Mapping[str, Manner]:
        user = user or self._users.get(user_id)
        if user is None:
            return {}
        zone = user.preferences.timezone
        return {
            name: Manner(channel=channel_of(schema_of(url)), zone=zone, label=self._label)
            for name, url in self.targets.urls(user_id).items()
        }
