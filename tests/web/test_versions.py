"""Versions of a strategy: seen, compared field by field, and made the newest again."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.web.platform_at_work import SHARED
from tests.web.screen import Screen
from tests.web.trader import Trader

PLATFORM = SHARED
PHONE: Final = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def trader(trader: Trader) -> Trader:
    """The same person, who has edited the condor twice."""
    edit(trader, name="Late condor", risk_params={"max_loss": 4000})
    legs = trader.strategy["legs"]
    wider = {**legs[1], "selector": {**legs[1]["selector"], "atm_offset": 9}}
    edit(trader, legs=[legs[0], wider, *legs[2:]])
    return trader


def edit(trader: Trader, **changes: object) -> None:
    strategy = trader.strategy
    path = f"/strategies/{strategy['strategy_id']}"
    trader.client.put(path, json={**strategy, **changes}).raise_for_status()


@pytest.fixture
def page(screen: Screen, trader: Trader) -> Page:
    """The versions of the condor."""
    screen.enter(f"/strategies/{trader.strategy['strategy_id']}/versions")
    expect(screen.page.get_by_role("heading", name="Versions", level=1)).to_be_visible()
    return screen.page


def test_every_version_is_there_with_who_when_and_what(page: Page, screen: Screen) -> None:
    listed = page.get_by_role("list", name="Versions, the newest first").get_by_role("listitem")

    expect(listed).to_have_count(3)
    expect(listed.nth(0)).to_contain_text("Version 3, traded at the next entry")
    expect(listed.nth(0)).to_contain_text("Leg 2: 1 change")
    expect(listed.nth(1)).to_contain_text("Strategy, Risk: 4 changes")
    expect(listed.nth(1)).to_contain_text("IST, by you")
    expect(listed.nth(2)).to_contain_text("The first draft")
    history = page.get_by_role("link", name="Walk through its history")
    expect(history).to_have_attribute("href", "#/history/" + page.url.split("/")[-2])
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator(f"html[data-mantine-color-scheme={scheme}]")).to_be_attached()
        assert screen.faults_of_access() == []


def test_any_two_versions_are_compared_in_the_words_of_the_trade(page: Page) -> None:
    differences = page.get_by_role("table", name="Version 2 and Version 3")
    expect(differences.get_by_role("row", name="Strike ATM + 7 ATM + 9")).to_be_visible()

    page.get_by_label("From").select_option("1")

    both = page.get_by_role("table", name="Version 1 and Version 3")
    expect(both.get_by_role("row", name="Name NIFTY Iron Condor Late condor")).to_be_visible()
    expect(both.get_by_role("row", name="Max loss ₹5,000 ₹4,000")).to_be_visible()
    expect(both.get_by_role("row", name="Strike ATM + 7 ATM + 9")).to_be_visible()


def test_a_version_is_restored_as_a_new_one_and_none_is_lost(page: Page, trader: Trader) -> None:
    page.get_by_role("button", name="Restore version 1").click()
    told = page.get_by_role("dialog")
    expect(told.get_by_role("row", name="Strike ATM + 9 ATM + 7")).to_be_visible()
    expect(told).to_contain_text("keeps the version it entered with")
    told.get_by_role("button", name="Restore it").click()

    listed = page.get_by_role("list", name="Versions, the newest first").get_by_role("listitem")
    expect(listed).to_have_count(4)
    expect(listed.nth(0)).to_contain_text("Version 1 again.")
    assert trader.strategy["name"] == "NIFTY Iron Condor"
    assert trader.strategy["definition_version"] == 4


def test_versions_can_be_read_on_a_phone(page: Page) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a size

    expect(page.get_by_role("table").first).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
