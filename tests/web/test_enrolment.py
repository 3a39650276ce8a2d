"""Where nobody signs in without an authenticator, the first thing shown is how to set one up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyotp
import pytest
from moto import mock_aws
from playwright.sync_api import Browser, expect

from adapters.api.app import create_app
from adapters.identity.first import first_admin
from tests.adapters.api.practice import Practice
from tests.adapters.identity.cognito_pool import PlayedPool, with_codes
from tests.web.conftest import opened, watched
from tests.web.screen import Screen
from tests.web.served import Served

BOSS, CHOSEN = "boss@example.com", "Correct-horse battery 1"


def behind_a_pool(folder: Path) -> Served:
    """The platform with a user pool that asks everybody for codes."""
    practice = Practice(folder)
    pool = PlayedPool()
    pool.client.set_user_pool_mfa_config(
        UserPoolId=pool.id,
        SoftwareTokenMfaConfiguration={"Enabled": True},
        MfaConfiguration="ON",
    )
    identity = pool.identity(practice.vault, required=True)
    admitted = first_admin(identity, practice.platform.bus, BOSS, practice.clock.now())
    assert admitted is not None
    assert admitted.one_time_password is not None
    practice.catch_up()
    app = create_app(replace(practice.context(), identity=identity))
    return Served(app, admitted.one_time_password)


@pytest.fixture
def pooled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    with_codes(monkeypatch)
    with mock_aws():
        started = behind_a_pool(tmp_path)
        yield started
        started.stop()


@pytest.fixture
def pooled_screen(browser: Browser, pooled: Served) -> Iterator[Screen]:
    yield from watched(opened(browser, pooled), pooled)


def test_an_authenticator_is_set_up_before_anything_is_shown(pooled_screen: Screen) -> None:
    page, told = pooled_screen.page, pooled_screen.platform.one_time_password
    pooled_screen.open()
    pooled_screen.sign_in(told, BOSS)
    pooled_screen.choose_password(CHOSEN)

    expect(page.get_by_role("heading", name="Set up your authenticator")).to_be_visible()
    page.get_by_label("Your password").fill(CHOSEN)
    page.get_by_role("button", name="Set up an authenticator").click()
    expect(page.get_by_role("img", name=re.compile("QR code"))).to_be_visible()
    assert pooled_screen.faults_of_access() == []
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html[data-mantine-color-scheme=dark]")).to_be_attached()
    assert pooled_screen.faults_of_access("color-contrast", "link-in-text-block") == []
    codes = pyotp.TOTP(page.get_by_label("The secret, to be typed").inner_text().replace(" ", ""))
    page.get_by_label("Code of your authenticator").fill(codes.now())
    page.get_by_role("button", name="Confirm the code").click()

    expect(page.get_by_text("Your authenticator is set up.")).to_be_visible()
    with pooled_screen.refusals():
        pooled_screen.sign_in(CHOSEN, BOSS)
        page.get_by_label("Code of your authenticator").fill(codes.now())
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
