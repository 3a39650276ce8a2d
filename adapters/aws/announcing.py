"""The product's Strategy Execution Event: on the bus whenever a run fires, in and out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from json import dumps
from typing import TYPE_CHECKING, Any, Final

from domain.calendar import dte, ist_date
from domain.definition import Definition
from domain.ledger import held
from domain.run import Run
from domain.schedule import Weekday
from domain.slices import Phase

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

SOURCE: Final = "atp"
STRATEGY_EXECUTION: Final = "STRATEGY_EXECUTION"
#: Entries that one request takes.
MOST: Final = 10
#: Answers of the bus that another try may change.
BUSY: Final = frozenset(("ThrottlingException", "InternalFailure", "InternalException"))


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """One event for the bus; told twice it has the same id, by which a listener knows it."""

    id: str
    at: datetime
    detail: dict[str, Any]  # Any: JSON, as the product's requirements give it


class NotAnnounced(Exception):
    """The bus did not take some; `lasting` are those that it will never take."""

    def __init__(self, left: Sequence[str], lasting: Sequence[str], why: str) -> None:
        super().__init__(f"{len(left) + len(lasting)} announcements were not taken: {why}")
        self.left = left
        self.lasting = lasting


class Bus:
    """The event bus of executions: nothing is decided by what is said there."""

    def __init__(self, client: EventBridgeClient, name: str) -> None:
        self._client = client
        self._name = name

    def announce(self, news: Sequence[Announcement]) -> None:
        """Say them all, ten at once; raises NotAnnounced."""
        left: list[str] = []
        lasting: list[str] = []
        why = ""
        for start in range(0, len(news), MOST):
            some = news[start : start + MOST]
            told = self._client.put_events(Entries=[self._entry(each) for each in some])
            for each, answer in zip(some, told["Entries"], strict=True):
                if code := answer.get("ErrorCode"):
                    (left if code in BUSY else lasting).append(each.id)
                    why = code
        if left or lasting:
            raise NotAnnounced(left, lasting, why)

    def _entry(self, news: Announcement) -> PutEventsRequestEntryTypeDef:
        return {
            "Source": SOURCE,
            "DetailType": STRATEGY_EXECUTION,
            "EventBusName": self._name,
            "Time": news.at,
            "Resources": [news.id],
            "Detail": dumps(news.detail),
        }


def execution(before: Run, fired: Run.PhaseReleased) -> Announcement | None:
    """What is said of a release: of the first one in, and of the first one out.

    `before` is the run as it was then. A run without a strategy closes what no run explains, and
    is no execution of one.
    """
    entering = fired.phase.is_entry
    if not before.definition or any(
        state.intent.phase.is_entry is entering for state in before.slices.values()
    ):
        return None
    return Announcement(
        id=f"{before.id}@{fired.originator_version}",
        at=fired.timestamp,
        detail={
            "event_type": STRATEGY_EXECUTION,
            "timestamp": f"{fired.timestamp.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "payload": _payload(before, fired.phase, fired.timestamp),
        },
    )


def _payload(run: Run, phase: Phase, at: datetime) -> dict[str, Any]:
    terms = run.terms
    return {
        "basket_id": terms.basket_id,
        "strategy_id": terms.strategy_id,
        "txn_type": "ENTRY" if phase.is_entry else "EXIT",
        "legs": _entered(run) if phase.is_entry else _left(run),
        "broker": terms.broker,
        "account_id": terms.account_id,
        "schedule_context": _context(run, phase, at),
    }


def _entered(run: Run) -> list[dict[str, Any]]:
    return [_leg(leg.contract.tradingsymbol, leg.quantity, leg.side) for leg in run.legs]


def _left(run: Run) -> list[dict[str, Any]]:
    """What is held when the exit begins, each leg the other way round."""
    holding = [(leg, held(run, number)) for number, leg in enumerate(run.legs)]
    return [
        _leg(leg.contract.tradingsymbol, abs(units), "SELL" if units > 0 else "BUY")
        for leg, units in holding
        if units
    ]


def _leg(symbol: str, quantity: int, action: str) -> dict[str, Any]:
    return {"symbol": symbol, "qty": quantity, "action": str(action)}


def _context(run: Run, phase: Phase, at: datetime) -> dict[str, Any]:
    """Days and time of the schedule it was opened by; days to the nearest leg's expiry."""
    schedule = Definition.model_validate(run.definition).schedule
    days = sorted(set(schedule.weekdays), key=list(Weekday).index)
    clock = schedule.entry_time if phase.is_entry else schedule.exit_time
    nearest = min(leg.contract.expiry for leg in run.legs)
    return {
        "days": [day.value for day in days],
        "time": f"{clock:%H:%M}",
        "dte": dte(ist_date(at), nearest, schedule.dte_basis),
    }
