"""The feed at the Kite simulator: ticks are its market's, and every fault of the line is mended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from random import Random

import pytest

from adapters.brokers.zerodha.feed import Feed, Told
from adapters.brokers.zerodha.logins import login_of
from adapters.brokers.zerodha.patience import Patience
from adapters.brokers.zerodha.standing import State, Worry
from adapters.brokers.zerodha.ticks import TickBook
from adapters.market.simulated import SimulatedMarket
from adapters.simulators.kite.faults import Fault, FaultKind
from adapters.vault.vault import Vault
from domain.book import OrderStatus
from domain.contract import Side
from domain.risk import mark
from tests.adapters.brokers.zerodha.exchange_line import SOON
from tests.adapters.brokers.zerodha.venue import ACCOUNT, ZerodhaVenue
from tests.contracts.broker_contract import by_tag, ticket

STEP_S = 0.1


class Following:
    """An account whose stream is followed while its exchange goes on."""

    def __init__(self, venue: ZerodhaVenue, vault: Vault) -> None:
        self.venue = venue
        self.clock = venue.simulator.clock
        self.news: list[str] = []
        self.lost: list[str] = []
        self.alarms: list[str] = []
        self.ticks = TickBook()
        self.feed = Feed(
            self.ticks,
            self.clock,
            login_of(vault),
            Told(news=self.news.append, session_lost=self.lost.append, alarm=self.alarms.append),
            patience=Patience(silence_s=60, first_pause_s=0.02, longest_pause_s=0.1, closing_s=0.2),
            worry=Worry(silent_s=0.5, grace_s=0.1),
            chance=Random(1),
        )
        contract = ticket(venue, Side.BUY, "X").contract
        self.key = contract.key
        listed = venue.simulator.venue.listed(self.clock.now())
        self.ticks.want({self.key: listed.tokens[self.key]})
        self.feed.link(ACCOUNT, venue.simulator.ws)

    def goes_on(self, until: Callable[[], bool], what: str) -> None:
        """Let market and feed live until it is so."""
        late = time.monotonic() + SOON
        while not until():
            assert time.monotonic() < late, f"never came: {what}"
            self.clock.sleep(STEP_S)
            self.venue.simulator.step()
            self.feed.look("", self.clock.now())
            time.sleep(0.005)

    def state(self) -> State | None:
        standing = self.feed.standing(ACCOUNT)
        return standing.state if standing else None

    def fresh(self) -> bool:
        now = self.clock.now()
        quote = self.ticks.quote(self.key, now)
        return quote is not None and quote.fresh(now)


@pytest.fixture
def following(vault: Vault) -> Iterator[Following]:
    """Ten o'clock; the stream is up, and shows the contract."""
    with closing(ZerodhaVenue(vault)) as venue:
        following = Following(venue, vault)
        try:
            following.goes_on(following.fresh, "the first tick")
            following.news.clear()
            yield following
        finally:
            following.feed.stop()


def test_a_tick_shows_what_the_market_shows(following: Following) -> None:
    def same() -> bool:
        shown = following.ticks.quote(following.key)
        told = SimulatedMarket(following.clock).quotes([following.key])[following.key]
        return shown is not None and (shown.bid, shown.ask, shown.bid_qty, shown.ask_qty) == (
            told.bid, told.ask, told.bid_qty, told.ask_qty
        )  # fmt: skip

    following.goes_on(same, "the market's own touch")
    following.goes_on(lambda: following.feed.prices().state is State.LIVE, "prices are live")


def test_an_order_is_news_and_its_update_is_believed_in_nothing(following: Following) -> None:
    following.venue.broker.place(ticket(following.venue, Side.BUY, "N1"))

    following.goes_on(lambda: ACCOUNT in following.news, "the news")


def test_a_lost_update_costs_nothing_for_the_book_is_read_anyway(following: Following) -> None:
    lost = Fault(kind=FaultKind.LOSE_UPDATE, path="ws", times=None)
    following.venue.simulator.inject(lost)

    following.venue.broker.place(ticket(following.venue, Side.BUY, "N1"))

    def filled() -> bool:
        row = by_tag(following.venue.broker, "N1")
        return row is not None and row.status is OrderStatus.COMPLETE

    following.goes_on(filled, "the fill, by the book")
    assert following.news == []


def test_a_stalled_feed_shows_no_price_to_decide_on_and_comes_back(following: Following) -> None:
    following.venue.simulator.inject(Fault(kind=FaultKind.STALL, path="feed", seconds=30))

    following.goes_on(lambda: not following.fresh(), "the price grows old")
    now = following.clock.now()
    assert mark(following.ticks.quote(following.key, now), Side.BUY, now) is None

    following.goes_on(following.fresh, "prices again")
    following.goes_on(lambda: following.state() is State.LIVE, "live again")


def test_a_line_that_is_cut_is_taken_up_again_with_its_subscriptions(following: Following) -> None:
    following.venue.simulator.inject(Fault(kind=FaultKind.HANG_UP, path="feed"))

    following.goes_on(lambda: ACCOUNT in following.news, "what was missed is read")

    following.goes_on(following.fresh, "prices again")
    assert following.lost == []


def test_a_session_that_dies_is_told_once_and_the_next_login_is_used(following: Following) -> None:
    venue = following.venue

    venue.expire_session()
    following.goes_on(lambda: following.lost == [ACCOUNT], "the loss")
    following.goes_on(lambda: bool(following.alarms), "the alarm")
    venue.broker.exchange_token(venue.log_in())
    following.feed.renewed(ACCOUNT)

    following.goes_on(lambda: following.state() is State.LIVE, "live with the new login")
    following.goes_on(following.fresh, "prices again")
    assert following.lost == [ACCOUNT]


def test_kite_down_for_minutes_is_waited_out(following: Following) -> None:
    simulator = following.venue.simulator
    simulator.faults.fall(Fault(kind=FaultKind.OUTAGE, seconds=600), following.clock.now())
    following.goes_on(lambda: following.state() is State.DOWN, "down")

    simulator.faults.clear(FaultKind.OUTAGE)

    following.goes_on(following.fresh, "prices again")
    assert following.lost == []
