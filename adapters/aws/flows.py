"""The flows of one worker, wired to the services that its environment names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Protocol

from adapters.aws.comparing import Comparing, Rounds
from adapters.aws.dispatching import Dispatching
from adapters.aws.executing import Executing
from adapters.aws.metrics import publish
from adapters.aws.monitoring import Monitoring
from adapters.aws.platform import AwsPlatform, platform
from adapters.aws.scheduling import Scheduling
from adapters.aws.shift import ByThreads, Drive, until
from commands.flatten import Flattening


@cache
def scheduling() -> Scheduling:
    """This container's: it remembers whom it told of the minutes that are about to come."""
    return Flows(platform()).scheduling()


class Invocation(Protocol):
    """What Lambda tells a function of the call that it is in."""

    def get_remaining_time_in_millis(self) -> int: ...


class Flows:
    """One of each kind, made when it is first needed; they keep nothing that must not be lost."""

    def __init__(self, aws: AwsPlatform) -> None:
        self._aws = aws
        rehearsal = aws.settings.rehearsal
        self.speed = rehearsal.speed if rehearsal is not None else 1.0
        self.patience = aws.settings.patience

    def until(self, invocation: Invocation) -> datetime:
        """Until when this call may begin a step, by the market's clock."""
        left, now = invocation.get_remaining_time_in_millis(), self._aws.clock.now()
        return until(left, now, speed=self.speed, patience=self.patience)

    def drive(self) -> Drive:
        return ByThreads(self._aws.platform, self.speed, self._aws.alarm)

    def scheduling(self) -> Scheduling:
        aws = self._aws
        return Scheduling(
            aws.tables, aws.queue("execute"), aws.clock, speed=self.speed, patience=self.patience
        )

    def executing(self) -> Executing:
        aws = self._aws
        return Executing(
            aws.platform,
            aws.queue("execute"),
            aws.workflow,
            self.drive(),
            lambda measured: publish(measured, aws.settings.stage),
            speed=self.speed,
            patience=self.patience,
        )

    def monitoring(self) -> Monitoring:
        return Monitoring(
            self._aws.platform, self.drive(), speed=self.speed, patience=self.patience
        )

    def flattening(self, notice: Callable[[str], None]) -> Flattening:
        """The kill switch's work; `notice` hears of each run that was asked to leave."""
        aws = self._aws
        runs, install = aws.platform.runs, aws.settings.install
        return Flattening(aws.trading, aws.market, aws.broker, runs, notice, install)

    def dispatching(self) -> Dispatching:
        aws = self._aws
        box, drive = aws.queue("dispatch"), self.drive()
        return Dispatching(aws.platform, self.flattening, box, drive, patience=self.patience)

    def rounds(self) -> Rounds:
        return Rounds(self._aws.tables, self._aws.queue("reconcile"), speed=self.speed)

    def comparing(self) -> Comparing:
        aws = self._aws
        return Comparing(
            aws.platform,
            aws.broker,
            aws.workflow,
            self.flattening(lambda _: None),  # every open run is followed anyway
            aws.queue("dispatch"),
            self.drive(),
            aws.alarm,
            patience=self.patience,
        )
