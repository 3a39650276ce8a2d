"""New notices, read from the store's log: each once, whatever stopped in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from eventsourcing.persistence import ApplicationRecorder, Notification

from adapters.notify.outbox import Outbox, Span
from domain.user import User
from projections.inbox import INBOX, Notice, Notices
from projections.notices import TELLERS
from projections.tables import Item, Tables

#: Notifications looked at in one go.
BATCH: Final = 500
CHOSEN: Final = User.ChannelsChosen.TOPIC
# Any: each event class has a TOPIC of its own.
TOPICS: Final = (CHOSEN, *(str(_told.TOPIC) for _told in dict[Any, Any](TELLERS)))


@dataclass(kw_only=True)
class Found:
    """What one look at the log brought."""

    position: int
    notices: list[Notice] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    """Users who chose other targets."""
    behind: dict[str, Span] = field(default_factory=dict)
    caught_up: list[str] = field(default_factory=list)


class Intake:
    """Reads the log no further than the views are, for the inbox says what events mean."""

    def __init__(
        self,
        log: ApplicationRecorder,
        tables: Tables,
        outbox: Outbox,
        views_at: Callable[[], int],
    ) -> None:
        self._log = log
        self._tables = tables
        self._outbox = outbox
        self._views_at = views_at

    def begin(self) -> None:
        """The first time, what was before is history; after a restore the log may be shorter."""
        end = self._log.max_notification_id() or 0
        known = self._outbox.position
        if known is None or known > end:
            self._outbox.advance(end, {}, {})

    def look(self) -> Found | None:
        """What is new since the last look; None where nothing is."""
        position, end = self._outbox.position or 0, self._views_at()
        behind = self._outbox.behind
        if end <= position and not behind:
            return None
        news = self._news(position, end)
        found = Found(position=news[-1].id if len(news) == BATCH else max(end, position))
        wanted = dict(behind)
        for each in news:
            stream, version = str(each.originator_id), each.originator_version
            if each.topic == CHOSEN:
                found.chosen.append(stream)
            else:
                wanted[stream] = Span(wanted.get(stream, Span(version, version)).first, version)
        self._read(wanted, found)
        found.caught_up = [stream for stream in behind if stream not in found.behind]
        return found

    def notice(self, notice_id: str) -> Notice | None:
        """One notice, for what was owed before a restart."""
        stream = INBOX.stream_of(notice_id)
        gate = self._gates([stream]).get(stream)
        state = gate.body if gate else None
        return state.notices.get(notice_id) if isinstance(state, Notices) else None

    def _news(self, position: int, end: int) -> Sequence[Notification]:
        if end <= position:
            return ()
        return self._log.select_notifications(
            position, BATCH, end, TOPICS, inclusive_of_start=False
        )

    def _read(self, wanted: Mapping[str, Span], found: Found) -> None:
        gates = self._gates(list(wanted))
        for stream, span in wanted.items():
            gate = gates.get(stream)
            applied = gate.version if gate else 0
            if applied < span.last:
                # Its view stopped before this: what it will say then is told then.
                found.behind[stream] = Span(max(span.first, applied + 1), span.last)
            if gate is not None and isinstance(gate.body, Notices):
                found.notices += within(gate.body, span)

    def _gates(self, streams: Sequence[str]) -> Mapping[str, Item]:
        return self._tables.live(INBOX.shape).gates(streams) if streams else {}


def within(state: Notices, span: Span) -> list[Notice]:
    """What these versions gave rise to; the view may know later ones, whose turn will come."""
    return [
        state.notices[notice_id]
        for notice_id, version in state.versions.items()
        if span.first <= version <= span.last
    ]
