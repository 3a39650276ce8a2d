"""Where a platform trades: its time, its prices, and the ways to its brokers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from adapters.engine import Chore
from adapters.runtime import Platform
from commands.application import Trading
from commands.ports import Broker, Clock, Lane, MarketData


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What a venue is opened on: the platform's folder, its log, and who hears of troubles."""

    home: Path
    trading: Trading
    alarm: Callable[[str], None]


class Venue(Protocol):
    """The world of one platform while it is at work."""

    @property
    def clock(self) -> Clock: ...
    @property
    def market(self) -> MarketData: ...
    @property
    def speed(self) -> float:
        """How many of the clock's seconds pass in one of the machine's."""
        ...

    @property
    def patience(self) -> int:
        """What waits for machines, and not for markets, waits so many times longer."""
        ...

    def broker(self, account_id: str) -> Broker:
        """The account at its broker; asked for once, then kept."""
        ...

    def lane(self, account_id: str) -> Lane: ...

    def start(self, platform: Platform) -> None:
        """The views are up to date and nothing is followed yet."""
        ...

    def chores(self) -> Mapping[str, Chore]:
        """What has to be done here now and then, by name; begun with the platform."""
        ...

    def stop(self) -> None:
        """End what serves this platform only."""
        ...

    def end(self) -> None:
        """End what outlives a platform, too: a market goes on while nobody looks."""
        ...


class World(Protocol):
    """What a venue is made from: settings that stay as they are."""

    def open(self, ground: Ground) -> Venue: ...
