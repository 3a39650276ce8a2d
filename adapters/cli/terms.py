"""What every command of `atp` shares: what was asked for everywhere, and how a command may end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import typer


class Ending(IntEnum):
    """The exit codes of `atp`."""

    OK = 0
    WRONG = 1  # what was checked is not as it should be
    BAD_INPUT = 2
    NOT_FOUND = 3
    REFUSED = 4
    BUSY = 5
    STORAGE = 6


CODES = (
    "Exit codes: 0 done; 1 a check found something wrong; 2 usage or bad input; 3 not found; "
    "4 refused by a rule; 5 busy or locked; 6 the storage failed."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What may be said with every command: where the platform lives, for whom, and in what form."""

    home: Path
    json: bool
    user: str | None


class BadInput(ValueError):
    """What was given on the command line cannot be meant; the message names it."""


class Absent(LookupError):
    """What was named is not there."""


def asked_of(ctx: typer.Context) -> Asked:
    """What the root command was told."""
    asked = ctx.find_root().obj
    if not isinstance(asked, Asked):
        raise TypeError("a command of atp runs under its root")
    return asked
