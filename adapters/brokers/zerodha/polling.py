"""Quotes by REST, for what no stream tells: one batch a second, and nobody waits for it long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from adapters.brokers.zerodha.client import Kite
from adapters.brokers.zerodha.prices import quotes_of
from commands.ports import Clock
from domain.book import BrokerError
from domain.quote import Quote

#: What Kite allows: so many contracts a request, and so many seconds between two.
MOST: Final = 500
APART_S: Final = 1.0
#: How long a decision waits for prices, in the machine's seconds; what comes later serves the next.
PATIENCE_S: Final = 1.5
#: What a decision asks for at most; whole chains are asked for by people.
FEW: Final = 50
#: A contract that was asked for so recently is not asked for again, even if nothing came.
SETTLED: Final = timedelta(seconds=1)


class Polling:
    """Asks in a thread of its own; any thread may want something, and look at what is there."""

    def __init__(
        self,
        kite: Callable[[], Kite],
        clock: Clock,
        valid_for: timedelta,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.trouble: str | None = None
        self.aside: Callable[[], AbstractContextManager[None]] = nullcontext
        """Where others may decide while this waits for an answer."""
        self._kite = kite
        self._clock = clock
        self._valid_for = valid_for
        self._patience_s = patience_s
        self._held: dict[str, Quote] = {}
        self._asked: dict[str, datetime] = {}
        self._waiting: dict[str, None] = {}
        self._at_work: Future[None] | None = None
        self._next = clock.monotonic()
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="quotes")

    def quote(self, key: str) -> Quote | None:
        """The last that was told, however old."""
        with self._lock:
            return self._held.get(key)

    def ask(self, keys: Sequence[str], also: Sequence[str] = ()) -> None:
        """Have these contracts asked for, and wait for it a little; `also` fills the request."""
        since = self._clock.now() - SETTLED
        deadline = time.monotonic() + self._patience_s
        while missing := self._unsettled(keys, since):
            left = deadline - time.monotonic()
            if left <= 0:
                return
            batch = self._work(missing, also)
            with self.aside():
                wait([batch], timeout=left)
            if batch.done():
                batch.result()

    def forget(self, keys: Iterable[str]) -> None:
        """These are of no interest any more."""
        with self._lock:
            for key in keys:
                self._held.pop(key, None)
                self._asked.pop(key, None)

    def stop(self) -> None:
        """Ask for nothing more."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _unsettled(self, keys: Sequence[str], since: datetime) -> list[str]:
        with self._lock:
            return [key for key in keys if key not in self._asked or self._asked[key] < since]

    def _work(self, keys: Iterable[str], also: Sequence[str]) -> Future[None]:
        with self._lock:
            asked = dict.fromkeys(keys)
            few = len(asked) <= FEW  # a decision goes before somebody who looks at a whole chain
            self._waiting = asked | self._waiting if few else self._waiting | asked
            if self._at_work is None or self._at_work.done():
                self._at_work = self._pool.submit(self._ask_batch, also)
            return self._at_work

    def _ask_batch(self, also: Sequence[str]) -> None:
        self._clock.sleep(self._next - self._clock.monotonic())
        with self._lock:
            batch = list(self._waiting)[:MOST]
            for key in batch:
                del self._waiting[key]
        batch = list(dict.fromkeys((*batch, *also)))[:MOST]
        self._next = self._clock.monotonic() + APART_S
        sent = self._clock.now()
        try:
            told = self._kite().reading(lambda client: client.quote(batch))
            found, trouble = quotes_of(told, sent, self._valid_for), None
        except BrokerError as error:
            found, trouble = {}, str(error)
        with self._lock:
            self.trouble = trouble
            self._held.update(found)
            self._asked.update(dict.fromkeys(batch, sent))
