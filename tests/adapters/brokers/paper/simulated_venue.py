"""A paper broker on the simulated exchange, in-process or as a process of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from datetime import time as time_of_day
from decimal import Decimal

from adapters.brokers.paper.desk import Desk
from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.faults import Fault
from adapters.brokers.paper.local import LocalPaperBroker
from adapters.brokers.paper.process import PaperProcess
from adapters.brokers.paper.settings import PaperSettings
from adapters.brokers.paper.spec import PaperSpec
from adapters.clock import SteppedClock
from adapters.market.simulated import SimulatedMarket
from commands.ports import Broker, Clock, MarketData
from domain.calendar import at_ist
from domain.contract import Contract, OptionType, Side
from domain.quote import Quote
from domain.touch import marketable

DAY = date(2026, 11, 18)
KIND = PaperSettings(partial_rate=0, rejection_rate=0)
SPEED = 20.0


class PaperVenue:
    """A broker and the same market as it sees."""

    def __init__(self, broker: Broker, market: MarketData, clock: Clock) -> None:
        self.broker = broker
        self._market = market
        self._clock = clock
        chain = market.chain(DAY)
        expiry = chain.expiries("NIFTY")[1]
        spot = market.spot("NIFTY")
        assert spot is not None
        assert spot.last is not None
        strike = round(spot.last / 50) * 50
        self.call = self._listed(expiry, strike)
        self.higher_call = self._listed(expiry, strike + 100)

    def _listed(self, expiry: date, strike: int) -> Contract:
        chain = self._market.chain(DAY)
        found = chain.option("NIFTY", expiry, OptionType.CE, Decimal(strike))
        assert found is not None
        return found

    def _quote(self, contract: Contract) -> Quote:
        return self._market.quotes([contract.key])[contract.key]

    def marketable(self, contract: Contract, side: Side) -> Decimal:
        price = marketable(contract, side, self._quote(contract), self._clock.now())
        assert price is not None
        return price + side.sign * 10  # the market goes on while the order is under way

    def resting(self, contract: Contract, side: Side) -> Decimal:
        last = self._quote(contract).last
        assert last is not None
        return contract.ticked(last * (1 - side.sign * Decimal("0.3")), side)

    def pass_time(self, seconds: float) -> None:
        self._clock.sleep(seconds)

    def log_in(self) -> str:
        """A login at the paper broker returns any token but an empty one."""
        return "paper"


class LocalVenue(PaperVenue):
    """Stepped by the test, and shared with nobody."""

    def __init__(self) -> None:
        start = at_ist(DAY, time_of_day(10))
        clock, own = SteppedClock(start), SteppedClock(start)
        exchange = PaperExchange(SimulatedMarket(own), own, settings=KIND)
        self.desk = Desk(exchange, clock)
        super().__init__(LocalPaperBroker(self.desk, "ACC-1"), SimulatedMarket(clock), clock)

    def inject(self, fault: Fault) -> None:
        self.desk.faults.inject("ACC-1", fault)

    def expire_session(self) -> None:
        self.desk.faults.expire_session("ACC-1")


class ProcessVenue(PaperVenue):
    """One account at a broker that lives elsewhere."""

    def __init__(self, process: PaperProcess, spec: PaperSpec, account: str) -> None:
        clock = spec.clock()
        self.client = process.broker(account)
        super().__init__(self.client, spec.open_market(clock), clock)
        self._quote(self.call)  # the day's prices are made: no price is old when it comes

    def inject(self, fault: Fault) -> None:
        self.client.inject(fault)

    def expire_session(self) -> None:
        self.client.expire_session()


def at_ten_o_clock(speed: float = SPEED) -> PaperSpec:
    """A market open since three quarters of an hour, as it goes on from now."""
    return PaperSpec(
        wall_start=datetime.now(UTC),
        market_start=at_ist(DAY, time_of_day(10)),
        speed=speed,
        rules=KIND,
    )
