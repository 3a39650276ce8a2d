"""The vault in a file: unreadable without its key, whole at all times, and nobody else's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.vault.file import FileVault
from adapters.vault.vault import BadKey, Exposed, Tampered, Vault, WrongKey
from tests.contracts.vault_contract import APP, SESSION, VaultContract

KEY = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "vault.json"


@pytest.fixture
def vault(path: Path) -> FileVault:
    return FileVault(path, KEY)


class TestContract(VaultContract):
    """The file keeps to what all vaults keep to."""


def test_it_is_a_vault(vault: FileVault) -> None:
    kept: Vault = vault

    assert kept.refs() == ()


def test_what_is_kept_is_read_by_another_process_with_the_key(path: Path) -> None:
    FileVault(path, KEY).write(APP, {"api_secret": "s"})

    assert FileVault(path, KEY).read(APP) == {"api_secret": "s"}


def test_no_secret_is_readable_in_the_file_or_in_what_the_vault_shows_of_itself(
    vault: FileVault, path: Path
) -> None:
    vault.write(APP, {"api_key": "kite-app-key", "api_secret": "kite-app-secret"})

    text = path.read_text() + repr(vault) + str(vars(vault))
    assert "kite-app" not in text
    assert "api_secret" not in text
    assert APP in text
    assert KEY.hex() not in text
    assert repr(KEY) not in text


def test_the_file_is_its_owners_alone(vault: FileVault, path: Path) -> None:
    vault.write(APP, {"x": "y"})

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_that_others_may_read_is_refused(vault: FileVault, path: Path) -> None:
    vault.write(APP, {"x": "y"})
    path.chmod(0o640)

    with pytest.raises(Exposed, match=r"0640.*chmod 600"):
        vault.read(APP)
    with pytest.raises(Exposed):
        FileVault(path, KEY)


def test_a_wrong_key_is_told_at_once(vault: FileVault, path: Path) -> None:
    vault.write(APP, {"x": "y"})

    with pytest.raises(WrongKey):
        FileVault(path, bytes(32))


def test_a_key_has_32_bytes(path: Path) -> None:
    with pytest.raises(BadKey):
        FileVault(path, b"short")


def altered(path: Path, change: str) -> None:
    """Do to the file what somebody without the key could do."""
    content = json.loads(path.read_text())
    records = content["records"]
    match change:
        case "a byte of a secret":
            box = records[APP]["box"]
            records[APP]["box"] = ("B" if box[0] == "A" else "A") + box[1:]
        case "two secrets exchanged":
            records[APP], records[SESSION] = records[SESSION], records[APP]
        case "a secret removed":
            del records[SESSION]
        case "a secret under another name":
            records["zerodha/ACC-2/app"] = records[APP]
        case "another seal":
            content["seal"] = "0" * 64
        case "the end cut off":
            path.write_text(path.read_text()[:-20])
            return
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    "change",
    [
        "a byte of a secret",
        "two secrets exchanged",
        "a secret removed",
        "a secret under another name",
        "another seal",
        "the end cut off",
    ],
)
def test_tampering_is_told(vault: FileVault, path: Path, change: str) -> None:
    vault.write(APP, {"x": "app"})
    vault.write(SESSION, {"x": "session"})

    altered(path, change)

    with pytest.raises(Tampered):
        vault.read(APP)
    with pytest.raises(Tampered):
        vault.write(APP, {"x": "new"})


def test_an_older_record_put_back_is_told(vault: FileVault, path: Path) -> None:
    vault.write(APP, {"x": "old"})
    old = json.loads(path.read_text())["records"][APP]
    vault.write(APP, {"x": "new"})

    content = json.loads(path.read_text())
    content["records"][APP] = old
    path.write_text(json.dumps(content))

    with pytest.raises(Tampered):
        vault.read(APP)


def test_the_same_secret_never_looks_the_same_twice(vault: FileVault, path: Path) -> None:
    seen = set()
    for _ in range(5):
        vault.write(APP, {"x": "y"})
        seen.add(json.loads(path.read_text())["records"][APP]["nonce"])

    assert len(seen) == 5


def test_threads_that_write_at_once_lose_nothing(path: Path) -> None:
    refs = [f"zerodha/ACC-{number}/app" for number in range(24)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda ref: FileVault(path, KEY).write(ref, {"ref": ref}), refs))

    vault = FileVault(path, KEY)
    assert set(vault.refs()) == set(refs)
    assert all(vault.read(ref) == {"ref": ref} for ref in refs)


WRITER = """
import sys
from pathlib import Path
from adapters.vault.file import FileVault
vault = FileVault(Path(sys.argv[1]), bytes(range(32)))
for number in range(20):
    vault.write(f"zerodha/ACC-{sys.argv[2]}-{number}/app", {"n": str(number)})
    assert vault.read(f"zerodha/ACC-{sys.argv[2]}-{number}/app") == {"n": str(number)}
"""


def test_processes_that_write_at_once_lose_nothing(path: Path) -> None:
    root = Path(__file__).parents[3]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), name],
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        for name in ("a", "b", "c")
    ]

    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert len(FileVault(path, KEY).refs()) == 60
    assert [
        each.name for each in path.parent.iterdir() if each.suffix not in (".json", ".lock")
    ] == []
