"""The search of the audit: by who, what and when; all of it verified; who may not see it all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import time

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.conftest import watched
from tests.web.platform_at_work import PASSWORD, PlatformAtWork
from tests.web.screen import Screen
from tests.web.trader import Trader, signed_up

PHONE = {"width": 390, "height": 844}
OTHER = "asha@example.com"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformAtWork]:
    """A platform in the middle of a day."""
    started = PlatformAtWork(tmp_path_factory.mktemp("home") / "atp", at=time(10), speed=10)
    signed_up(started)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def trader(platform: PlatformAtWork) -> Trader:
    return Trader(platform)


@pytest.fixture(scope="module")
def other(platform: PlatformAtWork, trader: Trader) -> str:
    """Another user, who trades and is no auditor; they have signed in before."""
    admitted = trader.post("/users", {"email": OTHER, "name": "Asha"})
    told = {"email": OTHER, "password": admitted["one_time_password"]}
    with httpx.Client(base_url=platform.url, timeout=20) as client:
        token = client.post("/auth/login", json=told).raise_for_status().json()["access_token"]
        client.post(
            "/auth/password",
            json={"current_password": told["password"], "new_password": PASSWORD},
            headers={"Authorization": f"Bearer {token}"},
        ).raise_for_status()
    user_id: str = admitted["user_id"]
    return user_id


@pytest.fixture
def audit(screen: Screen, other: str) -> Page:
    """The page as an auditor comes to it."""
    assert other
    screen.enter()
    screen.page.get_by_role("link", name="Audit").click()
    expect(hits(screen.page).first).to_be_visible()
    return screen.page


def hits(page: Page) -> Locator:
    return page.get_by_role("list", name="Events").get_by_role("listitem")


def search(page: Page) -> None:
    page.get_by_role("button", name="Search").click()


def test_what_happened_today_is_there_newest_first(audit: Page) -> None:
    expect(hits(audit).filter(has_text=f"User admitted: {OTHER} (trader)")).to_have_count(1)
    at = hits(audit).locator("time").evaluate_all("all => all.map(each => each.dateTime)")
    assert at == sorted(at, reverse=True)


def test_an_event_is_found_by_who_and_what(audit: Page, other: str) -> None:
    audit.get_by_label("Who").fill(other)
    search(audit)
    expect(hits(audit).filter(has_text="Signed in by password")).not_to_have_count(0)
    expect(hits(audit).filter(has_text="User admitted")).to_have_count(0)

    audit.get_by_label("What happened").select_option("user.credential_changed")
    search(audit)
    expect(hits(audit)).to_have_count(1)
    expect(hits(audit)).to_contain_text("Sign-in changed: password")

    audit.get_by_label("What happened").select_option("run.closed")
    search(audit)
    expect(audit.get_by_text("Nothing matches.")).to_be_visible()
    audit.go_back()
    expect(hits(audit)).to_contain_text("Sign-in changed: password")


def test_a_word_of_an_event_narrows_the_search(audit: Page, other: str) -> None:
    event = hits(audit).filter(has_text=f"User admitted: {OTHER}")

    event.get_by_role("button", name=other).click()

    expect(audit.get_by_label("Of what")).to_have_value(other)
    expect(hits(audit).last).to_contain_text(f"User admitted: {OTHER}")
    hits(audit).last.get_by_role("link").click()
    expect(audit.get_by_role("heading", name=OTHER)).to_be_visible()


def test_the_whole_record_is_verified_and_what_matches_is_exported(audit: Page, other: str) -> None:
    audit.get_by_role("button", name="Verify every chain").click()
    expect(
        audit.get_by_text(re.compile(r"^Nothing was altered: \d+ events in \d+ histories"))
    ).to_be_visible()
    audit.get_by_label("Of what").fill(other)
    search(audit)
    expect(hits(audit).last).to_contain_text("User admitted")

    with audit.expect_download() as download:
        audit.get_by_role("button", name="Export what matches").click()

    lines = download.value.path().read_text().splitlines()
    assert {json.loads(line)["stream"] for line in lines} == {other}


def test_a_search_for_everything_ever_is_refused_in_words(screen: Screen, other: str) -> None:
    assert other
    screen.enter()

    with screen.refusals():
        screen.open("/audit?until=2026-11-19T00:00")
        expect(screen.page.get_by_role("alert")).to_contain_text("say from when until when")


def test_who_is_no_auditor_sees_their_own_part_and_why(screen: Screen, other: str) -> None:
    screen.open()
    screen.sign_in(email=OTHER)
    expect(screen.page.get_by_role("navigation", name="Pages")).to_be_visible()
    expect(screen.page.get_by_role("link", name="Settings")).to_be_visible()
    expect(screen.page.get_by_role("link", name="Audit")).to_have_count(0)

    screen.open("/audit")

    expect(screen.page.get_by_text("the role of an auditor")).to_be_visible()
    expect(screen.page.get_by_label("Who")).to_be_disabled()
    expect(screen.page.get_by_role("button", name="Verify every chain")).to_have_count(0)
    expect(hits(screen.page).first).to_contain_text("You")
    assert screen.faults_of_access() == []
    screen.open(f"/history/{other}")
    expect(screen.page.get_by_role("heading", name=OTHER)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_audit_can_be_used_by_everybody(
    browser: Browser, platform: PlatformAtWork, other: str, scheme: str
) -> None:
    assert other
    context = browser.new_context(
        viewport={"width": 1280, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        base_url=platform.url,
    )
    for screen in watched(context, platform):
        screen.enter()
        screen.open("/audit")
        hits(screen.page).first.get_by_text("Raw event").click()
        expect(hits(screen.page).locator("pre")).to_contain_text('"hash"')
        assert screen.faults_of_access() == []

        screen.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a size
        wide = screen.page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= PHONE["width"]
        assert screen.faults_of_access() == []
