"""A session that ends: the desk says so, asks to sign in, and goes on where one was."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from tests.web.platform_at_work import PASSWORD, SHARED
from tests.web.screen import Screen
from tests.web.trader import Trader

PLATFORM = SHARED
OTHER = "another-long-password-8"
ENDED = "Your session has ended. Sign in again."


def sessions_end(trader: Trader) -> None:
    """All but the trader's own, as they change their password beside the screen, and back."""
    for present, chosen in ((PASSWORD, OTHER), (OTHER, PASSWORD)):
        sent = {"current_password": present, "new_password": chosen}
        token = trader.post("/auth/password", sent)["access_token"]
        trader.client.headers["Authorization"] = f"Bearer {token}"


def told(page: Page) -> None:
    """The desk asks to sign in again, and says why."""
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_text(ENDED)


def posted(page: Page, path: str) -> list[str]:
    """What is sent there from here on."""
    sent: list[str] = []
    page.on(
        "request",
        lambda each: (
            sent.append(each.url) if each.method == "POST" and each.url.endswith(path) else None
        ),
    )
    return sent


def test_an_exit_asked_for_as_the_session_ends_is_asked_again_by_the_trader_alone(
    screen: Screen, trader: Trader
) -> None:
    page = screen.page
    run_id = trader.entered()
    order = f"/orders/{run_id}-ENTRY-1"
    screen.enter()
    screen.open(order)
    sent = posted(page, "/exit")

    def too_late(route: Route) -> None:
        sessions_end(trader)
        route.continue_()

    page.route("**/exit", too_late, times=1)
    with screen.refusals():
        page.get_by_role("button", name="Exit the run").click()
        page.get_by_role("dialog").get_by_role("button", name="Exit now").click()
        told(page)
    screen.sign_in()

    expect(page.get_by_role("button", name="Exit the run")).to_be_visible()
    expect(page).to_have_url(re.compile(f"#{order}$"))
    assert len(sent) == 1
    assert trader.get(f"/runs/{run_id}")["stage"] == "OPEN"
    page.get_by_role("button", name="Exit the run").click()
    page.get_by_role("dialog").get_by_role("button", name="Exit now").click()
    trader.closed(run_id)
    assert len(sent) == 2


def test_a_desk_that_nobody_touches_notices_that_its_session_ended(
    screen: Screen, trader: Trader
) -> None:
    page = screen.page
    screen.enter()
    screen.open("/positions?account=" + trader.account_id)
    expect(page.get_by_role("heading", name="Positions")).to_be_visible()

    with screen.refusals():
        sessions_end(trader)
        told(page)
    screen.sign_in()

    expect(page.get_by_role("heading", name="Positions")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"#/positions\?account={trader.account_id}$"))


def test_what_was_typed_when_the_session_ended_is_there_again(
    screen: Screen, trader: Trader
) -> None:
    page = screen.page
    screen.enter()
    screen.open("/strategies/new?template=iron-condor")
    name = page.get_by_label("Name", exact=True)
    name.fill("Half made")
    page.get_by_label("Name of the new basket").fill("Its basket")

    with screen.refusals():
        sessions_end(trader)
        told(page)
    screen.sign_in()

    expect(name).to_have_value("Half made")
    expect(page.get_by_label("Name of the new basket")).to_have_value("Its basket")
    page.get_by_role("link", name="Today").click()
    expect(page.get_by_role("dialog", name="Leave without saving?")).to_be_visible()


def test_a_page_that_is_opened_after_its_session_ended_says_so_and_is_kept(
    screen: Screen, trader: Trader
) -> None:
    page = screen.page
    screen.enter()
    screen.open("/baskets/new")
    expect(page.get_by_role("heading", name="New basket")).to_be_visible()

    with screen.refusals():
        page.goto("about:blank")
        sessions_end(trader)
        page.goto("/#/baskets/new")
        told(page)
    screen.sign_in()

    expect(page.get_by_role("heading", name="New basket")).to_be_visible()


def test_a_session_is_taken_up_once_the_platform_answers(screen: Screen) -> None:
    page = screen.page
    screen.enter()
    screen.open("/positions")

    before = len(screen.complaints)
    page.route("**/auth/refresh", lambda route: route.abort(), times=1)
    page.reload()

    expect(page.get_by_role("heading", name="Positions")).to_be_visible()
    said = screen.complaints[before:]
    assert len(said) == 1
    assert "net::ERR_FAILED" in said[0]
    del screen.complaints[before:]
