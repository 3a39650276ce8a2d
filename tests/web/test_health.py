"""A platform that is not well says so on Today, and is silent again once it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from adapters.api.app import create_app
from adapters.api.context import Pulse
from adapters.brokers.paper.process import PaperProcess, running, start_paper_process
from domain.contract import Side
from domain.user import Role
from tests.adapters.api.practice import MORNING, Practice
from tests.adapters.api.practice import PASSWORD as THEIRS
from tests.web.conftest import watched
from tests.web.platform_at_work import EMAIL, PlatformAtWork, Wanted
from tests.web.screen import Screen
from tests.web.served import Served
from tests.web.trader import Trader

#: An alarm lasts ten minutes of the market's time, and health is asked for every five seconds.
PLATFORM = Wanted(at=time(9, 30), speed=60)
HEALED_MS = 30_000


@pytest.fixture
def broker(platform: PlatformAtWork) -> Iterator[list[PaperProcess]]:
    """The paper broker, as it is ended and started again; the last one ends with the test."""
    found = running(platform.home / "paper")
    assert found is not None
    processes = [found]
    yield processes
    for each in processes[1:]:
        each.stop()


def matters(page: Page) -> Locator:
    return page.get_by_role("list", name="What needs attention")


@pytest.fixture
def run_id(trader: Trader) -> Iterator[str]:
    """A condor that no price makes leave, and that is left once it has been looked at."""
    condor = trader.strategy
    unhurried = {**condor, "risk_params": {"max_loss": 500_000}}
    path = f"/strategies/{condor['strategy_id']}"
    trader.client.put(path, json=unhurried).raise_for_status()
    run_id = trader.entered()
    yield run_id
    trader.left(run_id)


@pytest.mark.usefixtures("run_id")
def test_a_difference_from_the_broker_stands_on_today_until_it_is_settled(
    screen: Screen, trader: Trader
) -> None:
    page, sold = screen.page, trader.hedge()
    screen.enter()
    expect(page.get_by_role("article", name="NIFTY Iron Condor")).to_be_visible()
    expect(matters(page)).to_have_count(0)

    trader.deal(sold["key"], Side.SELL, sold["quantity"])

    expect(matters(page)).to_contain_text(
        "Paper and the broker differ in 1 place. No new risk is taken there."
    )
    alarm = matters(page).get_by_role("listitem").filter(has_text="The platform says:")
    expect(alarm).to_contain_text("differs from its broker")
    assert trader.get("/health")["status"] == "degraded"
    assert screen.faults_of_access() == []
    matters(page).get_by_role("link", name="Settle it").click()
    expect(page).to_have_url(re.compile("#/positions$"))
    page.get_by_role("button", name="Count it in").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Count it in", exact=True).click()
    expect(dialog).to_have_count(0)
    page.get_by_role("link", name="Today").click()

    differ = matters(page).get_by_text("Paper and the broker differ")
    expect(differ).to_have_count(0)
    trader.until(lambda: trader.get("/health")["status"] == "ok" or None)
    expect(matters(page)).to_have_count(0)
    screen.open("/settings/about")
    expect(page.get_by_text("All is well.")).to_be_visible()


def test_a_broker_that_does_not_answer_is_told_until_it_does_again(
    screen: Screen, trader: Trader, broker: list[PaperProcess], run_id: str
) -> None:
    page, folder = screen.page, screen.platform.home / "paper"
    screen.enter()
    expect(page.get_by_role("article", name="NIFTY Iron Condor")).to_be_visible()

    broker[-1].stop(whosever=True)

    silent = matters(page).get_by_role("listitem").filter(has_text="cannot be compared")
    expect(silent).to_contain_text("The platform says:")
    trader.until(lambda: running(folder) is None or None)
    broker.append(start_paper_process(folder, screen.platform.practice.spec))

    expect(silent).to_have_count(0, timeout=HEALED_MS)
    trader.left(run_id)
    expect(page.get_by_role("article", name="NIFTY Iron Condor")).to_have_count(0)


@dataclass
class Scheduler:
    """What health hears of the scheduler."""

    pulse: Pulse


@pytest.fixture
def scheduler() -> Scheduler:
    """One that nobody has heard of for ten minutes."""
    return Scheduler(Pulse(beat=MORNING - timedelta(minutes=10), parked=1))


@pytest.fixture
def standing_still(tmp_path: Path, scheduler: Scheduler) -> Iterator[Served]:
    """A platform whose schedule nobody looks at."""
    practice = Practice(tmp_path, wall=datetime.now(UTC))
    practice.admit(EMAIL, Role.TRADER)
    started = Served(create_app(replace(practice.context(), pulse=lambda: scheduler.pulse)))
    yield started
    started.stop()


@pytest.fixture
def their_screen(browser: Browser, standing_still: Served) -> Iterator[Screen]:
    context = browser.new_context(base_url=standing_still.url)
    yield from watched(context, standing_still)


def test_a_schedule_that_stands_still_is_told_until_it_is_looked_at_again(
    their_screen: Screen, scheduler: Scheduler
) -> None:
    page = their_screen.page
    stands = "The schedule stands still for 600 s: nothing is entered or left by itself."
    before = len(their_screen.complaints)
    their_screen.open()
    their_screen.sign_in(THEIRS)

    expect(matters(page).get_by_role("listitem").first).to_contain_text(
        f"The platform is failing. {stands}"
    )
    expect(matters(page)).to_contain_text("What is shown of 1 history stands still: it may be old.")
    their_screen.open("/settings/about")
    expect(page.get_by_text("Something wants to be looked at:")).to_be_visible()
    expect(page.get_by_text(stands)).to_be_visible()

    scheduler.pulse = Pulse(beat=MORNING)
    expect(page.get_by_text("All is well.")).to_be_visible()
    page.get_by_role("link", name="Today").click()
    expect(matters(page)).to_have_count(0)
    said = their_screen.complaints[before:]
    del their_screen.complaints[before:]
    their_screen.complaints += [each for each in said if "status of 503" not in each]
