"""Faults to order: which call goes wrong, and how; the same sequence of calls, the same faults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from hashlib import blake2b
from threading import RLock
from typing import Final

from pydantic import BaseModel, Field

from domain.contract import Product, Side


class FaultKind(StrEnum):
    DELAY = "DELAY"
    """The request is `seconds` on its way before Kite acts."""
    SLOW_ANSWER = "SLOW_ANSWER"
    """Kite acts at once, and answers `seconds` later."""
    STUCK = "STUCK"
    """No answer at all; the connection stays open until the client gives up."""
    RESET = "RESET"
    """The connection is reset and nothing was answered."""
    CUT = "CUT"
    """The answer ends in the middle: fewer bytes than its header says."""
    TRUNCATED = "TRUNCATED"
    """A whole answer that holds half a JSON document."""
    PAGE = "PAGE"
    """An HTML page with `status` 502, 503 or 504."""
    NO_ERROR_TYPE = "NO_ERROR_TYPE"
    """An error in JSON that lacks its type."""
    NO_CONTENT_TYPE = "NO_CONTENT_TYPE"
    """An answer without a Content-Type header."""
    ERROR = "ERROR"
    """A JSON error of `status`, `error_type` and `message`."""
    THROTTLE = "THROTTLE"
    """429, and nothing is done."""
    TIMED_OUT = "TIMED_OUT"
    """400 "Order request timed out", and the order is placed `seconds` later."""
    LATE = "LATE"
    """The connection is reset, and the order is placed `seconds` later."""
    HIDE = "HIDE"
    """Answered well; the book does not show the order for `seconds`."""
    REFUSE = "REFUSE"
    """Registered, and then rejected by risk management with `message`."""
    PARTIAL = "PARTIAL"
    """The first fill gives no more than `quantity` units."""
    ADDRESS = "ADDRESS"
    """Orders are not taken from the caller's address, which `message` names."""
    TOKEN = "TOKEN"
    """The session of the account is dead from this call on."""
    OUTAGE = "OUTAGE"
    """From this call on nothing works for `seconds`: pages with `status`, resets where it is 0."""
    HAND_TRADE = "HAND_TRADE"
    """The trader trades by hand just before this call: `key`, `side`, `quantity`, `price`."""
    LOSE_UPDATE = "LOSE_UPDATE"
    """An order update is not sent; `path` is "ws" or "postback", or a pattern of both."""
    DUPLICATE_UPDATE = "DUPLICATE_UPDATE"
    """An order update is sent twice."""
    STALL = "STALL"
    """No ticks and no heartbeats for `seconds`, while connections stay open; `path` is "feed"."""
    HANG_UP = "HANG_UP"
    """Every WebSocket is closed; `path` is "feed"."""


#: Faults of news; all the others are of calls.
OF_UPDATES: Final = frozenset((FaultKind.LOSE_UPDATE, FaultKind.DUPLICATE_UPDATE))
OF_FEED: Final = frozenset((FaultKind.STALL, FaultKind.HANG_UP))
#: Faults that only an order being placed can meet, or any change of an order.
OF_PLACING: Final = frozenset((FaultKind.LATE, FaultKind.HIDE, FaultKind.REFUSE, FaultKind.PARTIAL))
OF_CHANGING: Final = frozenset((FaultKind.TIMED_OUT, FaultKind.ADDRESS))


