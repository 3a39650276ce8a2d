"""A practice world: its days, its speed and its chances, kept so that a restart goes on in it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, BaseModel

from adapters.brokers.paper.settings import PaperSettings
from adapters.brokers.paper.spec import PaperSpec
from adapters.market.scenario import Scenario
from domain.calendar import MARKET, at_ist, ist_date

PRACTICE: Final = "practice.json"


class Practice(BaseModel, frozen=True):
    """A practice world: kept in a file, so that a restart goes on in the same one."""

    wall_start: AwareDatetime
    first_day: date
    speed: float
    seed: int
    scenario: Scenario = Scenario()
    rules: PaperSettings = PaperSettings()

    @classmethod
    def begun(
        cls,
        home: Path,
        *,
        first_day: date | None,
        speed: float,
        seed: int,
        scenario: Scenario | None = None,
        rules: PaperSettings | None = None,
    ) -> Practice:
        """The practice that goes on in this folder, or a new one that begins now."""
        kept = home / PRACTICE
        if kept.is_file():
            return cls.model_validate_json(kept.read_text())
        today = first_day or ist_date(datetime.now(UTC))
        first = today if MARKET.is_session(today) else MARKET.next_session(today)
        made = cls(
            wall_start=datetime.now(UTC),
            first_day=first,
            speed=speed,
            seed=seed,
            scenario=scenario or Scenario(),
            rules=rules or PaperSettings(seed=seed),
        )
        kept.write_text(made.model_dump_json(indent=2))
        return made

    @property
    def patience(self) -> int:
        """How much more market time our own work takes than in life, with some to spare."""
        return max(1, round(self.speed / 6))

    @property
    def spec(self) -> PaperSpec:
        """The same world for the paper broker's process."""
        return PaperSpec(
            seed=self.seed,
            scenario=self.scenario,
            wall_start=self.wall_start,
            market_start=at_ist(self.first_day, datetime.min.time()),
            speed=self.speed,
            practice=True,
            rules=self.rules,
        )
