"""A browser before the desk, and a platform behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    expect,
    sync_playwright,
)

from tests.web.platform_at_work import EMAIL, SHARED, PlatformAtWork, Wanted
from tests.web.screen import Screen
from tests.web.trader import Trader, newcomer, signed_up

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


@pytest.fixture(scope="session")
def shared_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformAtWork]:
    """What every file of this worker that asks for `SHARED` meets at."""
    started = SHARED.started(tmp_path_factory.mktemp("home") / "atp")
    signed_up(started)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def platform(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PlatformAtWork]:
    """The platform that a file says it wants; one on its first day where it says nothing.

    Tests are handed out one by one, and a worker with nothing to do takes some from the other's
    end: a file may be split. For one at the shared platform that is a newcomer more, and no start;
    it is why nothing is to be ordered or grouped here, which would leave a worker without work.
    """
    if wanted(request) is SHARED:
        yield request.getfixturevalue("shared_platform")
        return
    started = wanted(request).started(tmp_path_factory.mktemp("home") / "atp")
    yield started
    started.stop()


def wanted(request: pytest.FixtureRequest) -> Wanted:
    found: Wanted = getattr(request.module, "PLATFORM", Wanted())
    return found


@pytest.fixture(scope="module")
def own_trader(request: pytest.FixtureRequest, platform: PlatformAtWork) -> Trader | None:
    """Whom a file has at the shared platform."""
    return newcomer(platform) if wanted(request) is SHARED else None


@pytest.fixture(scope="module")
def email(own_trader: Trader | None) -> str:
    """Who sits before the screens of a file: the first user, unless it has somebody of its own."""
    return own_trader.email if own_trader else EMAIL


@pytest.fixture(scope="module")
def trader(platform: PlatformAtWork, own_trader: Trader | None) -> Trader:
    """The same person by the API, with a condor that is not left before a busy machine answers."""
    if own_trader is not None:
        return own_trader
    if platform.one_time_password:
        signed_up(platform)
    first = Trader(platform)
    first.patient()
    return first


@pytest.fixture
def screen(browser: Browser, platform: PlatformAtWork, email: str) -> Iterator[Screen]:
    """A trader's screen on an empty browser; what its console complains of fails the test."""
    yield from watched(opened(browser, platform), platform, email)


@pytest.fixture
def elsewhere(browser: Browser, platform: PlatformAtWork, email: str) -> Iterator[Screen]:
    """The same on another browser."""
    yield from watched(opened(browser, platform), platform, email)


def opened(
    browser: Browser, platform: PlatformAtWork, scheme: Literal["light", "dark"] = "light"
) -> BrowserContext:
    """An empty browser of a desk's size, in which nothing is looked at while it fades in."""
    return browser.new_context(
        viewport={"width": 1280, "height": 800},
        color_scheme=scheme,
        reduced_motion="reduce",
        base_url=platform.url,
    )


def watched(
    context: BrowserContext, platform: PlatformAtWork, email: str = EMAIL
) -> Iterator[Screen]:
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    screen = Screen(page, platform, complaints, email)
    yield screen
    screen.leave()
    assert not screen.complaints, screen.complaints
