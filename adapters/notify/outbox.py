"""What is still owed to whom, and how far the log was read: kept beside the views."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from projections.tables import Tables

POSITION: Final = ("notify", "position")
OWED: Final = "notify-owed"
BEHIND: Final = "notify-behind"


class Span(NamedTuple):
    """Versions of a stream, both included."""

    first: int
    last: int


class Outbox:
    """For one thread. A crash repeats at most what was being sent, and loses nothing."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._owed: dict[str, set[str]] = {
            notice: set(json.loads(names)) for notice, names in tables.recalled(OWED).items()
        }
        kept = tables.recalled(BEHIND)
        self._behind = {stream: Span(*json.loads(span)) for stream, span in kept.items()}
        position = tables.recall(*POSITION)
        self._position = None if position is None else int(position)

    @property
    def position(self) -> int | None:
        """The log's last notification that was looked at; None before the first time."""
        return self._position

    @property
    def owed(self) -> Mapping[str, Collection[str]]:
        """Names of targets that have yet to hear of a notice, by its id."""
        return self._owed

    @property
    def behind(self) -> Mapping[str, Span]:
        """Streams whose view stopped, and the versions of them that were not looked at."""
        return self._behind

    def advance(
        self,
        position: int,
        owed: Mapping[str, Collection[str]],
        behind: Mapping[str, Span],
        caught_up: Collection[str] = (),
    ) -> None:
        """The log was looked at up to here, and this is owed since: one change."""
        with self._tables.transaction():
            for notice, names in owed.items():
                if names:
                    self._owed[notice] = set(names)
                    self._keep(notice)
            for stream in caught_up:
                self._tables.forget(BEHIND, stream)
            for stream, span in behind.items():
                self._tables.remember(BEHIND, stream, json.dumps(span))
            self._tables.remember(*POSITION, str(position))
        self._behind = dict(behind)
        self._position = position

    def settle(self, notice: str, name: str) -> None:
        """This target has heard of it, or never will."""
        names = self._owed.get(notice)
        if names is None or name not in names:
            return
        names.discard(name)
        self._keep(notice)

    def _keep(self, notice: str) -> None:
        if names := self._owed[notice]:
            self._tables.remember(OWED, notice, json.dumps(sorted(names)))
        else:
            del self._owed[notice]
            self._tables.forget(OWED, notice)
