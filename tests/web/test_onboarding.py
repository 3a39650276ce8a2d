"""From the first start to a strategy that trades on paper: in few steps, and few requests."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Request, expect

from tests.web.platform_at_work import EMAIL, SHARED
from tests.web.screen import Screen
from tests.web.trader import Trader

PLATFORM = SHARED
#: What a person does, of the PRD's ten minutes: forms sent, links and buttons pressed.
STEPS = 8
#: Of these, from an empty desk to a strategy that is deployed: the PRD gives it two minutes.
DEPLOYING = 4
#: What is changed at the platform meanwhile.
CHANGES = 8


def step(screen: Screen, name: str) -> Locator:
    """A line of the checklist."""
    return screen.page.get_by_role("listitem", name=name, exact=True)


def is_done(screen: Screen, *names: str) -> None:
    for name in names:
        expect(step(screen, name).get_by_label("Done")).to_be_visible()


def is_to_do(screen: Screen, *names: str) -> None:
    for name in names:
        expect(step(screen, name).get_by_label("To do")).to_be_visible()


def test_the_first_start_finds_a_strategy_that_trades_on_paper_already(screen: Screen) -> None:
    screen.email = EMAIL  # nobody trades for the first user of the shared platform
    screen.enter()

    screen.page.get_by_role("link", name="Get started").click()

    is_done(screen, "Choose your password", "Have a paper account")
    is_done(screen, "Draw a strategy", "Activate it")
    is_to_do(screen, "Set up an authenticator", "See its first run")
    step(screen, "Activate it").get_by_role("link").click()
    expect(screen.page).to_have_url(re.compile(r"#/strategies/STRAT-"))


def test_a_new_trader_has_an_active_paper_strategy_after_a_few_steps(
    screen: Screen, trader: Trader
) -> None:
    made = trader.admits()
    page, changes = screen.page, list[str]()

    def seen(request: Request) -> None:
        if request.method not in ("GET", "HEAD") and "/preview/" not in request.url:
            changes.append(request.url)

    page.on("request", seen)
    screen.come_in(made["email"], made["one_time_password"])
    page.get_by_role("link", name="Get started").click()
    is_done(screen, "Choose your password", "Have a paper account")
    is_to_do(screen, "Draw a strategy", "Activate it")
    assert screen.faults_of_access() == []
    presses = (
        step(screen, "Draw a strategy").get_by_role("link", name="Draw one"),
        page.get_by_role("button", name=re.compile("^Iron condor")),
        page.get_by_role("button", name="Save and activate"),
        page.get_by_role("dialog").get_by_role("button", name="Activate"),
    )
    for press in presses:
        press.click()

    expect(page.get_by_text("Active", exact=True).first).to_be_visible()
    page.get_by_role("link", name="Get started").click()
    is_done(screen, "Draw a strategy", "Activate it")
    assert len(presses) <= DEPLOYING
    assert 3 + len(presses) <= STEPS  # signing in, the password, and the way to the checklist
    assert len(changes) <= CHANGES, changes
