"""The paper broker of a platform that trades live: its process sees the platform's prices."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Final

from adapters.brokers.paper.prices import PRICES
from adapters.brokers.paper.process import PaperProcess, running, start_paper_process
from adapters.brokers.paper.server import SPEC
from adapters.brokers.paper.spec import MarketKind, PaperSpec
from adapters.live_home import LiveHome
from commands.ports import Broker

PAPER_FOLDER: Final = "paper"


def prices_of(home: Path) -> Path:
    """Where the platform of this home says how its prices are asked for."""
    return (home / PAPER_FOLDER / PRICES).absolute()


class LivePaper:
    """Started when a paper account first needs it."""

    def __init__(self, home: Path, terms: LiveHome) -> None:
        self.folder = home / PAPER_FOLDER
        self.spec = spec_of(home, terms)
        self._process: PaperProcess | None = None
        self._lock = Lock()

    def broker(self, account_id: str) -> Broker:
        """A paper account, opened when it is first needed; raises NotStarted."""
        with self._lock:
            if self._process is None:
                end_another(self.folder, self.spec)
                self._process = start_paper_process(self.folder, self.spec)
        client = self._process.broker(account_id)
        client.open_account()
        return client

    def leave(self) -> None:
        """End it if it was started here: whoever found it alive leaves it to its platform."""
        with self._lock:
            if self._process is not None:
                self._process.stop()

    def end(self) -> None:
        """The paper market ends with the prices it lives on."""
        with self._lock:
            found = self._process or running(self.folder)
            if found is not None:
                found.stop(whosever=True)


def spec_of(home: Path, terms: LiveHome) -> PaperSpec:
    """The market that the platform shares, in the platform's time."""
    day = terms.rehearsal
    return PaperSpec(
        market=MarketKind.SHARED,
        prices=prices_of(home),
        wall_start=day.wall_start if day else None,
        market_start=day.market_start if day else None,
        speed=day.speed if day else 1.0,
    )


def end_another(folder: Path, spec: PaperSpec) -> None:
    """One that was started for another time would trade at prices of another day."""
    found = running(folder)
    if found is not None and (folder / SPEC).read_text() != spec.model_dump_json(indent=2):
        found.stop(whosever=True)
