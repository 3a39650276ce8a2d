"""Every page can be used by everybody: in both schemes, and none is wider than a phone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.web.platform_at_work import SHARED
from tests.web.screen import Screen
from tests.web.trader import Trader

PLATFORM = SHARED
Scheme = Literal["light", "dark"]
#: The rules of axe that a scheme can break.
OF_COLOUR: Final = ("color-contrast", "link-in-text-block")
#: How wide the page is once what is drawn was told how wide its box is: some frames later.
DRAWN: Final = """async (wide) => {
  const page = document.documentElement;
  for (let frame = 0; frame < 200 && page.scrollWidth > wide; frame++) {
    await new Promise(requestAnimationFrame);
  }
  return page.scrollWidth;
}"""
DESK: Final[ViewportSize] = {"width": 1280, "height": 800}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def addresses(trader: Trader) -> Mapping[str, str]:
    """Every page of the desk, with a condor on it that is entered and another that is resting."""
    run_id = trader.entered()
    condor = trader.strategy
    order = f"{run_id}-ENTRY-1"
    return {
        "today": "/",
        "start": "/start",
        "strategies": "/strategies",
        "templates": "/strategies/new",
        "builder": f"/strategies/{condor['strategy_id']}",
        "versions": f"/strategies/{condor['strategy_id']}/versions",
        "baskets": "/baskets",
        "new basket": "/baskets/new",
        "import": "/baskets/import",
        "basket": f"/baskets/{condor['basket_id']}",
        "orders": "/orders",
        "order": f"/orders/{order}",
        "positions": "/positions",
        "history": "/history",
        "run": f"/history/{run_id}",
        "story of a strategy": f"/history/{condor['strategy_id']}",
        "accounts": "/accounts",
        "account": f"/accounts/{trader.account_id}",
        "inbox": "/inbox",
        "audit": "/audit",
        "profile": "/settings",
        "security": "/settings/security",
        "notifications": "/settings/notifications",
        "users": "/settings/users",
        "about": "/settings/about",
    }


def dressed(page: Page, scheme: Scheme) -> None:
    """Show it so."""
    page.emulate_media(color_scheme=scheme)
    expect(page.locator(f"html[data-mantine-color-scheme={scheme}]")).to_be_attached()


def settled(page: Page) -> None:
    """Wait until the page shows what it was asked for, or says why it does not."""
    expect(page.locator("#main[aria-busy=false]")).to_be_attached()
    expect(page.locator("#main h1, #main [role=alert]").first).to_be_visible()
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)
    expect(page.get_by_text(re.compile("^Waiting for"))).to_have_count(0)


def overhang(page: Page) -> int:
    """How many pixels of the page a phone does not show without scrolling to the side."""
    page.set_viewport_size(PHONE)
    wide: int = page.evaluate(DRAWN, PHONE["width"])
    page.set_viewport_size(DESK)
    return wide - PHONE["width"]


def found(screen: Screen) -> list[str]:
    """What is wrong with what is shown, by day; and by night, when nothing but colours differs."""
    dressed(screen.page, "light")
    faults = [f"light: {each}" for each in screen.faults_of_access()]
    dressed(screen.page, "dark")
    return faults + [f"dark: {each}" for each in screen.faults_of_access(*OF_COLOUR)]


def test_every_page_can_be_used_by_everybody_and_fits_a_phone(
    screen: Screen, addresses: Mapping[str, str]
) -> None:
    screen.enter()
    faults: dict[str, list[str]] = {}
    too_wide: dict[str, int] = {}

    for name, address in addresses.items():
        screen.open(address)
        settled(screen.page)
        faults[name] = found(screen)
        too_wide[name] = overhang(screen.page)

    assert {name: said for name, said in faults.items() if said} == {}
    assert {name: wide for name, wide in too_wide.items() if wide > 0} == {}


#: What opens a dialog: the page it is on, and what its button begins with.
DIALOGS: Final = (
    ("today", "Stop trading"),
    ("today", "Start a strategy now"),
    ("today", "Exit now"),
    ("resting", "Change the limit"),
    ("resting", "Cancel the entry"),
    ("order", "Exit the run"),
    ("positions", "Exit "),
    ("accounts", "Link an account"),
    ("account", "Unlink"),
    ("basket", "Delete"),
    ("basket", "Deactivate"),
    ("builder", "Deactivate"),
    ("users", "Add a user"),
)


def test_every_dialog_can_be_used_by_everybody(
    screen: Screen, addresses: Mapping[str, str], trader: Trader
) -> None:
    page = screen.page
    trader.resting(2)
    places = {**addresses, "resting": f"/orders/{trader.start()}-ENTRY-1"}
    screen.enter()
    faults: dict[str, list[str]] = {}

    for place, verb in DIALOGS:
        screen.open(places[place])
        settled(page)
        page.get_by_role("button", name=re.compile(f"^{verb}")).first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        faults[f"{place}: {verb}"] = found(screen)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)

    assert {name: said for name, said in faults.items() if said} == {}


def test_what_stands_before_the_desk_can_be_used_by_everybody(
    screen: Screen, trader: Trader
) -> None:
    page = screen.page
    made = trader.admits()
    screen.open()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert found(screen) == []

    with screen.refusals():
        screen.sign_in("not-the-password", made["email"])
        expect(page.get_by_role("alert")).to_be_visible()
    assert found(screen) == []

    screen.sign_in(made["one_time_password"], made["email"])
    expect(page.get_by_role("heading", name="Choose your password")).to_be_visible()
    assert found(screen) == []
    assert overhang(page) == 0
