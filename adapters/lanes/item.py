"""The lane's item: what was sent on one day, in as few bytes as a place can cost."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from adapters.lane import MINUTE, Sent
from domain.calendar import ist_date

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

#: How far clocks of workers may differ; what is later was written by a clock that is wrong.
SKEW_S: Final = 2.0
MS: Final = 1000
#: A place is kept by its age in milliseconds at the latest one: four bytes each.
AGE: Final = "<I"


@dataclass(frozen=True, slots=True)
class LaneItem:
    """What is in the table, or was when this worker looked; epoch 0 is nothing yet."""

    epoch: int = 0
    token: str = ""
    sent: Sent = field(default_factory=lambda: Sent(""))

    def on(self, moment: Moment) -> Sent:
        """What counts at that moment; another day begins anew."""
        held = self.sent
        if held.day != moment.day:
            return Sent(moment.day)
        times = [t for t in held.times if moment.at - MINUTE < t <= moment.at]
        return Sent(held.day, held.count, times, min(held.exits_until, moment.at + MINUTE))


@dataclass(frozen=True, slots=True)
class Moment:
    """Now by this worker's clock, in seconds; never before the last place that was taken."""

    day: str
    now: float
    at: float

    @classmethod
    def of(cls, now: datetime, seen: LaneItem) -> Moment:
        seconds = now.timestamp()
        at = _ms_up(seconds) / MS
        known = [t for t in seen.sent.times if t <= at + SKEW_S]
        return cls(ist_date(now).isoformat(), seconds, max([at, *known]))

    def until(self, wait: float) -> float:
        """Seconds from now until so long after this moment, and never none: that is a place."""
        return max(_ms_up(self.at + wait) / MS - self.now, 1 / MS)


def _ms_up(seconds: float) -> int:
    # A hundredth of a millisecond is what a float of such a size may be wrong by, and more.
    return ceil(seconds * MS - 0.01)


def lane_item(item: Mapping[str, Any]) -> LaneItem:
    """Any: an item as the service spells it. Nothing there is the lane before its first order."""
    if not item:
        return LaneItem()
    last = int(item["last"]["N"])
    ages = struct.iter_unpack(AGE, bytes(item["ages"]["B"]))
    times = [(last - age) / MS for (age,) in ages]
    exits_until = int(item["exits_until"]["N"]) / MS
    sent = Sent(item["day"]["S"], int(item["count"]["N"]), times, exits_until)
    return LaneItem(int(item["epoch"]["N"]), item["token"]["S"], sent)


def spelt(account: str, item: LaneItem) -> dict[str, AttributeValueTypeDef]:
    moments = [round(t * MS) for t in item.sent.times]
    last = moments[-1] if moments else 0
    ages = b"".join(struct.pack(AGE, last - each) for each in moments)
    return {
        "account": {"S": account},
        "epoch": {"N": str(item.epoch)},
        "token": {"S": item.token},
        "day": {"S": item.sent.day},
        "count": {"N": str(item.sent.count)},
        "last": {"N": str(last)},
        "ages": {"B": ages},
        "exits_until": {"N": str(_ms_up(item.sent.exits_until))},
    }
