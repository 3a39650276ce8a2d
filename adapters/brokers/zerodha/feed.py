"""What the platform knows of its streams: which of them live, and what is done while they do not.

A stream only hastens things. Orders are polled while they live, and prices that are not fresh are
asked for one by one, whether a stream is there or not.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from threading import RLock
from typing import Final

from adapters.brokers.zerodha.frames import Tick
from adapters.brokers.zerodha.line import Login
from adapters.brokers.zerodha.patience import Patience
from adapters.brokers.zerodha.standing import Bulletin, Standing, State, Worry
from adapters.brokers.zerodha.stream import WS, Stream
from adapters.brokers.zerodha.ticks import TickBook
from adapters.engine import Chore
from commands.ports import Clock
from domain.pacing import in_session

LOG: Final = logging.getLogger("atp.zerodha.feed")
LOOK_EVERY: Final = timedelta(seconds=1)
POLL_EVERY: Final = timedelta(seconds=2)


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account's stream; `lines` are those that are up, and when they were last heard."""

    stream: Stream
    bulletin: Bulletin
    lines: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Told:
    """Who is told: to read an account's book, of its dead session, of what a person should know."""

    news: Callable[[str], None]
    session_lost: Callable[[str], None]
    alarm: Callable[[str], None]


class Feed:
    """The streams of all accounts: each brings its own order updates, one of them the prices."""

    def __init__(
        self,
        ticks: TickBook,
        clock: Clock,
        login: Callable[[str], Login | None],
        told: Told,
        *,
        patience: Patience | None = None,
        worry: Worry | None = None,
        chance: Random | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.ticks = ticks
        self._clock = clock
        self._login = login
        self._told = told
        self._patience = patience
        self._worry = worry or Worry()
        self._chance = chance
        self._seconds = seconds
        self._accounts: dict[str, Account] = {}
        self._carrier: str | None = None
        self._priced = -math.inf
        self._awaited: float | None = None
        self._polled = clock.now()
        self._prices = self._bulletin("prices")
        self._lock = RLock()
        ticks.watch(self._rewire)

    def _bulletin(self, name: str) -> Bulletin:
        grace_s = self._worry.grace_s
        return Bulletin(name, self._clock, self._told.alarm, grace_s, self._seconds)

    # ── whose streams ─────────────────────────────────────────────────────────────────────

    def link(self, account_id: str, url: str = WS) -> None:
        """Hold a stream open for this account, from its next login on if there is none now."""
        with self._lock:
            if account_id in self._accounts:
                return
            stream = Stream(
                account_id,
                lambda: self._login(account_id),
                lambda: self._carried(account_id),
                self,
                url=url,
                patience=self._patience,
                chance=self._chance,
            )
            name = f"stream of {account_id}"
            self._accounts[account_id] = Account(stream=stream, bulletin=self._bulletin(name))
            self._carrier = self._carrier or account_id
        stream.start()

    def unlink(self, account_id: str) -> None:
        """Close the account's stream; another takes over the prices."""
        with self._lock:
            account = self._accounts.pop(account_id, None)
        if account is not None:
            account.stream.stop()  # not under the lock: its thread may be waiting for that
            self._choose()

    def renewed(self, account_id: str) -> None:
        """Somebody has logged in: connect at once."""
        with self._lock:
            account = self._accounts.get(account_id)
        if account is not None:
            account.stream.renewed()

    def stop(self) -> None:
        """Close every stream."""
        for account_id in list(self._accounts):
            self.unlink(account_id)

    # ── how they stand ────────────────────────────────────────────────────────────────────

    def standing(self, account_id: str) -> Standing | None:
        """How the account's order updates stand; None where there is no stream."""
        with self._lock:
            account = self._accounts.get(account_id)
            return None if account is None else account.bulletin.standing

    def prices(self) -> Standing:
        """How the stream of prices stands."""
        return self._prices.standing

    def troubles(self) -> tuple[str, ...]:
        """What does not live, in words."""
        with self._lock:
            every = [each.bulletin for each in self._accounts.values()]
        said = [self._prices, *every] if every else []
        return tuple(each.text() for each in said if each.standing.state is not State.LIVE)

    # ── what the streams tell, in their own threads ───────────────────────────────────────

    def up(self, account_id: str, line: int) -> None:
        """Nothing is replayed to who was away: the book tells what happened meanwhile."""
        self.heard(account_id, line)
        self._told.news(account_id)

    def heard(self, account_id: str, line: int) -> None:
        with self._lock:
            if account := self._accounts.get(account_id):
                account.lines[line] = self._seconds()
                account.bulletin.stands(State.LIVE, "heard")

    def ticked(self, account_id: str, ticks: Sequence[Tick]) -> None:
        now = self._clock.now()
        kept = [self.ticks.put(tick, now) for tick in ticks]
        if any(kept) and account_id == self._carrier:
            self._priced = self._seconds()

    def news(self, account_id: str) -> None:
        self._told.news(account_id)

    def down(self, account_id: str, line: int, why: str) -> None:
        with self._lock:
            if account := self._accounts.get(account_id):
                account.lines.pop(line, None)
                if not account.lines:
                    account.bulletin.stands(State.DOWN, why)

    def session_lost(self, account_id: str) -> None:
        self._told.session_lost(account_id)

    # ── what is looked after ──────────────────────────────────────────────────────────────

    def chores(self) -> Mapping[str, Chore]:
        """By the name under which the engine calls them."""
        return {"feed": self.look}

    def look(self, _: str, now: datetime) -> datetime:
        """Judge every stream, raise what has to be raised, and poll for those that do not live."""
        with self._lock:
            accounts = dict(self._accounts)
        for account in accounts.values():
            self._judge(account)
        self._choose()
        if accounts:
            self._judge_prices(now)
            for each in (*(account.bulletin for account in accounts.values()), self._prices):
                each.speak()
            self._poll(accounts, now)
        return now + LOOK_EVERY

    def _judge(self, account: Account) -> None:
        if not account.stream.alive:
            account.stream.start()
        with self._lock:
            if account.lines:
                quiet = self._seconds() - max(account.lines.values())
                if quiet > self._worry.silent_s:
                    account.bulletin.stands(State.SILENT, f"nothing for {quiet:.0f} s")

    def _judge_prices(self, now: datetime) -> None:
        with self._lock:
            carrier = self._accounts.get(self._carrier or "")
        if carrier is None or carrier.bulletin.standing.state is not State.LIVE:
            self._awaited = None
            stands = carrier.bulletin.standing if carrier else None
            self._prices.stands(
                stands.state if stands else State.DOWN, stands.why if stands else "no stream"
            )
        elif not (in_session(now) and self.ticks.wanted()):
            self._awaited = None
            self._prices.stands(State.LIVE, "no prices are expected")
        else:
            self._await_prices(carrier)

    def _await_prices(self, carrier: Account) -> None:
        """Heartbeats without prices are no feed: then everything is subscribed anew."""
        seconds = self._seconds()
        self._awaited = self._awaited or seconds
        quiet = seconds - max(self._priced, self._awaited)
        if quiet > self._worry.stalled_s:
            self._prices.stands(State.SILENT, f"no price for {quiet:.0f} s")
            self._awaited = seconds
            carrier.stream.reconnect()
        elif seconds - self._priced <= self._worry.stalled_s:
            self._prices.stands(State.LIVE, "heard")
        elif self._prices.standing.state is not State.LIVE:
            self._prices.stands(State.SILENT, "no price yet")

    def _choose(self) -> None:
        """Let a stream that lives carry the prices; the one that does so already, if it lives."""
        with self._lock:
            live = [
                name
                for name, account in self._accounts.items()
                if account.bulletin.standing.state is State.LIVE
            ]
            before = self._carrier if self._carrier in self._accounts else None
            if before not in live:
                self._carrier = next(iter([*live, *filter(None, [before]), *self._accounts]), None)
            changed = before != self._carrier
        if changed:
            LOG.info("%s carries the prices", self._carrier or "nobody")
            self._rewire()

    def _carried(self, account_id: str) -> Sequence[int]:
        return self.ticks.wanted() if self._carrier == account_id else ()

    def _rewire(self) -> None:
        """Other contracts are wanted, or another stream carries them."""
        with self._lock:
            streams = [account.stream for account in self._accounts.values()]
        for stream in streams:
            stream.changed()

    def _poll(self, accounts: Mapping[str, Account], now: datetime) -> None:
        """The floor: without news, whoever has live orders looks for himself."""
        if now - self._polled < POLL_EVERY:
            return
        self._polled = now
        for account_id, account in accounts.items():
            if account.bulletin.standing.state is not State.LIVE:
                self._told.news(account_id)
