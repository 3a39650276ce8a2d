"""A connection that is lost is shown, heals by itself, and brings what happened meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import watched
from tests.web.line import Line
from tests.web.platform_at_work import PlatformAtWork, Wanted
from tests.web.screen import Screen
from tests.web.trader import Trader

#: A platform of its own, in the middle of a day: it is ended and started again.
PLATFORM = Wanted(at=time(10), speed=5)
#: The longest pause between two tries is eight seconds; a machine with much to do starts slowly.
HEALED_MS = 30_000


@pytest.fixture
def line(platform: PlatformAtWork) -> Iterator[Line]:
    """What the browser reaches the platform by."""
    laid = Line(platform.port)
    yield laid
    laid.cut()


@pytest.fixture
def screen(browser: Browser, platform: PlatformAtWork, line: Line) -> Iterator[Screen]:
    """A trader's screen at the end of the line."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, base_url=line.url)
    yield from watched(context, platform)


@contextmanager
def away(screen: Screen) -> Iterator[None]:
    """Nobody answers in here: the browser notes each try that came to nothing, and no more."""
    before = len(screen.complaints)
    yield
    said = screen.complaints[before:]
    del screen.complaints[before:]
    screen.complaints += [each for each in said if "net::ERR_" not in each]


def connection(page: Page, state: str) -> None:
    expect(page.get_by_role("status", name=f"Connection: {state}")).to_be_visible(timeout=HEALED_MS)


def at_the_baskets(screen: Screen) -> Page:
    screen.enter("/baskets")
    expect(screen.page.get_by_role("heading", name="Baskets", level=1)).to_be_visible()
    connection(screen.page, "Live")
    return screen.page


def test_while_the_line_is_cut_the_platform_goes_on_and_is_seen_again(
    screen: Screen, line: Line
) -> None:
    page, trader = at_the_baskets(screen), Trader(screen.platform)

    with away(screen):
        line.cut()
        connection(page, "No connection")
        trader.post("/baskets", {"name": "Made meanwhile"})
        expect(page.get_by_role("link", name="Made meanwhile")).to_have_count(0)
        line.mend()
        connection(page, "Live")

    expect(page.get_by_role("link", name="Made meanwhile")).to_be_visible()


def test_a_platform_that_starts_again_finds_the_desk_still_signed_in(screen: Screen) -> None:
    page = at_the_baskets(screen)

    with away(screen):
        screen.platform.stop()
        connection(page, "No connection")
        screen.platform.again()
        Trader(screen.platform).post("/baskets", {"name": "Made after the start"})
        connection(page, "Live")

    expect(page.get_by_role("link", name="Made after the start")).to_be_visible()
    expect(page.get_by_role("heading", name="Sign in")).to_have_count(0)
