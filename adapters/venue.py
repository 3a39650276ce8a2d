"""Where a platform trades: its time, its prices, and the ways to its brokers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from adapters.account_care import AccountCare
from adapters.address import PublicAddress
from adapters.engine import Chore
from adapters.postbox import Postbox
from adapters.runtime import Platform
from adapters.timekeeping import Timekeeping
from adapters.vault.vault import Vault
from commands.application import Trading
from commands.ports import Broker, Clock, Lane, MarketData


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What a venue is opened on: the platform's folder, its log, its vault, and who is alarmed."""

    home: Path
    trading: Trading
    vault: Vault
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

    @property
    def label(self) -> str:
        """What stands before a message, so that nobody takes practice for the real thing."""
        ...

    @property
    def timekeeping(self) -> Timekeeping | None:
        """Who knows how far the machine's clock is off; None where it does not matter."""
        ...

    @property
    def postbacks(self) -> Postbox | None:
        """Who hears what brokers post about orders; None where none does."""
        ...

    @property
    def address(self) -> PublicAddress | None: ...

    def broker(self, account_id: str) -> Broker:
        """The account at its broker; asked for once, then kept. Raises UnknownBroker."""
        ...

    def lane(self, account_id: str) -> Lane: ...

    def start(self, platform: Platform, care: AccountCare) -> None:
        """The views are up to date and nothing is followed yet."""
        ...

    def heed(self, account_id: str) -> None:
        """Something happened to the account: linked, logged in or out, or else."""
        ...

    def chores(self) -> Mapping[str, Chore]:
        """What has to be done here now and then, by name; begun with the platform."""
        ...

    def troubles(self) -> tuple[str, ...]:
        """What is not as it should be right now, in words."""
        ...

    def stop(self) -> None:
        """End what serves this platform only."""
        ...

    def end(self) -> None:
        """End what outlives a platform, too: a market goes on while nobody looks."""
        ...


class World(Protocol):
    """What a venue is made from: settings that stay as they are."""

    @property
    def patience(self) -> int:
        """As the venue's."""
        ...

    def open(self, ground: Ground) -> Venue: ...
