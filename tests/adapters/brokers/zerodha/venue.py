"""An account at the Kite simulator, reached by the real adapter with the real client."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Final

from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.faults import Fault, FaultKind
from adapters.brokers.zerodha.broker import ZerodhaBroker
from adapters.clock import SteppedClock
from adapters.market.simulated import SimulatedMarket
from adapters.simulators.kite import faults as kite
from adapters.simulators.kite.process import KiteProcess
from adapters.simulators.kite.simulator import KiteSimulator
from adapters.simulators.kite.spec import KiteSpec
from adapters.vault.vault import Vault
from domain.calendar import at_ist
from tests.adapters.brokers.paper.simulated_venue import DAY, KIND, SPEED, PaperVenue
from tests.adapters.brokers.zerodha.known_secrets import API_KEY, API_SECRET

ACCOUNT: Final = "ACC-1"
#: What the contract of brokers lets go wrong, as it comes about at Kite.
CALLS: Final = {
    "place": ("POST", "/orders/*"),
    "cancel": ("DELETE", "/orders/*"),
    "orders": ("GET", "/orders"),
}
KINDS: Final = {
    FaultKind.DROP_REQUEST: kite.FaultKind.RESET,
    FaultKind.DROP_ANSWER: kite.FaultKind.RESET,
    FaultKind.LATE: kite.FaultKind.LATE,
    FaultKind.THROTTLE: kite.FaultKind.THROTTLE,
    FaultKind.REJECT: kite.FaultKind.ERROR,
    FaultKind.REFUSE: kite.FaultKind.REFUSE,
    FaultKind.HIDE: kite.FaultKind.HIDE,
    FaultKind.PARTIAL: kite.FaultKind.PARTIAL,
    FaultKind.FAIL: kite.FaultKind.PAGE,
}


def at_kite(fault: Fault) -> kite.Fault:
    """The same fault in the simulator's words."""
    method, path = CALLS[fault.method]
    kind = KINDS[fault.kind]
    refused = kind is kite.FaultKind.ERROR
    return kite.Fault(
        kind=kind,
        method=method,
        path=path,
        times=fault.times,
        seconds=fault.seconds,
        quantity=fault.quantity,
        accepted=fault.kind is FaultKind.DROP_ANSWER,
        status=400 if refused else 502,
        error_type="InputException" if refused else "NetworkException",
        message=fault.message,
    )


def broker_of(account: str, api_key: str, root: str, vault: Vault) -> ZerodhaBroker:
    """The account, whose app is known and whose trader has not logged in yet."""
    vault.write(f"zerodha/{account}/app", {"api_key": api_key, "api_secret": API_SECRET})
    return ZerodhaBroker(account, {"root": root}, vault)


class ZerodhaVenue(PaperVenue):
    """Stepped by the test: the exchange behind Kite's protocol is the paper broker's."""

    def __init__(self, vault: Vault) -> None:
        start = at_ist(DAY, time(10))
        clock, own = SteppedClock(start), SteppedClock(start)
        exchange = PaperExchange(SimulatedMarket(own), own, settings=KIND)
        self.simulator = KiteSimulator(exchange, SimulatedMarket(clock), clock)
        self.simulator.add_app(ACCOUNT, API_KEY, API_SECRET, "AB1234")
        self.simulator.start()
        self.zerodha = broker_of(ACCOUNT, API_KEY, self.simulator.root, vault)
        self.zerodha.exchange_token(self.log_in())
        super().__init__(self.zerodha, SimulatedMarket(clock), clock)

    def inject(self, fault: Fault) -> None:
        self.simulator.inject(at_kite(fault))

    def expire_session(self) -> None:
        self.simulator.expire_session(ACCOUNT)

    def log_in(self) -> str:
        return self.simulator.request_token(API_KEY)

    def close(self) -> None:
        self.simulator.stop()


class ZerodhaProcessVenue(PaperVenue):
    """One account at a Kite that is another process, and lives in its own time."""

    def __init__(self, process: KiteProcess, spec: KiteSpec, vault: Vault, account: str) -> None:
        self._process = process
        self._account = account
        self._api_key = f"key{account}".lower().replace("-", "")
        process.add_app(account, self._api_key, API_SECRET, account)
        broker = broker_of(account, self._api_key, process.root, vault)
        broker.exchange_token(self.log_in())
        clock = spec.clock()
        super().__init__(broker, spec.open_market(clock), clock)

    def inject(self, fault: Fault) -> None:
        self._process.inject(at_kite(fault).model_copy(update={"account": self._account}))

    def expire_session(self) -> None:
        self._process.expire_session(self._account)

    def log_in(self) -> str:
        return self._process.request_token(self._api_key)


def at_ten_o_clock(speed: float = SPEED) -> KiteSpec:
    """A market open since three quarters of an hour, as it goes on from now."""
    return KiteSpec(
        wall_start=datetime.now(UTC),
        market_start=at_ist(DAY, time(10)),
        speed=speed,
        rules=KIND,
    )
