"""Runs with open exposure, the store they are kept in, and a disk that can be filled.

    python -m tests.adapters.store.exposure FOLDER RUNS

leaves that many open runs while no file may grow, and prints each event once it is acknowledged.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from eventsourcing.persistence import ApplicationRecorder

from adapters.store.emergency import EmergencyRecorder
from commands.application import Trading
from domain.book import BookOrder, OrderStatus, OrderType
from domain.contract import Contract, Side
from domain.model import acting
from domain.run import Run
from domain.run_terms import Reference
from domain.slices import Leg, Phase, Slice, tag_of
from tests.domain.adversary import DUE, EXIT, at, condor, terms

UNITS = 65
STORE, JOURNAL = "events.sqlite", "emergency.journal"


def open_desk(folder: Path, journal_bytes: int = 64 * 1024, lock_timeout: int = 1) -> Trading:
    """The write side in this folder, with a reserve."""
    return Trading(
        {
            "PERSISTENCE_MODULE": "adapters.store.emergency",
            "SQLITE_DBNAME": str(folder / STORE),
            "SQLITE_LOCK_TIMEOUT": str(lock_timeout),
            "EMERGENCY_JOURNAL": str(folder / JOURNAL),
            "EMERGENCY_JOURNAL_BYTES": str(journal_bytes),
            "MAPPER_TOPIC": "adapters.store.mapper:PydanticMapper",
        },
        entropy=Random(7).randbytes,
    )


def reserve(trading: Trading) -> EmergencyRecorder:
    """The recorder of this write side."""
    recorder: ApplicationRecorder = trading.recorder
    assert isinstance(recorder, EmergencyRecorder)
    return recorder


def one_slice(run: Run, phase: Phase) -> Slice:
    return Slice(
        tag=tag_of(run.install, run.id, phase, 0, 1, 1),
        phase=phase,
        leg=0,
        number=1,
        attempt=1,
        side=phase.side,
        quantity=UNITS,
        order_type=OrderType.LIMIT,
        price=Decimal(100),
    )


def filled(run: Run, sent: Slice) -> BookOrder:
    return BookOrder(
        broker_order_id=f"B-{sent.tag}",
        tags=(sent.tag,),
        key=run.slices[sent.tag].contract.key,
        side=sent.side,
        product="MIS",
        quantity=sent.quantity,
        filled=sent.quantity,
        average_price=sent.price,
        status=OrderStatus.COMPLETE,
    )


def due(strategy: str = "STRAT-1") -> Run:
    """A run that waits for its time, not stored yet."""
    with acting(at(DUE)):
        return Run.open(
            f"RUN-{strategy}-ACC-1-20260804T0920",
            install="TEST",
            slot="20260804T0920",
            terms=terms(strategy_id=strategy),
            definition={},
            due_at=DUE,
            exit_at=EXIT,
        )


def plan(run: Run, contract: Contract | None = None) -> None:
    """Choose one call to buy."""
    leg = condor()[1]
    if contract is not None:
        leg = Leg(contract=contract, side=Side.BUY, quantity=UNITS)
    with acting(at(DUE)):
        run.plan((leg,), Reference(price=None, source="TEST"), 0, EXIT)


def send(trading: Trading, run: Run, phase: Phase) -> None:
    """Release the phase, and record its answer and its fill, each in a commit of its own."""
    sent = one_slice(run, phase)
    moment = at(DUE if phase.is_entry else EXIT)
    with acting(moment):
        run.release(phase, (sent,))
        trading.save(run)
        run.accepted(sent.tag, f"B-{sent.tag}")
        trading.save(run)
        run.see(sent.tag, filled(run, sent))
        trading.save(run)


def open_run(trading: Trading, strategy: str = "STRAT-1", contract: Contract | None = None) -> Run:
    """A run that holds what it planned to."""
    run = due(strategy)
    plan(run, contract)
    trading.save(run)
    send(trading, run, Phase.ENTRY_BUY)
    with acting(at(DUE)):
        run.enter(Decimal(-6500))
    trading.save(run)
    return run


def leave(trading: Trading, run: Run, told: Callable[[Run], None] = lambda _: None) -> Run:
    """Leave by the clock, to the end; says so after each commit."""
    steps: list[Callable[[], None]] = []
    sent = one_slice(run, Phase.EXIT_SELL)
    assert sent.side is Side.SELL
    steps.append(lambda: run.request_exit("TIME", "its exit time"))
    steps.append(lambda: run.release(Phase.EXIT_SELL, (sent,)))
    steps.append(lambda: run.accepted(sent.tag, f"B-{sent.tag}"))
    steps.append(lambda: run.see(sent.tag, filled(run, sent)))
    steps.append(lambda: run.close("TIME", Decimal(0), Decimal(40)))
    for seconds, step in enumerate(steps):
        with acting(replace(at(EXIT), at=EXIT + timedelta(seconds=seconds))):
            step()
        trading.save(run)
        told(run)
    return run


class Tmpfs:
    """A file system of one megabyte."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        with self._ballast.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(4096)):
                pass

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)


class GrowthLimit:
    """A folder in which, while it is full, the store's log may not become longer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self) -> None:
        longest = (self.folder / f"{STORE}-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (longest, self._limits[1]))

    def free(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)


Disk = Tmpfs | GrowthLimit


def mount(folder: Path) -> bool:
    """Put a file system of one megabyte here; False where that is not ours to do."""
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() != 0:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def unmount(folder: Path) -> None:
    subprocess.run(["umount", str(folder)], check=True)


@cache
def may_mount() -> bool:
    """Whether a disk of our own can be had here; else limits on the growth of files have to do."""
    with TemporaryDirectory() as folder:
        mounted = mount(Path(folder))
        if mounted:
            unmount(Path(folder))
        return mounted


def say(run: Run) -> None:
    os.write(1, f"stored {run.id} {run.version}\n".encode())


def main(folder: Path, count: int) -> None:
    trading = open_desk(folder, journal_bytes=4 * 1024 * 1024)
    runs = [open_run(trading, f"STRAT-{number}") for number in range(count)]
    for run in runs:
        say(run)
    GrowthLimit(folder).fill()
    for run in runs:
        leave(trading, run, say)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
