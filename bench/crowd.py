"""A crowd due in one second: what the platform itself needs for it, its broker needing nothing.

`python -m bench.crowd [--strategies 1000] [--accounts 100] [--profile]`: the clock is stepped, so
nothing waits; the figure is the processor's time until every order is out, beside the time that
the accounts' lanes (10 orders a second each) would take anyway.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from adapters.clock import SteppedClock
from adapters.demo import BasketFile, add_basket, read_basket
from adapters.lane import MemoryLane, Pace
from adapters.market.simulated import SimulatedMarket
from adapters.runtime import Platform, Surroundings, assemble, open_read_side, open_trading
from commands.desk import Principal, Request
from commands.user import RegisterUser
from domain.book import (
    BookOrder,
    BookTrade,
    Funds,
    Margin,
    NetPosition,
    OrderStatus,
    Profile,
    Ticket,
)
from domain.calendar import MARKET

DAY = date(2026, 11, 18)
BASKET = Path(__file__).parent.parent / "baskets" / "nifty-iron-condor.json"
FREE = Pace(second=10_000, minute=1_000_000, day=1_000_000)


class Instant:
    """A broker at which every order is filled at its limit the moment it arrives."""

    def __init__(self) -> None:
        self.book: list[BookOrder] = []

    def place(self, ticket: Ticket) -> str:
        row = BookOrder(
            broker_order_id=f"O{len(self.book)}",
            tags=(ticket.tag,),
            key=ticket.contract.key,
            side=ticket.side,
            product=ticket.product,
            quantity=ticket.quantity,
            filled=ticket.quantity,
            average_price=ticket.price or Decimal(1),
            status=OrderStatus.COMPLETE,
        )
        self.book.append(row)
        return row.broker_order_id

    def modify(self, broker_order_id: str, price: Decimal) -> None:
        raise AssertionError(f"{broker_order_id} does not rest: it cannot be moved to {price}")

    def cancel(self, broker_order_id: str) -> None:
        raise AssertionError(f"{broker_order_id} does not rest")

    def orders(self) -> Sequence[BookOrder]:
        return self.book

    def trades(self) -> Sequence[BookTrade]:
        return []

    def positions(self) -> Sequence[NetPosition]:
        return []

    def funds(self) -> Funds:
        rich = Decimal(10**9)
        return Funds(available=rich, used=Decimal(0), cash=rich)

    def basket_margin(self, tickets: Sequence[Ticket]) -> Margin:
        return Margin(final=Decimal(len(tickets)), peak=Decimal(len(tickets)))

    def profile(self) -> Profile:
        return Profile(broker_user_id="X", name="X", capabilities=("OPTIONS",))

    def login_url(self) -> str:
        return ""

    def exchange_token(self, request_token: str) -> str:
        return request_token


def populate(platform: Platform, clock: SteppedClock, accounts: int, strategies: int) -> None:
    """So many traders with a paper account each, the strategies spread over them."""
    one = read_basket(BASKET).strategies[0]
    each, more = divmod(strategies, accounts)
    asker = Principal(user_id="platform", platform=True)
    for number in range(accounts):
        request = Request(principal=asker, at=clock.now(), correlation_id=f"bench-{number}")
        user = platform.bus.execute(RegisterUser(email=f"t{number}@example.com"), request)
        basket = BasketFile(name=f"Basket {number}", strategies=(one,) * (each + (number < more)))
        add_basket(platform.bus, basket, user.id, user.accounts[0], clock.now())


def crowd(folder: Path, strategies: int, accounts: int, profile: bool) -> dict[str, float]:
    """Processor seconds from the due second until every order is out."""
    session = MARKET.session(DAY)
    assert session is not None
    due = session.open + timedelta(minutes=5)
    clock = SteppedClock(due - timedelta(minutes=3))
    brokers: dict[str, Instant] = {}
    market = SimulatedMarket(clock, seed=1)
    platform = assemble(
        open_trading(folder, random.Random(1).randbytes),
        open_read_side(folder),
        Surroundings(
            clock=clock,
            market=market,
            broker=lambda account: brokers.setdefault(account, Instant()),
            lane=lambda _: MemoryLane(clock, FREE),
        ),
        install="BENCH",
        worker="bench",
    )
    populate(platform, clock, accounts, strategies)
    platform.engine.begin()
    wheel = platform.engine.wheel
    while (following := wheel.next_due()) is not None and following < due:
        clock.advance_to(max(clock.now(), following))
        platform.engine.turn(clock.now())
    clock.advance_to(due)
    profiler = cProfile.Profile()
    began = time.process_time()
    wall = time.perf_counter()
    if profile:
        profiler.enable()
    platform.engine.turn(clock.now())
    while (following := wheel.next_due()) is not None and following < due + timedelta(seconds=2):
        clock.advance_to(max(clock.now(), following))
        platform.engine.turn(clock.now())
        if sum(len(b.book) for b in brokers.values()) >= strategies * 4:
            break
    profiler.disable()
    orders = sum(len(b.book) for b in brokers.values())
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(40)
        pstats.Stats(profiler).sort_stats("cumtime").print_stats(60)
    used = time.process_time() - began
    return {
        "orders": orders,
        "processor_s": used,
        "wall_s": time.perf_counter() - wall,
        "ms_per_order": used / max(1, orders) * 1000,
        "lanes_need_s": orders / accounts / replace(Pace()).second,
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--strategies", type=int, default=1000)
    asked.add_argument("--accounts", type=int, default=100)
    asked.add_argument("--profile", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = crowd(Path(folder), given.strategies, given.accounts, given.profile)
    for name, value in figures.items():
        print(f"{name:>22} {value:,.2f}")


if __name__ == "__main__":
    main()
