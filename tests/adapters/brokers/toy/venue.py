"""An account at the toy broker, in a market that is open."""

from __future__ import annotations

from datetime import time
from typing import Final

from adapters.brokers.paper.desk import Desk
from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.faults import Fault
from adapters.clock import SteppedClock
from adapters.market.simulated import SimulatedMarket
from adapters.vault.vault import Vault
from domain.calendar import at_ist
from tests.adapters.brokers.paper.simulated_venue import DAY, KIND, PaperVenue
from tests.adapters.brokers.toy.broker import ToyBroker
from tests.adapters.brokers.toy.street import Stall, Street

ACCOUNT: Final = "ACC-1"


class ToyVenue(PaperVenue):
    """Stepped by the test."""

    def __init__(self, vault: Vault) -> None:
        start = at_ist(DAY, time(10))
        clock, own = SteppedClock(start), SteppedClock(start)
        self.desk = Desk(PaperExchange(SimulatedMarket(own), own, settings=KIND), clock)
        market = SimulatedMarket(clock)
        self.stall = Stall(Street(self.desk, market, ACCOUNT, DAY))
        broker = ToyBroker(ACCOUNT, {"root": self.stall.root}, vault)
        broker.exchange_token(self.log_in())
        super().__init__(broker, market, clock)

    def inject(self, fault: Fault) -> None:
        self.desk.faults.inject(ACCOUNT, fault)

    def expire_session(self) -> None:
        self.desk.faults.expire_session(ACCOUNT)

    def close(self) -> None:
        self.stall.close()
