"""The platform as a process of its own, which kills or stops itself where it is told to."""

from __future__ import annotations

import logging
import signal
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event, Lock, get_ident

from adapters.embedded import Embedded
from adapters.practice import Practice
from commands.sending import nowhere


@dataclass(frozen=True, kw_only=True)
class Fate:
    """A signal that the process sends itself when it reaches a boundary for the n-th time."""

    signal: signal.Signals
    boundary: str
    occurrence: int


class Fated:
    """Counts how often each boundary is reached, in whichever thread."""

    def __init__(self, fate: Fate) -> None:
        self.fate = fate
        self.left = fate.occurrence
        self.lock = Lock()

    def __call__(self, name: str) -> None:
        if name != self.fate.boundary:
            return
        with self.lock:
            self.left -= 1
            meets_it = self.left == 0
        if meets_it:
            # To this very thread: it stops before another instruction, and all others with it.
            signal.pthread_kill(get_ident(), self.fate.signal)


def live(home: Path, fate: Fate | None, alone: bool) -> None:
    """Run the platform of this folder until somebody ends the process."""
    logging.basicConfig(filename=home / "platform.log", level=logging.WARNING)
    practice = Practice.begun(home, first_day=None, speed=1, seed=1)
    embedded = Embedded(
        home,
        practice,
        sweep=timedelta(seconds=5 * practice.patience),
        boundary=Fated(fate) if fate else nowhere,
        alone=alone,
    )
    embedded.start()
    Event().wait()
