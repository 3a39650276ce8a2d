"""Seals, and what they and the audit rows say of a log that was tampered with."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.sealing import ChainBroken, Key, Sealer, Seals, examined
from adapters.store.sqlite import ApplicationEventRecorder, open_sqlite
from adapters.views.source import SQLiteSource
from adapters.views.sqlite import SQLiteTables
from bench.history import DUE, MAPPER, Story, household, terms
from projections.advance import Parked, Projector
from projections.audit_logs import AUDIT_LOGS
from projections.replay import rebuild
from projections.verify import Head, Report, SealFault, heads, verify

RUN = "RUN-STRAT-1-ACC-1-20260804-0920"


@dataclass
class Log:
    """A store with its audit rows and seals, all of them files."""

    folder: Path
    recorder: ApplicationEventRecorder
    tables: SQLiteTables
    seals: Seals
    key: Key

    @property
    def projector(self) -> Projector:
        source = SQLiteSource(self.recorder)
        return Projector((AUDIT_LOGS,), self.tables, source, MAPPER.to_domain_event, self.refuse)

    @property
    def sealer(self) -> Sealer:
        return Sealer(self.seals, self.key, self.tables)

    @staticmethod
    def refuse(parked: Parked) -> None:
        raise AssertionError(parked)

    def sealed(self, hours: int = 0) -> None:
        self.sealer.seal(DUE + timedelta(hours=hours), heads(self.tables))

    def verified(self) -> Report:
        good, wrong = examined(self.seals, self.key.public, self.tables.recall("seal", "last"))
        *_, report = verify(SQLiteSource(self.recorder), self.tables, good, wrong)
        assert report.finished
        return report

    def tamper(self, statement: str, *values: object, file: str = "events.db") -> None:
        with sqlite3.connect(self.folder / file) as connection:
            assert connection.execute(statement, values).rowcount > 0
        connection.close()

    def rewrite(self, version: int, old: str, new: str) -> None:
        """Change the text of one event of the run."""
        self.tamper(
            "UPDATE stored_events SET state=CAST(replace(CAST(state AS TEXT), ?, ?) AS BLOB)"
            " WHERE originator_id=? AND originator_version=?",
            old, new, RUN, version,
        )  # fmt: skip

    def found(self) -> list[tuple[str, int, str]]:
        return [(each.stream, each.version, each.kind) for each in self.verified().findings]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """A household and a run that went in and out, sealed half way and at the end."""
    recorder = open_sqlite(tmp_path / "events.db")
    tables = SQLiteTables(tmp_path / "views.db")
    key = Key.at(tmp_path / "seal.key")
    made = Log(tmp_path, recorder, tables, Seals(tmp_path / "seals"), key)
    story = Story(RUN, terms())
    story.planned()
    story.entered()
    events = [*household(1), *story.events()]
    recorder.insert_events(events)
    made.projector.apply(events)
    made.sealed()
    story.left()
    events = story.events()
    recorder.insert_events(events)
    made.projector.apply(events)
    made.sealed(hours=1)
    yield made
    tables.close()
    recorder.datastore.close()


def test_a_body_that_was_replaced_by_text_is_found_like_any_other(log: Log) -> None:
    log.tamper(
        "UPDATE stored_events SET state=replace(CAST(state AS TEXT), '65', '75')"
        " WHERE originator_id=? AND originator_version=?",
        RUN, 3,
    )  # fmt: skip

    assert log.found() == [(RUN, 3, "altered")]


def test_of_two_processes_that_seal_at_once_one_does_and_nothing_is_lost(log: Log) -> None:
    def raced() -> Iterator[Head]:
        assert log.sealer.seal(DUE + timedelta(hours=2), heads(log.tables)) is not None
        yield from heads(log.tables)

    assert log.sealer.seal(DUE + timedelta(hours=2), raced()) is None

    assert log.seals.numbers() == [1, 2, 3]
    assert sorted(path.name[0] for path in log.seals.folder.iterdir()) == ["0", "0", "0"]
    assert log.found() == []


def test_an_untouched_log_is_sound(log: Log) -> None:
    report = log.verified()

    assert report.sound
    assert (report.streams, report.events, report.unaudited) == (5, 45, 0)


def test_a_rewritten_event_is_named(log: Log) -> None:
    log.rewrite(6, "26080400", "26080499")

    assert log.found() == [(RUN, 6, "altered")]
    assert f"{RUN} version 6: altered, it was rewritten" == log.verified().first


def test_a_rewritten_topic_is_named(log: Log) -> None:
    log.tamper(
        "UPDATE stored_events SET topic='run.slice_absent'"
        " WHERE originator_id=? AND originator_version=6",
        RUN,
    )

    assert log.found() == [(RUN, 6, "altered")]


def test_a_removed_event_is_named(log: Log) -> None:
    log.tamper("DELETE FROM stored_events WHERE originator_id=? AND originator_version=7", RUN)

    assert log.found() == [(RUN, 7, "missing")]


def test_a_truncated_stream_is_named(log: Log) -> None:
    log.tamper("DELETE FROM stored_events WHERE originator_id=? AND originator_version>30", RUN)

    assert log.found() == [(RUN, 31, "truncated")]


def test_a_removed_stream_is_named(log: Log) -> None:
    log.tamper("DELETE FROM stored_events WHERE originator_id='USER-1'")

    assert log.found() == [("USER-1", 1, "truncated")]


def test_reordered_events_are_named(log: Log) -> None:
    for old, new in ((6, -6), (7, 6), (-6, 7)):
        log.tamper(
            "UPDATE stored_events SET originator_version=?"
            " WHERE originator_id=? AND originator_version=?",
            new, RUN, old,
        )  # fmt: skip

    assert log.found() == [(RUN, 6, "altered")]
    assert "recorded at version 7" in str(log.verified().first)


def test_rows_rebuilt_from_a_tampered_store_contradict_the_seals(log: Log) -> None:
    log.rewrite(6, "26080400", "26080499")

    list(rebuild([AUDIT_LOGS], log.projector, log.tables, SQLiteSource(log.recorder)))

    assert [(stream, kind) for stream, _, kind in log.found()] == [(RUN, "altered")]


def test_a_stream_cut_short_with_its_rows_contradicts_the_seals(log: Log) -> None:
    log.tamper("DELETE FROM stored_events WHERE originator_id=? AND originator_version>30", RUN)

    list(rebuild([AUDIT_LOGS], log.projector, log.tables, SQLiteSource(log.recorder)))

    assert log.found() == [(RUN, 31, "truncated")]


def test_a_rewritten_audit_row_is_named(log: Log) -> None:
    log.tamper(
        "UPDATE audit_logs SET body=replace(body, 'schedule', 'USER-1') WHERE id=?",
        f"{RUN}@00000004",
        file="views.db",
    )

    assert log.found() == [(RUN, 4, "row altered")]


def test_an_audit_row_whose_digest_was_rewritten_is_named_and_not_the_event(log: Log) -> None:
    log.tamper(
        "UPDATE audit_logs SET body=json_set(body, '$.digest', ?, '$.hash', ?) WHERE id=?",
        "1" * 64, "2" * 64, f"{RUN}@00000004",
        file="views.db",
    )  # fmt: skip

    assert log.found() == [(RUN, 4, "row altered")]


def test_a_removed_audit_row_is_named(log: Log) -> None:
    log.tamper("DELETE FROM audit_logs WHERE id=?", f"{RUN}@00000004", file="views.db")

    assert log.found() == [(RUN, 4, "row missing")]


def test_events_not_projected_yet_are_counted_and_no_finding(log: Log) -> None:
    story = Story("RUN-STRAT-1-ACC-1-20260805-0920", terms())
    log.recorder.insert_events(story.events())

    report = log.verified()

    assert (report.sound, report.unaudited) == (True, 1)


def seal_file(log: Log, number: int) -> Path:
    return log.folder / "seals" / f"{number:08d}.json"


def test_an_altered_seal_is_named(log: Log) -> None:
    file = seal_file(log, 1)
    file.write_text(file.read_text().replace('"version": ', '"version": 1'))

    assert log.verified().seal_faults == (
        "seal 1: the signature does not fit",
        "seal 2 does not follow the one before it",
    )


def test_a_removed_seal_is_named(log: Log) -> None:
    seal_file(log, 1).unlink()

    assert "seal 1 is missing" in log.verified().seal_faults


def test_a_removed_last_seal_is_named(log: Log) -> None:
    seal_file(log, 2).unlink()

    assert log.verified().seal_faults == ("seal 2 is missing",)


def test_a_seal_by_another_key_is_named(log: Log) -> None:
    seal_file(log, 2).unlink()
    other = Sealer(log.seals, Key.at(log.folder / "other.key"), log.tables)

    with pytest.raises(SealFault, match="signature"):
        other.seal(DUE + timedelta(hours=2), heads(log.tables))


def test_a_seal_names_only_what_moved(log: Log) -> None:
    second = json.loads(seal_file(log, 2).read_text())["body"]

    assert [head["stream"] for head in second["heads"]] == [RUN]


def test_nothing_is_sealed_over_a_broken_chain(log: Log) -> None:
    log.tamper("DELETE FROM stored_events WHERE originator_id=? AND originator_version>30", RUN)
    list(rebuild([AUDIT_LOGS], log.projector, log.tables, SQLiteSource(log.recorder)))

    with pytest.raises(ChainBroken, match=RUN):
        log.sealed(hours=2)


def test_a_seal_is_due_every_hour(log: Log) -> None:
    assert not log.sealer.due(DUE + timedelta(hours=1, minutes=59))
    assert log.sealer.due(DUE + timedelta(hours=2))


def test_the_key_is_readable_by_its_owner_only(log: Log) -> None:
    assert (log.folder / "seal.key").stat().st_mode & 0o777 == 0o600
    assert Key.at(log.folder / "seal.key").public == log.key.public
