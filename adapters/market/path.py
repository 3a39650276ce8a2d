"""Where a simulated underlying stands at each second: a function of seed, day and second alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import accumulate
from math import exp, log, sqrt
from random import Random
from typing import Final

from adapters.market.listing import Underlying
from adapters.market.scenario import Scenario, Shock
from domain.calendar import MARKET, Session, at_ist

SESSIONS_A_YEAR: Final = 252
MEMORY: Final = 60
"""Days whose news still count in the level."""
FADING: Final = 0.97
OVERNIGHT: Final = 0.25
"""The part of a day's move that is a gap at the open."""
INTRADAY: Final = 0.75
"""Wandering within the day, as part of a day's volatility."""
JUMPS_A_DAY: Final = 2
SMALLEST_JUMP: Final = 0.0005
LARGEST_JUMP: Final = 0.0025


@dataclass(frozen=True, slots=True)
class Path:
    """Levels in ₹ and at-the-money volatilities at each second from open to close."""

    levels: tuple[float, ...]
    volatilities: tuple[float, ...]


@lru_cache(maxsize=8)
def path(seed: int, of: Underlying, session: Session, scenario: Scenario) -> Path:
    """The day of that underlying."""
    day = session.day
    seconds = int((session.close - session.open).total_seconds())
    before, after = _level(seed, of, MARKET.previous_session(day)), _level(seed, of, day)
    opening = before + OVERNIGHT * (after - before)
    chance = Random(f"{seed}|{of.name}|{day}|path")
    wandering = _wandering(chance, of, seconds)
    logs = [
        opening + (after - opening) * second / seconds + away
        for second, away in enumerate(wandering)
    ]
    shocks = [s for s in scenario.shocks if s.underlying in (None, of.name)]
    moved = [
        value + sum(_part(shock, session, second) * log(1 + shock.move) for shock in shocks)
        for second, value in enumerate(logs)
    ]
    mood = 1 + chance.uniform(-0.1, 0.1)
    volatilities = [
        of.volatility * mood * exp(-3 * (value - moved[0]))
        + sum(_part(shock, session, second) * shock.volatility for shock in shocks)
        for second, value in enumerate(moved)
    ]
    return Path(tuple(of.level * exp(value) for value in moved), tuple(volatilities))


def _daily(of: Underlying) -> float:
    return of.volatility / sqrt(SESSIONS_A_YEAR)


def _level(seed: int, of: Underlying, day: date) -> float:
    """The log distance from the usual level at the close of a day: news that fade."""
    total = 0.0
    for ago in range(MEMORY):
        ordinal = day.toordinal() - ago
        if date.fromordinal(ordinal).weekday() < 5:
            news = Random(f"{seed}|{of.name}|{ordinal}|news").gauss(0, 1)
            total += FADING**ago * news * _daily(of)
    return total


def _wandering(chance: Random, of: Underlying, seconds: int) -> list[float]:
    """A walk that is busier near open and close, jumps now and then, and ends where it began."""
    quiet = INTRADAY * _daily(of) / sqrt(seconds)
    steps = [0.0] + [
        chance.gauss(0, 1) * quiet * (0.8 + 2.4 * (second / seconds - 0.5) ** 2)
        for second in range(1, seconds + 1)
    ]
    for _ in range(chance.randint(0, JUMPS_A_DAY)):
        size = chance.uniform(SMALLEST_JUMP, LARGEST_JUMP) * chance.choice((-1, 1))
        steps[chance.randint(1, seconds)] += size
    walk = list(accumulate(steps))
    return [value - walk[-1] * second / seconds for second, value in enumerate(walk)]


def _part(shock: Shock, session: Session, second: int) -> float:
    """How much of a shock has come by that second, from 0 to 1."""
    start = _second(session, at_ist(session.day, shock.at))
    if second < start:
        return 0.0
    return 1.0 if shock.over_s == 0 else min((second - start) / shock.over_s, 1.0)


def _second(session: Session, moment: datetime) -> int:
    return int((moment - session.open).total_seconds())
