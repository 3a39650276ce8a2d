"""The paper broker's own ledger: lines in a SQLite file, appended and never changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from adapters.brokers.paper.entries import LINE, Filled, Line, Opened, Placed, Settled

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS lines (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    order_id TEXT,
    tag TEXT,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS by_tag ON lines (account, tag) WHERE tag IS NOT NULL;
"""
FORMAT: Final = 1


class ForeignLedger(ValueError):
    """The file is no ledger of this broker, or one of a newer form."""


class PaperLedger:
    """Everything the paper broker ever accepted or did, in order."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = sqlite3.connect(path or ":memory:", check_same_thread=False)
        try:
            form = self._file.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise ForeignLedger(f"{path} is no ledger of the paper broker: {error}") from error
        if form not in (0, FORMAT):
            raise ForeignLedger(f"{path} has form {form}; this broker reads form {FORMAT}")
        # A killed process loses nothing; only a power cut could take the last lines with it.
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = NORMAL")
        self._file.executescript(SCHEMA)
        self._file.execute(f"PRAGMA user_version = {FORMAT}")

    def append(self, *lines: Line) -> None:
        """Write all of them, or none."""
        with self._file:
            self._file.executemany(
                "INSERT INTO lines (at, account, kind, order_id, tag, body)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [_row(line) for line in lines],
            )

    def lines(self) -> Iterator[Line]:
        """Every line, in the order of writing."""
        for (body,) in self._file.execute("SELECT body FROM lines ORDER BY seq"):
            yield LINE.validate_json(body)

    def close(self) -> None:
        self._file.close()


def _row(line: Line) -> tuple[str, str, str, str | None, str | None, str]:
    order_id = None if isinstance(line, Opened | Settled) else line.order_id
    tag = line.ticket.tag if isinstance(line, Placed) else None
    return line.at.isoformat(), line.account, line.kind, order_id, tag, line.model_dump_json()


class Judge:
    """Reads a ledger from outside, also while its broker lives, and says what really happened."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)

    def close(self) -> None:
        self._file.close()

    def sent_twice(self) -> list[tuple[str, str]]:
        """Account and tag of everything that was placed more than once."""
        return self._file.execute(
            "SELECT account, tag FROM lines WHERE kind = 'placed'"
            " GROUP BY account, tag HAVING COUNT(*) > 1 ORDER BY account, tag"
        ).fetchall()

    def placed(self, account: str | None = None) -> list[Placed]:
        """Every order accepted."""
        return [line for line in self._lines("placed", account) if isinstance(line, Placed)]

    def fills(self, account: str | None = None) -> list[Filled]:
        """Every execution."""
        return [line for line in self._lines("filled", account) if isinstance(line, Filled)]

    def nets(self, account: str) -> Iterator[tuple[Filled, dict[str, int]]]:
        """After each execution: signed units by contract key, flat ones left out."""
        net: dict[str, int] = {}
        for fill in self.fills(account):
            net[fill.key] = net.get(fill.key, 0) + fill.side.sign * fill.quantity
            yield fill, {key: units for key, units in net.items() if units}

    def _lines(self, kind: str, account: str | None) -> Iterator[Line]:
        rows = self._file.execute(
            "SELECT body FROM lines WHERE kind = ? AND account = COALESCE(?, account) ORDER BY seq",
            (kind, account),
        )
        for (body,) in rows:
            yield LINE.validate_json(body)
