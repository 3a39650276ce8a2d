"""`atp user notify`: targets are typed unseen, kept in the vault, and tried out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.cli.main import app
from adapters.cli.terms import Ending
from tests.adapters.cli.stage import Atp
from tests.adapters.notify.stage import Hook, hooked


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hooked() as opened:
        yield opened


@pytest.fixture
def user(atp: Atp) -> str:
    """The one user's address."""
    (row,) = atp.json("user", "list")
    return str(row["email"])


def piped(atp: Atp, url: str, *words: str) -> Any:  # Any: click's result
    """`atp user notify …` with an address in its pipe."""
    env = {"ATP_HOME": str(atp.home), "COLUMNS": "400"}
    return CliRunner().invoke(app, ["user", "notify", *words], input=f"{url}\n", env=env)


def test_a_target_is_set_shown_masked_tried_out_and_removed(
    atp: Atp, user: str, hook: Hook
) -> None:
    said = piped(atp, hook.url("asha:p4ssword@") + "/h00k-path", "set", user, "chat")
    shown = atp.json("user", "notify", "list", user)
    trials = atp.json("user", "notify", "test", user)
    left = atp.json("user", "notify", "remove", user, "chat")

    assert said.exit_code == 0, said.output
    assert shown["targets"] == [
        {
            "name": "chat",
            "channel": "push",
            "service": "JSON",
            "shown": f"json://asha:****@127.0.0.1:{hook.port}/…",
        }
    ]
    assert trials == {"chat": "SENT"}
    assert hook.paths == ["/h00k-path"]
    assert left["targets"] == []
    assert "p4ssword" not in said.output
    assert not _anywhere(atp.home, "p4ssword", "h00k-path")


def test_what_is_not_given_of_the_preferences_stays(atp: Atp, user: str) -> None:
    atp.json("user", "notify", "prefer", user, "--no-email", "--least-push", "WARNING")

    kept = atp.json("user", "notify", "prefer", user, "--sms")["notifications"]

    assert (kept["email"], kept["sms"], kept["push"]) == (False, True, True)
    assert kept["least"] == {"email": "INFO", "sms": "ALARM", "push": "WARNING"}
    assert "from WARNING on" in atp("user", "notify", "list", user).out


def test_what_is_no_target_is_refused_without_repeating_it(atp: Atp, user: str) -> None:
    said = piped(atp, "nowhere://s3cret.place", "set", user, "chat")
    gone = atp("user", "notify", "remove", user, "chat")

    assert said.exit_code == Ending.BAD_INPUT
    assert "s3cret" not in said.output
    assert gone.code == Ending.NOT_FOUND


def _anywhere(folder: Path, *secrets: str) -> list[str]:
    held = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return [secret for secret in secrets if secret.encode() in held]
