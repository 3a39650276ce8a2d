"""The inbox: what happened is told, counted at the bell, and read."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.web.platform_at_work import SHARED
from tests.web.screen import Screen
from tests.web.trader import Trader

PLATFORM = SHARED


def test_what_happens_is_told_at_once_and_read_once(screen: Screen, trader: Trader) -> None:
    screen.enter("/inbox")
    page = screen.page
    expect(page.get_by_role("heading", name="Inbox", level=1)).to_be_visible()

    trader.start()

    entered = page.get_by_role("listitem").filter(has_text="is in the market")
    expect(entered).to_be_visible()
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
    screen.enter("/inbox")
    page = screen.page

    page.get_by_text("All", exact=True).click()

    expect(page.get_by_role("listitem").filter(has_text="is in the market")).to_be_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
