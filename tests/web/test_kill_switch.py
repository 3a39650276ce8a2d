"""The kill switch: it says what it will do, does it, shows what is stopped, and lets go again."""

from __future__ import annotations

import re

from playwright.sync_api import Page, ViewportSize, expect

from domain.contract import Side
from tests.web.platform_at_work import SHARED
from tests.web.screen import Screen
from tests.web.trader import Trader

PLATFORM = SHARED
PHONE: ViewportSize = {"width": 390, "height": 844}
STOP = "Stop trading"


def asked(page: Page, path: str) -> list[str]:
    """Such requests, as they are sent from here on."""
    sent: list[str] = []
    page.on("request", lambda each: sent.append(each.url) if path in each.url else None)
    return sent


def test_an_account_is_stopped_with_a_run_open_and_released_again(
    screen: Screen, trader: Trader
) -> None:
    page = screen.page
    trader.entered()
    screen.enter()
    expect(page.get_by_role("article", name="NIFTY Iron Condor")).to_be_visible()
    sent = asked(page, "/block")

    page.get_by_role("button", name=STOP).click()
    dialog = page.get_by_role("dialog", name=STOP)
    told = dialog.get_by_role("list", name="What will happen on Paper")
    expect(told).to_contain_text("1 open run leaves at once (NIFTY Iron Condor)")
    expect(told).to_contain_text("4 positions become flat")
    expect(told).to_contain_text("Nothing is entered there until you release it")
    assert screen.faults_of_access() == []

    # Nothing happens before it was said why and confirmed.
    dialog.get_by_role("button", name="Back").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name=STOP).click()
    dialog.get_by_label("Why").fill("News of the day")
    dialog.get_by_role("button", name="Stop 1 account").dblclick()

    expect(dialog).to_have_count(0)
    assert len(sent) == 1
    stopped = page.get_by_role("button", name="Kill switch: 1 of 1 stopped")
    expect(stopped).to_be_visible()
    matters = page.get_by_role("list", name="What needs attention")
    expect(matters).to_contain_text("Paper is blocked. Nothing is entered there: News of the day.")
    expect(page.get_by_role("article", name="NIFTY Iron Condor")).to_have_count(0)
    expect(page.get_by_label("The day in its order, IST")).to_contain_text(
        "the kill switch was turned"
    )
    trader.until(lambda: trader.items("/positions") == [] or None)

    stopped.click()
    block = page.get_by_role("region", name="Paper is stopped")
    expect(block).to_contain_text(re.compile(r"Since Wed 18 Nov, .* by you: News of the day\."))
    expect(block).to_contain_text("No run is open there.")
    assert screen.faults_of_access() == []
    block.get_by_label("Why it may trade again").fill("It is calm")
    block.get_by_role("button", name="Release Paper").click()
    expect(block).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=STOP)).to_be_visible()
    expect(matters).to_have_count(0)


def test_who_stops_everything_is_told_what_no_run_holds(screen: Screen, trader: Trader) -> None:
    page = screen.page
    run_id = trader.entered()
    bought = trader.get(f"/runs/{run_id}")["legs"][1]["symbol"]
    trader.left(run_id)
    trader.deal(f"NFO:{bought}", Side.BUY, 65)
    trader.post(f"/accounts/{trader.account_id}/reconcile")
    screen.enter()

    page.get_by_role("button", name=STOP).click()
    told = page.get_by_role("list", name="What will happen on Paper")
    expect(told).to_contain_text("1 position that no run holds stays as it is")
    page.get_by_role("radio", name=re.compile("^Everything in the account")).check()

    expect(told).to_contain_text("1 position that no run holds is closed as well")


def test_the_switch_is_reached_by_keys_and_fits_a_phone(screen: Screen) -> None:
    page = screen.page
    screen.enter()
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name=STOP).focus()
    page.keyboard.press("Enter")

    dialog = page.get_by_role("dialog", name=STOP)
    expect(dialog.get_by_label("Why")).to_be_focused()
    expect(dialog.get_by_role("button", name="Stop 1 account")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name=STOP)).to_be_focused()


def test_who_may_only_look_is_not_offered_the_switch(screen: Screen, trader: Trader) -> None:
    page = screen.page
    made = trader.admits(roles=["viewer"])
    screen.come_in(made["email"], made["one_time_password"])

    expect(page.get_by_role("heading", name="Nothing is planned yet")).to_be_visible()
    expect(page.get_by_role("button", name=STOP)).to_have_count(0)
    expect(page.get_by_role("button", name="Start a strategy now")).to_have_count(0)
    expect(page.get_by_role("link", name="Build a strategy")).to_have_count(0)
