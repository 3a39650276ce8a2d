"""A sign of life is sent each minute, and is not sent when something is wrong."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.notify.heartbeat import BadAddress, Heartbeat, called, checked
from adapters.vault.file import FileVault
from tests.adapters.notify.stage import KEY, Hook, hanging, until

NOW = datetime(2026, 8, 4, 4, 0, tzinfo=UTC)


class Body:
    """A platform whose health is whatever a test says."""

    def __init__(self) -> None:
        self.unwell: str | None = None
        self.at, self.behind = 10, 0

    def heart(self, url: str | None, vault: FileVault | None = None) -> Heartbeat:
        return Heartbeat(url, vault, lambda: self.unwell, lambda: self.at, lambda: self.behind)


@pytest.fixture
def body() -> Body:
    return Body()


def test_it_is_sent_each_minute_by_the_engine(hook: Hook, body: Body) -> None:
    (chore,) = body.heart(hook.url(scheme="http") + "/ping").chores().values()

    again = chore("", NOW)

    until(lambda: hook.paths == ["/ping"])
    assert again == NOW + timedelta(minutes=1)


def test_it_is_not_sent_while_the_platform_is_not_well(
    hook: Hook, body: Body, caplog: pytest.LogCaptureFixture
) -> None:
    heart = body.heart(hook.url(scheme="http"))
    body.unwell = "the schedule stands still"
    heart.beat("", NOW)
    heart.beat("", NOW)
    body.unwell = None

    heart.beat("", NOW)

    until(lambda: hook.asked)
    assert hook.asked == 1
    assert caplog.messages == ["no heartbeat is sent: the schedule stands still"]


def test_it_is_not_sent_while_the_log_is_not_followed(hook: Hook, body: Body) -> None:
    heart = body.heart(hook.url(scheme="http"))
    body.behind = 5
    heart.beat("", NOW)
    until(lambda: hook.asked == 1)
    heart.beat("", NOW)
    heart.beat("", NOW)
    assert hook.asked == 1

    def followed() -> bool:
        body.at += 1  # one that comes while the last is still under way is not sent
        heart.beat("", NOW)
        return hook.asked > 1

    until(followed)


def test_its_address_may_be_in_the_vault_or_nowhere(hook: Hook, body: Body, tmp_path: Path) -> None:
    vault = FileVault(tmp_path / "vault", KEY)
    heart = body.heart(None, vault)
    heart.beat("", NOW)
    body.heart(None).beat("", NOW)
    vault.write("heartbeat", {"url": hook.url(scheme="http")})

    heart.beat("", NOW)

    until(lambda: hook.asked == 1)


def test_one_that_does_not_get_through_is_only_logged_and_its_address_is_not(
    hook: Hook, body: Body, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hook.answers = 404
    url = hook.url("asha:p4ssword@", "http") + "/s3cret-path"

    body.heart(url).beat("", NOW)

    until(lambda: caplog.messages)
    assert caplog.messages == ["the heartbeat does not get through: it answered 404"]
    assert called("http://127.0.0.1:9/s3cret-path") == "URLError"


def test_one_that_hangs_keeps_nobody_waiting_and_is_not_sent_again_meanwhile(body: Body) -> None:
    with hanging() as (port, waiting):
        heart = body.heart(f"http://127.0.0.1:{port}")
        for _ in range(3):
            heart.beat("", NOW)
        until(lambda: waiting)
        assert len(waiting) == 1


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ping", "http://", "http://[x"])
def test_what_is_no_address_of_the_web_is_refused_unrepeated(url: str) -> None:
    with pytest.raises(BadAddress) as bad:
        checked(url)

    assert url not in str(bad.value)
