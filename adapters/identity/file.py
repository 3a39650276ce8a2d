"""The identity file: its tables, and transactions on them. It is apart from all events."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Final

SCHEMA: Final = 1

TABLES: Final = """
CREATE TABLE users (
    user_id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    must_change INTEGER NOT NULL,
    totp BLOB,              -- sealed; asked for at every sign-in once it is there
    totp_offered BLOB,      -- sealed; not asked for before a code of it was shown
    totp_step INTEGER NOT NULL DEFAULT 0  -- of the last code accepted: none is good twice
);
CREATE TABLE sessions (
    session_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users,
    until REAL NOT NULL,
    ended TEXT              -- why, once it has
);
CREATE INDEX sessions_of ON sessions (user_id);
CREATE TABLE refresh_tokens (
    digest TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions,
    until REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX refresh_tokens_of ON refresh_tokens (session_id);
CREATE TABLE attempts (
    who TEXT PRIMARY KEY,   -- the digest of an e-mail address
    failures INTEGER NOT NULL,
    until REAL NOT NULL     -- nothing is looked at before
);
"""


class NewerIdentitySchema(Exception):
    """The file was written by a later version of the platform."""


class IdentityFile:
    """One connection, shared by turns; what is written is on disk when it returns."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._lock = RLock()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._prepare(path)

    def _prepare(self, path: Path) -> None:
        with self.change() as db:
            found = db.execute("PRAGMA user_version").fetchone()[0]
            if found > SCHEMA:
                raise NewerIdentitySchema(f"{path} has schema {found}, this version knows {SCHEMA}")
            if found < SCHEMA:
                for statement in TABLES.split(";\n"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version={SCHEMA}")

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """All of what is done inside, or nothing of it."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            yield self._connection

    def close(self) -> None:
        with self._lock:
            self._connection.close()
