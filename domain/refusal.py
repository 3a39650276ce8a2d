"""The kinds of no, besides the plain one of `domain.model.Refused`."""

from __future__ import annotations

from collections.abc import Sequence

from domain.fault import Fault
from domain.model import Refused


class Conflict(Refused):
    """What is asked does not go with the present state of the thing; later it may."""


class Faulty(Refused):
    """What is asked has faults; all of them are named at once."""

    def __init__(self, code: str, message: str, faults: Sequence[Fault]) -> None:
        super().__init__(code, message, faults[0].field if faults else None)
        self.faults = tuple(faults)
