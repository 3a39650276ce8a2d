"""The time machine: a whole run, scrubbed, explained back to its cause, verified and kept."""

from __future__ import annotations

import json
import re
from datetime import datetime, time, timedelta
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from domain.calendar import IST
from tests.adapters.api.practice import condor
from tests.live.trader import HEDGES_WITHIN_S
from tests.web.conftest import opened, watched
from tests.web.platform_at_work import PlatformAtWork, Wanted
from tests.web.screen import Screen
from tests.web.trader import Trader

#: A platform whose day passes in minutes.
PLATFORM = Wanted(at=time(10), speed=60)
PHONE = {"width": 390, "height": 844}
#: How long the condor of these tests is in the market: by the minute, as schedules are.
BEFORE, HELD = timedelta(minutes=2), timedelta(minutes=5)


@pytest.fixture(scope="module")
def run_id(trader: Trader) -> str:
    """A run of a condor that the schedule entered and left."""
    now = datetime.fromisoformat(trader.get("/market/session")["now"]).astimezone(IST)
    entry = (now + BEFORE).replace(second=0) + timedelta(minutes=1)
    schedule = {"entry_time": f"{entry:%H:%M}", "exit_time": f"{entry + HELD:%H:%M}"}
    targets = [{"account_id": trader.account_id, "multiplier": 1}]
    basket = trader.post("/baskets", {"name": "Weekly", "description": "", "targets": targets})
    trader.post(f"/baskets/{basket['basket_id']}/activate")
    waits = {"hedge_timeout_s": HEDGES_WITHIN_S}
    drafted = condor(name="Walked back", schedule=schedule, risk_params={}, **waits)
    strategy = trader.post(f"/baskets/{basket['basket_id']}/strategies", drafted)
    path = f"/strategies/{strategy['strategy_id']}"
    trader.post(f"{path}/activate")
    closed: str = trader.row(f"{path}/runs", stage="CLOSED")["run_id"]
    return closed


@pytest.fixture
def machine(screen: Screen, run_id: str) -> Page:
    """The page of the run, with its events on it."""
    screen.enter(f"/history/{run_id}")
    expect(screen.page.get_by_role("heading", name="Walked back")).to_be_visible()
    expect(said(screen.page, "Closed (its exit time has come)")).to_be_visible()
    return screen.page


def said(page: Page, words: str) -> Locator:
    """The first event that says so."""
    events = page.get_by_role("region", name="Events")
    return events.get_by_role("button", name=re.compile("^" + re.escape(words))).first


def event(page: Page, words: str) -> Locator:
    """The first event that says so, with all that belongs to it."""
    within = page.get_by_role("button", name=re.compile("^" + re.escape(words)))
    return (
        page.get_by_role("region", name="Events").get_by_role("listitem").filter(has=within).first
    )


