"""What an event asks the reactor to do: pure functions of a stream's history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, cast

from eventsourcing.persistence import StoredEvent

from adapters.aws.announcing import Announcement, execution
from adapters.aws.metrics import Measured, metrics_of, outcome_of
from adapters.aws.queues import Message
from commands.application import fold
from commands.planner import SCHEDULE
from domain.account import BrokerAccount
from domain.model import DomainEvent
from domain.run import Run
from projections.audit_logs import told
from projections.inbox import INBOX, Notice, Notices, notices
from projections.notices import TELLERS
from projections.tables import Decode

RUNS: Final = "RUN-"
BLOCKED: Final = BrokerAccount.Blocked.TOPIC
RELEASED: Final = Run.PhaseReleased.TOPIC
CLOSED: Final = Run.Closed.TOPIC
# Any: each event class has a TOPIC of its own.
TELLING: Final = frozenset(str(each.TOPIC) for each in dict[Any, Any](TELLERS))


#: Reads a stream from the store.
Read = Callable[[str], Sequence[StoredEvent]]


@dataclass(kw_only=True)
class Work:
    """What one record asks for; `version` is how far its stream is then reacted to."""

    sequence: str
    stream: str
    version: int
    dispatches: list[Message] = field(default_factory=list)
    announcements: list[Announcement] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)


class History:
    """A stream up to what is new in it; read from the store when something needs it."""

    def __init__(
        self, stream: str, news: Sequence[StoredEvent], read: Read, decode: Decode
    ) -> None:
        self.stream = stream
        self.news = news
        self._read = read
        self._decode = decode

    @cached_property
    def stored(self) -> Sequence[StoredEvent]:
        """The stream up to the last new event."""
        if self.news[0].originator_version == 1:
            return self.news
        last = self.news[-1].originator_version
        return [one for one in self._read(self.stream) if one.originator_version <= last]

    @cached_property
    def opening(self) -> DomainEvent:
        """The first event alone: whatever came later, it can be read."""
        return cast("DomainEvent", self._decode(self.stored[0]))

    @cached_property
    def events(self) -> Sequence[DomainEvent]:
        """Every event of the stream up to the last new one."""
        return [cast("DomainEvent", self._decode(one)) for one in self.stored]

    @property
    def versions(self) -> range:
        """Those that are new."""
        return range(self.news[0].originator_version, self.news[-1].originator_version + 1)

    @cached_property
    def fresh(self) -> Sequence[DomainEvent]:
        """The new ones, read."""
        return [cast("DomainEvent", self._decode(one)) for one in self.news]

    def run(self, version: int) -> Run:
        """The run after this version."""
        found = fold(None, [each for each in self.events if each.originator_version <= version])
        return cast("Run", found)

    def has(self, *topics: str) -> bool:
        return any(one.topic in topics for one in self.news)


def dispatches(history: History) -> Iterator[Message]:
    """Runs that somebody else wrote to, and accounts that were blocked, are looked at at once.

    What the schedule opens, its executor has in hand; what a run's own follower wrote, it knows.
    """
    own = f"{history.stream}:"
    found: int | None = None
    for stored in history.news:
        cause = told(stored)
        if stored.topic == BLOCKED:
            yield _message("kill", history.stream, history.stream, stored.originator_version)
        elif not history.stream.startswith(RUNS) or cause.actor == SCHEDULE:
            continue
        elif not (cause.causation_id or "").startswith(own):
            found = stored.originator_version
    if found is not None:
        opened = cast("Run.Opened", history.opening)
        yield _message("follow", history.stream, opened.terms.account_id, found)


def _message(what: str, key: str, account_id: str, version: int) -> Message:
    body = {"what": what, "key": key, "account_id": account_id}
    return Message(body=body, group=account_id, dedup=f"{key}:{version}")


def announcements(history: History) -> Iterator[Announcement]:
    """Whether the run fired, in or out."""
    if not history.has(RELEASED):
        return
    for event in history.fresh:
        if isinstance(event, Run.PhaseReleased):
            news = execution(history.run(event.originator_version - 1), event)
            if news is not None:
                yield news


def heard(history: History) -> Iterator[Notice]:
    """What the trader should hear of it, in the words of the inbox."""
    if not history.stream.startswith(INBOX.reads) or not history.has(*TELLING):
        return
    state: Notices | None = None
    for event in history.events:
        state = notices(state, event)
    if state is None:
        return
    for notice_id, version in state.versions.items():
        if version in history.versions:
            yield state.notices[notice_id]


def measured(history: History) -> Iterator[Measured]:
    """What is counted of it."""
    for event in history.fresh:
        yield from metrics_of(event)
    if history.has(CLOSED):
        yield from outcome_of(history.run(history.versions[-1]))


#: Each by its name, under which what it cannot do is parked; the most urgent first.
EFFECTS: Final[dict[str, Callable[[History], Iterator[Any]]]] = {
    "dispatches": dispatches,
    "announcements": announcements,
    "notices": heard,
    "measured": measured,
}
