"""Finding audit rows by stream, cause, actor, type and time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from projections.audit_logs import AuditRow
from projections.view import BadCursor, Page, View, instant


class TooWide(ValueError):
    """A search by time alone needs both ends."""


@dataclass(frozen=True, kw_only=True)
class AuditSearch:
    """What is looked for: everything given must match; times are since ≤ at < until."""

    stream: str | None = None
    correlation_id: str | None = None
    actor: str | None = None
    topic: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def matches(self, row: AuditRow) -> bool:
        return (
            self.stream in (None, row.stream)
            and self.correlation_id in (None, row.correlation_id)
            and self.actor in (None, row.actor)
            and self.topic in (None, row.topic)
            and (self.since is None or self.since <= row.at)
            and (self.until is None or row.at < self.until)
        )


def search(
    view: View[AuditRow],
    wanted: AuditSearch,
    *,
    cursor: str | None = None,
    limit: int = 50,
    newest_first: bool = False,
) -> Page[AuditRow]:
    """A page of matching rows; it may be short, as long as it has a cursor there is more.

    Raises BadCursor, and TooWide where nothing but time is given, and not both ends of it.
    """
    listing = _listing(wanted)
    if listing is None:
        return _by_day(view, wanted, cursor, limit, newest_first)
    index, partition = listing
    by_time = index is not None
    return view.page(
        index,
        partition,
        since=instant(wanted.since) if by_time and wanted.since else None,
        until=instant(wanted.until) if by_time and wanted.until else None,
        cursor=cursor,
        limit=limit,
        newest_first=newest_first,
        where=wanted.matches,
    )


def _listing(wanted: AuditSearch) -> tuple[str | None, str] | None:
    """The listing that has least to look through."""
    if wanted.stream is not None:
        return None, wanted.stream
    if wanted.correlation_id is not None:
        return "correlation", wanted.correlation_id
    if wanted.actor is not None:
        return "actor", wanted.actor
    if wanted.topic is not None:
        return "topic", wanted.topic
    return None


def _by_day(
    view: View[AuditRow], wanted: AuditSearch, cursor: str | None, limit: int, newest_first: bool
) -> Page[AuditRow]:
    day, inner = _started(wanted, cursor, newest_first)
    first, last = _ends(wanted)
    rows: list[AuditRow] = []
    while first <= day <= last:
        page = view.page(
            "day",
            day,
            cursor=inner or None,
            limit=limit - len(rows),
            newest_first=newest_first,
            where=wanted.matches,
        )
        rows += page.rows
        if page.cursor is not None:
            return Page(rows, f"{day}~{page.cursor}")
        day, inner = _next_day(day, newest_first), ""
        if len(rows) == limit:
            return Page(rows, f"{day}~" if first <= day <= last else None)
    return Page(rows, None)


def _started(wanted: AuditSearch, cursor: str | None, newest_first: bool) -> tuple[str, str]:
    if cursor is None:
        first, last = _ends(wanted)
        return (last if newest_first else first), ""
    day, mark, inner = cursor.partition("~")
    try:
        datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise BadCursor("this cursor cannot be read") from error
    if not mark:
        raise BadCursor("this cursor cannot be read")
    return day, inner


def _ends(wanted: AuditSearch) -> tuple[str, str]:
    if wanted.since is None or wanted.until is None:
        raise TooWide("say from when until when, or what else to look for")
    return instant(wanted.since)[:10], instant(wanted.until)[:10]


def _next_day(day: str, newest_first: bool) -> str:
    step = timedelta(days=-1 if newest_first else 1)
    return (datetime.fromisoformat(day) + step).date().isoformat()
