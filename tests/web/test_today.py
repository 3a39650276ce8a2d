"""Today's page: what is started and left by hand on it, on a phone and by keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.web.day import lane
from tests.web.platform_at_work import SHARED
from tests.web.screen import Screen
from tests.web.trader import Trader

PLATFORM = SHARED
PHONE: ViewportSize = {"width": 390, "height": 844}
MONEY = re.compile(r"[+\u2212]₹[\d,]+\.\d\d")
NAME = "NIFTY Iron Condor"
BY_HAND = "you asked for it"


@pytest.fixture(scope="module")
def over(trader: Trader) -> None:
    """A condor was entered and left by hand today."""
    trader.left(trader.entered())


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
    by_hand = lane(page, NAME).filter(has_text=BY_HAND)
    expect(by_hand).to_contain_text(MONEY)
    by_hand.get_by_role("link", name="NIFTY Iron Condor", exact=True).click()
    expect(page).to_have_url(re.compile(r"#/history/RUN-"))


@pytest.mark.usefixtures("over")
def test_the_day_can_be_read_as_a_list_on_a_phone(screen: Screen) -> None:
    page = screen.page
    screen.enter()
    by_hand = lane(page, NAME).filter(has_text=BY_HAND).first
    expect(by_hand).to_be_visible()

    page.set_viewport_size(PHONE)
    expect(by_hand.get_by_text(BY_HAND)).to_be_in_viewport()
    expect(page.get_by_role("button", name="Stop trading")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="You", exact=True)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert screen.faults_of_access() == []


@pytest.mark.usefixtures("over")
def test_lines_of_the_day_are_reached_by_keys_and_say_what_they_are(screen: Screen) -> None:
    page = screen.page
    screen.enter()
    by_hand = lane(page, NAME).filter(has_text=BY_HAND).first
    mark = by_hand.get_by_role("link", name=re.compile(f"^{NAME}: .*{BY_HAND}"))

    by_hand.get_by_role("link", name=NAME, exact=True).focus()
    page.keyboard.press("Tab")

    expect(mark).to_be_focused()
    expect(page.get_by_role("tooltip")).to_contain_text(BY_HAND)


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
