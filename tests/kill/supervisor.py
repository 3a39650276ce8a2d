"""Starts, kills, stops and restarts platforms in a practice world whose paper broker lives on."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final

from adapters.brokers.paper.process import running, start_paper_process
from adapters.brokers.paper.server import LEDGER
from adapters.brokers.paper.settings import PaperSettings
from adapters.demo import BasketFile, compose
from adapters.embedded import Embedded
from adapters.practice import PRACTICE, Practice
from tests.kill.judging import Case, broken_views
from tests.kill.platform_process import Fate, live

#: Seconds after which something that must happen is said not to; nothing else depends on it.
PATIENCE_S: Final = 120.0
#: Seconds until the practice day begins, while the world is being made.
AHEAD_S: Final = 3.0


class Supervisor:
    """One practice world, and the processes that work in it."""

    def __init__(self, home: Path, basket: BasketFile, *, first_day: date, speed: float) -> None:
        self.home = home
        self.planned = len(basket.strategies)
        self.ledger = home / "paper" / LEDGER
        # A fork of a process that has imported everything starts at once, and dies like any other.
        self.processes = get_context("forkserver")
        self.processes.set_forkserver_preload(["tests.kill.platform_process", "QuantLib"])
        self.children: list[ForkServerProcess] = []
        platform = Embedded(home, self.prepared(first_day, speed))
        compose(platform.platform.bus, basket, platform.clock.now())
        platform.stop()

    def prepared(self, first_day: date, speed: float) -> Practice:
        self.home.mkdir(parents=True, exist_ok=True)
        practice = Practice(
            wall_start=datetime.now(UTC) + timedelta(seconds=AHEAD_S),
            first_day=first_day,
            speed=speed,
            seed=1,
            rules=PaperSettings.model_validate(
                {"cash": 500_000_000, "partial_rate": 0.3, "rejection_rate": 0}
            ),
        )
        return self.keep(practice)

    def keep(self, practice: Practice) -> Practice:
        """The practice that every platform started from now on finds."""
        (self.home / PRACTICE).write_text(practice.model_dump_json())
        self.practice = practice
        return practice

    def start(self, fate: Fate | None = None, *, alone: bool = True) -> ForkServerProcess:
        """A platform, whatever became of the one before."""
        child = self.processes.Process(target=live, args=(self.home, fate, alone), daemon=True)
        child.start()
        self.children.append(child)
        return child

    def kill(self, child: ForkServerProcess) -> None:
        child.kill()
        child.join(PATIENCE_S)

    def kill_broker(self) -> None:
        """The broker dies too; whoever starts a platform starts it again."""
        found = running(self.home / "paper")
        if found is not None:
            end(found.pid, signal.SIGKILL)

    def nobody_until(self, moment: datetime) -> None:
        """Neither platforms nor the broker are there until then; the next to start begin then."""
        for child in self.children:
            self.kill(child)
        self.kill_broker()
        practice = self.practice
        left = moment - practice.spec.clock().now()
        earlier = practice.wall_start - max(left, timedelta(0)) / practice.speed
        self.keep(practice.model_copy(update={"wall_start": earlier}))

    def case(self) -> Case:
        return Case.of(self.home, self.ledger, hurried=True)

    def over(self) -> bool:
        """Whether every run that was planned has ended."""
        runs = self.case().runs.values()
        return len(runs) >= self.planned and all(run.stage.ended for run in runs)

    def faults(self) -> str:
        """What is wrong after the day, with everything that happened; empty if nothing is."""
        case = self.case()
        wrong = [*case.faults(), *broken_views(self.home)]
        if len(case.runs) != self.planned:
            wrong.append(f"{self.planned} runs were planned, there are {len(case.runs)}")
        return "\n".join([*wrong, case.told()]) if wrong else ""

    def close(self) -> None:
        """End every process that works in this world."""
        for child in self.children:
            self.kill(child)
        # A platform killed while it started the broker leaves one that is not there yet.
        broker = start_paper_process(self.home / "paper", self.practice.spec)
        if broker.child is not None:
            broker.stop()
        else:
            end(broker.pid, signal.SIGTERM)


def end(pid: int, how: signal.Signals) -> None:
    """Send the signal, and wait until the process is gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, how)
    wait_until(lambda: not alive(pid), f"{pid} to end")


def alive(pid: int) -> bool:
    """Whether it runs; one that waits to be reaped does not."""
    return state_of(pid) not in ("", "Z", "X")


def state_of(pid: int) -> str:
    """The letter the system has for what a process is doing; empty where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def wait_until(happened: Callable[[], bool], what: str, limit_s: float = PATIENCE_S) -> None:
    """Wait for something that must happen; raises TimeoutError if it does not."""
    until = time.monotonic() + limit_s
    while not happened():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {limit_s} s for {what}")
        time.sleep(0.05)
