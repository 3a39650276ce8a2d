"""Reading one account no oftener than its broker allows: runs that look at once share a look."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from threading import Lock, RLock
from typing import Final, TypeVar

from adapters.watched import Closable
from commands.ports import Broker, Clock
from domain.book import (
    BookOrder,
    BookTrade,
    Funds,
    Margin,
    NetPosition,
    Profile,
    Throttled,
    Ticket,
    TooFast,
)

T = TypeVar("T")

#: Reads a second; Kite allows ten of one account, and screens and other processes read too.
A_SECOND: Final = 8
#: How old a book may be that several runs share, where nothing was sent since it was read.
SHARED_S: Final = 0.25
#: What is waited after being told to wait, and how often.
AFTER_THROTTLE_S: Final = 1.0
#: How long reads of money stand back behind the looks of runs.
STANDS_BACK_S: Final = 5.0
THROTTLES: Final = 3


class Paced:
    """Passes everything on; reads wait for their turn, and the book is read once for many."""

    def __init__(self, broker: Broker, clock: Clock, a_second: int = A_SECOND) -> None:
        self.broker = broker
        self._clock = clock
        self._gap = 1.0 / a_second
        self._next = 0.0
        self._quiet_until = -math.inf
        self._pace = Lock()
        self._reading = RLock()
        self._changes = 0
        self._book: tuple[int, float, Sequence[BookOrder]] | None = None

    def stir(self) -> None:
        """Something happened there: what was read before is not to be shared any more."""
        with self._pace:
            self._changes += 1

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """After being told to wait nothing is sent for a second, which no lease depends on."""
        held = self._quiet_until - self._clock.monotonic()
        if held > 0:
            self._clock.sleep(held)
        self.stir()
        try:
            yield
        except TooFast:
            self._quiet_until = self._clock.monotonic() + AFTER_THROTTLE_S
            self._hold()
            raise
        finally:
            self.stir()

    def _read(self, ask: Callable[[], T], *, ahead: bool = True) -> T:
        for _ in range(THROTTLES):
            self._wait(ahead)
            try:
                return ask()
            except Throttled:
                self._hold()
        self._wait(ahead)
        return ask()

    def _wait(self, ahead: bool) -> None:
        """Until our turn; what is not `ahead` takes one that nobody else waits for."""
        patience = self._clock.monotonic() + STANDS_BACK_S
        while True:
            with self._pace:
                now = self._clock.monotonic()
                turn = max(now, self._next)
                ours = ahead or turn <= now or now >= patience
                if ours:
                    self._next = turn + self._gap
            if turn > now:
                self._clock.sleep(turn - now)
            if ours:
                return

    def _hold(self) -> None:
        with self._pace:
            self._next = max(self._next, self._clock.monotonic() + AFTER_THROTTLE_S)

    # ── what changes something has its pace from the lane ─────────────────────────────────────

    def place(self, ticket: Ticket) -> str:
        with self._changing():
            return self.broker.place(ticket)

    def modify(self, broker_order_id: str, price: Decimal) -> None:
        with self._changing():
            self.broker.modify(broker_order_id, price)

    def cancel(self, broker_order_id: str) -> None:
        with self._changing():
            self.broker.cancel(broker_order_id)

    # ── reads ─────────────────────────────────────────────────────────────────────────────────

    def orders(self) -> Sequence[BookOrder]:
        """The book; one that somebody just read, if nothing was sent or heard of since.

        However slow the broker: one that it was asked for after us is as good as our own.
        """
        asked = self._clock.monotonic()
        with self._reading:
            known = self._book
            if known is not None:
                changes, began, rows = known
                young = began > asked or self._clock.monotonic() - began < SHARED_S
                if young and changes == self._changes:
                    return rows
            self._book = None
            return self._read(self._dated)

    def _dated(self) -> Sequence[BookOrder]:
        changes, began = self._changes, self._clock.monotonic()
        rows = self.broker.orders()
        self._book = (changes, began, rows)
        return rows

    def positions(self) -> Sequence[NetPosition]:
        """The net; who compares it with the book looks at the book anew afterwards."""
        rows = self._read(self.broker.positions)
        self.stir()
        return rows

    def trades(self) -> Sequence[BookTrade]:
        return self._read(self.broker.trades)

    def funds(self) -> Funds:
        return self._read(self.broker.funds, ahead=False)

    def basket_margin(self, tickets: Sequence[Ticket]) -> Margin:
        return self._read(lambda: self.broker.basket_margin(tickets), ahead=False)

    def profile(self) -> Profile:
        return self._read(self.broker.profile, ahead=False)

    # ── sessions ──────────────────────────────────────────────────────────────────────────────

    def login_url(self) -> str:
        return self.broker.login_url()

    def exchange_token(self, request_token: str) -> str:
        with self._changing():
            return self.broker.exchange_token(request_token)

    def end_session(self) -> None:
        """Kill the token at the broker, where it can be killed."""
        if isinstance(self.broker, Closable):
            self.broker.end_session()
