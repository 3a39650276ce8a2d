"""A practice world: its days, its speed and its chances, kept so that a restart goes on in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, BaseModel

from adapters.account_care import AccountCare
from adapters.address import PublicAddress
from adapters.brokers.paper.process import PaperProcess, start_paper_process
from adapters.brokers.paper.settings import PaperSettings
from adapters.brokers.paper.spec import PaperSpec
from adapters.engine import Chore
from adapters.lane import FileLane
from adapters.market.scenario import Scenario
from adapters.postbox import Postbox
from adapters.runtime import Platform
from adapters.timekeeping import Timekeeping
from adapters.venue import Ground
from commands.ports import Broker, Lane
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

    def open(self, ground: Ground) -> PracticeVenue:
        """This world, with its paper broker at work."""
        return PracticeVenue(self, ground)


class PracticeVenue:
    """A simulated market, and the paper broker as a process of its own that lives in it."""

    def __init__(self, practice: Practice, ground: Ground) -> None:
        self.practice = practice
        self.paper: PaperProcess = start_paper_process(ground.home / "paper", practice.spec)
        self.clock = practice.spec.clock()
        self.market = practice.spec.open_market(self.clock)
        self.speed = practice.speed
        self.patience = practice.patience
        self.label = "practice"
        self.timekeeping: Timekeeping | None = None
        self.address: PublicAddress | None = None
        self.postbacks: Postbox | None = None
        self._lanes = ground.home / "lanes"

    def broker(self, account_id: str) -> Broker:
        """A paper account, opened there when it is first needed."""
        client = self.paper.broker(account_id)
        client.open_account()
        return client

    def lane(self, account_id: str) -> Lane:
        return FileLane(self._lanes / account_id, self.clock)

    def start(self, _: Platform, __: AccountCare) -> None:
        """Make the first day's prices before its first second needs them."""
        self.market.quotes(
            [c.key for c in self.market.chain(self.practice.first_day).contracts[:1]]
        )

    def heed(self, _: str) -> None:
        """A paper account is always connected."""

    def chores(self) -> Mapping[str, Chore]:
        return {}

    def troubles(self) -> tuple[str, ...]:
        return ()

    def stop(self) -> None:
        """The paper broker lives on, as a market does."""

    def end(self) -> None:
        self.paper.stop(whosever=True)
