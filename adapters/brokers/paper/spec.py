"""What a paper broker of its own process is told: its market, its time and its rules."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, model_validator

from adapters.brokers.paper.settings import PaperSettings
from adapters.brokers.paper.shared import SharedMarket
from adapters.clock import ScaledClock, SystemClock
from adapters.market.instruments import read_instruments
from adapters.market.reading import read_recording
from adapters.market.recorded import RecordedMarket
from adapters.market.scenario import Scenario
from adapters.market.simulated import SimulatedMarket
from adapters.practice_clock import PracticeClock
from commands.ports import Clock, MarketData
from domain.calendar import ist_date


class MarketKind(StrEnum):
    SIMULATED = "simulated"
    RECORDED = "recorded"
    SHARED = "shared"
    """What the platform sees, told to the broker's process: paper trades on live prices."""


class PaperSpec(BaseModel, frozen=True, extra="forbid"):
    """The platform given the same market and time sees the prices that the broker fills at."""

    market: MarketKind = MarketKind.SIMULATED
    seed: int = 1
    scenario: Scenario = Scenario()
    days: tuple[Path, ...] = ()
    instruments: Path | None = None
    prices: Path | None = None
    """Where the platform says how a shared market is reached."""
    wall_start: AwareDatetime | None = None
    market_start: AwareDatetime | None = None
    speed: float = 1.0
    practice: bool = False
    """Whether one practice day follows the other, nights left out, from the day of market_start."""
    rules: PaperSettings = PaperSettings()

    @model_validator(mode="after")
    def _whole(self) -> PaperSpec:
        if (self.wall_start is None) is not (self.market_start is None):
            raise ValueError("wall_start and market_start are given together or not at all")
        if self.market is MarketKind.RECORDED and not self.days:
            raise ValueError("a recorded market needs at least one day")
        if self.market is MarketKind.SHARED and self.prices is None:
            raise ValueError("a shared market needs prices: the endpoint of who shares it")
        return self

    def clock(self) -> Clock:
        """The time of the market: the machine's, unless a start is given."""
        if self.wall_start is None or self.market_start is None:
            return SystemClock()
        if self.practice:
            return PracticeClock(self.wall_start, ist_date(self.market_start), self.speed)
        return ScaledClock(self.wall_start, self.market_start, self.speed)

    def open_market(self, clock: Clock) -> MarketData:
        """That market, seen through a clock."""
        if self.market is MarketKind.SIMULATED:
            return SimulatedMarket(clock, self.seed, scenario=self.scenario)
        if self.market is MarketKind.SHARED and self.prices is not None:
            return SharedMarket(self.prices, clock)
        listed = read_instruments(self.instruments) if self.instruments else None
        return RecordedMarket([read_recording(day) for day in self.days], clock, listed)
