"""Faults of Kite's network and of its order management, as chance draws them."""

from __future__ import annotations

from random import Random
from typing import Any, Final  # Any: fields of a fault

from adapters.simulators.kite.faults import Fault, FaultKind

PLACING: Final = {"method": "POST", "path": "/orders/*"}
MOVING: Final = {"method": "PUT", "path": "/orders/*"}
CANCELLING: Final = {"method": "DELETE", "path": "/orders/*"}
#: What is read, and how many calls of a day pass before it goes wrong, at most.
READS: Final = (("/orders", 150), ("/portfolio/positions", 15), ("/trades", 15),
                ("/user/margins*", 4))  # fmt: skip
ASKED_MARGIN: Final = {"method": "POST", "path": "/margins/*"}
#: Answers that say nothing about whether the order was placed.
UNCLEAR: Final = (
    FaultKind.RESET, FaultKind.CUT, FaultKind.TRUNCATED, FaultKind.PAGE, FaultKind.NO_CONTENT_TYPE,
    FaultKind.ERROR, FaultKind.NO_ERROR_TYPE,
)  # fmt: skip
OF_ORDERS: Final = (
    FaultKind.TIMED_OUT, FaultKind.LATE, FaultKind.HIDE, FaultKind.REFUSE, FaultKind.PARTIAL,
)  # fmt: skip
#: Orders were seen to surface so many seconds late.
EARLIEST_S, LATEST_S = 8.0, 90.0
REFUSALS: Final = ("Insufficient funds.", "RMS: rule breached.", "Outside the price band.")
#: Kite's own words of an unclear failure: type and status.
FAILURES: Final = (("NetworkException", 503), ("DataException", 502), ("GeneralException", 500))


def wire_fault(chance: Random) -> Fault:
    """One fault, of an order more often than of a look at the book."""
    draw = chance.random()
    if draw < 0.5:
        return _of_placing(chance)
    if draw < 0.7:
        return _of_changing(chance)
    return _of_reading(chance)


def _of_placing(chance: Random) -> Fault:
    kind = chance.choice((*UNCLEAR, *OF_ORDERS, *OF_ORDERS, *SLOW, FaultKind.THROTTLE,
                          FaultKind.STUCK, FaultKind.ADDRESS))  # fmt: skip
    more = {"skip": chance.choice((0, 0, 1, 2, 3, 5, 8)), "times": chance.choice((1, 1, 2, 3))}
    if kind is FaultKind.STUCK:
        more["times"] = 1
    return Fault(kind=kind, **PLACING, **more, **_details(chance, kind))


SLOW: Final = (FaultKind.DELAY, FaultKind.SLOW_ANSWER)


def _of_changing(chance: Random) -> Fault:
    kind = chance.choice((*UNCLEAR, *SLOW, FaultKind.THROTTLE))
    place = chance.choice((MOVING, CANCELLING))
    more = {"skip": chance.choice((0, 0, 1, 3)), "times": chance.choice((1, 2, 4))}
    return Fault(kind=kind, **place, **more, **_details(chance, kind))


def _of_reading(chance: Random) -> Fault:
    kind = chance.choice((*UNCLEAR, *SLOW, FaultKind.THROTTLE))
    if chance.random() < 0.15:
        return Fault(kind=kind, **ASKED_MARGIN, skip=chance.randrange(6), **_details(chance, kind))
    path, most = chance.choice(READS)
    skip, times = chance.randrange(most), chance.choice((1, 1, 3, 10, 30))
    if kind in SLOW:
        times = 1
    return Fault(
        kind=kind, method="GET", path=path, skip=skip, times=times, **_details(chance, kind)
    )


def _details(chance: Random, kind: FaultKind) -> dict[str, Any]:
    """What besides belongs to a fault of that kind."""
    match kind:
        case FaultKind.RESET | FaultKind.CUT | FaultKind.TRUNCATED | FaultKind.NO_CONTENT_TYPE:
            return {"accepted": chance.random() < 0.5}
        case FaultKind.PAGE:
            return {"accepted": chance.random() < 0.5, "status": chance.choice((502, 503, 504))}
        case FaultKind.NO_ERROR_TYPE:
            return {"accepted": chance.random() < 0.5, "status": 500}
        case FaultKind.ERROR:
            error_type, status = chance.choice(FAILURES)
            accepted = chance.random() < 0.5
            return {"accepted": accepted, "error_type": error_type, "status": status}
        case FaultKind.TIMED_OUT | FaultKind.LATE | FaultKind.HIDE:
            return {"seconds": round(chance.uniform(EARLIEST_S, LATEST_S), 1)}
        case FaultKind.REFUSE:
            return {"message": chance.choice(REFUSALS)}
        case FaultKind.PARTIAL:
            return {"quantity": 65}
        case FaultKind.DELAY | FaultKind.SLOW_ANSWER:
            return {"seconds": round(chance.uniform(0.2, 12), 1)}
        case FaultKind.ADDRESS:
            return {"message": "203.0.113.7"}
        case _:
            return {}
