"""The one place where what went wrong becomes a line on stderr and an exit code."""

from __future__ import annotations

import errno
import json
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import typer
from eventsourcing.persistence import PersistenceError
from pydantic import ValidationError

from adapters.backup import BackupFault
from adapters.cli.terms import Absent, BadInput, Ending
from adapters.day import NoSession
from adapters.demo import UnreadableBasket
from adapters.home_files import AlreadyRunning
from adapters.identity.file import NewerIdentitySchema
from adapters.identity.terms import AddressTaken
from adapters.market.instruments import BadInstruments
from adapters.market.lots import UnknownLot
from adapters.market.recording import BadRecording
from adapters.reconciling import StillHalted
from adapters.rehearsal import BadRehearsal
from adapters.vault.vault import VaultError
from adapters.worlds import OtherWorld
from commands.errors import Busy, Faulty, NotFound, Refused
from domain.book import BrokerError
from projections.audit_search import TooWide
from projections.follower import ViewsAhead

STORAGE: Final = (PersistenceError, sqlite3.Error, NewerIdentitySchema, ViewsAhead, OSError)
#: The first kind that fits counts.
ENDINGS: Final[Sequence[tuple[tuple[type[Exception], ...], Ending]]] = (
    ((NotFound, Absent), Ending.NOT_FOUND),
    ((Busy, AlreadyRunning), Ending.BUSY),
    ((Refused, AddressTaken, BrokerError, StillHalted), Ending.REFUSED),
    (
        (
            BadInput,
            BadInstruments,
            BadRecording,
            BadRehearsal,
            NoSession,
            OtherWorld,
            TooWide,
            UnknownLot,
            UnreadableBasket,
            ValidationError,
        ),
        Ending.BAD_INPUT,
    ),
    ((BackupFault, VaultError), Ending.WRONG),
    (STORAGE, Ending.STORAGE),
)
KNOWN: Final = tuple(kind for kinds, _ in ENDINGS for kind in kinds)


@contextmanager
def answered(*, as_json: bool) -> Iterator[None]:
    """Whatever a user can cause inside is told in a line, and ends the command with its code."""
    try:
        yield
    except KNOWN as error:
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            raise  # whoever read our output has seen enough
        ending = ending_of(error)
        tell(error, ending, as_json=as_json)
        raise typer.Exit(ending) from error


def ending_of(error: Exception) -> Ending:
    """How a command ends that met this."""
    if isinstance(error, BackupFault) and isinstance(error.__cause__, STORAGE):
        return Ending.STORAGE
    found = next(ending for kinds, ending in ENDINGS if isinstance(error, kinds))
    if found is Ending.STORAGE and "locked" in str(error):
        return Ending.BUSY
    return found


def tell(error: Exception, ending: Ending, *, as_json: bool) -> None:
    """Say it on stderr: a line for people, an object for machines."""
    lines = said(error)
    if as_json:
        print(json.dumps({"error": ending.name, "messages": lines}), file=sys.stderr)
        return
    for line in lines:
        print(f"atp: {line}", file=sys.stderr)


def said(error: Exception) -> list[str]:
    """What went wrong, each thing with the field or file it is about."""
    if isinstance(error, ValidationError):
        return [f"{path_of(each['loc'])}: {each['msg']}" for each in error.errors()]
    if isinstance(error, Faulty):
        faults = [f"{each.field}: {each.message}" for each in error.faults]
        return [f"{error.message}: {'; '.join(faults)}"]
    if isinstance(error, Refused):
        return [f"{error.field}: {error.message}" if error.field else error.message]
    if isinstance(error, OSError) and error.strerror:
        return [f"{error.filename}: {error.strerror}" if error.filename else error.strerror]
    return [" ".join(str(error).split()) or type(error).__name__]


def path_of(loc: Sequence[str | int]) -> str:
    """`legs[0].qty`: where in what was given it is."""
    path = ""
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path or "input"
