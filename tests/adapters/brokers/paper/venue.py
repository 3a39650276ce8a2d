"""A paper broker on a small recorded day, with a platform's clock of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from adapters.brokers.paper.desk import Desk
from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.ledger import PaperLedger
from adapters.brokers.paper.local import LocalPaperBroker
from adapters.brokers.paper.settings import PaperSettings
from adapters.clock import SteppedClock
from adapters.market.reading import read_recording
from adapters.market.recorded import RecordedMarket
from domain.book import BookOrder, OrderType, Ticket
from domain.contract import Product, Side
from tests.adapters.market.recorded_days import DAY, Row, minute, write_parquet

KIND = PaperSettings(partial_rate=0, rejection_rate=0)
ACCOUNT = "ACC-1"
CALL = "NFO:NIFTY2680424500CE"
PUT = "NFO:NIFTY2680424500PE"
LOT = 65


class Venue:
    """One account; prices as recorded, and time as the test lets it pass."""

    def __init__(
        self,
        folder: Path,
        rows: Sequence[Row],
        settings: PaperSettings = KIND,
        at: datetime | None = None,
        ledger: PaperLedger | None = None,
    ) -> None:
        start = at or minute("09:19")
        recording = read_recording(write_parquet(folder / "day.parquet", rows))
        self.clock = SteppedClock(start)
        own = SteppedClock(start)
        self.market = RecordedMarket([recording], own)
        self.exchange = PaperExchange(self.market, own, ledger, settings)
        self.exchange.open_account(ACCOUNT)
        self.desk = Desk(self.exchange, self.clock)
        self.broker = LocalPaperBroker(self.desk, ACCOUNT)
        self.sent = 0

    def at(self, text: str, milliseconds: int = 0) -> None:
        """Let it become that time of the day."""
        self.clock.advance_to(minute(text) + timedelta(milliseconds=milliseconds))

    def ticket(
        self,
        side: Side,
        lots: int = 1,
        price: str | None = "100",
        key: str = CALL,
        order_type: OrderType = OrderType.LIMIT,
        tag: str | None = None,
    ) -> Ticket:
        contract = self.market.chain(DAY).get(key)
        assert contract is not None
        self.sent += 1
        return Ticket(
            tag=tag or f"T{self.sent}",
            contract=contract,
            side=side,
            quantity=lots * LOT,
            product=Product.MIS,
            order_type=order_type,
            price=None if price is None else Decimal(price),
        )

    def buy(self, lots: int = 1, price: str = "100", key: str = CALL) -> str:
        return self.broker.place(self.ticket(Side.BUY, lots, price, key))

    def sell(self, lots: int = 1, price: str = "100", key: str = CALL) -> str:
        return self.broker.place(self.ticket(Side.SELL, lots, price, key))

    def row(self, order_id: str) -> BookOrder:
        """The order as the book shows it now."""
        (row,) = [row for row in self.broker.orders() if row.broker_order_id == order_id]
        return row
