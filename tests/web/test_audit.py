"""The search of the audit: by who, what and when; all of it verified; who may not see it all."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.conftest import opened, watched
from tests.web.platform_at_work import SHARED, PlatformAtWork
from tests.web.screen import Screen
from tests.web.trader import Trader, chosen

PLATFORM = SHARED
PHONE = {"width": 390, "height": 844}


@dataclass(frozen=True)
class Other:
    user_id: str
    email: str


@pytest.fixture(scope="module")
def other(platform: PlatformAtWork, trader: Trader) -> Other:
    """Another user, who trades and is no auditor; they have signed in before."""
    admitted = trader.admits(name="Asha")
    chosen(platform, admitted["email"], admitted["one_time_password"])
    return Other(admitted["user_id"], admitted["email"])


@pytest.fixture
def audit(screen: Screen, other: Other) -> Page:
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


def test_what_happened_today_is_there_newest_first(audit: Page, other: Other) -> None:
    expect(hits(audit).filter(has_text=f"User admitted: {other.email} (trader)")).to_have_count(1)
    at = hits(audit).locator("time").evaluate_all("all => all.map(each => each.dateTime)")
    assert at == sorted(at, reverse=True)


def test_an_event_is_found_by_who_and_what(audit: Page, other: Other) -> None:
    audit.get_by_label("Who").fill(other.user_id)
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


def test_a_word_of_an_event_narrows_the_search(audit: Page, other: Other) -> None:
    event = hits(audit).filter(has_text=f"User admitted: {other.email}")

    event.get_by_role("button", name=other.user_id).click()

    expect(audit.get_by_label("Of what")).to_have_value(other.user_id)
    expect(hits(audit).last).to_contain_text(f"User admitted: {other.email}")
    hits(audit).last.get_by_role("link").click()
    expect(audit.get_by_role("heading", name=other.email)).to_be_visible()


def test_the_whole_record_is_verified_and_what_matches_is_exported(
    audit: Page, other: Other
) -> None:
    audit.get_by_role("button", name="Verify every chain").click()
    expect(
        audit.get_by_text(re.compile(r"^Nothing was altered: \d+ events in \d+ histories"))
    ).to_be_visible()
    audit.get_by_label("Of what").fill(other.user_id)
    search(audit)
    expect(hits(audit).last).to_contain_text("User admitted")

    with audit.expect_download() as download:
        audit.get_by_role("button", name="Export what matches").click()

    lines = download.value.path().read_text().splitlines()
    assert {json.loads(line)["stream"] for line in lines} == {other.user_id}


def test_a_search_for_everything_ever_is_refused_in_words(screen: Screen, other: Other) -> None:
    assert other
    screen.enter()

    with screen.refusals():
        screen.open("/audit?until=2026-11-19T00:00")
        expect(screen.page.get_by_role("alert")).to_contain_text("say from when until when")


def test_who_is_no_auditor_sees_their_own_part_and_why(screen: Screen, other: Other) -> None:
    screen.email = other.email
    screen.enter()
    expect(screen.page.get_by_role("link", name="Settings")).to_be_visible()
    expect(screen.page.get_by_role("link", name="Audit")).to_have_count(0)

    screen.open("/audit")

    expect(screen.page.get_by_text("the role of an auditor")).to_be_visible()
    expect(screen.page.get_by_label("Who")).to_be_disabled()
    expect(screen.page.get_by_role("button", name="Verify every chain")).to_have_count(0)
    expect(hits(screen.page).first).to_contain_text("You")
    assert screen.faults_of_access() == []
    screen.open(f"/history/{other.user_id}")
    expect(screen.page.get_by_role("heading", name=other.email)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_audit_can_be_used_by_everybody(
    browser: Browser,
    platform: PlatformAtWork,
    email: str,
    other: Other,
    scheme: Literal["light", "dark"],
) -> None:
    assert other
    for screen in watched(opened(browser, platform, scheme), platform, email):
        screen.enter("/audit")
        hits(screen.page).first.get_by_text("Raw event").click()
        expect(hits(screen.page).locator("pre")).to_contain_text('"hash"')
        assert screen.faults_of_access() == []

        screen.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a size
        wide = screen.page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= PHONE["width"]
        assert screen.faults_of_access() == []
