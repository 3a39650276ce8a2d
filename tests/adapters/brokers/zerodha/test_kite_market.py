"""Kite's market under the real client: contracts by the lists, prices by tick or by asking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread
from time import sleep
from typing import Any

import pytest

from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.zerodha.client import Kite
from adapters.brokers.zerodha.frames import parse_frame
from adapters.brokers.zerodha.market import KiteMarket
from adapters.brokers.zerodha.ticks import TickBook
from adapters.clock import SteppedClock
from adapters.market.simulated import SimulatedMarket
from adapters.simulators.kite.faults import Fault, FaultKind
from adapters.simulators.kite.simulator import KiteSimulator
from adapters.turnstile import Turnstile
from adapters.vault.vault import Vault
from domain.calendar import at_ist, ist_date
from domain.contract import OptionType
from domain.model import Refused
from domain.strikes import ExpiryRule, expiry_of
from tests.adapters.brokers.paper.simulated_venue import DAY, KIND
from tests.adapters.brokers.zerodha.known_secrets import API_KEY, API_SECRET
from tests.adapters.brokers.zerodha.packing import framed, full

ACCOUNT = "ACC-1"
SATURDAY = date(2026, 8, 8)
LISTS = ("NFO", "BFO", "NSE", "BSE")
#: Seconds for what other threads do, on a machine that does other things, too.
SOON_S = 30


def until(reached: Callable[[], bool]) -> None:
    """Wait for another thread."""
    for _ in range(SOON_S * 1000):
        if reached():
            return
        sleep(0.001)
    raise AssertionError("it did not come to that")


class Scene:
    """Ten o'clock, today's lists are there, and no stream."""

    def __init__(self, vault: Vault, folder: Path) -> None:
        start = at_ist(DAY, time(10))
        self.clock, own = SteppedClock(start), SteppedClock(start)
        self.behind = SimulatedMarket(self.clock)
        exchange = PaperExchange(SimulatedMarket(own), own, settings=KIND)
        self.simulator = KiteSimulator(exchange, self.behind, self.clock)
        self.simulator.add_app(ACCOUNT, API_KEY, API_SECRET, "AB1234")
        self.simulator.start()
        self.kite = Kite(ACCOUNT, {"root": self.simulator.root}, vault)
        self.kite.exchange_token(self.simulator.request_token(API_KEY))
        self.hasty = Kite(ACCOUNT, {"root": self.simulator.root, "timeout_s": "0.5"}, vault)
        self.folder = folder
        self.market = self.opened(self.kite, patience_s=30)
        self.ticks = self.market.ticks
        self.market.instruments.fetch(LISTS)

    def opened(self, kite: Kite, patience_s: float) -> KiteMarket:
        """A market that waits so long for an answer."""
        return KiteMarket(lambda: kite, TickBook(), self.clock, self.folder, patience_s=patience_s)

    @contextmanager
    def asking(self, kite: Callable[[], Kite]) -> Iterator[KiteMarket]:
        """A market that looks for its Kite anew each time it asks."""
        market = KiteMarket(kite, TickBook(), self.clock, self.folder, patience_s=SOON_S)
        yield market
        market.stop()

    def close(self) -> None:
        self.market.stop()
        self.simulator.stop()

    def inject(self, kind: FaultKind, **more: Any) -> None:  # Any: fields of a fault
        fault = {"method": "GET", "path": "/quote", "status": 502} | more
        self.simulator.inject(Fault(kind=kind, **fault))

    def near(self, steps: int = 0, option_type: OptionType = OptionType.CE) -> str:
        """The weekly so many strikes above 24500."""
        chain = self.market.chain(DAY)
        expiry = expiry_of(chain, "NIFTY", ExpiryRule.WEEKLY)
        found = chain.option("NIFTY", expiry, option_type, Decimal(24500 + 50 * steps))
        assert found is not None
        return found.key

    def ladder(self, count: int) -> list[str]:
        return [each.key for each in self.market.chain(DAY).contracts[:count]]

    def asked(self) -> int:
        """How often quotes were asked for since they are counted."""
        return len(self.simulator.struck)

    def count_quotes(self) -> None:
        """By a fault that changes nothing."""
        self.inject(FaultKind.SLOW_ANSWER, times=None)

    def tick(self, key: str, at: datetime, price: int = 10_100) -> None:
        """The contract at one price on both sides, in paise, as the exchange says at that time."""
        token, moment = self.market.instruments.listed(DAY).tokens[key], int(at.timestamp())
        side = [(650, price, 3), *[(0, 0, 0)] * 4]
        packet = full(token, price, at=moment, traded_at=moment, bids=side, asks=side)
        (tick,) = parse_frame(framed([packet]))
        assert self.ticks.put(tick, at)


@pytest.fixture
def scene(vault: Vault, tmp_path: Path) -> Iterator[Scene]:
    with closing(Scene(vault, tmp_path / "lists")) as scene:
        yield scene


def test_the_contracts_are_those_of_the_exchange_behind_kite(scene: Scene) -> None:
    chain = scene.market.chain(DAY)

    behind = scene.behind.chain(DAY)
    assert set(chain.contracts) == {each for each in behind.contracts if each.expiry >= DAY}
    assert scene.market.instruments.troubles == {}


def test_lists_need_nobody_to_be_logged_in(scene: Scene) -> None:
    scene.simulator.expire_session(ACCOUNT)

    scene.market.instruments.fetch(LISTS)

    assert scene.market.instruments.troubles == {}


def test_a_price_without_a_stream_is_asked_for_and_is_what_the_market_shows(scene: Scene) -> None:
    keys = [scene.near(n) for n in (-1, 0, 1)]

    found = scene.market.quotes(keys)

    behind = scene.behind.quotes(keys)
    assert found.keys() == set(keys)
    for key, quote in found.items():
        assert (quote.bid, quote.ask) == (behind[key].bid, behind[key].ask)
        assert (quote.bid_qty, quote.last) == (behind[key].bid_qty, behind[key].last)
        assert quote.fresh(scene.clock.now())


def test_the_spot_is_that_of_the_index(scene: Scene) -> None:
    behind = scene.behind.spot("NIFTY")
    assert behind is not None

    spot = scene.market.spot("NIFTY")

    assert spot is not None
    assert (spot.last, spot.bid) == (behind.last, None)
    assert scene.market.spot("LIQUOR") is None


def test_what_is_asked_for_is_streamed_from_then_on(scene: Scene) -> None:
    key = scene.near()

    scene.market.quotes([key])

    assert scene.ticks.wanted() == (scene.market.instruments.listed(DAY).tokens[key],)


def test_a_fresh_tick_is_taken_and_nobody_is_asked(scene: Scene) -> None:
    key = scene.near()
    scene.market.quotes([key])
    scene.count_quotes()
    scene.clock.sleep(3)
    scene.tick(key, scene.clock.now())

    found = scene.market.quotes([key])[key]

    assert found.bid == 101
    assert found.at == scene.clock.now()
    assert scene.asked() == 0


def test_a_stale_tick_is_made_up_for_by_asking(scene: Scene) -> None:
    key = scene.near()
    scene.market.quotes([key])
    scene.tick(key, scene.clock.now(), price=100)
    scene.clock.sleep(6)

    found = scene.market.quotes([key])[key]

    assert found.at > scene.clock.now() - timedelta(seconds=2)
    assert found.bid != 1


def test_quotes_are_asked_for_once_a_second_at_most(scene: Scene) -> None:
    scene.count_quotes()
    first, second = scene.near(), scene.near(3)
    start = scene.clock.now()

    scene.market.quotes([first])
    scene.market.quotes([first])
    assert (scene.asked(), scene.clock.now()) == (1, start)

    scene.market.quotes([second])
    assert scene.asked() == 2
    assert scene.clock.now() >= start + timedelta(seconds=1)


def test_more_than_500_contracts_are_asked_for_in_parts(scene: Scene) -> None:
    scene.count_quotes()
    keys = scene.ladder(1200)

    found = scene.market.quotes(keys)

    assert found.keys() == set(keys)
    assert scene.asked() == 3


def test_a_decision_goes_before_somebody_who_looks_at_a_whole_chain(scene: Scene) -> None:
    key = scene.near()
    chain = [each for each in scene.ladder(1200) if each != key]
    asked, go_on = Event(), Event()

    def kite() -> Kite:
        asked.set()
        assert go_on.wait(SOON_S)
        return scene.kite

    with ThreadPoolExecutor(2) as pool, scene.asking(kite) as market:
        whole = pool.submit(market.quotes, chain)
        assert asked.wait(SOON_S)
        one = pool.submit(market.quotes, [key])
        until(lambda: key in market.polling._waiting)
        go_on.set()

        assert whole.result().keys() == set(chain)
        found = one.result()
    assert found.keys() == {key}
    # In the second request, not in the third.
    assert found[key].at <= at_ist(DAY, time(10)) + timedelta(seconds=1)


def test_one_request_brings_along_what_else_is_wanted(scene: Scene) -> None:
    one, other = scene.near(), scene.near(2)
    scene.market.quotes([one, other])
    scene.clock.sleep(6)
    scene.market.quotes([one])
    scene.count_quotes()

    assert scene.market.quotes([other])[other].fresh(scene.clock.now())
    assert scene.asked() == 0


def test_a_contract_that_is_not_listed_is_absent_and_not_asked_for(scene: Scene) -> None:
    scene.count_quotes()

    assert scene.market.quotes(["NFO:NIFTY24AUG18000CE"]) == {}
    assert scene.asked() == 0


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.PAGE, FaultKind.THROTTLE])
def test_a_price_that_cannot_be_had_is_absent_until_it_can(scene: Scene, kind: FaultKind) -> None:
    key = scene.near()
    scene.inject(kind)

    assert scene.market.quotes([key]) == {}
    assert scene.market.polling.trouble is not None

    scene.clock.sleep(2)
    assert key in scene.market.quotes([key])
    assert scene.market.polling.trouble is None


def test_without_a_session_prices_are_absent(scene: Scene) -> None:
    scene.simulator.expire_session(ACCOUNT)

    assert scene.market.quotes([scene.near()]) == {}
    assert scene.market.spot("NIFTY") is None


def test_a_decision_does_not_wait_for_a_kite_that_does_not_answer(scene: Scene) -> None:
    hasty = scene.opened(scene.hasty, patience_s=0.05)
    key = scene.near()
    scene.inject(FaultKind.STUCK)

    assert hasty.quotes([key]) == {}
    hasty.stop()


def test_while_a_decision_waits_for_prices_other_accounts_decide(scene: Scene) -> None:
    hasty = scene.opened(scene.hasty, patience_s=30)
    turnstile, decided = Turnstile(), Event()
    hasty.polling.aside = turnstile.aside
    scene.inject(FaultKind.STUCK)

    def decide() -> None:
        with turnstile:
            decided.set()

    with turnstile:
        Thread(target=decide, daemon=True).start()
        until(lambda: len(turnstile._queue) == 1)
        hasty.quotes([scene.near()])
        went_first = decided.is_set()

    assert went_first
    hasty.stop()


def test_what_nobody_asks_for_is_no_longer_streamed(scene: Scene) -> None:
    idle, busy = scene.near(), scene.near(1)
    scene.market.quotes([idle, busy])
    scene.clock.sleep(300)
    scene.market.quotes([busy])
    scene.clock.sleep(301)

    scene.market.quotes([busy])

    assert scene.ticks.wanted() == (scene.market.instruments.listed(DAY).tokens[busy],)


def test_candles_are_finished_minutes_of_the_session(scene: Scene) -> None:
    key = scene.near()
    since = at_ist(DAY, time(9, 15))
    scene.clock.sleep(30)

    found = scene.market.candles(key, since, scene.clock.now())

    assert [each.at for each in found] == [since + timedelta(minutes=n) for n in range(45)]
    behind = scene.behind.candles(key, since, scene.clock.now())
    assert [(each.open, each.close) for each in found] == [
        (each.open, each.close) for each in behind
    ]
    assert scene.market.candles("NFO:NIFTY24AUG18000CE", since, scene.clock.now()) == []


def test_candles_that_cannot_be_had_whole_are_not_had(scene: Scene) -> None:
    scene.inject(FaultKind.PAGE, path="/instruments/historical/*")

    assert scene.market.candles(scene.near(), at_ist(DAY, time(9, 15)), scene.clock.now()) == []


def test_prices_may_change_each_second_of_the_session(scene: Scene) -> None:
    market, now = scene.market, scene.clock.now()

    assert market.next_tick(now) == now + timedelta(seconds=1)
    assert market.next_tick(at_ist(DAY, time(8, 30))) == at_ist(DAY, time(9, 15))
    assert market.next_tick(at_ist(DAY, time(15, 30))) is None
    assert market.next_tick(at_ist(SATURDAY, time(10))) is None


def test_the_day_after_without_a_list_nothing_may_be_chosen(scene: Scene) -> None:
    scene.clock.sleep(86_400)
    following = ist_date(scene.clock.now())

    chain = scene.market.chain(following)

    with pytest.raises(Refused) as refusal:
        expiry_of(chain, "NIFTY", ExpiryRule.WEEKLY)
    assert refusal.value.code == "no-listing"
    assert scene.market.spot("NIFTY") is None