def held(page: Page) -> dict[str, str]:
    """Units held then, by the side of each leg."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    expect(page.get_by_role("table", name="Legs")).to_be_visible()
    rows = page.get_by_role("table", name="Legs").locator("tbody tr").all()
    cells = [row.get_by_role("cell").all_inner_texts() for row in rows]
    return {f"{each[1]} {each[0]}": each[5] for each in cells}


def moment(page: Page) -> Locator:
    return page.get_by_role("status", name="The moment looked at")


def test_a_run_is_scrubbed_back_to_when_only_its_hedges_were_held(machine: Page) -> None:
    assert set(held(machine).values()) == {"0"}

    said(machine, "Shorts released: 2 orders").click()

    expect(said(machine, "Shorts released")).to_have_attribute("aria-current", "step")
    expect(machine.get_by_text("After: Shorts released: 2 orders")).to_be_visible()
    then = held(machine)
    assert {units for leg, units in then.items() if leg.startswith("BUY")} == {"65"}
    assert {units for leg, units in then.items() if leg.startswith("SELL")} == {"0"}
    expect(machine.get_by_text("Entering", exact=True)).to_be_visible()


def test_a_step_shows_what_the_event_changed(machine: Page) -> None:
    said(machine, "Shorts released: 2 orders").click()
    fill = said(machine, "Leg filled: SELL 65")
    fill.click()

    changed = machine.get_by_role("list", name="What this event changed")
    expect(changed).to_contain_text(re.compile(r"held: 0 → \u221265"))
    expect(machine.locator("mark").first).to_be_visible()
    expect(machine).to_have_url(re.compile(r"\?v=\d+$"))


def test_keys_and_the_player_go_through_the_whole_run(machine: Page) -> None:
    slider = machine.get_by_role("slider", name="Moment")
    slider.focus()

    slider.press("Home")
    expect(moment(machine)).to_contain_text("event 1 of")
    expect(machine.get_by_text("About to enter")).to_be_visible()
    slider.press("ArrowRight")
    expect(moment(machine)).to_contain_text("event 2 of")
    slider.press("End")
    expect(said(machine, "Closed (its exit time has come)")).to_have_attribute(
        "aria-current", "step"
    )

    machine.get_by_role("button", name="Play").click()
    expect(moment(machine)).to_contain_text("event 3 of")
    machine.get_by_role("button", name="Pause").click()
    expect(machine.get_by_role("button", name="Play")).to_be_visible()


def test_a_fill_is_walked_back_to_the_tick_of_the_schedule(machine: Page) -> None:
    event(machine, "Leg filled: BUY 65").get_by_role("button", name="Why?").click()

    causes = machine.get_by_role("list", name="Causes").get_by_role("listitem")
    expect(causes.first).to_contain_text("Leg filled: BUY 65")
    expect(causes.filter(has_text="Hedges released: 2 orders")).to_have_count(1)
    expect(causes.filter(has_text="The strategy was activated")).to_contain_text("You")
    tick = causes.filter(has_text="Run opened for")
    expect(tick).to_contain_text("The schedule")

    tick.get_by_role("link").click()
    expect(moment(machine)).to_contain_text("event 1 of")
    expect(said(machine, "Run opened for")).to_have_attribute("aria-current", "step")


def test_a_cause_in_the_strategy_leads_to_its_own_history(machine: Page) -> None:
    event(machine, "Leg filled: BUY 65").get_by_role("button", name="Why?").click()

    machine.get_by_role("link", name=re.compile("^Defined as IRON_CONDOR")).click()

    expect(said(machine, "Strategy drafted: Walked back")).to_have_attribute("aria-current", "step")
    expect(machine.get_by_text("Schedule: entry time")).to_be_visible()
    expect(machine.get_by_text("DRAFT", exact=True)).to_be_visible()


def test_the_chain_is_verified_and_the_export_holds_the_run(machine: Page, run_id: str) -> None:
    machine.get_by_role("button", name="Verify the chain").click()
    expect(machine.get_by_text(re.compile(r"^Nothing was altered: \d+ events"))).to_be_visible()

    with machine.expect_download() as download:
        machine.get_by_role("button", name=re.compile(r"^Export \d+ events")).click()

    kept = download.value
    assert kept.suggested_filename == f"{run_id}.jsonl"
    lines = [json.loads(line) for line in kept.path().read_text().splitlines()]
    assert {line["stream"] for line in lines} == {run_id}
    assert [line["version"] for line in lines] == list(range(1, len(lines) + 1))


def test_an_open_run_grows_by_itself(screen: Screen, trader: Trader) -> None:
    screen.enter()
    own = next(each for each in trader.items("/strategies") if each["name"] != "Walked back")
    started = trader.post(f"/strategies/{own['strategy_id']}/runs")["runs"][0]["run_id"]

    screen.open(f"/history/{started}")

    expect(said(screen.page, "Entered: ")).to_be_visible()
    events = screen.page.get_by_role("region", name="Events").get_by_role("button")
    expect(events.last).to_have_attribute("aria-current", "step")
    trader.post(f"/runs/{started}/exit", {"detail": "enough of it"})
    expect(said(screen.page, "Leaving (you asked for it): enough of it")).to_be_visible()
    expect(said(screen.page, "Closed (you asked for it)")).to_be_visible()
    expect(screen.page.get_by_label("The run as it is now")).to_contain_text("enough of it")


def test_runs_orders_and_strategies_are_found(screen: Screen, trader: Trader, run_id: str) -> None:
    screen.enter()
    page = screen.page
    page.get_by_role("link", name="History").click()
    find = page.get_by_label("Find")
    number = trader.items(f"/runs/{run_id}/orders")[0]["broker_order_id"]

    find.fill("walked")
    expect(page.get_by_role("table", name="Runs").get_by_role("link").first).to_have_text(
        "Walked back"
    )
    page.get_by_text("Orders", exact=True).last.click()
    find.fill(number)
    page.get_by_role("table", name="Orders").get_by_role("link").click()
    expect(said(page, "Hedges released: 2 orders")).to_be_visible()
    expect(said(page, "Run opened")).to_have_count(0)

    page.go_back()
    find.fill(run_id)
    find.press("Enter")
    expect(said(page, "Closed (its exit time has come)")).to_be_visible()


def test_what_is_nobodys_is_not_there(screen: Screen) -> None:
    screen.enter()

    with screen.refusals():
        screen.open("/history/RUN-NOBODY")
        expect(screen.page.get_by_role("alert")).to_contain_text("RUN-NOBODY")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_machine_can_be_used_by_everybody(
    browser: Browser, platform: PlatformAtWork, run_id: str, scheme: Literal["light", "dark"]
) -> None:
    for screen in watched(opened(browser, platform, scheme), platform):
        screen.enter("/history")
        expect(screen.page.get_by_role("table", name="Runs")).to_be_visible()
        assert screen.faults_of_access() == []
        screen.open(f"/history/{run_id}")
        said(screen.page, "Leg filled: SELL 65").click()
        expect(screen.page.locator("mark").first).to_be_visible()
        assert screen.faults_of_access() == []

        screen.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a size
        expect(said(screen.page, "Leg filled: SELL 65")).to_be_visible()
        wide = screen.page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= PHONE["width"]
        assert screen.faults_of_access() == []
