"""A secret is found wherever it was ever written; what only looks like one is let be by name."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scripts.secret_scan import KNOWN, digest, found, known_to_be_none, main

# In two halves, so that they are not found here.
AWS = "AKIA" + "Q3EGOCYS6IAT2WZL"
GITHUB = "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"
PRIVATE = "-----BEGIN RSA PRIVATE " + "KEY-----"
PASSWORD = "api_secret = 'f8Gh2kQ9" + "vZ1r'"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path, "README.md", "nothing to see\n")
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    named = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text)
    git(folder, "add", path)
    git(folder, "commit", "--quiet", "--message", f"about {path}")


def test_where_there_is_none_none_is_found(repository: Path) -> None:
    assert found(repository, {}) == []
    assert main(repository) == 0


@pytest.mark.parametrize("secret", [f'key = "{AWS}"', f'token = "{GITHUB}"', PRIVATE, PASSWORD])
def test_a_secret_that_was_taken_out_again_is_still_in_the_history(
    repository: Path, secret: str
) -> None:
    commit(repository, "adapters/settings.py", f"a = 1\n{secret}\n")
    commit(repository, "adapters/settings.py", "a = 1\n")

    told = found(repository, {})

    assert len(told) == 1
    assert told[0].startswith("adapters/settings.py (")
    assert main(repository) == 1


def test_a_secret_on_another_branch_is_found(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "-b", "aside")
    commit(repository, "notes.md", f"{AWS}\n")
    git(repository, "checkout", "--quiet", "main")

    assert [each.partition(" ")[0] for each in found(repository, {})] == ["notes.md"]


def test_a_secret_that_is_about_to_be_committed_is_found(repository: Path) -> None:
    (repository / "new.py").write_text(f'key = "{AWS}"\n')

    assert found(repository, {}) == ["new.py (not committed): AWS Access Key"]


def test_a_key_in_a_test_is_found_and_a_played_password_is_not(repository: Path) -> None:
    commit(repository, "tests/test_x.py", f'{PASSWORD}\nurl = "json://asha:p4ss@host"\n')
    assert found(repository, {}) == []

    commit(repository, "tests/test_y.py", f'key = "{GITHUB}"\n')

    assert [each.partition(" ")[0] for each in found(repository, {})] == ["tests/test_y.py"]


def test_what_is_known_to_be_none_is_let_be_and_a_change_of_it_is_not(repository: Path) -> None:
    commit(repository, "a.py", f'key = "{AWS}"\n')
    known = {digest(AWS): "an example of the documentation"}
    assert found(repository, known) == []

    commit(repository, "b.py", f'key = "{AWS[:-1]}M"\n')

    assert [each.partition(" ")[0] for each in found(repository, known)] == ["b.py"]


def test_a_secret_is_told_by_its_place_and_not_repeated(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(repository, "a.py", f'key = "{AWS}"\n')

    main(repository)

    told = capsys.readouterr().out
    assert "a.py" in told
    assert AWS not in told


def test_a_shallow_clone_says_that_its_history_was_not_looked_at(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(repository, "b.md", "more\n")
    clone = tmp_path / "clone"
    git(repository, "clone", "--quiet", "--depth=1", f"file://{repository}", str(clone))

    main(clone)

    assert "NOT looked at" in capsys.readouterr().out


def test_what_is_known_to_be_none_is_little_and_says_why() -> None:
    known = known_to_be_none(KNOWN)

    assert len(known) <= 10
    assert all(len(why) > 10 for why in known.values())
