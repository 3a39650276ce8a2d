"""What may befall one platform at its boundaries, and what of it is told from outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from adapters.watched import Watched
from commands.ports import Broker, Clock
from domain.book import SessionExpired, Ticket

T = TypeVar("T")


class Killed(BaseException):
    """The process is gone: nothing may catch this and go on."""


class Gone(Killed):
    """The machine was switched off while this process stood still on it."""


@dataclass
class Doom:
    """What is to happen at the n-th boundary from now on, of that name if it has one."""

    left: int
    where: str
    strike: Callable[[], None]


class Fate:
    """Ends or stops a platform at a boundary that it reaches after so many others."""

    def __init__(self) -> None:
        self._dooms: list[Doom] = []
        self.last = ""

    def die_in(self, boundaries: int, where: str = "") -> None:
        self._dooms.append(Doom(boundaries, where, self._die))

    def stand_still_in(self, boundaries: int, where: str, stand: Callable[[], None]) -> None:
        """Call `stand` there: it comes back when the process goes on."""
        self._dooms.append(Doom(boundaries, where, stand))

    def _die(self) -> None:
        raise Killed(self.last)

    def __call__(self, name: str) -> None:
        self.last = name
        for doom in [each for each in self._dooms if each.where in ("", name)]:
            doom.left -= 1
            if doom.left == 0:
                self._dooms.remove(doom)
                doom.strike()


@dataclass(frozen=True, slots=True)
class Sent:
    """An order as it left a platform, by the true time."""

    tag: str
    worker: str
    at: datetime
    on_the_wire: bool
    """Whether its bytes waited in a process that stood still, past every look at the clock."""


class Traced(Watched):
    """A broker at whose calls a platform may die or stand still; orders that leave are noted."""

    def __init__(
        self,
        broker: Broker,
        lost: Callable[[SessionExpired], None],
        fate: Fate,
        clock: Clock,
        sent: Callable[[str, bool], None],
    ) -> None:
        super().__init__(broker, lost)
        self._fate = fate
        self._clock = clock
        self._sent = sent

    def place(self, ticket: Ticket) -> str:
        since = self._clock.monotonic()
        self._fate("on the wire")
        self._sent(ticket.tag, self._clock.monotonic() > since)
        return self._passed_on(lambda: self.broker.place(ticket))

    def _asked(self, call: Callable[[], T]) -> T:
        self._fate("before a call")
        answer = self._passed_on(call)
        self._fate("after a call")
        return answer

    def _passed_on(self, call: Callable[[], T]) -> T:
        return super()._asked(call)
