"""A backup is complete, verified and of one moment; a damaged one restores nothing."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread

import pytest
from eventsourcing.persistence import StoredEvent

from adapters.backup import MANIFEST, SEAL_KEY, STORE, BackupFault, Manifest, backup
from adapters.halt import HALTED, is_halted
from adapters.home_files import INSTALL
from adapters.practice import PRACTICE
from adapters.restore import restore
from adapters.runtime import STORE as STORE_OF_THE_RUNTIME
from adapters.sealed_before import PUBLIC, sealed_before, signer
from adapters.sealing import Key, key_id
from adapters.store.file_copy import NEWEST_SCHEMA
from adapters.store.sqlite import open_sqlite
from domain.run import Run
from domain.run_terms import Stage
from tests.adapters.backed_up import EVENING, at_work, lived_in, seal, verified
from tests.adapters.store.exposure import (
    JOURNAL,
    GrowthLimit,
    Tmpfs,
    leave,
    may_mount,
    mount,
    open_run,
    reserve,
    unmount,
)

RUN = "RUN-STRAT-1-ACC-1-20260804T0920"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A platform's folder."""
    return lived_in(tmp_path / "home")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the backup goes."""
    return tmp_path / "safe" / "backup"


@pytest.fixture
def kept(home: Path, target: Path) -> Path:
    """A finished backup of that platform."""
    backup(home, target, EVENING)
    return target


def log(path: Path) -> list[StoredEvent]:
    store = open_sqlite(path)
    found = [
        StoredEvent(one.originator_id, one.originator_version, one.topic, one.state)
        for one in store.select_notifications(1, 1_000_000)
    ]
    store.datastore.close()
    return found


def test_a_restored_platform_has_the_same_log_install_and_practice(
    home: Path, kept: Path, tmp_path: Path
) -> None:
    manifest = restore(kept, tmp_path / "again", EVENING)

    assert log(tmp_path / "again" / STORE) == log(home / STORE)
    assert manifest.events == manifest.last_notification_id == len(log(home / STORE))
    assert (manifest.streams, manifest.seals, manifest.at) == (2, 1, EVENING)
    for name in (INSTALL, PRACTICE):
        assert (tmp_path / "again" / name).read_bytes() == (home / name).read_bytes()


def test_the_files_of_a_platform_are_known_by_their_names() -> None:
    assert STORE_OF_THE_RUNTIME == STORE
    assert {INSTALL, PRACTICE} == {"install", "practice.json"}


def test_a_restored_platform_starts_halted(kept: Path, tmp_path: Path) -> None:
    restore(kept, tmp_path / "again", EVENING)

    assert is_halted(tmp_path / "again")
    halted = json.loads((tmp_path / "again" / HALTED).read_text())
    assert halted["reason"] == f"restored from the backup of {EVENING.isoformat()}"


def test_nothing_secret_is_in_a_backup_and_nobody_else_may_read_it(home: Path, kept: Path) -> None:
    names = {path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file()}

    assert names == {
        MANIFEST, STORE, PUBLIC, "install", "practice.json", "seals/00000001.json"
    }  # fmt: skip
    private = (home / SEAL_KEY).read_bytes()
    for path in (kept, *kept.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0
        assert path.is_dir() or private not in path.read_bytes()


def test_a_backup_while_writers_write_is_the_log_up_to_one_moment(home: Path, target: Path) -> None:
    store = open_sqlite(home / STORE)
    enough, written = Event(), [Event() for _ in range(3)]

    def write(stream: str, told: Event) -> None:
        version = 0
        while not enough.is_set() or version < 50:
            version += 1
            store.insert_events([StoredEvent(stream, version, "run.marked", b"{}" + b" " * 900)])
            if version > 50:
                told.set()

    writers = [
        Thread(target=write, args=(f"RUN-{number}", told)) for number, told in enumerate(written)
    ]
    for writer in writers:
        writer.start()
    for told in written:
        told.wait()
    manifest = backup(home, target, EVENING)
    enough.set()
    for writer in writers:
        writer.join()
    store.datastore.close()

    everything = log(home / STORE)
    saved = log(target / STORE)
    assert saved == everything[: len(saved)]
    assert len(saved) == manifest.last_notification_id >= 150


def test_what_is_stored_during_the_copy_is_not_in_it(home: Path, target: Path) -> None:
    store = open_sqlite(home / STORE)
    big = [StoredEvent("RUN-BIG", n, "run.marked", b" " * 9000) for n in range(1, 1500)]
    store.insert_events(big)
    before = log(home / STORE)
    seen: list[int] = []

    def meanwhile(done: int, total: int) -> None:
        seen.append(done)
        store.insert_events([StoredEvent("RUN-NEW", len(seen), "run.marked", b"{}")])
        assert done <= total

    backup(home, target, EVENING, meanwhile)

    assert len(seen) > 2
    assert log(target / STORE) == before
    assert len(store.select_events("RUN-NEW")) == len(seen)
    store.datastore.close()


def test_a_platform_sealed_during_the_backup_is_not_called_truncated(
    home: Path, target: Path, tmp_path: Path
) -> None:
    with at_work(home) as trading:

        def meanwhile(_: int, __: int) -> None:
            leave(trading, trading.load(RUN, Run))
            seal(home, hours=1)

        backup(home, target, EVENING, meanwhile)

    restore(target, tmp_path / "again", EVENING)
    assert sealed_before(tmp_path / "again").count == 1


def test_an_exit_that_only_the_emergency_journal_has_is_in_the_backup(
    home: Path, target: Path, tmp_path: Path
) -> None:
    with at_work(home) as trading:
        trading.save(run := open_run(trading, "STRAT-3"))
        limited = GrowthLimit(home)
        limited.fill()
        leave(trading, run)
        limited.free()
        assert reserve(trading).journaling

        backup(home, target, EVENING)

        assert reserve(trading).journaling
    restore(target, tmp_path / "again", EVENING)
    with at_work(tmp_path / "again") as again:
        assert again.load(run.id, Run).stage is Stage.CLOSED
    assert not (target / JOURNAL).exists()


def test_what_was_sealed_before_a_restore_stays_verifiable_and_sealing_goes_on(
    home: Path, kept: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    restore(kept, again, EVENING)

    seal(again, hours=2)
    backup(again, tmp_path / "second", EVENING + timedelta(hours=3))
    third = tmp_path / "third"
    restore(tmp_path / "second", third, EVENING)
    seal(third, hours=4)

    before = sealed_before(third)
    assert (before.count, before.faults) == (2, ())
    assert verified(third, before.seals).sound
    assert signer(third / "sealed-before" / "001") == key_id(Key.at(home / SEAL_KEY).public)


def test_only_the_platform_whose_key_the_trader_knows_is_restored(
    home: Path, kept: Path, tmp_path: Path
) -> None:
    known = key_id(Key.at(home / SEAL_KEY).public)

    restore(kept, tmp_path / "again", EVENING, signed_by=known)

    with pytest.raises(BackupFault, match=f"signed by {known}, not by 00"):
        restore(kept, tmp_path / "other", EVENING, signed_by="00")
    assert not (tmp_path / "other").exists()


def spoil_store(backup: Path) -> None:
    with closing(sqlite3.connect(backup / STORE)) as file, file:
        file.execute("UPDATE stored_events SET state = replace(state, '6500', '9500')")


def spoil_byte(backup: Path) -> None:
    content = bytearray((backup / STORE).read_bytes())
    content[5000] ^= 1
    (backup / STORE).write_bytes(content)


def cut_short(backup: Path) -> None:
    (backup / STORE).write_bytes((backup / STORE).read_bytes()[:-4096])


def later_schema(backup: Path) -> None:
    manifest = json.loads((backup / MANIFEST).read_text())
    manifest["store_schema"] = NEWEST_SCHEMA + 1
    (backup / MANIFEST).write_text(json.dumps(manifest))


def later_format(backup: Path) -> None:
    manifest = json.loads((backup / MANIFEST).read_text())
    (backup / MANIFEST).write_text(json.dumps({**manifest, "format": 2}))


def outside(backup: Path) -> None:
    manifest = json.loads((backup / MANIFEST).read_text())
    manifest["files"]["../elsewhere"] = manifest["files"]["install"]
    (backup / MANIFEST).write_text(json.dumps(manifest))


def no_install(backup: Path) -> None:
    (backup / "install").unlink()


def other_practice(backup: Path) -> None:
    (backup / "practice.json").write_text('{"seed": 2}')


def one_more_seal(backup: Path) -> None:
    shutil.copy(backup / "seals/00000001.json", backup / "seals/00000002.json")


def no_manifest(backup: Path) -> None:
    (backup / MANIFEST).unlink()


def half_a_manifest(backup: Path) -> None:
    (backup / MANIFEST).write_bytes((backup / MANIFEST).read_bytes()[:100])


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (spoil_store, "events.sqlite"),
        (spoil_byte, "events.sqlite was altered"),
        (cut_short, "events.sqlite has"),
        (later_schema, "events.sqlite has schema 2"),
        (later_format, "manifest.json has format 2"),
        (outside, "elsewhere"),
        (no_install, "install is missing"),
        (other_practice, "practice.json was altered"),
        (one_more_seal, "00000002.json does not belong"),
        (no_manifest, "manifest.json cannot be read"),
        (half_a_manifest, "manifest.json is damaged"),
    ],
)
def test_a_damaged_backup_is_refused_by_the_file_and_changes_nothing(
    kept: Path, tmp_path: Path, damage: Callable[[Path], None], named: str
) -> None:
    damage(kept)
    before = sorted(path.name for path in tmp_path.iterdir())

    with pytest.raises(BackupFault, match=named):
        restore(kept, tmp_path / "again", EVENING)

    assert sorted(path.name for path in tmp_path.iterdir()) == before


def described_anew(backup: Path, **changes: object) -> None:
    """What a careful forger would do: the manifest fits the altered files."""
    manifest = Manifest.model_validate_json((backup / MANIFEST).read_text())
    files = dict(manifest.files)
    for name in list(files):
        path = backup / name
        if not path.exists():
            del files[name]
            continue
        content = path.read_bytes()
        files[name] = files[name].model_copy(
            update={"size": len(content), "sha256": sha256(content).hexdigest()}
        )
    forged = manifest.model_copy(update={"files": files, **changes})
    (backup / MANIFEST).write_text(forged.model_dump_json())


def forget_the_last_event(backup: Path) -> None:
    with closing(sqlite3.connect(backup / STORE)) as file, file:
        file.execute(
            "DELETE FROM stored_events WHERE rowid = (SELECT max(rowid) FROM stored_events)"
        )


def forget_a_sealed_event(backup: Path) -> None:
    with closing(sqlite3.connect(backup / STORE)) as file, file:
        file.execute("DELETE FROM stored_events WHERE rowid > 5")


def forget_a_stream(backup: Path) -> None:
    with closing(sqlite3.connect(backup / STORE)) as file, file:
        file.execute("DELETE FROM stored_events WHERE rowid <= 6")


def sign_anew(backup: Path) -> None:
    text = json.loads((backup / "seals/00000001.json").read_text())
    text["body"]["at"] = "2020-01-01T00:00:00+00:00"
    (backup / "seals/00000001.json").write_text(json.dumps(text))


def lose_the_key(backup: Path) -> None:
    (backup / PUBLIC).unlink()


@pytest.mark.parametrize(
    ("forge", "named"),
    [
        (spoil_store, "events.sqlite: .* is not what was sealed"),
        (forget_the_last_event, "manifest.json does not describe"),
        (forget_a_sealed_event, "events.sqlite: .* ends at version 5"),
        (forget_a_stream, "events.sqlite: 12 events were numbered, 6 are there"),
        (sign_anew, "seals: seal 1: the signature does not fit"),
        (lose_the_key, "seals: seal.pub is missing"),
    ],
)
def test_what_was_sealed_cannot_be_forged_together_with_the_manifest(
    kept: Path, tmp_path: Path, forge: Callable[[Path], None], named: str
) -> None:
    forge(kept)
    described_anew(kept)

    with pytest.raises(BackupFault, match=named):
        restore(kept, tmp_path / "again", EVENING)

    assert not (tmp_path / "again").exists()


def test_a_store_whose_sealed_past_was_altered_is_not_backed_up(home: Path, target: Path) -> None:
    spoil_store(home)

    with pytest.raises(BackupFault, match="is not what was sealed"):
        backup(home, target, EVENING)

    assert not target.exists()
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("mounted", [True] if may_mount() else [])
def test_a_backup_for_which_there_is_no_room_leaves_nothing_behind(
    home: Path, tmp_path: Path, mounted: bool
) -> None:
    disk = tmp_path / "stick"
    disk.mkdir()
    assert mount(disk) is mounted
    Tmpfs(disk).fill()

    with pytest.raises(BackupFault, match="could not be backed up"):
        backup(home, disk / "backup", EVENING)

    assert [path.name for path in disk.iterdir()] == ["ballast"]
    unmount(disk)


def test_a_backup_is_never_written_over_anything(home: Path, kept: Path) -> None:
    before = (kept / MANIFEST).read_bytes()

    with pytest.raises(BackupFault, match="is there already"):
        backup(home, kept, EVENING + timedelta(days=1))

    assert (kept / MANIFEST).read_bytes() == before


def test_a_restore_goes_into_an_empty_folder_only(home: Path, kept: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    restore(kept, tmp_path / "empty", EVENING)

    before = sorted(home.iterdir())
    with pytest.raises(BackupFault, match="home is not empty"):
        restore(kept, home, EVENING)
    assert sorted(home.iterdir()) == before
    assert not is_halted(home)


def test_a_folder_without_a_store_is_not_backed_up(tmp_path: Path) -> None:
    with pytest.raises(BackupFault, match=r"events\.sqlite is not there"):
        backup(tmp_path, tmp_path / "backup", EVENING)

    assert list(tmp_path.iterdir()) == []


def test_a_platform_that_never_sealed_is_backed_up_too(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with at_work(home) as trading:
        open_run(trading)

    manifest = backup(home, tmp_path / "kept", EVENING)
    restore(tmp_path / "kept", tmp_path / "again", EVENING)

    assert (manifest.seals, manifest.streams) == (0, 1)
    assert log(tmp_path / "again" / STORE) == log(home / STORE)
