"""One thread decides at a time, in the order of arrival; whoever waits for a broker steps aside.

Decisions are the interpreter's work, of which it does one at a time anyway. A crowd of threads that
all begin in the same second would finish together, at the end; one after the other each is done as
soon as it can be, so that the first orders of all accounts leave before anybody's second ones.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from decimal import Decimal
from threading import Lock, get_ident
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from commands.ports import Broker, Clock
from domain.book import BookOrder, BookTrade, Funds, Margin, NetPosition, Profile, Ticket

P = ParamSpec("P")
T = TypeVar("T")


class Turnstile:
    """Lets threads through one by one, first come first served."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._queue: deque[Lock] = deque()
        self._inside: int | None = None

    @property
    def busy(self) -> bool:
        """Whether somebody decides just now."""
        return self._inside is not None

    def __enter__(self) -> Self:
        self._enter(ahead=False)
        return self

    def _enter(self, *, ahead: bool) -> None:
        with self._lock:
            if self._inside is None:
                self._inside = get_ident()
                return
            turn = Lock()
            turn.acquire()
            (self._queue.appendleft if ahead else self._queue.append)(turn)
        try:
            turn.acquire()
        except BaseException:  # a signal: the place in the queue is given up, or passed on
            self._give_up(turn)
            raise
        self._inside = get_ident()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._next()

    @contextmanager
    def aside(self, *, ahead: bool = False) -> Iterator[None]:
        """Let others through while waiting for something outside, then queue again.

        `ahead` of all others where the wait is short and belongs to a decision half taken.
        """
        if self._inside != get_ident():
            yield
            return
        self.__exit__(None, None, None)
        try:
            yield
        finally:
            self._enter(ahead=ahead)

    def briefly(self) -> AbstractContextManager[None]:
        """Aside for the moment that a disk takes."""
        return self.aside(ahead=True)

    def _next(self) -> None:
        """Whoever came first is inside from now on; its thread writes its name when it runs."""
        self._inside = 0 if self._queue else None
        if self._queue:
            self._queue.popleft().release()

    def _give_up(self, turn: Lock) -> None:
        with self._lock:
            if turn in self._queue:
                self._queue.remove(turn)
            else:
                self._next()


class ClockAside:
    """A clock whose sleepers keep nobody else from deciding."""

    def __init__(self, clock: Clock, turnstile: Turnstile) -> None:
        self._clock = clock
        self._turnstile = turnstile

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        with self._turnstile.aside():
            self._clock.sleep(seconds)


class BrokerAside:
    """A broker whose answers are waited for aside."""

    def __init__(self, broker: Broker, turnstile: Turnstile) -> None:
        self._broker = broker
        self._turnstile = turnstile

    def _ask(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        with self._turnstile.aside():
            return call(*args, **kwargs)

    def place(self, ticket: Ticket) -> str:
        return self._ask(self._broker.place, ticket)

    def modify(self, broker_order_id: str, price: Decimal) -> None:
        self._ask(self._broker.modify, broker_order_id, price)

    def cancel(self, broker_order_id: str) -> None:
        self._ask(self._broker.cancel, broker_order_id)

    def orders(self) -> Sequence[BookOrder]:
        return self._ask(self._broker.orders)

    def trades(self) -> Sequence[BookTrade]:
        return self._ask(self._broker.trades)

    def positions(self) -> Sequence[NetPosition]:
        return self._ask(self._broker.positions)

    def funds(self) -> Funds:
        return self._ask(self._broker.funds)

    def basket_margin(self, tickets: Sequence[Ticket]) -> Margin:
        return self._ask(self._broker.basket_margin, tickets)

    def profile(self) -> Profile:
        return self._ask(self._broker.profile)

    def login_url(self) -> str:
        return self._ask(self._broker.login_url)

    def exchange_token(self, request_token: str) -> str:
        return self._ask(self._broker.exchange_token, request_token)
