"""Coming in: the one-time password, a session that goes on, and one that ends."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.web.platform_at_work import PASSWORD, SHARED
from tests.web.screen import Screen
from tests.web.trader import Trader

PLATFORM = SHARED


def test_a_one_time_password_leads_to_the_desk_once_it_was_changed(
    screen: Screen, trader: Trader
) -> None:
    made = trader.admits()

    screen.come_in(made["email"], made["one_time_password"])

    expect(screen.page.get_by_role("status", name="Connection: Live")).to_be_visible()


def test_a_page_loaded_again_is_still_signed_in_and_keeps_nothing_a_script_can_read(
    screen: Screen,
) -> None:
    screen.enter()

    screen.page.reload()

    expect(screen.page.get_by_role("navigation", name="Pages")).to_be_visible()
    kept = screen.page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "eyJ" not in kept
    assert screen.page.evaluate("() => document.cookie") == "atp_session=1"
    cookie = next(c for c in screen.page.context.cookies() if c["name"] == "atp_refresh")
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/auth")


def test_who_signs_out_is_out_in_every_tab(screen: Screen) -> None:
    screen.enter()
    other = screen.page.context.new_page()
    other.goto(screen.platform.url)
    expect(other.get_by_role("navigation", name="Pages")).to_be_visible()

    screen.page.get_by_role("button", name="You").click()
    screen.page.get_by_role("menuitem", name="Sign out").click()

    expect(screen.page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(other.get_by_text("You signed out in another tab.")).to_be_visible()


def test_a_wrong_password_is_refused_in_words(screen: Screen) -> None:
    screen.open()

    with screen.refusals():
        screen.sign_in("not-the-password")
        told = screen.page.get_by_role("alert")
        expect(told).to_contain_text("e-mail address or password is wrong")

    screen.sign_in(PASSWORD)
    expect(screen.page.get_by_role("navigation", name="Pages")).to_be_visible()
