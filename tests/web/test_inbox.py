"""The inbox: what happened is told, counted at the bell, and read."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.web.platform_at_work import SHARED
from tests.web.screen import Screen
from tests.web.trader import Trader

PLATFORM = SHARED


def test_what_happens_is_told_at_once_and_read_once_on_every_screen(
    screen: Screen, elsewhere: Screen, trader: Trader
) -> None:
    screen.enter("/inbox")
    page, phone = screen.page, elsewhere.page
    expect(page.get_by_role("heading", name="Inbox", level=1)).to_be_visible()
    phone.set_viewport_size({"width": 390, "height": 844})
    elsewhere.enter("/inbox")

    trader.start()

    entered, there = (
        each.get_by_role("listitem").filter(has_text="is in the market") for each in (page, phone)
    )
    expect(entered).to_contain_text("NIFTY Iron Condor on Paper is in the market")
    expect(there).to_be_visible()
    expect(page.get_by_role("link", name=re.compile(r"Inbox: \d+ unread"))).to_be_visible()
    assert screen.faults_of_access() == []
    run = entered.get_by_role("link", name="The run").get_attribute("href") or ""
    assert run.startswith("#/history/RUN-")

    entered.get_by_role("button", name="Mark as read").click()

    expect(entered).to_have_count(0)
    expect(there).to_have_count(0)
    for each, told in ((page, entered), (phone, there)):
        each.get_by_text("All", exact=True).click()
        expect(told).to_be_visible()
        expect(told.get_by_role("button", name="Mark as read")).to_have_count(0)
    assert not phone.evaluate("document.documentElement.scrollWidth > innerWidth")
