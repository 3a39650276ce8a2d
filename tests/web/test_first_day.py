"""A trader's first day, on one screen: from the one-time password to why a stop was hit."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from playwright.sync_api import Page, Response, expect

from tests.live.trader import HEDGES_WITHIN_S
from tests.web.day import lane
from tests.web.platform_at_work import Wanted
from tests.web.restless import calm_after, every, restless
from tests.web.screen import Screen

JUMPS = every(7, since=time(9, 33), until=time(15, 0))
#: Market minutes between the last word to the platform and the entry: 15 seconds of ours.
AHEAD = timedelta(minutes=5)
SPEED = 20
#: A restless day, joined when the demo basket's time has passed.
PLATFORM = Wanted(at=time(9, 21), speed=SPEED, scenario=restless(JUMPS))
#: How long things may take that the day brings by itself.
SOON_MS = 90_000
NAME = "My first condor"


def now_at(screen: Screen) -> datetime:
    """The market's time, as the header shows it."""
    shown = screen.page.locator("header time").get_attribute("datetime")
    assert shown is not None
    return datetime.fromisoformat(shown)


def built(screen: Screen) -> str:
    """Build a condor on the payoff chart and activate it; when it will enter (IST)."""
    page = screen.page
    page.get_by_role("link", name="Strategies", exact=True).click()
    page.get_by_role("link", name="New strategy").click()
    page.get_by_role("button", name=re.compile("^Iron condor")).click()
    page.get_by_label("Name", exact=True).fill(NAME)
    bought = page.get_by_role("slider", name=re.compile("buy CE"))
    before = int(bought.get_attribute("aria-valuenow") or 0)
    bought.press("ArrowLeft")
    expect(bought).to_have_attribute("aria-valuenow", str(before - 50))
    page.get_by_label("Stop loss, % of the net premium").fill("20")
    page.get_by_role("button", name="Orders and timeouts").click()
    page.get_by_label("Hedges within, s").fill(str(HEDGES_WITHIN_S))

    entry = f"{calm_after(now_at(screen), JUMPS, AHEAD):%H:%M}"
    page.get_by_label("Entry, IST").fill(entry)
    page.get_by_role("button", name="Save and activate").click()
    page.get_by_role("dialog").get_by_role("button", name="Activate").click()
    expect(page.get_by_role("heading", name=NAME, level=1)).to_be_visible()
    return entry


def walked_back(page: Page) -> None:
    """From the exit back to its cause, and from a fill to the tick of the schedule."""
    events = page.get_by_role("region", name="Events")
    expect(events.get_by_role("button", name=re.compile("^Closed")).first).to_be_visible()
    fill = events.get_by_role("listitem").filter(
        has=page.get_by_role("button", name=re.compile("^Leg filled: SELL"))
    )
    fill.first.get_by_role("button", name="Why?").click()
    causes = page.get_by_role("list", name="Causes").get_by_role("listitem")
    expect(causes.filter(has_text="Run opened for")).to_contain_text("The schedule")


def test_from_the_first_start_to_a_stop_that_is_explained(screen: Screen) -> None:
    page = screen.page
    failed: list[str] = []

    def answered(response: Response) -> None:
        if response.status >= 400:
            failed.append(f"{response.status} {response.url}")

    page.on("response", answered)
    screen.first_start()
    expect(page.get_by_role("status", name="Connection: Live")).to_be_visible()
    assert screen.faults_of_access() == []
    entry = built(screen)

    page.get_by_role("link", name="Today", exact=True).click()
    mine = lane(page, NAME)
    expect(mine).to_contain_text(re.compile(rf"(Enters at|Open since) {entry}"))
    run = page.get_by_role("article", name=NAME)
    expect(run).to_contain_text(re.compile(r"[+\u2212]₹[\d,]+\.\d\d"), timeout=SOON_MS)
    expect(mine).to_contain_text(re.compile(r"its stop loss is hit"), timeout=SOON_MS)
    expect(run).to_have_count(0)

    mine.get_by_role("link").first.click()
    walked_back(page)
    assert failed == []
