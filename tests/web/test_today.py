"""The day on one page: what is due, what enters, what it makes, how it ends, what is skipped."""

from __future__ import annotations

import re
from datetime import datetime, time
from itertools import count

from playwright.sync_api import Locator, Page, ViewportSize, expect

from domain.calendar import IST
from tests.web.platform_at_work import Wanted
from tests.web.restless import restless
from tests.web.screen import Screen
from tests.web.trader import Trader

PHONE: ViewportSize = {"width": 390, "height": 844}
#: How long the practice day may take to the next thing that happens of itself.
SOON_MS = 60_000
#: Minutes after midnight at which the session opens.
OPEN = 9 * 60 + 15
MONEY = re.compile(r"[+\u2212]₹[\d,]+\.\d\d")
#: The market jumps up and back, minutes after the open: whatever is entered is hit soon.
JUMPS = range(15, 120, 8)


def clock(minutes: int) -> time:
    """Minutes after midnight, as a time of day."""
    return time(*divmod(minutes, 60))


#: A restless day, joined after the time at which the first condor would have entered.
PLATFORM = Wanted(at=time(9, 21), speed=30, scenario=restless([clock(OPEN + at) for at in JUMPS]))


def soon(trader: Trader) -> str:
    """A minute that comes after three, and leaves four until the market jumps."""
    now = datetime.fromisoformat(trader.get("/market/session")["now"]).astimezone(IST)
    first = now.hour * 60 + now.minute + 4
    calm = (m for m in count(first) if 1 <= (m - OPEN - JUMPS.start) % JUMPS.step <= 4)
    return f"{clock(next(calm)):%H:%M}"


def due(trader: Trader, at: str) -> None:
    """The condor enters then; and so would another, if the expiry were nearer."""
    condor = trader.strategy
    schedule = {**condor["schedule"], "entry_time": at}
    changed = {**condor, "schedule": schedule}
    trader.client.put(f"/strategies/{condor['strategy_id']}", json=changed).raise_for_status()
    kept_out = {**changed, "name": "Near expiry only", "schedule": {**schedule, "dte_max": 3}}
    drafted = trader.post(f"/baskets/{condor['basket_id']}/strategies", kept_out)
    trader.post(f"/strategies/{drafted['strategy_id']}/activate")


def lane(page: Page, name: str) -> Locator:
    """One line of the day."""
    return (
        page.get_by_label("The day in its order, IST").get_by_role("listitem").filter(has_text=name)
    )


def test_the_day_of_a_condor_is_followed_on_one_page_from_due_to_its_stop(
    screen: Screen, trader: Trader
) -> None:
    page = screen.page
    screen.enter()
    condor, kept_out = lane(page, "NIFTY Iron Condor"), lane(page, "Near expiry only")
    expect(condor).to_contain_text("its time had passed before it was wanted")

    at = soon(trader)
    due(trader, at)

    expect(condor).to_contain_text(f"Enters at {at}, leaves by 15:00")
    expect(kept_out).to_contain_text(f"No entry at {at}: 5 days to the expiry of 23 Nov 2026")
    glance = page.get_by_role("region", name="At a glance")
    expect(glance).to_contain_text("NIFTY Iron Condor enters")
    expect(glance).to_contain_text("1 of 1 connected")

    run = page.get_by_role("article", name="NIFTY Iron Condor")
    expect(run).to_contain_text(MONEY, timeout=SOON_MS)
    expect(condor).to_contain_text(f"Open since {at}")
    expect(kept_out).to_contain_text(f"Skipped at {at}: the days to expiry are outside its range")
    expect(run).to_contain_text(re.compile(r"stop −₹[\d,]+"))
    first = run.inner_text()
    expect(run).not_to_have_text(first)  # prices move, and the page with them

    expect(condor).to_contain_text(
        re.compile(rf"{at} to \d\d:\d\d: its stop loss is hit"), timeout=SOON_MS
    )
    expect(run).to_have_count(0)
    expect(condor).to_contain_text(re.compile(r"\u2212₹[\d,]+\.\d\d"))
    ended = trader.get("/pnl/now")["total"]["gross"]
    shown = f"\u2212₹{abs(ended):,.2f}"
    expect(glance).to_contain_text(shown)
    expect(page.get_by_role("table", name="P&L today by basket")).to_contain_text(shown)
    assert page.evaluate("performance.getEntriesByType('navigation').length") == 1


def test_a_strategy_is_started_and_its_run_left_by_hand_each_once_it_was_confirmed(
    screen: Screen,
) -> None:
    page = screen.page
    screen.enter()
    page.get_by_role("button", name="Start a strategy now").click()
    asking = page.get_by_role("dialog", name="Start a strategy now")
    asking.get_by_role("combobox", name="Strategy").click()
    page.get_by_role("option", name="NIFTY Iron Condor").click()
    expect(asking).to_contain_text("It enters at once")
    expect(asking).to_contain_text("on Paper, ×1")
    asking.get_by_role("button", name="Enter now").dblclick()

    run = page.get_by_role("article", name="NIFTY Iron Condor")
    expect(run).to_have_count(1)
    expect(run).to_contain_text("Open")
    assert screen.faults_of_access() == []

    run.get_by_role("button", name="Exit now").click()
    sure = page.get_by_role("dialog", name="Exit NIFTY Iron Condor now?")
    expect(sure).to_contain_text("shorts are bought back first")
    expect(sure.get_by_text(re.compile("^Buy back 65 NIFTY"))).to_have_count(2)
    sure.get_by_label("Why (optional, kept with the exit)").fill("Enough for today")
    sure.get_by_role("button", name="Exit now").click()

    expect(run).to_have_count(0)
    by_hand = lane(page, "NIFTY Iron Condor").filter(has_text="you asked for it")
    expect(by_hand).to_contain_text(MONEY)
    by_hand.get_by_role("link", name="NIFTY Iron Condor", exact=True).click()
    expect(page).to_have_url(re.compile(r"#/history/RUN-"))


def test_the_day_can_be_read_as_a_list_on_a_phone(screen: Screen) -> None:
    page = screen.page
    screen.enter()
    expect(lane(page, "Near expiry only")).to_be_visible()

    page.set_viewport_size(PHONE)
    expect(lane(page, "Near expiry only").get_by_text(re.compile("^Skipped"))).to_be_in_viewport()
    expect(page.get_by_role("button", name="Stop trading")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="You", exact=True)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert screen.faults_of_access() == []


def test_lines_of_the_day_are_reached_by_keys_and_say_what_they_are(screen: Screen) -> None:
    page = screen.page
    screen.enter()
    mark = lane(page, "Near expiry only").get_by_role("link", name=re.compile("^Near.*: Skipped"))

    lane(page, "Near expiry only").get_by_role("link", name="Near expiry only", exact=True).focus()
    page.keyboard.press("Tab")

    expect(mark).to_be_focused()
    expect(page.get_by_role("tooltip")).to_contain_text("the days to expiry are outside its range")


def test_a_day_of_somebody_who_has_built_nothing_leads_to_the_first_steps(
    screen: Screen, trader: Trader
) -> None:
    page = screen.page
    made = trader.admits()
    screen.come_in(made["email"], made["one_time_password"])

    expect(page.get_by_role("heading", name="Nothing is planned yet")).to_be_visible()
    assert screen.faults_of_access() == []
    build = page.get_by_role("link", name="Build a strategy")
    expect(build).to_have_attribute("href", "#/strategies/new")
    page.get_by_role("link", name="Show me the first steps").click()
    expect(page).to_have_url(re.compile(r"#/start$"))
