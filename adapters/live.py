"""Live trading: each account at its own broker, prices from Kite, paper on the same prices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Thread
from typing import Final

from adapters.account_care import AccountCare, linked_accounts
from adapters.address import SERVICES, PublicAddress
from adapters.brokers.paced import Paced
from adapters.brokers.paper.prices import PriceServer
from adapters.brokers.registry import connect
from adapters.brokers.zerodha.feed import Feed, Told
from adapters.brokers.zerodha.logins import login_of
from adapters.brokers.zerodha.morning import Morning
from adapters.brokers.zerodha.news import News
from adapters.brokers.zerodha.postbacks import Postbacks
from adapters.brokers.zerodha.ticks import TickBook
from adapters.carrier import ZERODHA, Carrier
from adapters.engine import Chore, Due
from adapters.lane import FileLane
from adapters.live_home import LiveHome
from adapters.live_paper import LivePaper, prices_of
from adapters.postbox import Postbox
from adapters.rehearsal import clock_of
from adapters.runtime import Platform
from adapters.timekeeping import SERVERS, Timekeeping
from adapters.venue import Ground
from commands.ports import Broker, Lane
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus
from domain.book import SessionExpired
from domain.quote import LIVE as FRESH

#: A start waits so long for today's lists of contracts; whoever exits must not wait for ever.
LISTS_WAIT_S: Final = 10.0
LISTS: Final = "instruments"
LOOK_AGAIN: Final = timedelta(minutes=1)
REFUSED: Final = "Kite refused the token of the stream: log in again"


class Live:
    """A home that trades live, as it was set up."""

    def __init__(self, terms: LiveHome) -> None:
        self.terms = terms

    @property
    def patience(self) -> int:
        """How much more market time our own work takes than in life, with some to spare."""
        return max(1, round(self.terms.speed / 6))

    def open(self, ground: Ground) -> LiveVenue:
        return LiveVenue(self.terms, ground, self.patience)


class LiveVenue:
    """The traders' own brokers; accounts may be linked and logged in at any time."""

    def __init__(self, terms: LiveHome, ground: Ground, patience: int) -> None:
        from adapters.brokers.zerodha.market import KiteMarket

        self.terms = terms
        self.ground = ground
        self.patience = patience
        self.speed = terms.speed
        self.label = "rehearsal" if terms.simulated else ""
        self.clock = clock_of(terms.rehearsal)
        self.carrier = Carrier(terms, ground)
        self.ticks = TickBook(valid_for=FRESH * patience)
        lists = ground.home / "instruments"
        self.market = KiteMarket(self.carrier, self.ticks, self.clock, lists)
        self.prices = PriceServer(self.market, prices_of(ground.home))
        self.paper = LivePaper(ground.home, terms)
        self.work: Work | None = None
        self._paced: dict[str, Paced] = {}

    @property
    def timekeeping(self) -> Timekeeping | None:
        """A rehearsed day has another time than the machine: nobody is asked unless told to."""
        servers = self.terms.ntp_servers
        if servers == () or (servers is None and self.terms.rehearsal is not None):
            return None
        return Timekeeping(servers or SERVERS)

    @property
    def address(self) -> PublicAddress:
        return PublicAddress(self.terms.address_urls or SERVICES)

    # ── ways to the brokers ───────────────────────────────────────────────────────────────

    def broker(self, account_id: str) -> Broker:
        """At the account's own broker; raises UnknownBroker, NotStarted."""
        account = self.ground.trading.load(account_id, BrokerAccount)
        if account.paper:
            return self.paper.broker(account_id)
        at_broker = connect(account.broker, account_id, self.terms.kite, self.ground.vault)
        return self._paced.setdefault(account_id, Paced(at_broker, self.clock))

    def stir(self, account_id: str) -> None:
        """The account's broker told something: its book is to be read anew."""
        if account_id in self._paced:
            self._paced[account_id].stir()

    def lane(self, account_id: str) -> Lane:
        return FileLane(self.ground.home / "lanes" / account_id, self.clock)

    # ── life ──────────────────────────────────────────────────────────────────────────────

    def start(self, platform: Platform, care: AccountCare) -> None:
        """Read today's lists, and hold a stream open for each account that has one."""
        self.work = Work(self, platform, care)
        self.market.polling.aside = platform.turnstile.aside
        for account_id in linked_accounts(platform.reads.tables):
            self.heed(account_id)
        lists = Thread(target=self.work.read_lists, args=("", self.clock.now()), daemon=True)
        lists.start()
        lists.join(LISTS_WAIT_S)

    def heed(self, account_id: str) -> None:
        """Have a stream for the account while it is linked, with its latest login."""
        account = self.ground.trading.load(account_id, BrokerAccount)
        if account.broker == ZERODHA and self.work is not None:
            self.carrier.heed(account)
            self.work.heed(account)

    @property
    def postbacks(self) -> Postbox | None:
        return self.work.postbacks if self.work is not None else None

    def chores(self) -> Mapping[str, Chore]:
        return self.work.chores() if self.work is not None else {}

    def troubles(self) -> tuple[str, ...]:
        if self.work is None:
            return ()
        missing = self.carrier.missing()
        return (missing,) if missing is not None else self.work.feed.troubles()

    def stop(self) -> None:
        if self.work is not None:
            self.work.feed.stop()
        self.market.stop()
        self.prices.stop()

    def end(self) -> None:
        self.paper.end()


class Work:
    """What goes on in a live venue while its platform is at work: streams, news, lists."""

    def __init__(self, venue: LiveVenue, platform: Platform, care: AccountCare) -> None:
        vault, alarm = venue.ground.vault, venue.ground.alarm
        self.url = venue.terms.kite["ws"]
        self.carrier = venue.carrier
        self.clock, self.wheel = venue.clock, platform.engine.wheel
        self.news = News(platform.engine, venue.clock)

        def heard(account_id: str) -> None:
            venue.stir(account_id)
            self.news.heard(account_id)

        self.postbacks = Postbacks(vault, heard)
        self.morning = Morning(venue.market.instruments, platform, alarm)

        def lost(account_id: str) -> None:
            care.sessions.lost(account_id, SessionExpired(REFUSED))

        told = Told(news=heard, session_lost=lost, alarm=alarm)
        self.feed = Feed(venue.ticks, venue.clock, login_of(vault), told)

    def heed(self, account: BrokerAccount) -> None:
        if account.deleted:
            self.feed.unlink(account.id)
            return
        now = self.clock.now()
        if self.morning.lists.lacking(now):
            self.wheel.at(now, Due(LISTS))  # now there may be somebody to ask
        self.feed.link(account.id, self.url)
        if account.status is AccountStatus.CONNECTED:
            self.feed.renewed(account.id)

    def chores(self) -> Mapping[str, Chore]:
        return {LISTS: self.read_lists, **self.feed.chores(), **self.news.chores()}

    def read_lists(self, key: str, now: datetime) -> datetime:
        """Today's contracts, as soon as there is an account through which Kite can be asked."""
        if self.carrier.missing() is not None:
            return now + LOOK_AGAIN
        return self.morning.look(key, now)
