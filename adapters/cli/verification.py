"""Checking a folder's log against its audit rows and seals."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from adapters.reads import ReadSide
from adapters.sealed_before import SEALS, sealed_before
from adapters.sealing import WITNESS, Key, Seals, examined
from projections.verify import Report, Seal, verify

KEY = "seal.key"
Bar = Callable[[str, float | None], AbstractContextManager[Callable[[float, float | None], None]]]


def verified(folder: Path, reads: ReadSide, bar: Bar) -> Report:
    """The finished report on every stream there is or ever was."""
    seals, wrong = seals_of(folder, reads)
    total = sum(1 for _ in reads.source.heads())
    report = Report()
    with bar("verify", total) as told:
        for report in verify(reads.source, reads.tables, seals, wrong):
            told(report.streams, None)
    return report


def seals_of(folder: Path, reads: ReadSide) -> tuple[list[Seal], list[str]]:
    """Good seals, those from before a restore too, and what is wrong; nothing is made here."""
    before = sealed_before(folder)
    own, wrong = own_seals(folder, reads.tables.recall(*WITNESS))
    return [*before.seals, *own], [*before.faults, *wrong]


def own_seals(folder: Path, witness: str | None) -> tuple[list[Seal], list[str]]:
    """The seals of the platform that lives there."""
    if not (folder / SEALS).is_dir():
        return [], ["every seal is missing"] if witness else []
    seals = Seals(folder / SEALS)
    if not (folder / KEY).is_file():
        return [], [f"{KEY}, by which seals are signed, is missing"] if seals.numbers() else []
    return examined(seals, Key.at(folder / KEY).public, witness)
