"""Paper orders on real recorded days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from adapters.brokers.paper.desk import Desk
from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.local import LocalPaperBroker
from adapters.clock import SteppedClock
from adapters.market.reading import read_recording
from adapters.market.recorded import RecordedMarket
from domain.book import OrderStatus, Ticket
from domain.calendar import at_ist
from domain.contract import Contract, OptionType, Product, Side
from domain.parity import synthetic_spot
from domain.strikes import atm_strike
from domain.touch import marketable
from tests.adapters.brokers.paper.venue import KIND

ACCOUNT = "ACC-1"


class RecordedVenue:
    """A paper account on one real day."""

    def __init__(self, folder: Path, day: date) -> None:
        recording = read_recording(folder / "days" / f"{day}.parquet")
        start = at_ist(day, time(9, 15))
        self.day = day
        self.clock, own = SteppedClock(start), SteppedClock(start)
        self.market = RecordedMarket([recording], self.clock)
        self.exchange = PaperExchange(RecordedMarket([recording], own), own, settings=KIND)
        self.broker = LocalPaperBroker(Desk(self.exchange, self.clock), ACCOUNT)

    def at(self, hour: int, minute: int = 0) -> None:
        self.clock.advance_to(at_ist(self.day, time(hour, minute)))

    def atm(self, option_type: OptionType) -> Contract:
        chain = self.market.chain(self.day)
        expiry = chain.expiries("NIFTY")[0]
        keys = [contract.key for contract in chain.contracts]
        now = self.clock.now()
        price = synthetic_spot(chain, "NIFTY", expiry, self.market.quotes(keys), now)
        strike = atm_strike(chain, "NIFTY", expiry, price)
        found = chain.option("NIFTY", expiry, option_type, strike)
        assert found is not None
        return found

    def trade(self, contract: Contract, side: Side, lots: int, tag: str) -> Decimal:
        """Send at the touch, wait half a minute, and answer the price of the fill."""
        quote = self.market.quotes([contract.key])[contract.key]
        price = marketable(contract, side, quote, self.clock.now())
        assert price is not None
        ticket = Ticket(
            tag=tag,
            contract=contract,
            side=side,
            quantity=lots * contract.lot,
            product=Product.MIS,
            price=price + side.sign * 5,  # wide enough for the next minute's price
        )
        self.broker.place(ticket)
        self.clock.sleep(0.5)
        (row,) = [row for row in self.broker.orders() if tag in row.tags]
        assert row.status is OrderStatus.COMPLETE
        return row.average_price


def test_fills_on_a_day_of_true_bars_lie_inside_their_bars(recorded_data: Path) -> None:
    venue = RecordedVenue(recorded_data, date(2021, 6, 11))

    for hour in range(10, 15):
        venue.at(hour, 20)
        contract = venue.atm(OptionType.CE)
        for side in Side:
            paid = venue.trade(contract, side, 1, f"{side}{hour}")
            minute = at_ist(venue.day, time(hour, 20))
            venue.at(hour, 21 if side is Side.BUY else 22)
            (bar,) = venue.market.candles(
                contract.key, *_minute(minute, 0 if side is Side.BUY else 1)
            )
            assert bar.low <= paid <= bar.high

    assert list(venue.broker.positions()) == []


def _minute(first: datetime, later: int) -> tuple[datetime, datetime]:
    start = first + timedelta(minutes=later)
    return start, start + timedelta(minutes=1)


def test_where_the_touch_was_recorded_it_is_what_is_paid(recorded_data: Path) -> None:
    venue = RecordedVenue(recorded_data, date(2025, 8, 29))
    venue.at(11, 30)
    contract = venue.atm(OptionType.PE)

    bought = venue.trade(contract, Side.BUY, 1, "B1")
    sold = venue.trade(contract, Side.SELL, 1, "S1")

    quote = venue.market.quotes([contract.key])[contract.key]
    assert (bought, sold) == (quote.ask, quote.bid)


def test_in_a_silent_feed_nothing_fills(recorded_data: Path) -> None:
    venue = RecordedVenue(recorded_data, date(2026, 8, 4))
    venue.at(9, 20)
    contract = venue.atm(OptionType.CE)
    silent_from = _longest_gap(venue)
    venue.clock.advance_to(silent_from + timedelta(minutes=3))

    quote = venue.market.quotes([contract.key])[contract.key]
    assert quote.last is not None
    ticket = Ticket(
        tag="B1",
        contract=contract,
        side=Side.BUY,
        quantity=contract.lot,
        product=Product.MIS,
        price=contract.ticked(quote.last + 10, Side.BUY),
    )
    venue.broker.place(ticket)
    venue.clock.sleep(600)

    (row,) = venue.broker.orders()
    assert not quote.fresh(venue.clock.now())
    assert (row.status, row.filled) == (OrderStatus.OPEN, 0)


def _longest_gap(venue: RecordedVenue) -> datetime:
    ticks = [venue.clock.now()]
    while (tick := venue.market.next_tick(ticks[-1])) is not None:
        ticks.append(tick)
    gaps = [(later - earlier, earlier) for earlier, later in pairwise(ticks)]
    longest, since = max(gaps)
    assert longest > timedelta(minutes=15)
    return since


@pytest.mark.parametrize("option_type", OptionType)
def test_an_expiry_without_an_index_settles_near_what_the_option_was_worth(
    recorded_data: Path, option_type: OptionType
) -> None:
    venue = RecordedVenue(recorded_data, date(2026, 8, 4))
    venue.at(9, 20)
    contract = venue.atm(option_type)
    venue.trade(contract, Side.SELL, 1, "S1")
    venue.at(15, 30)
    last = venue.market.quotes([contract.key])[contract.key].last

    held = venue.broker.positions()

    (settled,) = venue.exchange.settled(ACCOUNT)
    assert list(held) == []
    assert settled.estimated
    assert last is not None
    assert 0 <= last - settled.price < 20  # what is left of time value to the closing auction
