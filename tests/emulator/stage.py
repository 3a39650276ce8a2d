"""The stage `emulator`: a day rehearsed at a simulator of Kite, by functions on the emulator."""

from __future__ import annotations

import io
import os
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Final

from adapters.brokers.paper.settings import PaperSettings
from adapters.clock import ScaledClock
from adapters.rehearsal import Rehearsal
from adapters.simulators.kite.process import KiteProcess, start_kite_process
from adapters.simulators.kite.spec import KiteSpec
from domain.calendar import at_ist
from infra.config import Config, load
from scripts.bundle import BUNDLES, Target, bundle
from tests.emulator.assembly import Asset, Deployable, stacks
from tests.emulator.ministack import ACCOUNT, REGION
from tests.live.trader import DAY

STAGE: Final = "emulator"
PREFIX: Final = f"atp-{STAGE}-"
PATH: Final = f"/atp/{STAGE}"
#: Market minutes go by in 15 s, and in 30 s on a machine that has more to do than it can; queues
#: and workflows count whole seconds.
SPEED, SLOW = 4.0, 2.0
#: How much slower than in life our own work may be, in the market's time.
PATIENCE: Final = 2
#: As many processes as a small machine has room for.
AT_ONCE: Final = dict.fromkeys(("api", "strategy_executor", "order_monitor"), 3) | dict.fromkeys(
    ("strategy_scheduler", "broker_dispatcher", "projector", "reactor"), 2
)
BEGINS: Final = time(9, 16)
RULES: Final = PaperSettings(seed=3, partial_rate=0.2, rejection_rate=0, cash=Decimal(5_000_000))
#: Which Node is installed is not for these tests to say.
QUIET: Final = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "18,20,22"}


@dataclass(frozen=True)
class Rehearsed:
    """The time that everybody lives by, and the Kite that lives in it."""

    time: Rehearsal
    kite: KiteProcess

    @classmethod
    def begun(cls, folder: Path) -> Rehearsed:
        busy = os.getloadavg()[0] > 3 * (os.cpu_count() or 1)
        begins = Rehearsal(
            wall_start=datetime.now(UTC),
            market_start=at_ist(DAY, BEGINS),
            speed=SLOW if busy else SPEED,
        )
        spec = KiteSpec.model_validate({"rules": RULES, **begins.model_dump()})
        return cls(begins, start_kite_process(folder, spec))

    @property
    def clock(self) -> ScaledClock:
        return ScaledClock(self.time.wall_start, self.time.market_start, self.time.speed)

    @property
    def config(self) -> Config:
        """The stage as it is configured, but for where Kite is and which time it is."""
        rehearsed = {
            "kite_root": self.kite.root,
            "kite_login": self.kite.root,
            "kite_ws": self.kite.ws,
            "rehearsal": self.time.model_dump_json(),
            "patience": PATIENCE,
        }
        told = load(STAGE).model_dump()
        capacity = {**told["capacity"], "at_once": AT_ONCE}
        return Config.model_validate({**told, "capacity": capacity, "rehearsed": rehearsed})


def synthesized(config: Config, folder: Path) -> list[Deployable]:
    """The stacks of the stage, of today's code, in the order in which they are deployed."""
    os.environ.update(QUIET)
    from infra.app import build  # starts Node

    bundle(Target(config.capacity.processor, config.capacity.python_version))
    build(config, str(folder), BUNDLES).app.synth()
    return stacks(folder, ACCOUNT, REGION)


def ground(config: Config, folder: Path) -> list[Deployable]:
    """The stacks of a stage as far as its tables."""
    os.environ.update(QUIET)
    from aws_cdk import App, Environment

    from infra.app import WAYS
    from infra.data import Data
    from infra.foundation import Foundation
    from infra.security import Security

    app = App(outdir=str(folder), context=WAYS, analytics_reporting=False)
    env = Environment(region=config.region)
    security = Security(app, config, env)
    Data(app, config, env, security, Foundation(app, config, env, security))
    app.synth()
    return stacks(folder, ACCOUNT, REGION)


@dataclass(frozen=True)
class Shelf:
    """The layers of the stage, unpacked once: every function's process would do so anew.

    What is uploaded in a layer's place makes Python look on this shelf, first of all.
    """

    folder: Path
    stacks: list[Deployable]

    def packed(self, asset: Asset) -> bytes:
        """What is uploaded for this asset."""
        if asset.key not in self._layers:
            return asset.content()
        unpacked = self.folder / asset.key.removesuffix(".zip")
        with zipfile.ZipFile(asset.source) as archive:
            archive.extractall(unpacked)
        return pointing_at(unpacked / "python")

    @cached_property
    def _layers(self) -> frozenset[str]:
        return frozenset(
            resource["Properties"]["Content"]["S3Key"]
            for stack in self.stacks
            for resource in stack.template["Resources"].values()
            if resource["Type"] == "AWS::Lambda::LayerVersion"
        )


def pointing_at(folder: Path) -> bytes:
    """A layer that holds nothing but the place of what it would hold."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        line = f"import sys; sys.path.insert(0, {str(folder)!r})\n"
        archive.writestr("python/lib/python3/site-packages/shelf.pth", line)
    return packed.getvalue()
