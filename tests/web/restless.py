"""A market that jumps up and back all day: whatever is entered while it is calm is hit soon."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import count

from adapters.market.scenario import Scenario, Shock
from domain.calendar import IST


def restless(jumps: Sequence[time]) -> Scenario:
    """At each of these times the market moves by two per cent, in half a minute."""
    moves = (0.02, -0.0196)
    return Scenario(
        shocks=tuple(
            Shock(at=at, move=moves[number % 2], over_s=30) for number, at in enumerate(jumps)
        )
    )


def every(minutes: int, since: time, until: time) -> list[time]:
    """Times of a day, so many minutes apart."""
    first, last = (each.hour * 60 + each.minute for each in (since, until))
    return [time(*divmod(minute, 60)) for minute in range(first, last, minutes)]


def calm_after(now: datetime, jumps: Sequence[time], ahead: timedelta) -> time:
    """The first minute so far ahead at which the market is calm, and stays so for a while."""
    for more in count(1):
        found = (now + ahead).astimezone(IST).replace(second=0) + timedelta(minutes=more)
        minute = found.hour * 60 + found.minute
        since = [minute - (each.hour * 60 + each.minute) for each in jumps]
        if all(gap >= 2 or gap <= -3 for gap in since):
            return found.time().replace(microsecond=0)
    raise AssertionError("a day has minutes enough")
