"""What a simulator of its own process is told, and where it then says that it listens."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel

from adapters.brokers.paper.spec import MarketKind, PaperSpec
from adapters.simulators.kite.faults import Fault
from adapters.simulators.kite.limits import Limits
from adapters.simulators.kite.sessions import KiteApp

__all__ = ["KiteEndpoint", "KiteSpec", "MarketKind", "write_private"]


class KiteSpec(PaperSpec, frozen=True):
    """The market, time and rules of the paper exchange, and what is Kite's."""

    apps: tuple[KiteApp, ...] = ()
    cash: Decimal | None = None
    """What the accounts of these apps start with, in ₹."""
    faults: tuple[Fault, ...] = ()
    limits: Limits = Limits()


class KiteEndpoint(BaseModel, frozen=True, extra="forbid"):
    """Where a simulator listens; readable by its owner only, for the control token in it."""

    root: str
    ws: str
    control: str
    pid: int

    @classmethod
    def read(cls, path: Path) -> KiteEndpoint:
        """The endpoint of that file; raises OSError where none is."""
        return cls.model_validate_json(path.read_bytes())

    def write(self, path: Path) -> None:
        write_private(path, self.model_dump_json())


def write_private(path: Path, text: str) -> None:
    """Appears at once and whole, for its owner only."""
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    fresh.replace(path)
