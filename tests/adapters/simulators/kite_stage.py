"""The simulator on a stepped day, with the official client of a trader who is logged in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from kiteconnect import KiteConnect

from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.ledger import PaperLedger
from adapters.brokers.paper.settings import PaperSettings
from adapters.clock import SteppedClock
from adapters.market.simulated import SimulatedMarket
from adapters.simulators.kite.faults import Fault
from adapters.simulators.kite.limits import Limits
from adapters.simulators.kite.simulator import KiteSimulator
from domain.calendar import at_ist
from domain.contract import Contract, OptionType, Side

DAY = date(2026, 11, 18)
KIND = PaperSettings(partial_rate=0, rejection_rate=0)
ACCOUNT, KEY, SECRET, USER = "ACC-1", "key1", "secret1", "AB1234"
Json = dict[str, Any]  # Any: what the client hands on


class Stage:
    """One account; time passes as the test lets it."""

    def __init__(
        self,
        *faults: Fault,
        limits: Limits | None = None,
        at: datetime | None = None,
        ledger: Path | None = None,
        **app: Any,  # Any: further fields of the app
    ) -> None:
        start = at or at_ist(DAY, time(10))
        self.clock = SteppedClock(start)
        own = SteppedClock(start)
        self.market = SimulatedMarket(own)
        self.exchange = PaperExchange(self.market, own, PaperLedger(ledger), KIND)
        self.kite = KiteSimulator(self.exchange, self.market, self.clock, faults, limits=limits)
        self.kite.add_app(ACCOUNT, KEY, SECRET, USER, **app)
        self.kite.start()
        self.client = self.stranger()

    def stranger(self) -> KiteConnect:
        """A client without a session."""
        return KiteConnect(KEY, root=self.kite.root, timeout=30)

    @staticmethod
    def client_of(kite: KiteSimulator) -> KiteConnect:
        """A client of any simulator that has the app, logged in."""
        client = KiteConnect(KEY, root=kite.root, timeout=30)
        client.generate_session(kite.request_token(KEY), SECRET)
        return client

    def log_in(self, client: KiteConnect | None = None) -> KiteConnect:
        """The client, with a session of its own; it ends the one before."""
        client = client or self.client
        client.generate_session(self.kite.request_token(KEY), SECRET)
        return client

    def listed(self, strike_offset: int = 0, kind: OptionType = OptionType.CE) -> Contract:
        """The next weekly near the money, so many points away from it."""
        chain = self.market.chain(DAY)
        spot = self.market.spot("NIFTY")
        assert spot is not None
        assert spot.last is not None
        strike = Decimal(round(spot.last / 50) * 50 + strike_offset)
        found = chain.option("NIFTY", chain.expiries("NIFTY")[1], kind, strike)
        assert found is not None
        return found

    def last(self, contract: Contract) -> Decimal:
        quote = self.market.quotes([contract.key])[contract.key]
        assert quote.last is not None
        return quote.last

    def order(
        self, side: Side = Side.BUY, *, away: str = "1.1", lots: int = 1, **more: Any
    ) -> Json:
        """A limit order for the call, its price so many times the last; marketable unless said."""
        contract = more.pop("contract", None) or self.listed()
        price = contract.ticked(self.last(contract) * Decimal(away), side)
        return {
            "variety": "regular",
            "exchange": contract.exchange,
            "tradingsymbol": contract.tradingsymbol,
            "transaction_type": side.value,
            "quantity": lots * contract.lot,
            "product": "NRML",
            "order_type": "LIMIT",
            "price": float(price),
            "tag": "B1",
            **more,
        }

    def place(self, **more: Any) -> str:
        """Place it, and go on to where it is done with."""
        order_id = str(self.client.place_order(**self.order(**more)))
        self.pass_time()
        return order_id

    def pass_time(self, seconds: float = 2) -> None:
        self.clock.sleep(seconds)

    def row(self, order_id: str) -> Json:
        (found,) = [row for row in self.client.orders() if row["order_id"] == order_id]
        return dict(found)

    def inject(self, *faults: Fault) -> None:
        for fault in faults:
            self.kite.inject(fault)

    def stop(self) -> None:
        self.client.reqsession.close()
        self.kite.stop()
        assert self.kite.broken == []


def key_of(row: Json) -> str:
    return f"{row['exchange']}:{row['tradingsymbol']}"


def statuses(rows: Iterable[Json]) -> list[str]:
    return [str(row["status"]) for row in rows]
