"""The latest tick of every contract that is wanted, and what a decision may read from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple

from adapters.brokers.zerodha.frames import Level, Tick
from domain.quote import LIVE, Quote

#: 3 connections of 3,000 tokens each are what Kite gives to one api key.
CAPACITY: Final = 9_000


class Held(NamedTuple):
    """A tick, and when it counts: the exchange's time, but never later than its receipt."""

    tick: Tick
    at: datetime


class TickBook:
    """Ticks by token, contracts by key; any thread may tell and ask.

    `valid_for` is how long a decision may rest on a tick.
    """

    def __init__(self, *, valid_for: timedelta = LIVE, capacity: int = CAPACITY) -> None:
        self.valid_for = valid_for
        self.capacity = capacity
        self._tokens: dict[str, int] = {}
        self._keys: dict[int, str] = {}
        self._held: dict[int, Held] = {}
        self._heard_at: datetime | None = None
        self._watchers: list[Callable[[], None]] = []
        self._lock = Lock()

    # ── what is wanted ────────────────────────────────────────────────────────────────────

    def want(self, tokens: Mapping[str, int]) -> tuple[str, ...]:
        """Have these contracts' ticks from now on; answers the keys there is no place for.

        A key with another token than before is another contract: what was held is forgotten.
        """
        left: list[str] = []
        with self._lock:
            before = dict(self._keys)
            for key, token in tokens.items():
                if self._tokens.get(key) == token:
                    continue
                self._drop(key)
                self._drop(self._keys.get(token))
                if len(self._tokens) >= self.capacity:
                    left.append(key)
                else:
                    self._tokens[key], self._keys[token] = token, key
            changed = self._keys != before
        self._tell(changed)
        return tuple(left)

    def forget(self, keys: Iterable[str]) -> None:
        """These contracts are no longer wanted."""
        with self._lock:
            dropped = [self._drop(key) for key in keys]
        self._tell(any(dropped))

    def wanted(self) -> tuple[int, ...]:
        """Tokens in the order in which they were first wanted."""
        with self._lock:
            return tuple(self._keys)

    def watch(self, changed: Callable[[], None]) -> None:
        """Call this, in the thread that changes it, whenever something else is wanted."""
        with self._lock:
            self._watchers.append(changed)

    def _drop(self, key: str | None) -> bool:
        token = self._tokens.pop(key, None) if key is not None else None
        if token is None:
            return False
        del self._keys[token]
        self._held.pop(token, None)
        return True

    def _tell(self, changed: bool) -> None:
        if not changed:
            return
        with self._lock:
            watchers = tuple(self._watchers)
        for watcher in watchers:
            watcher()

    # ── what was heard ────────────────────────────────────────────────────────────────────

    def put(self, tick: Tick, received_at: datetime) -> bool:
        """Hold this tick, unless it is unwanted, undated or older than the one held.

        Without the exchange's time a tick may be hours old: Kite sends the last one it has to
        whoever subscribes.
        """
        with self._lock:
            if tick.token not in self._keys or tick.exchange_at is None:
                return False
            at = min(tick.exchange_at, received_at)
            held = self._held.get(tick.token)
            if held is not None and at < held.at:
                return False
            self._held[tick.token] = Held(tick, at)
            if self._heard_at is None or received_at > self._heard_at:
                self._heard_at = received_at
            return True

    @property
    def heard_at(self) -> datetime | None:
        """When the last tick that counted was received."""
        with self._lock:
            return self._heard_at

    def tick(self, key: str) -> Tick | None:
        """The latest tick of this contract, however old."""
        held = self._of(key)
        return None if held is None else held.tick

    def age(self, key: str, now: datetime) -> timedelta | None:
        """How old the contract's tick is; None where there is none."""
        held = self._of(key)
        return None if held is None else now - held.at

    def quote(self, key: str, now: datetime | None = None) -> Quote | None:
        """What the tick shows, however old; None where there is none.

        The last price is left out where it traded too long before `now` (before the tick, where
        that is not given): the touch may be fresh while the last trade is an hour old.
        """
        held = self._of(key)
        if held is None:
            return None
        tick, at = held
        bid, ask = best(tick.bids), best(tick.asks)
        return Quote(
            at=at,
            last=tick.last if self._traded_lately(tick, now or at) and tick.last else None,
            bid=bid.price if bid else None,
            ask=ask.price if ask else None,
            bid_qty=bid.quantity if bid else None,
            ask_qty=ask.quantity if ask else None,
            oi=tick.oi,
            valid_for=self.valid_for,
        )

    def _of(self, key: str) -> Held | None:
        with self._lock:
            token = self._tokens.get(key)
            return None if token is None else self._held.get(token)

    def _traded_lately(self, tick: Tick, now: datetime) -> bool:
        """An index has no trades: its value is as old as the tick."""
        if tick.is_index:
            return True
        traded = tick.last_trade_at
        return traded is not None and now - traded <= self.valid_for


def best(levels: tuple[Level, ...]) -> Level | None:
    """The first level that holds something; an empty one is told as zeros."""
    return next((level for level in levels if level.quantity and level.price), None)
