"""Where every HTTP request arrives: faults and outages first, then session and pace, then Kite."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final

from adapters.brokers.paper.exchange import Treatment
from adapters.simulators.kite import market_calls, user
from adapters.simulators.kite.answers import (
    INPUT,
    PERMISSION,
    KiteError,
    encoded,
    failure,
    page,
    too_many,
)
from adapters.simulators.kite.faults import Fault, FaultKind, Faults
from adapters.simulators.kite.limits import Pace
from adapters.simulators.kite.orders import HandTrade, trade_by_hand
from adapters.simulators.kite.routes import find
from adapters.simulators.kite.venue import Call, Venue
from adapters.simulators.kite.wire import Answer, Request

PLAIN: Final = Treatment()
TIMED_OUT: Final = (
    "Order request timed out. Please check the order book and confirm before placing again."
)
NOT_ALLOWED: Final = (
    "IP ({}) is not allowed to place orders for this app. Please register the IP in the developer"
    " console."
)
#: How an answer is spoiled; whether Kite had acted before says `Fault.accepted`.
SPOILING: Final = frozenset(
    (
        FaultKind.RESET,
        FaultKind.STUCK,
        FaultKind.CUT,
        FaultKind.TRUNCATED,
        FaultKind.PAGE,
        FaultKind.NO_ERROR_TYPE,
        FaultKind.NO_CONTENT_TYPE,
        FaultKind.ERROR,
    )
)


class Gate:
    """Answers requests as Kite does on the day that `faults` describes."""

    def __init__(self, venue: Venue, pace: Pace, faults: Faults) -> None:
        self._venue = venue
        self._pace = pace
        self._faults = faults

    def serve(self, request: Request) -> Answer:
        account = self._account(request)
        now = self._venue.clock.now()
        fault = self._faults.of_call(request.method, request.path, account, now)
        if fault is not None:
            self._happen(fault, account)
        down = self._faults.outage(self._venue.clock.now())
        if down is not None:
            return page(down) if down else Answer(reset=True)
        try:
            if fault is not None:
                _refuse(fault)
            if fault is not None and _unheard(fault, request):
                return _spoiled(fault, Answer(body=b'{"status":"success","data":{}}'))
            answer = self._answer(request, _treatment(fault))
        except KiteError as error:
            answer = failure(error)
        return answer if fault is None else self._afterwards(fault, answer)

    def _account(self, request: Request) -> str:
        """Whose call it is, as far as its header says; faults are by account."""
        _, _, both = request.headers.get("authorization", "").partition(" ")
        api_key = both.partition(":")[0] or request.form.get("api_key", "")
        try:
            return self._venue.sessions.app(api_key).account
        except KiteError:
            return ""

    def _happen(self, fault: Fault, account: str) -> None:
        """What a fault does before anything is heard."""
        match fault.kind:
            case FaultKind.DELAY:
                self._venue.clock.sleep(fault.seconds)
            case FaultKind.TOKEN:
                self._venue.sessions.expire(account)
            case FaultKind.OUTAGE:
                self._faults.fall(fault, self._venue.clock.now())
            case FaultKind.HAND_TRADE:
                with suppress(KiteError):  # a trader whose own order is refused tries no more
                    trade_by_hand(self._venue, account, hand_trade_of(fault))
            case _:
                pass  # the others are in how the order is treated, or in the answer

    def _answer(self, request: Request, treatment: Treatment) -> Answer:
        match request.method, request.path.rstrip("/").split("/")[1:]:
            case "GET", ["connect", "login"]:
                return user.login(self._venue.sessions, request)
            case "POST", ["session", "token"]:
                return user.open_session(self._venue, request)
            case "DELETE", ["session", "token"]:
                return user.close_session(self._venue, request)
            case "GET", ["instruments", *parts] if len(parts) < 2:
                return market_calls.instruments(self._venue, tuple(parts))
        return self._call(request, treatment)

    def _call(self, request: Request, treatment: Treatment) -> Answer:
        """A call that needs a session."""
        route, parts = find(request.method, request.path)
        session = self._venue.sessions.of_header(request.headers.get("authorization", ""))
        account = session.app.account
        self._pace.count(account, route.kind, self._venue.clock.now())
        return route.answer(Call(request, session.app, self._venue, parts, treatment))

    def _afterwards(self, fault: Fault, answer: Answer) -> Answer:
        """What a fault makes of the answer after Kite has acted."""
        match fault.kind:
            case FaultKind.SLOW_ANSWER:
                self._venue.clock.sleep(fault.seconds)
            case FaultKind.TIMED_OUT if answer.status == 200:
                return failure(KiteError(TIMED_OUT, INPUT, 400))
            case FaultKind.LATE if answer.status == 200:
                return Answer(reset=True)
            case _:
                pass
        return _spoiled(fault, answer)


def hand_trade_of(fault: Fault) -> HandTrade:
    return HandTrade(
        key=fault.key,
        side=fault.side,
        quantity=fault.quantity,
        product=fault.product,
        price=fault.price,
    )


def _refuse(fault: Fault) -> None:
    """Answers that come instead of acting; raises KiteError."""
    if fault.kind is FaultKind.THROTTLE:
        raise too_many()
    if fault.kind is FaultKind.ADDRESS:
        raise KiteError(NOT_ALLOWED.format(fault.message), PERMISSION, 403)


def _unheard(fault: Fault, request: Request) -> bool:
    """Whether Kite does not act on it; a question is answered before the answer is spoiled."""
    return fault.kind in SPOILING and not fault.accepted and request.method != "GET"


def _spoiled(fault: Fault, answer: Answer) -> Answer:
    match fault.kind:
        case FaultKind.RESET:
            return Answer(reset=True)
        case FaultKind.STUCK:
            return Answer(stuck=True)
        case FaultKind.CUT:
            return replace(answer, cut_at=len(answer.body) // 2)
        case FaultKind.TRUNCATED:
            return replace(answer, body=answer.body[: len(answer.body) // 2])
        case FaultKind.PAGE:
            return page(fault.status)
        case FaultKind.NO_ERROR_TYPE:
            body = {"status": "error", "message": fault.message}
            return Answer(status=fault.status, body=encoded(body))
        case FaultKind.NO_CONTENT_TYPE:
            return replace(answer, kind=None)
        case FaultKind.ERROR:
            return failure(KiteError(fault.message, fault.error_type, fault.status))
        case _:
            return answer


def _treatment(fault: Fault | None) -> Treatment:
    """How the exchange handles an order that meets this fault."""
    if fault is None:
        return PLAIN
    seconds = timedelta(seconds=fault.seconds)
    match fault.kind:
        case FaultKind.LATE | FaultKind.TIMED_OUT:
            return Treatment(later=seconds)
        case FaultKind.HIDE:
            return Treatment(hidden=seconds)
        case FaultKind.REFUSE:
            return Treatment(refusal=fault.message)
        case FaultKind.PARTIAL:
            return Treatment(first_fill=fault.quantity)
        case _:
            return PLAIN
