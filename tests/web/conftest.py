"""A browser before the desk, and a platform behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    expect,
    sync_playwright,
)

from tests.web.platform_at_work import PlatformAtWork
from tests.web.screen import Screen

CHROMIUM: Final = "/usr/bin/chromium"
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: Milliseconds that anything may take on a machine that is busy; nothing waits for it in vain.
PATIENCE_MS: Final = 15_000

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformAtWork]:
    """A platform on its first day, for all tests of a file."""
    started = PlatformAtWork(tmp_path_factory.mktemp("home") / "atp")
    yield started
    started.stop()


@pytest.fixture
def screen(browser: Browser, platform: PlatformAtWork) -> Iterator[Screen]:
    """A trader's screen on an empty browser; what its console complains of fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, base_url=platform.url)
    yield from watched(context, platform)


def watched(context: BrowserContext, platform: PlatformAtWork) -> Iterator[Screen]:
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    screen = Screen(page, platform, complaints)
    yield screen
    context.close()
    assert not screen.complaints, screen.complaints
