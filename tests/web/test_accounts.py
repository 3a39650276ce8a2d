"""Accounts: what a paper one may do, and one at Zerodha from its link to the end of its session."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from adapters.rehearsal import Rehearsal
from adapters.simulators.kite.process import KiteProcess, start_kite_process
from adapters.simulators.kite.sessions import KiteApp
from adapters.simulators.kite.spec import KiteSpec
from domain.calendar import at_ist
from tests.live.own_process import LiveProcess
from tests.live.trader import API_KEY, API_SECRET, LOGIN
from tests.live.trader import PASSWORD as LIVE_PASSWORD
from tests.web.conftest import opened, watched
from tests.web.platform_at_work import DAY, KIND, SHARED, PlatformAtWork
from tests.web.screen import Screen

PLATFORM = SHARED
#: Of the day at Zerodha.
BEGIN = time_of_day(8, 40)
SPEED = 10.0
IN_WORDS = "this account is AB1234's, and XY9999 logged in"


class LiveAtWork(PlatformAtWork):
    """`atp up --live`, with a Kite of another site behind it."""

    def __init__(self, folder: Path) -> None:
        begun = {"wall_start": datetime.now(UTC) + timedelta(seconds=1), "speed": SPEED}
        rehearsal = Rehearsal.model_validate({**begun, "market_start": at_ist(DAY, BEGIN)})
        told = {"rules": KIND, **rehearsal.model_dump()}
        self.kite: KiteProcess = start_kite_process(folder / "kite", KiteSpec.model_validate(told))
        live = LiveProcess(folder, self.kite, rehearsal)  # its password is chosen
        self.home, self.port, self.process = live.home, live.port, live.process
        self.url = f"http://localhost:{live.port}"  # Kite is at 127.0.0.1
        self.one_time_password = ""

    def log_in_as(self, account_id: str, user_id: str) -> None:
        """Whoever goes to Kite's login page with the app's key is this person from now on."""
        self.kite.add(
            KiteApp(
                account=account_id,
                api_key=API_KEY,
                api_secret=API_SECRET,
                user_id=user_id,
                redirect_url=f"{self.url}/accounts/callback",
            )
        )

    def stop(self) -> None:
        super().stop()
        self.kite.stop()


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveAtWork]:
    started = LiveAtWork(tmp_path)
    yield started
    started.stop()


@pytest.fixture
def live_screen(browser: Browser, live: LiveAtWork) -> Iterator[Screen]:
    yield from watched(opened(browser, live), live)


def link(page: Page) -> str:
    """Link an account at Zerodha, and give its keys; answers its id."""
    page.get_by_role("link", name="Accounts", exact=True).click()
    page.get_by_role("button", name="Link an account").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Broker").click()
    page.get_by_role("option", name="Zerodha").click()
    dialog.get_by_label("Name").fill("My Zerodha")
    dialog.get_by_role("button", name="Link it").click()
    expect(page.get_by_role("heading", name="My Zerodha")).to_be_visible()
    expect(page.get_by_role("button", name="Log in at Zerodha")).to_be_disabled()
    page.get_by_label("API key").fill(API_KEY)
    page.get_by_label("API secret").fill(API_SECRET)
    page.get_by_role("button", name="Keep them").click()
    expect(page.get_by_text("They are in the vault")).to_be_visible()
    assert API_SECRET not in page.content()
    return page.url.rpartition("/")[2]


def test_an_account_at_zerodha_is_linked_logged_in_and_out(
    live: LiveAtWork, live_screen: Screen
) -> None:
    page = live_screen.page
    live_screen.open()
    live_screen.sign_in(LIVE_PASSWORD)
    account_id = link(page)
    live.log_in_as(account_id, LOGIN)

    page.get_by_role("button", name="Log in at Zerodha").click()

    expect(page.get_by_text("Logged in", exact=True)).to_be_visible()
    assert page.url.startswith(f"{live.url}/#/accounts/{account_id}")
    assert "request_token" not in page.url
    expect(page.get_by_role("timer", name="Session ends in")).to_have_text(re.compile(r"^21 h"))
    expect(page.get_by_text("until 06:00 IST, Thu 19 Nov")).to_be_visible()
    expect(page.get_by_role("region", name="Funds")).to_contain_text("Available₹")
    assert live_screen.faults_of_access() == []

    live.log_in_as(account_id, "XY9999")
    page.get_by_role("button", name="Log in anew").click()
    expect(page.get_by_role("alert")).to_contain_text(IN_WORDS)
    page.get_by_role("link", name="Log in again").click()
    expect(page.get_by_text("Nobody is logged in")).to_be_visible()

    live.log_in_as(account_id, LOGIN)
    page.get_by_role("button", name="Log in at Zerodha").click()
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("dialog").get_by_role("button", name="Log out").click()
    expect(page.get_by_text("Not logged in")).to_be_visible()


def test_an_address_made_up_by_others_says_nothing_on_the_desk(screen: Screen) -> None:
    """Only a login that was begun in this tab has anything to tell."""
    screen.enter()

    screen.open("/accounts?refused=Call+us+at+0800+and+tell+your+password")

    expect(screen.page.get_by_role("table", name="Accounts")).to_be_visible()
    expect(screen.page.get_by_role("alert")).to_have_count(0)


def to_the_paper_account(screen: Screen) -> None:
    screen.enter("/accounts")
    screen.page.get_by_role("table", name="Accounts").get_by_role("link", name="Paper").click()
    expect(screen.page.get_by_role("heading", name="Paper", exact=True)).to_be_visible()


def test_limits_are_set_and_refused_at_their_field(screen: Screen) -> None:
    to_the_paper_account(screen)
    page = screen.page
    expect(page.get_by_role("region", name="Funds")).to_contain_text(
        re.compile(r"Cash₹5\d,\d\d,\d\d\d")
    )
    save = page.get_by_role("button", name="Save limits")
    expect(save).to_be_disabled()

    with screen.refusals():
        page.get_by_label("Lots", exact=True).fill("0")
        save.click()
        expect(page.get_by_label("Lots", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Lots", exact=True).fill("8")
    page.get_by_label("Loss in a day").fill("25000")
    save.click()

    expect(page.get_by_text("Kept. They hold for what is entered from here on.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Loss in a day")).to_have_value("25,000")
    assert screen.faults_of_access() == []


def test_a_limit_changed_elsewhere_is_shown_beside_ones_own(
    screen: Screen, elsewhere: Screen
) -> None:
    to_the_paper_account(screen)
    mine = screen.page.get_by_label("Open runs")
    mine.fill("2")
    to_the_paper_account(elsewhere)
    elsewhere.page.get_by_label("Open runs").fill("5")
    elsewhere.page.get_by_role("button", name="Save limits").click()
    expect(elsewhere.page.get_by_text("Kept.")).to_be_visible()

    stale = screen.page.get_by_role("alert").filter(has_text="It was changed meanwhile")
    expect(stale.get_by_role("row", name=re.compile("Open runs"))).to_contain_text("25")
    screen.page.get_by_role("button", name="Take what is there").click()
    expect(mine).to_have_value("5")
