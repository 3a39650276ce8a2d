"""A platform's folder with runs, seals and settings, to be backed up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.backup import SEAL_KEY, STORE
from adapters.sealed_before import SEALS
from adapters.sealing import Key, Sealer, Seals
from adapters.store.mapper import PydanticMapper
from adapters.store.sqlite import open_sqlite
from adapters.views.source import SQLiteSource
from adapters.views.sqlite import SQLiteTables
from commands.application import Trading
from projections.advance import Projector
from projections.audit_logs import AUDIT_LOGS
from projections.feed import Feed
from projections.follower import Follower
from projections.verify import Report, Seal, heads, verify
from tests.adapters.store.exposure import open_desk, open_run

EVENING = datetime(2026, 8, 4, 10, 30, tzinfo=UTC)


@contextmanager
def at_work(home: Path) -> Iterator[Trading]:
    """The write side in this folder, for a while."""
    trading = open_desk(home)
    try:
        yield trading
    finally:
        trading.close()


@contextmanager
def audited(home: Path) -> Iterator[tuple[SQLiteSource, SQLiteTables]]:
    """The audit view of this folder, up to date."""
    recorder = open_sqlite(home / STORE)
    tables, source = SQLiteTables(home / "views.sqlite"), SQLiteSource(recorder)
    mapper = PydanticMapper(transcoder=None)  # type: ignore[arg-type]  # it has its own JSON
    parked: list[object] = []
    projector = Projector([AUDIT_LOGS], tables, source, mapper.to_domain_event, parked.append)
    try:
        Follower(recorder, projector, tables, Feed(), lambda _: None).catch_up()
        yield source, tables
    finally:
        tables.close()
        recorder.datastore.close()


def seal(home: Path, hours: int = 0) -> None:
    """Sign where all chains end by now."""
    with audited(home) as (_, tables):
        sealer = Sealer(Seals(home / SEALS), Key.at(home / SEAL_KEY), tables)
        sealer.seal(EVENING + timedelta(hours=hours), heads(tables))


def verified(home: Path, seals: tuple[Seal, ...]) -> Report:
    """The finished report over this folder's store, its audit rows and these seals."""
    with audited(home) as (source, tables):
        *_, report = verify(source, tables, seals, ())
    return report


def lived_in(home: Path) -> Path:
    """A folder with two open runs, one of them sealed, and the settings of a practice."""
    home.mkdir()
    with at_work(home) as trading:
        open_run(trading)
        seal(home)
        open_run(trading, "STRAT-2")
    (home / "install").write_text("0123456789abcdef")
    (home / "practice.json").write_text('{"seed": 1}')
    (home / "identity.sqlite").write_bytes(b"whose password is what")
    return home
