"""Every way in which a command may be refused; one place maps them to answers.

The plain `Refused` is a rule of the domain saying no, `Faulty` names every fault at once, and
`Conflict` is what the present state of the thing does not allow.
"""

from __future__ import annotations

from domain.model import Refused
from domain.refusal import Conflict, Faulty

__all__ = [
    "Busy",
    "Conflict",
    "Faulty",
    "Forbidden",
    "KeyReused",
    "NotFound",
    "Refused",
    "StaleEdition",
]


class NotFound(Refused):
    """There is no such thing, or it is somebody else's: nobody learns which."""

    def __init__(self, what: str, stream_id: str) -> None:
        super().__init__("not-found", f"there is no {what} {stream_id}")


class Forbidden(Refused):
    """None of the roles that may do this is held."""

    def __init__(self, command: str, allowed: str) -> None:
        super().__init__("forbidden", f"{command} needs one of these roles: {allowed}")


class StaleEdition(Refused):
    """The thing was edited since the asker looked at it."""

    def __init__(self, asked: int, found: int) -> None:
        super().__init__("stale-edition", f"edition {asked} was meant, it now is {found}")


class KeyReused(Conflict):
    """The idempotency key was used before, for another request."""

    def __init__(self) -> None:
        super().__init__("idempotency-key-reused", "the key was used for another request")


class Busy(Conflict):
    """Others kept changing the same stream; the same may be asked again."""

    def __init__(self, stream_id: str) -> None:
        super().__init__("busy", f"{stream_id} kept changing: ask again")
