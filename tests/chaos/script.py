"""What is settled of a day before it begins: strategies, the exchange, and what is in store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any  # Any: JSON of a strategy

from adapters.brokers.paper.settings import PaperSettings
from adapters.market.scenario import Scenario
from adapters.simulators.kite.faults import Fault


class What(StrEnum):
    """What happens to the platform, its broker or its trader at a moment of the day."""

    WIRE = "wire fault"
    TOKEN = "token death"
    LOGIN = "login"
    OUTAGE = "outage"
    DEATH = "death"
    STALL = "stall"
    JUMP = "clock jump"
    HAND_OWNED = "hand trade in an owned contract"
    HAND_FOREIGN = "hand trade in a foreign contract"
    EXIT = "manual exit"
    CANCEL = "entry cancelled by hand"
    KILL = "kill switch"
    RESUME = "kill switch released"
    OFF = "platform off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """`n`: boundaries until a death or a stall; `pick`: chance, for what is chosen on the spot."""

    at: datetime
    what: What
    account: int = 0
    n: int = 0
    where: str = ""
    """The name of those boundaries; any where it is empty."""
    times: int = 1
    seconds: float = 0.0
    pick: int = 0
    fault: Fault | None = None

    def told(self) -> str:
        """In one line."""
        shown = f"{self.at:%d %H:%M:%S} UTC {self.what}"
        parts = [f"account {self.account}"] if self.account else []
        parts += [f"at boundary {self.n} {self.where}".rstrip()] if self.n else []
        parts += [f"{self.times} times"] if self.times > 1 else []
        parts += [f"{self.seconds:.1f} s"] if self.seconds else []
        parts += [str(self.fault.model_dump(exclude_defaults=True))] if self.fault else []
        return ", ".join([shown, *parts])


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Everything about a day that is settled before it begins."""

    seed: int
    day: date
    multipliers: tuple[int, ...]
    """One for each account that the basket trades on."""
    strategies: tuple[dict[str, Any], ...]
    settings: PaperSettings
    scenario: Scenario
    """Shocks of the market; silences are of the platform's feed alone."""
    happenings: tuple[Happening, ...]
    looks: bool
    """Whether the trader looks up what the platform asks for."""
    resolves: tuple[str, ...]
    """What the trader does about a drift, in this order."""
    wakes: time
    """When the platform is started, and the trader logs in, on the following days."""
    lives_on: bool
    """Whether the platform runs through the night."""

    def told(self) -> list[str]:
        """The seed and the misfortunes, for whoever looks into it."""
        names = ", ".join(
            f"{s['name']} {s['schedule']['entry_time']}-{s['schedule']['exit_time']}"
            for s in self.strategies
        )
        trader = f"looks: {self.looks}, drift: {'/'.join(self.resolves) or 'left alone'}"
        return [
            f"seed {self.seed}, {self.day:%a %d %b %Y}, accounts x{self.multipliers}: {names}",
            f"trader {trader}; next day at {self.wakes}, platform through the night:"
            f" {self.lives_on}",
            *(f"  {each.told()}" for each in self.happenings),
        ]
