"""A day traded through Kite's protocol has the same books as one at the paper broker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from decimal import Decimal

import pytest
from kiteconnect.exceptions import KiteException

from adapters.brokers.paper.desk import Desk
from adapters.brokers.paper.entries import Line
from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.local import LocalPaperBroker
from adapters.brokers.paper.settings import PaperSettings
from adapters.clock import SteppedClock
from adapters.market.simulated import SimulatedMarket
from adapters.simulators.kite.identity import kite_order_id
from adapters.simulators.kite.limits import Limits
from adapters.simulators.kite.simulator import KiteSimulator
from domain.book import BrokerError, Ticket
from domain.calendar import at_ist
from domain.contract import Contract, OptionType, Product, Side
from tests.adapters.simulators.kite_stage import ACCOUNT, DAY, KEY, SECRET, USER, Stage

#: Unkind enough for partial fills and rejections.
RULES = PaperSettings(seed=7, partial_rate=0.3, rejection_rate=0.1)
START = at_ist(DAY, time(9, 20))
ROUNDS = 60


def exchange() -> tuple[PaperExchange, SimulatedMarket]:
    own = SteppedClock(START)
    market = SimulatedMarket(own)
    return PaperExchange(market, own, settings=RULES), market


def tickets(market: SimulatedMarket) -> Iterator[Ticket]:
    """Orders of both sides, some of which meet the market and some of which wait."""
    chain = market.chain(DAY)
    expiry = chain.expiries("NIFTY")[1]
    for n in range(ROUNDS):
        kind = OptionType.CE if n % 3 else OptionType.PE
        strike = Decimal(24500 + 50 * (n % 7))
        contract = chain.option("NIFTY", expiry, kind, strike)
        assert contract is not None
        side = Side.SELL if n % 4 == 3 else Side.BUY
        yield Ticket(
            tag=f"T{n}",
            contract=contract,
            side=side,
            quantity=(1 + n % 5) * contract.lot,
            product=Product.NRML if n % 2 else Product.MIS,
            price=priced(market, contract, side, n),
        )


def priced(market: SimulatedMarket, contract: Contract, side: Side, n: int) -> Decimal:
    last = market.quotes([contract.key])[contract.key].last
    assert last is not None
    away = Decimal("0.02") if n % 5 else Decimal("-0.03")
    return contract.ticked(last * (1 + side.sign * away), side)


@pytest.fixture(scope="module")
def by_paper() -> list[Line]:
    """The ledger of the day at the paper broker."""
    clock = SteppedClock(START)
    paper, market = exchange()
    paper.open_account(ACCOUNT)
    broker = LocalPaperBroker(Desk(paper, clock), ACCOUNT)
    for n, ticket in enumerate(tickets(market)):
        placed = [broker.place(ticket)]
        clock.sleep(1.5)
        try:
            if n % 3 == 0:
                broker.modify(placed[0], priced(market, ticket.contract, ticket.side, 1))
            elif n % 7 == 0:
                broker.cancel(placed[0])
        except BrokerError:
            pass  # it had ended
        clock.sleep(20)
        broker.orders()
    return list(paper.ledger.lines())


def test_the_same_orders_have_the_same_ledger(by_paper: list[Line]) -> None:
    clock = SteppedClock(START)
    paper, market = exchange()
    kite = KiteSimulator(paper, market, clock, limits=Limits(orders_a_minute=None))
    kite.add_app(ACCOUNT, KEY, SECRET, USER)
    kite.start()
    client = Stage.client_of(kite)
    for n, ticket in enumerate(tickets(market)):
        order_id = client.place_order(**form(ticket))
        clock.sleep(1.5)
        try:
            if n % 3 == 0:
                price = priced(market, ticket.contract, ticket.side, 1)
                client.modify_order("regular", order_id, price=float(price))
            elif n % 7 == 0:
                client.cancel_order("regular", order_id)
        except KiteException:
            pass  # it had ended
        clock.sleep(20)
        rows = client.orders()
    client.reqsession.close()
    kite.stop()

    ledger = list(paper.ledger.lines())

    assert ledger == by_paper
    assert {line.kind for line in ledger} >= {"filled", "refused", "modified"}
    assert [row["order_id"] for row in rows] == [
        kite_order_id(line.order_id) for line in ledger if line.kind == "placed"
    ]


def form(ticket: Ticket) -> dict[str, object]:
    """The order as Kite's form."""
    return {
        "variety": "regular",
        "exchange": ticket.contract.exchange,
        "tradingsymbol": ticket.contract.tradingsymbol,
        "transaction_type": ticket.side.value,
        "quantity": ticket.quantity,
        "product": ticket.product.value,
        "order_type": "LIMIT",
        "price": float(ticket.price or 0),
        "tag": ticket.tag,
    }
