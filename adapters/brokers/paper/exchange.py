"""The paper market: takes orders, lets time pass, and says what became of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from threading import RLock
from typing import Final

from adapters.brokers.paper.book import Account, Book, Order
from adapters.brokers.paper.chance import Chance
from adapters.brokers.paper.checks import check_hours, check_price, check_ticket
from adapters.brokers.paper.entries import CancelAsked, Line, ModifyAsked, Opened, Placed, Settled
from adapters.brokers.paper.ledger import PaperLedger
from adapters.brokers.paper.money import Money
from adapters.brokers.paper.passing import Passing
from adapters.brokers.paper.settings import PaperSettings
from adapters.clock import SteppedClock
from commands.ports import MarketData
from domain.book import BookOrder, BookTrade, Funds, Margin, NetPosition, Rejected, Ticket
from domain.calendar import ist_date

AT_ONCE: Final = timedelta(0)
BEING_PROCESSED: Final = "Order cannot be {} as it is being processed. Try later."


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """What a test, or bad luck, has in store for one order."""

    later: timedelta = AT_ONCE
    """How much later than answered the order is registered."""
    hidden: timedelta = AT_ONCE
    """How long the book does not show it."""
    refusal: str | None = None
    first_fill: int | None = None


class PaperExchange:
    """Many accounts at one paper broker; deterministic for the same seed, market and requests.

    `clock` is the one its market reads: `step` moves it from event to event, so that orders
    reach the market at their own moment however seldom `step` is called.
    """

    def __init__(
        self,
        market: MarketData,
        clock: SteppedClock,
        ledger: PaperLedger | None = None,
        settings: PaperSettings | None = None,
    ) -> None:
        self.settings = settings or PaperSettings()
        self.lock = RLock()
        self._market = market
        self._clock = clock
        self.ledger = ledger or PaperLedger()
        self._watchers: list[Callable[[Line], None]] = []
        self._chance = Chance(self.settings)
        self._book = Book()
        for line in self.ledger.lines():
            self._book.apply(line)
        self._money = Money(market, self._book)
        self._passing = Passing(market, clock, self._book, self.settings, self._money, self._write)

    def _write(self, line: Line) -> None:
        self.ledger.append(line)
        self._book.apply(line)
        for watcher in self._watchers:
            watcher(line)

    def watch(self, watcher: Callable[[Line], None]) -> None:
        """Tell of every line from now on, at once and under the lock."""
        with self.lock:
            self._watchers.append(watcher)

    def open_account(self, account: str, cash: Decimal | None = None) -> None:
        """Open it with that cash in ₹; an account that is open stays as it is."""
        with self.lock:
            if account not in self._book.accounts:
                cash = self.settings.cash if cash is None else cash
                self._write(Opened(at=self._clock.now(), account=account, cash=cash))

    def step(self, now: datetime) -> None:
        """Let everything happen that is due by `now`, each at its own moment."""
        with self.lock:
            self._passing.until(now)

    def next_event(self, after: datetime) -> datetime | None:
        """When something may happen here next; None while nothing is under way."""
        with self.lock:
            return self._passing.next_event(after)

    def place(self, account: str, ticket: Ticket, treatment: Treatment | None = None) -> str:
        """Register the order; raises Rejected for what is refused at the door."""
        treatment = treatment or Treatment()
        with self.lock:
            self.account(account)
            now = self._clock.now()
            listed = self._market.chain(ist_date(now)).get(ticket.contract.key)
            listed = check_ticket(ticket, listed, now)
            line = self._placed(account, replace(ticket, contract=listed), treatment, now)
            self._write(line)
            return line.order_id

    def _placed(self, account: str, ticket: Ticket, given: Treatment, now: datetime) -> Placed:
        tag, lot = ticket.tag, ticket.contract.lot
        bad_luck = self._chance.rejected(account, tag)
        refusal = given.refusal or ("The exchange did not take the order." if bad_luck else None)
        registered = now + given.later
        number = len(self._book.orders) + 1
        return Placed(
            at=now,
            account=account,
            order_id=f"{ist_date(now):%y%m%d}{number:09d}",
            ticket=ticket,
            arrives_at=registered + self._chance.latency("place", account, tag),
            shown_from=registered + given.hidden,
            refusal=refusal,
            first_fill=given.first_fill
            or self._chance.first_fill(account, tag, ticket.quantity, lot),
        )

    def modify(self, account: str, order_id: str, price: Decimal) -> None:
        """Send a new limit in ₹ on its way; raises Rejected."""
        with self.lock:
            order, now = self._open_order(account, order_id, "modified"), self._clock.now()
            if order.modifications >= self.settings.max_modifications:
                raise Rejected("Maximum allowed order modifications exceeded.")
            check_price(price, order.ticket.contract)
            latency = self._chance.latency("modify", account, order.ticket.tag, order.modifications)
            self._write(
                ModifyAsked(
                    at=now,
                    account=account,
                    order_id=order_id,
                    price=price,
                    takes_effect_at=now + latency,
                )
            )

    def cancel(self, account: str, order_id: str) -> None:
        """Send a cancellation on its way; raises Rejected for an order that has ended."""
        with self.lock:
            order, now = self._open_order(account, order_id, "cancelled"), self._clock.now()
            latency = self._chance.latency("cancel", account, order.ticket.tag)
            self._write(
                CancelAsked(
                    at=now, account=account, order_id=order_id, takes_effect_at=now + latency
                )
            )

    def _open_order(self, account: str, order_id: str, what: str) -> Order:
        check_hours(self._clock.now())
        order = self._book.orders.get(order_id)
        if order is None or order.account != account:
            raise Rejected("Couldn't find that `order_id`.")
        if order.status.terminal:
            raise Rejected(BEING_PROCESSED.format(what))
        return order

    def orders(self, account: str) -> Sequence[BookOrder]:
        """Today's orders of the account, as far as the book shows them."""
        with self.lock:
            return [order.row() for order in self._shown(account)]

    def _shown(self, account: str) -> list[Order]:
        now = self._clock.now()
        of_today = self.account(account).orders.get(ist_date(now), [])
        return [order for order in of_today if order.shown_from <= now]

    def trades(self, account: str) -> Sequence[BookTrade]:
        """Today's executions of the account."""
        with self.lock:
            shown = {order.order_id for order in self._shown(account)}
            of_today = self.account(account).trades.get(ist_date(self._clock.now()), [])
            return [trade for trade in of_today if trade.broker_order_id in shown]

    def positions(self, account: str) -> Sequence[NetPosition]:
        """What the account holds; flat positions are left out."""
        with self.lock:
            held = {at: p for at, p in self.account(account).positions.items() if p.quantity}
            quotes = self._market.quotes(key for key, _ in held)
            return [
                NetPosition(
                    key=key,
                    product=product,
                    quantity=position.quantity,
                    average_price=position.average,
                    last_price=quotes[key].last if key in quotes else None,
                )
                for (key, product), position in held.items()
            ]

    def settled(self, account: str) -> Sequence[Settled]:
        """Positions that ended with their contracts."""
        with self.lock:
            return list(self.account(account).settled)

    def funds(self, account: str) -> Funds:
        """Cash after premiums and charges, and what positions and open orders block of it."""
        with self.lock:
            self.account(account)
            return self._money.funds(account, self._clock.now())

    def basket_margin(self, account: str, tickets: Sequence[Ticket]) -> Margin:
        """What these orders would need in this sequence, positions considered."""
        with self.lock:
            self.account(account)
            return self._money.needed(account, tickets, self._clock.now())

    def account(self, account: str) -> Account:
        """The account, which must have been opened; raises Rejected."""
        if account not in self._book.accounts:
            raise Rejected(f"There is no paper account {account}.")
        return self._book.accounts[account]