class Fault(BaseModel, frozen=True, extra="forbid"):
    """Something to go wrong with calls whose method, path (a pattern) and account fit.

    The first `skip` of them pass; of the others each is hit with `chance`, until `times` were.
    """

    kind: FaultKind
    method: str = "*"
    path: str = "*"
    account: str = "*"
    skip: int = Field(default=0, ge=0)
    times: int | None = Field(default=1, ge=1)
    """None for as long as the simulator lives."""
    chance: float = Field(default=1.0, ge=0, le=1)
    accepted: bool = False
    """Whether Kite has acted before it went wrong, so that an order is there all the same."""
    seconds: float = Field(default=0, ge=0)
    status: int = 503
    error_type: str = "NetworkException"
    message: str = "Gateway timed out"
    quantity: int = Field(default=0, ge=0)
    key: str = ""
    side: Side = Side.BUY
    product: Product = Product.NRML
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault that happened."""

    at: datetime
    kind: FaultKind
    method: str
    path: str
    account: str


@dataclass(slots=True)
class _Waiting:
    number: int
    fault: Fault
    seen: int = 0
    hits: int = 0


class Faults:
    """What is in store, first come first served; a call meets one fault at most."""

    def __init__(self, seed: int = 1, *faults: Fault) -> None:
        self._seed = seed
        self._waiting: list[_Waiting] = []
        self._injected = 0
        self._lock = RLock()
        self._down_until: datetime | None = None
        self._down_with = 503
        self.struck: list[Struck] = []
        for fault in faults:
            self.inject(fault)

    def inject(self, fault: Fault) -> None:
        with self._lock:
            self._injected += 1
            self._waiting.append(_Waiting(self._injected, fault))

    def clear(self, kind: FaultKind | None = None) -> None:
        """Whatever of that kind, or of all, has not happened will not; an outage is over."""
        with self._lock:
            self._waiting = [
                each for each in self._waiting if kind is not None and each.fault.kind is not kind
            ]
            if kind in (None, FaultKind.OUTAGE):
                self._down_until = None

    def of_call(self, method: str, path: str, account: str, now: datetime) -> Fault | None:
        """The fault that this call meets, which then has happened."""
        return self._take(method, path, account, now, OF_UPDATES | OF_FEED, wanted=False)

    def of_update(self, channel: str, account: str, now: datetime) -> Fault | None:
        """The fault of one order update over "ws" or "postback"."""
        return self._take("UPDATE", channel, account, now, OF_UPDATES, wanted=True)

    def of_feed(self, now: datetime) -> Fault | None:
        """The fault of the next look at the market."""
        return self._take("TICK", "feed", "*", now, OF_FEED, wanted=True)

    def _take(
        self,
        method: str,
        path: str,
        account: str,
        now: datetime,
        kinds: frozenset[FaultKind],
        *,
        wanted: bool,
    ) -> Fault | None:
        with self._lock:
            met: Fault | None = None
            for each in list(self._waiting):
                if (each.fault.kind in kinds) is not wanted or not _fits(
                    each.fault, method, path, account
                ):
                    continue
                each.seen += 1
                if met is None and self._hits(each):
                    met = each.fault
                    self.struck.append(Struck(now, met.kind, method, path, account))
            return met

    def _hits(self, each: _Waiting) -> bool:
        if each.seen <= each.fault.skip or self._dice(each) >= each.fault.chance:
            return False
        each.hits += 1
        if each.hits == each.fault.times:
            self._waiting.remove(each)
        return True

    def _dice(self, each: _Waiting) -> float:
        text = f"{self._seed}|{each.number}|{each.seen}"
        return int.from_bytes(blake2b(text.encode(), digest_size=6).digest(), "big") / 2**48

    def fall(self, fault: Fault, now: datetime) -> None:
        """Let nothing work for a while."""
        with self._lock:
            self._down_until = now + timedelta(seconds=fault.seconds)
            self._down_with = fault.status

    def outage(self, now: datetime) -> int | None:
        """The HTTP status with which nothing works now; 0 for resets, None for no outage."""
        with self._lock:
            down = self._down_until is not None and now < self._down_until
            return self._down_with if down else None


def _fits(fault: Fault, method: str, path: str, account: str) -> bool:
    of_order = path.startswith("/orders/")
    if fault.kind in OF_PLACING and not (of_order and method == "POST"):
        return False
    if fault.kind in OF_CHANGING and not (of_order and method != "GET"):
        return False
    return (
        fault.method in ("*", method)
        and fault.account in ("*", account)
        and fnmatchcase(path, fault.path)
    )
