"""The platform as a trader starts it, in a process of its own, playing a practice day."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import httpx

from adapters.brokers.paper.settings import PaperSettings
from adapters.market.scenario import Scenario
from adapters.practice import PRACTICE, Practice
from adapters.practice_clock import BEFORE_OPEN
from bench.free_port import free_port
from domain.calendar import MARKET, at_ist

ROOT: Final = Path(__file__).parents[2]
#: A Wednesday; NIFTY expires on the Tuesday after.
DAY: Final = date(2026, 11, 18)
EMAIL: Final = "admin@atp.local"
PASSWORD: Final = "a-long-password-of-mine-7"
KIND: Final = PaperSettings(seed=1, partial_rate=0, rejection_rate=0, cash=Decimal(5_000_000))
SOON_S: Final = 60
STOPPED_WITHIN_S: Final = 30


#: The cookies of whoever has signed in, by e-mail address: the next browser goes on with them.
Sessions = dict[str, list[Any]]  # Any: cookies, as the browser gives and takes them


class PlatformAtWork:
    """`atp up` on a free port: its address, its one-time password, its home, who is signed in."""

    def __init__(
        self,
        home: Path,
        *,
        speed: float = 30,
        at: time_of_day | None = None,
        scenario: Scenario | None = None,
        rules: PaperSettings = KIND,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`at` (IST) is when the day is joined: five minutes before the open unless told."""
        self.home = home
        self.environment = environment or {}
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        home.mkdir(parents=True, exist_ok=True)
        self.practice = Practice(
            wall_start=datetime.now(UTC) - _played(at) / speed,
            first_day=DAY,
            speed=speed,
            seed=rules.seed,
            scenario=scenario or Scenario(),
            rules=rules,
        )
        (home / PRACTICE).write_text(self.practice.model_dump_json())
        self.one_time_password = ""
        self.process = self.start()

    @cached_property
    def sessions(self) -> Sessions:
        """Whoever has signed in here."""
        return {}

    def start(self) -> subprocess.Popen[bytes]:
        """Start it (again) in its home, and wait until it answers."""
        told = self.home / "told.txt"
        command = [sys.executable, "-m", "adapters.cli.main", "--home", str(self.home)]
        with told.open("wb") as out:
            process = subprocess.Popen(
                [*command, "up", "--port", str(self.port)],
                cwd=ROOT,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment, "COLUMNS": "200"},
            )
        deadline = time.monotonic() + SOON_S
        while not self._answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise TimeoutError(f"the platform did not start: {told.read_text()}")
            time.sleep(0.05)
        found = re.search(r"one-time password\s+(\S+)", told.read_text())
        self.one_time_password = found[1] if found else self.one_time_password
        return process

    def stop(self) -> None:
        """Tell it to end, as Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(STOPPED_WITHIN_S)

    def again(self) -> None:
        """End it and start it in the same home."""
        self.stop()
        self.process = self.start()

    def _answers(self) -> bool:
        try:
            return (
                httpx.get(f"{self.url}/market/underlyings").status_code == httpx.codes.UNAUTHORIZED
            )
        except httpx.TransportError:
            return False


def _played(at: time_of_day | None) -> timedelta:
    session = MARKET.session(DAY)
    if at is None or session is None:
        return timedelta(0)
    return max(at_ist(DAY, at) - (session.open - BEFORE_OPEN), timedelta(0))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which platform a file of tests needs: it says so by `PLATFORM = Wanted(...)`, or `SHARED`."""

    at: time_of_day | None = None
    """When the day is joined, IST."""
    speed: float = 30
    scenario: Scenario = field(default_factory=Scenario)
    environment: Mapping[str, str] = field(default_factory=dict)

    def started(self, home: Path) -> PlatformAtWork:
        return PlatformAtWork(
            home,
            at=self.at,
            speed=self.speed,
            scenario=self.scenario,
            environment=self.environment,
        )


#: A platform in the middle of a day, so that nobody waits for the open. All files that ask for it
#: meet at one, each with a trader of its own: who sees only what is theirs trips over nobody.
SHARED: Final = Wanted(at=time_of_day(10), speed=5)
