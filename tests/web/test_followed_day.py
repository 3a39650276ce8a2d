"""A day on one page: what is due, what enters, what it makes, how it ends, what is skipped."""

from __future__ import annotations

import re
from datetime import datetime, time
from itertools import count

from playwright.sync_api import expect

from domain.calendar import IST
from tests.web.day import lane
from tests.web.platform_at_work import Wanted
from tests.web.restless import restless
from tests.web.screen import Screen
from tests.web.trader import Trader

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
