"""The inbox: what happened is told, counted at the bell, and read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time

import pytest
from playwright.sync_api import expect

from tests.web.platform_at_work import PlatformAtWork
from tests.web.screen import Screen


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformAtWork]:
    """Minutes before the first entry of the day."""
    home = tmp_path_factory.mktemp("home") / "atp"
    started = PlatformAtWork(home, at=time(9, 8), speed=30)
    yield started
    started.stop()


def test_what_happens_is_told_at_once_and_read_once(screen: Screen) -> None:
    screen.enter()
    page = screen.page
    screen.open("/inbox")

    entered = page.get_by_role("listitem").filter(has_text="is in the market")
    expect(entered).to_be_visible(timeout=60_000)
    expect(page.get_by_role("link", name=re.compile(r"Inbox: \d+ unread"))).to_be_visible()
    assert screen.faults_of_access() == []
    run = entered.get_by_role("link", name="The run").get_attribute("href") or ""
    assert run.startswith("#/history/RUN-")

    entered.get_by_role("button", name="Mark as read").click()

    expect(entered).to_have_count(0)
    page.get_by_text("All", exact=True).click()
    expect(entered).to_be_visible()
    expect(entered.get_by_role("button", name="Mark as read")).to_have_count(0)


def test_what_was_read_is_read_on_every_screen_and_fits_a_phone(screen: Screen) -> None:
    screen.page.set_viewport_size({"width": 390, "height": 844})
    screen.open("/inbox")
    screen.sign_in()
    page = screen.page

    page.get_by_text("All", exact=True).click()

    expect(page.get_by_role("listitem").filter(has_text="is in the market")).to_be_visible()
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        assert screen.faults_of_access() == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
