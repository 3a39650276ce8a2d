"""Paper on the platform's live prices: told to its process, which fills at nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path

import pytest

from adapters.brokers.paper.faults import Fault
from adapters.brokers.paper.prices import PRICES, PriceServer
from adapters.brokers.paper.process import PaperProcess, start_paper_process
from adapters.brokers.paper.shared import SharedMarket
from adapters.brokers.paper.spec import MarketKind, PaperSpec
from adapters.clock import SteppedClock
from adapters.market.simulated import SimulatedMarket
from domain.book import OrderStatus
from domain.calendar import at_ist
from domain.contract import Side
from tests.adapters.brokers.paper.simulated_venue import DAY, PaperVenue, at_ten_o_clock
from tests.contracts.broker_contract import BrokerContract, await_order, by_tag, ticket

ACCOUNT = "ACC-1"


class SharingVenue(PaperVenue):
    """The platform's side: it has the market, and tells the broker's process of it."""

    def __init__(self, folder: Path) -> None:
        self.world = at_ten_o_clock()
        self.clock = self.world.clock()
        self.market = SimulatedMarket(self.clock)
        self.endpoint = folder / PRICES
        self.prices = PriceServer(self.market, self.endpoint)
        told = {"market": MarketKind.SHARED, "prices": self.endpoint}
        spec = self.world.model_copy(update=told)
        self.process: PaperProcess = start_paper_process(folder / "paper", spec)
        self.client = self.process.broker(ACCOUNT)
        super().__init__(self.client, self.market, self.clock)

    def inject(self, fault: Fault) -> None:
        self.client.inject(fault)

    def expire_session(self) -> None:
        self.client.expire_session()

    def close(self) -> None:
        self.process.stop()
        self.prices.stop()


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[SharingVenue]:
    made = SharingVenue(tmp_path)
    yield made
    made.close()


class TestPaperOnSharedPrices(BrokerContract):
    @pytest.fixture
    def venue(self, venue: SharingVenue) -> SharingVenue:
        return venue


def test_nothing_fills_while_the_platform_is_away_and_goes_on_when_it_is_back(
    venue: SharingVenue,
) -> None:
    venue.broker.place(ticket(venue, Side.BUY, "B1"))
    await_order(venue, "B1")
    venue.prices.stop()

    venue.broker.place(ticket(venue, Side.BUY, "B2"))
    venue.pass_time(20)
    waiting = by_tag(venue.broker, "B2")
    venue.prices = PriceServer(venue.market, venue.endpoint)
    filled = await_order(venue, "B2")

    assert waiting is not None
    assert waiting.status is OrderStatus.OPEN
    assert filled.status is OrderStatus.COMPLETE


@pytest.fixture
def stepped(tmp_path: Path) -> Iterator[tuple[SteppedClock, SharedMarket, SimulatedMarket]]:
    clock = SteppedClock(at_ist(DAY, time(10)))
    market = SimulatedMarket(clock)
    prices = PriceServer(market, tmp_path / PRICES)
    yield clock, SharedMarket(tmp_path / PRICES, clock), market
    prices.stop()


def test_what_is_told_is_what_the_platform_sees(
    stepped: tuple[SteppedClock, SharedMarket, SimulatedMarket],
) -> None:
    clock, shared, market = stepped
    chain = market.chain(DAY)
    keys = [contract.key for contract in chain.contracts[:5]]
    since = clock.now() - timedelta(minutes=3)

    assert shared.chain(DAY).contracts == chain.contracts
    assert shared.quotes([*keys, "NFO:NONE"]) == market.quotes(keys)
    assert shared.spot("NIFTY") == market.spot("NIFTY")
    assert list(shared.candles(keys[0], since, clock.now())) == list(
        market.candles(keys[0], since, clock.now())
    )


def test_a_chain_is_told_once_and_again_when_it_changed(
    stepped: tuple[SteppedClock, SharedMarket, SimulatedMarket],
) -> None:
    clock, shared, _ = stepped

    first = shared.chain(DAY)
    clock.sleep(120)
    again = shared.chain(DAY)
    clock.sleep(120)
    later = shared.chain(DAY + timedelta(days=1))

    assert again is first
    assert later.day == DAY + timedelta(days=1)
    assert later.contracts


def test_a_price_is_not_taken_for_a_moment_before_it(tmp_path: Path) -> None:
    now, then = (SteppedClock(at_ist(DAY, time(h))) for h in (11, 10))
    market = SimulatedMarket(now)
    prices = PriceServer(market, tmp_path / PRICES)
    key = market.chain(DAY).contracts[0].key

    assert SharedMarket(tmp_path / PRICES, now).quotes([key])
    assert not SharedMarket(tmp_path / PRICES, then).quotes([key])
    prices.stop()


def test_who_does_not_know_the_token_is_told_nothing(tmp_path: Path) -> None:
    clock = SteppedClock(at_ist(DAY, time(10)))
    prices = PriceServer(SimulatedMarket(clock), tmp_path / PRICES)

    answer = prices.answer(b'{"token": "guess", "what": "spot", "keys": ["NIFTY"]}')
    nonsense = prices.answer(b"{}")

    assert answer.refused is not None
    assert not answer.quotes
    assert nonsense.refused is not None
    prices.stop()


def test_a_shared_market_needs_to_be_told_where(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="prices"):
        PaperSpec(market=MarketKind.SHARED)

    assert PaperSpec(market=MarketKind.SHARED, prices=tmp_path).prices == tmp_path
