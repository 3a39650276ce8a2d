"""Trades made past the platform: found, shown in words, and settled by the trader on the desk."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from domain.contract import Side
from tests.web.conftest import opened, watched
from tests.web.platform_at_work import SHARED, PlatformAtWork
from tests.web.screen import Screen
from tests.web.trader import Trader

PLATFORM = SHARED
AGREES = "Agrees with the broker"


@pytest.fixture
def screen(browser: Browser, platform: PlatformAtWork, email: str) -> Iterator[Screen]:
    """A screen in the dark: the other files look at it by day."""
    yield from watched(opened(browser, platform, "dark"), platform, email)


@pytest.fixture(autouse=True)
def holding(screen: Screen, trader: Trader) -> None:
    """Somebody with a condor, before their positions."""
    trader.entered()
    screen.enter("/positions")
    expect(screen.page.get_by_role("button", name=re.compile("^Exit ")).first).to_be_visible()


def compared(screen: Screen, words: str) -> None:
    screen.page.get_by_role("button", name="Compare now").click()
    expect(screen.page.get_by_text(words)).to_be_visible()


def settled(screen: Screen, way: str, verb: str, why: str | None = None) -> None:
    """Choose a way out of the one difference, and confirm it."""
    difference(screen).get_by_role("button", name=way).click()
    dialog = screen.page.get_by_role("dialog")
    if why is not None:
        dialog.get_by_role("textbox", name=re.compile("^(How it came about|Why)")).fill(why)
    dialog.get_by_role("button", name=verb, exact=True).click()
    expect(dialog).to_be_hidden()


def difference(screen: Screen) -> Locator:
    return screen.page.get_by_role("group", name=re.compile("^The broker has"))


def test_a_hedge_sold_by_hand_is_shown_and_counted_into_its_run(
    screen: Screen, trader: Trader
) -> None:
    sold = trader.hedge()
    compared(screen, "both agree")
    expect(screen.page.get_by_text(AGREES)).to_be_visible()
    trader.deal(sold["key"], Side.SELL, sold["quantity"])

    compared(screen, "they differ")

    symbol = sold["key"].removeprefix("NFO:")
    told = f"The broker has 0 of {symbol} (MIS), we expected {sold['quantity']}."
    expect(difference(screen)).to_contain_text(told)
    expect(screen.page.get_by_text("1 difference from the broker")).to_be_visible()
    assert screen.faults_of_access() == []

    difference(screen).get_by_role("button", name="It is mine").click()
    dialog = screen.page.get_by_role("dialog")
    with screen.refusals():
        dialog.get_by_role("button", name="Leave it to me").click()
        expect(dialog.get_by_role("alert")).to_contain_text("adopt it, or flatten it")
    dialog.get_by_role("button", name="Back").click()
    difference(screen).get_by_role("button", name="Count it in").click()
    expect(dialog).to_contain_text("leaves whole at once, as its shorts stand uncovered")
    dialog.get_by_role("button", name="Count it in", exact=True).click()
    expect(dialog).to_be_hidden()

    expect(difference(screen)).to_be_hidden()
    expect(screen.page.get_by_text(AGREES)).to_be_visible()
    expect(screen.page.get_by_text("Nothing is held here.")).to_be_visible()
    run = trader.row("/runs", exit_reason="UNCOVERED")
    assert run["strategy_id"] == trader.strategy["strategy_id"]
    compared(screen, "both agree")


def test_what_was_bought_beside_is_explained_and_then_traded_away(
    screen: Screen, trader: Trader
) -> None:
    bought = trader.hedge()
    trader.deal(bought["key"], Side.BUY, 65)
    compared(screen, "they differ")

    settled(screen, "Let it be", "Let it be", "A hedge of mine for an hour")
    expect(screen.page.get_by_text("Differs, as you explained")).to_be_visible()
    expect(difference(screen)).to_contain_text("You said: A hedge of mine for an hour")
    assert screen.faults_of_access() == []

    difference(screen).get_by_role("button", name="Trade it away").click()
    expect(screen.page.get_by_role("dialog")).to_contain_text("sells 65 units of")
    screen.page.get_by_role("button", name="Trade it away now").click()
    trader.row("/runs", outcome="DRIFT")

    compared(screen, "both agree")
    expect(difference(screen)).to_be_hidden()
