"""What happened lately, at a cost that follows from it alone: audit rows are listed by day."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from projections.audit_logs import AUDIT_LOGS
from projections.audit_search import AuditSearch, search
from projections.tables import Tables
from projections.verify import Head
from projections.view import TableView

#: Rows read at a time.
ROWS: Final = 500


def heads_since(tables: Tables, since: datetime, until: datetime) -> list[Head]:
    """Where the chains end that have an event of that time, as the audit rows have them."""
    view, ends = TableView(AUDIT_LOGS, tables), dict[str, Head]()
    wanted = AuditSearch(since=since, until=until)
    cursor: str | None = None
    while True:
        page = search(view, wanted, cursor=cursor, limit=ROWS)
        for row in page.rows:
            known = ends.get(row.stream)
            if known is None or known.version < row.version:
                ends[row.stream] = Head(stream=row.stream, version=row.version, hash=row.hash)
        if (cursor := page.cursor) is None:
            return list(ends.values())
