"""What is to happen on a simulated day: so that a stop, or a silent feed, can be had to order."""

from __future__ import annotations

from datetime import time

from pydantic import BaseModel, Field


class Shock(BaseModel, frozen=True, extra="forbid"):
    """The underlying moves by `move` (0.01 is 1 % up) at a time of day (IST) and stays there."""

    at: time
    move: float = Field(gt=-1)
    over_s: int = Field(default=0, ge=0)
    """How long the move takes."""
    volatility: float = 0.0
    """What it adds to implied volatility: 0.05 is five points."""
    underlying: str | None = None
    """Which one; all of them when None."""


class Silence(BaseModel, frozen=True, extra="forbid"):
    """No new prices between these times of day (IST), as when a feed is down."""

    since: time
    until: time


class Scenario(BaseModel, frozen=True, extra="forbid"):
    """All that is to happen, every day anew."""

    shocks: tuple[Shock, ...] = ()
    silences: tuple[Silence, ...] = ()
