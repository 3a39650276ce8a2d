"""Where the requests of all accounts arrive: session and faults first, then the exchange."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final, TypeVar

from adapters.brokers.paper.exchange import PaperExchange, Treatment
from adapters.brokers.paper.faults import Fault, FaultKind, Faults
from commands.ports import Clock
from domain.book import (
    BookOrder,
    BookTrade,
    Funds,
    Margin,
    NetPosition,
    NotSent,
    Profile,
    Rejected,
    SessionExpired,
    Ticket,
    Unavailable,
)

T = TypeVar("T")
#: Calls that change something: a lost answer leaves their outcome unknown.
CHANGING: Final = frozenset(("place", "modify", "cancel"))
PLAIN: Final = Treatment()
LOST_AFTERWARDS: Final = (FaultKind.DROP_ANSWER, FaultKind.LATE)


class ConnectionLost(Exception):
    """The caller gets no answer, whatever was done."""


class Desk:
    """The paper broker as its clients see it; `clock` is the time it lives in."""

    def __init__(self, exchange: PaperExchange, clock: Clock, faults: Faults | None = None) -> None:
        self.exchange = exchange
        self.clock = clock
        self.faults = faults or Faults()

    def place(self, account: str, ticket: Ticket) -> str:
        def act(treatment: Treatment) -> str:
            return self.exchange.place(account, ticket, treatment)

        return self._serve(account, "place", act)

    def modify(self, account: str, order_id: str, price: Decimal) -> None:
        self._serve(account, "modify", lambda _: self.exchange.modify(account, order_id, price))

    def cancel(self, account: str, order_id: str) -> None:
        self._serve(account, "cancel", lambda _: self.exchange.cancel(account, order_id))

    def orders(self, account: str) -> Sequence[BookOrder]:
        return self._serve(account, "orders", lambda _: self.exchange.orders(account))

    def trades(self, account: str) -> Sequence[BookTrade]:
        return self._serve(account, "trades", lambda _: self.exchange.trades(account))

    def positions(self, account: str) -> Sequence[NetPosition]:
        return self._serve(account, "positions", lambda _: self.exchange.positions(account))

    def funds(self, account: str) -> Funds:
        return self._serve(account, "funds", lambda _: self.exchange.funds(account))

    def basket_margin(self, account: str, tickets: Sequence[Ticket]) -> Margin:
        return self._serve(
            account, "basket_margin", lambda _: self.exchange.basket_margin(account, tickets)
        )

    def profile(self, account: str) -> Profile:
        known = Profile(broker_user_id=account, name="Paper account", capabilities=("OPTIONS",))
        return self._serve(account, "profile", lambda _: known)

    def login_url(self, account: str) -> str:
        return f"paper:login?account={account}&request_token=paper"

    def exchange_token(self, account: str, request_token: str) -> str:
        """Open the session again; any token will do but an empty one."""
        if not request_token.strip():
            raise Rejected("Token is invalid or has expired.")
        self.faults.open_session(account)
        return self.clock.now().isoformat()

    def _serve(self, account: str, method: str, act: Callable[[Treatment], T]) -> T:
        if self.faults.session_expired(account):
            raise SessionExpired("Incorrect `api_key` or `access_token`.")
        fault = self.faults.take(account, method)
        self._before(fault, method)
        with self.exchange.lock:
            self.exchange.step(self.clock.now())
            self.exchange.open_account(account)
            answer = act(_treatment(fault))
            self.exchange.step(self.clock.now())
        if fault is not None and fault.kind in LOST_AFTERWARDS:
            raise ConnectionLost
        return answer

    def _before(self, fault: Fault | None, method: str) -> None:
        if fault is None:
            return
        match fault.kind:
            case FaultKind.DROP_REQUEST:
                raise ConnectionLost
            case FaultKind.THROTTLE:
                raise (NotSent if method in CHANGING else Unavailable)("Too many requests")
            case FaultKind.REJECT:
                raise Rejected(fault.message)
            case FaultKind.FAIL:
                raise Unavailable(fault.message)
            case FaultKind.DELAY:
                self.clock.sleep(fault.seconds)
            case _:
                pass  # the others are in how the order is treated, or in the lost answer


def _treatment(fault: Fault | None) -> Treatment:
    if fault is None:
        return PLAIN
    seconds = timedelta(seconds=fault.seconds)
    match fault.kind:
        case FaultKind.LATE:
            return Treatment(later=seconds)
        case FaultKind.HIDE:
            return Treatment(hidden=seconds)
        case FaultKind.REFUSE:
            return Treatment(refusal=fault.message)
        case FaultKind.PARTIAL:
            return Treatment(first_fill=fault.quantity)
        case _:
            return PLAIN
