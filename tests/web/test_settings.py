"""Settings: who one is, what one signs in with, where one is told, and who else may come in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pyotp
from playwright.sync_api import Locator, expect

from tests.web.platform_at_work import PASSWORD, SHARED
from tests.web.screen import Screen
from tests.web.trader import Trader, chosen

PLATFORM = SHARED
ASHA = "asha@example.com"
ASHAS = "quite-another-long-password-9"
#: Seconds in which an authenticator shows one code.
STEP_S = 30


def code_of(secret: str, steps: int = 0) -> str:
    """What the authenticator shows; or at its next step, as no code is good twice."""
    return pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=STEP_S * steps))


def panel(screen: Screen, name: str) -> Locator:
    """A part of the page, by its title."""
    return screen.page.get_by_role("region", name=name, exact=True)


def test_a_profile_that_was_changed_elsewhere_shows_both_and_loses_none(
    screen: Screen, elsewhere: Screen
) -> None:
    screen.enter("/settings")
    elsewhere.enter("/settings")
    name = screen.page.get_by_label("Name", exact=True)
    name.fill("Asha")

    elsewhere.page.get_by_label("Name", exact=True).fill("Asha Rao")
    elsewhere.page.get_by_role("button", name="Save profile").click()
    expect(elsewhere.page.get_by_text("Saved.")).to_be_visible()

    stale = screen.page.get_by_role("alert").filter(has_text="It was changed meanwhile")
    expect(stale).to_contain_text("Asha Rao")
    expect(name).to_have_value("Asha")
    assert screen.faults_of_access() == []
    screen.page.get_by_role("button", name="Go on with mine").click()
    screen.page.get_by_role("button", name="Save profile").click()
    expect(screen.page.get_by_text("Saved.")).to_be_visible()
    expect(elsewhere.page.get_by_label("Name", exact=True)).to_have_value("Asha")


def test_a_time_zone_that_is_none_is_refused_at_its_field(screen: Screen) -> None:
    screen.enter("/settings")

    with screen.refusals():
        screen.page.get_by_label("Time zone").fill("Nowhere/Town")
        screen.page.get_by_role("button", name="Save profile").click()
        expect(screen.page.get_by_text("is no time zone of the IANA list")).to_be_visible()


def admitted(screen: Screen) -> str:
    """An admin adds a user; answers what is told once."""
    page = screen.page
    screen.enter("/settings/users")
    page.get_by_role("button", name="Add a user").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail address").fill(ASHA)
    dialog.get_by_label("Name (optional)").fill("Asha")
    dialog.get_by_role("button", name="Add them").click()
    told = dialog.get_by_label("One-time password", exact=True).inner_text()
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_role("row", name=re.compile(ASHA))).to_contain_text("trader")
    return told


def act_on_asha(screen: Screen, what: str) -> None:
    screen.page.get_by_role("button", name=f"Actions for {ASHA}").click()
    screen.page.get_by_role("menuitem", name=what).click()


def enrol(screen: Screen) -> str:
    """Set up an authenticator on the page of security; answers its secret."""
    screen.open("/settings/security")
    part = panel(screen, "Authenticator")
    part.get_by_label("Your password").fill(ASHAS)
    part.get_by_role("button", name="Set up an authenticator").click()
    expect(part.get_by_role("img", name=re.compile("QR code"))).to_be_visible()
    secret = part.get_by_label("The secret, to be typed").inner_text().replace(" ", "")
    assert screen.faults_of_access() == []
    part.get_by_label("Code of your authenticator").fill(code_of(secret))
    part.get_by_role("button", name="Confirm the code").click()
    expect(part.get_by_text("Enrolled", exact=True)).to_be_visible()
    return secret


def test_a_user_is_added_enrols_an_authenticator_and_is_reset_and_disabled(
    screen: Screen, elsewhere: Screen
) -> None:
    elsewhere.come_in(ASHA, admitted(screen), password=ASHAS)
    expect(elsewhere.page.get_by_role("link", name="Users and roles")).to_have_count(0)
    secret = enrol(elsewhere)
    elsewhere.page.get_by_role("button", name="You").click()
    elsewhere.page.get_by_role("menuitem", name="Sign out").click()

    with elsewhere.refusals():
        elsewhere.sign_in(ASHAS, ASHA)
        elsewhere.page.get_by_label("Code of your authenticator").fill(code_of(secret, 1))
        elsewhere.page.get_by_role("button", name="Sign in").click()
        expect(elsewhere.page.get_by_role("navigation", name="Pages")).to_be_visible()

    act_on_asha(screen, "Change roles")
    screen.page.get_by_role("dialog").get_by_label("viewer").check()
    screen.page.get_by_role("button", name="Give these roles").click()
    expect(screen.page.get_by_role("row", name=re.compile(ASHA))).to_contain_text("viewer")
    with elsewhere.refusals():
        act_on_asha(screen, "Reset password")
        screen.page.get_by_role("button", name="Reset it").click()
        told = screen.page.get_by_label("One-time password", exact=True)
        expect(told).to_be_visible()
        screen.page.get_by_role("button", name="Done").click()
        elsewhere.open("/settings/security")
        expect(elsewhere.page.get_by_role("heading", name="Sign in")).to_be_visible()
    act_on_asha(screen, "Disable")
    screen.page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(screen.page.get_by_role("row", name=re.compile(ASHA))).to_contain_text("Disabled")
    assert screen.faults_of_access() == []


def test_one_is_told_where_one_says_and_the_address_is_not_shown_again(screen: Screen) -> None:
    screen.enter("/settings/notifications")
    page = screen.page
    with screen.refusals():
        page.get_by_label("Name of the new target").fill("phone")
        page.get_by_label("Address", exact=True).fill("nonsense")
        page.get_by_role("button", name="Add it").click()
        expect(page.get_by_label("Address", exact=True)).to_have_attribute("data-invalid", "true")

    page.get_by_label("Address", exact=True).fill("tgram://123456789:abcdefg_hijklmnop/12315544/")
    page.get_by_role("button", name="Add it").click()

    row = page.get_by_role("row", name=re.compile("phone"))
    expect(row).to_contain_text("Telegram", timeout=20_000)
    assert "abcdefg_hijklmnop" not in page.content()
    page.get_by_role("switch", name="Text messages").click()
    least = page.get_by_role("combobox", name="Text messages: what is told")
    expect(least).to_be_enabled()
    page.reload()
    expect(page.get_by_role("switch", name="Text messages")).to_be_checked()
    assert screen.faults_of_access() == []
    page.get_by_role("button", name="Remove phone").click()
    sure = page.get_by_role("dialog", name="Remove phone?")
    expect(sure).to_contain_text("is told nothing any more; so far it is told ")
    expect(row).to_have_count(1)
    sure.get_by_role("button", name="Remove it").click()
    expect(row).to_have_count(0)


def somebody(trader: Trader) -> str:
    """Whose password may be changed: their address."""
    made = trader.admits()
    email: str = made["email"]
    chosen(trader.platform, email, made["one_time_password"])
    return email


def test_the_password_is_changed_and_sessions_elsewhere_end(
    screen: Screen, elsewhere: Screen, trader: Trader
) -> None:
    screen.email = elsewhere.email = somebody(trader)
    screen.enter("/settings/security")
    elsewhere.enter()
    part = panel(screen, "Password")
    with screen.refusals():
        part.get_by_label("Present password").fill("not-this-one")
        for field in ("New password", "New password again"):
            part.get_by_label(field, exact=True).fill(ASHAS)
        part.get_by_role("button", name="Change password").click()
        expect(part.get_by_text("e-mail address or password is wrong")).to_be_visible()

    part.get_by_label("Present password").fill(PASSWORD)
    with elsewhere.refusals():  # whatever it asks for next, at once or on another page
        part.get_by_role("button", name="Change password").click()
        expect(part.get_by_text("Changed.")).to_be_visible()
        elsewhere.open("/settings/about")
        expect(elsewhere.page.get_by_role("heading", name="Sign in")).to_be_visible()
    screen.page.reload()
    expect(screen.page.get_by_role("heading", name="Security")).to_be_visible()


def test_the_page_about_names_whose_work_is_inside(screen: Screen) -> None:
    screen.enter()

    screen.page.get_by_role("link", name="Settings").click()
    screen.page.get_by_role("link", name="About").click()

    expect(screen.page.get_by_text("TradingView Lightweight Charts")).to_be_visible()
