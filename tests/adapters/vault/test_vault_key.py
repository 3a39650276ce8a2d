"""Where the vault's key comes from, and what is no key."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.vault.keys import key_for
from adapters.vault.vault import BadKey, Exposed, KeyMissing

KEY = bytes(range(32))
TEXT = base64.b64encode(KEY).decode()


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    return tmp_path / "vault.json"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "vault.key"


def test_the_environments_key_is_taken_and_no_file_made(vault: Path, key_file: Path) -> None:
    assert key_for(vault, key_file, {"ATP_VAULT_KEY": TEXT}) == KEY
    assert not key_file.exists()


def test_the_environments_key_goes_before_the_files(vault: Path, key_file: Path) -> None:
    key_for(vault, key_file, {})

    assert key_for(vault, key_file, {"ATP_VAULT_KEY": TEXT}) == KEY


def test_a_first_start_makes_a_key_that_stays(vault: Path, key_file: Path) -> None:
    made = key_for(vault, key_file, {})

    assert len(made) == 32
    assert key_for(vault, key_file, {}) == made
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert list(key_file.parent.iterdir()) == [key_file]


def test_first_starts_at_once_agree_on_one_key(vault: Path, key_file: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = {
            each.result()
            for each in [threads.submit(key_for, vault, key_file, {}) for _ in range(8)]
        }

    assert len(keys) == 1


def test_a_vault_whose_key_is_lost_gets_no_new_one(vault: Path, key_file: Path) -> None:
    vault.touch()

    with pytest.raises(KeyMissing, match="ATP_VAULT_KEY"):
        key_for(vault, key_file, {})
    assert not key_file.exists()


def test_a_key_file_that_others_may_read_is_refused(vault: Path, key_file: Path) -> None:
    key_for(vault, key_file, {})
    key_file.chmod(0o644)

    with pytest.raises(Exposed, match="chmod 600"):
        key_for(vault, key_file, {})


@pytest.mark.parametrize("text", ["not base64!", base64.b64encode(b"short").decode(), "ä"])
def test_what_is_no_key_is_refused_and_not_repeated(vault: Path, key_file: Path, text: str) -> None:
    with pytest.raises(BadKey) as refused:
        key_for(vault, key_file, {"ATP_VAULT_KEY": text})

    assert text not in str(refused.value)
    assert refused.value.__cause__ is None
