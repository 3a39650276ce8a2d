"""Starts the paper broker as a process of its own, which outlives whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import get_ident
from typing import Final

from adapters.brokers.paper.client import PaperBroker
from adapters.brokers.paper.server import ALREADY_AT_WORK, ENDPOINT, LEDGER, SPEC
from adapters.brokers.paper.spec import PaperSpec
from domain.book import BrokerError

ROOT: Final = Path(__file__).parents[3]
START_S: Final = 30.0
LOG: Final = "server.log"


class NotStarted(RuntimeError):
    """The paper broker did not come up; its own words follow."""


@dataclass(frozen=True, slots=True)
class PaperProcess:
    """A running paper broker, started by us or found alive (`child` is None)."""

    folder: Path
    pid: int
    child: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> Path:
        """What its clients are given."""
        return self.folder / ENDPOINT

    @property
    def ledger(self) -> Path:
        """What a judge reads."""
        return self.folder / LEDGER

    def broker(self, account: str, timeout_s: float = 7.0) -> PaperBroker:
        """One account there."""
        return PaperBroker(self.endpoint, account, timeout_s)

    def stop(self, *, whosever: bool = False) -> None:
        """End it, if it is ours (or whoever started it), and wait for that."""
        if self.child is not None:
            self.child.terminate()
            self.child.wait(timeout=START_S)
        elif whosever:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)


def running(folder: Path) -> PaperProcess | None:
    """The paper broker at work in that folder, if there is one."""
    try:
        status = PaperBroker(folder / ENDPOINT, "", timeout_s=2.0).status()
    except BrokerError:
        return None
    return PaperProcess(folder, status.pid)


def start_paper_process(folder: Path, spec: PaperSpec | None = None, port: int = 0) -> PaperProcess:
    """The paper broker of that folder: the one that lives there, else a new one; raises NotStarted.

    A living one keeps the market and time it was started with.
    """
    found = running(folder)
    if found is not None:
        return found
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{SPEC}.{os.getpid()}.{get_ident()}"
    fresh.write_text((spec or PaperSpec()).model_dump_json(indent=2))
    fresh.replace(folder / SPEC)  # whole at any moment: another server may be reading it
    command = [sys.executable, "-m", "adapters.brokers.paper.server", str(folder)]
    with (folder / LOG).open("ab") as log:
        child = subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return _await(folder, child)


def _await(folder: Path, child: subprocess.Popen[bytes]) -> PaperProcess:
    """Until the child answers, or another that was started at the same time by somebody else."""
    until = time.monotonic() + START_S
    while time.monotonic() < until and child.poll() in (None, ALREADY_AT_WORK):
        alive = running(folder)
        if alive is not None and alive.pid == child.pid:
            return PaperProcess(folder, child.pid, child)
        if alive is not None and child.returncode == ALREADY_AT_WORK:
            return alive
        time.sleep(0.05)
    child.kill()
    words = (folder / LOG).read_text(errors="replace")[-2000:]
    raise NotStarted(f"the paper broker did not start:\n{words}")
