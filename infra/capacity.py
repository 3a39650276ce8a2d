"""What functions and the watcher run on, and how many of them at once."""

from __future__ import annotations

import platform
import sys
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

#: How Lambda calls what the machine calls its processor.
PROCESSORS: Final = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
#: Executions that AWS insists on leaving to functions that reserve none.
UNRESERVED: Final = 100
#: The oldest Python of which AWS keeps snapshots (SnapStart).
SNAPSHOTS_FROM: Final = (3, 12)
#: Functions that speak to a broker, from the address registered there: each egress has its own.
AT_BROKERS: Final = (
    "strategy_executor",
    "order_monitor",
    "broker_dispatcher",
    "position_reconciler",
    "broker_adapter_zerodha",
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rehearsed(_Part):
    """Where a simulator of Kite is, and the time it lives in."""

    kite_root: str
    kite_login: str
    kite_ws: str
    rehearsal: str | None = None
    """JSON of adapters/rehearsal.Rehearsal."""
    patience: int = Field(default=1, ge=1)


class AtOnce(_Part):
    """The most executions of a function at once, kept free for it: its share of the account's.

    Those that speak to a broker run once for each egress: with these numbers for the one that
    takes everybody, and `family` of each for any other.
    """

    api: int = Field(default=100, ge=1)
    strategy_scheduler: int = Field(default=2, ge=1)
    strategy_executor: int = Field(default=150, ge=2)
    order_monitor: int = Field(default=100, ge=1)
    broker_dispatcher: int = Field(default=100, ge=2)
    position_reconciler: int = Field(default=20, ge=3)
    broker_adapter_zerodha: int = Field(default=5, ge=3)
    projector: int = Field(default=100, ge=1)
    reactor: int = Field(default=100, ge=1)
    sealer: int = Field(default=1, ge=1)
    family: int = Field(default=5, ge=3)

    def of(self, function: str, *, family: bool) -> int:
        at_once: int = getattr(self, "family" if family else function)
        return at_once

    def total(self, families: int) -> int:
        """What all functions take together, with so many egresses of families."""
        everybody = sum(self.model_dump(exclude={"family"}).values())
        return int(everybody + families * len(AT_BROKERS) * self.family)


class Watcher(_Part):
    """The Fargate service of ticks: units of processor (1,024 are one) and MiB of memory."""

    cpu: Literal[256, 512, 1024, 2048, 4096] = 512
    memory: int = Field(default=1_024, ge=512)
    count: int = Field(default=1, ge=0, le=1)
    """One at most: a run has one owner, and one connection carries 3,000 instruments."""


class Capacity(_Part):
    """`machine` is the processor and Python of whoever synthesizes: for an emulator beside it."""

    architecture: Literal["arm64", "x86_64", "machine"] = "arm64"
    python: Literal["3.11", "3.12", "3.13", "machine"] = "3.13"
    at_once: AtOnce = AtOnce()
    reserved: bool = True
    """False: no function is kept room for, as an account with a small limit insists on."""
    account_limit: int = Field(default=1_000, ge=10)
    """How many executions the AWS account may have at once, of all functions together."""
    watcher: Watcher = Watcher()

    @property
    def processor(self) -> str:
        """`arm64` or `x86_64`."""
        if self.architecture == "machine":
            return PROCESSORS[platform.machine().lower()]
        return self.architecture

    @property
    def python_version(self) -> str:
        """Such as `3.13`."""
        if self.python == "machine":
            return f"{sys.version_info.major}.{sys.version_info.minor}"
        return self.python

    @property
    def bundled_for(self) -> str:
        """Where bundles for this are kept: code of one processor does not run on another."""
        return f"{self.processor}-{self.python_version}"

    @property
    def snapshots(self) -> bool:
        major, minor = map(int, self.python_version.split("."))
        return (major, minor) >= SNAPSHOTS_FROM

    def check(self, families: int) -> None:
        """Raises ValueError where AWS would refuse what is reserved."""
        reserved = self.at_once.total(families)
        if self.reserved and reserved > self.account_limit - UNRESERVED:
            raise ValueError(
                f"{reserved} executions reserved (capacity.at_once) leave fewer than "
                f"{UNRESERVED} of the account's {self.account_limit} (capacity.account_limit)"
            )
