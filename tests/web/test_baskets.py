"""Baskets: composed, edited beside somebody else, switched, deleted, and in and out as files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from adapters.demo import read_basket
from tests.web.platform_at_work import SHARED
from tests.web.screen import Screen
from tests.web.trader import CONDOR, Json, Trader, patient_basket

PLATFORM = SHARED


@pytest.fixture(scope="module")
def trader(trader: Trader) -> Trader:
    """The same person, with a second paper account."""
    second = {"broker": "paper", "account_name": "Second"}
    trader.post(f"/users/{trader.user_id}/broker-accounts", second)
    return trader


@pytest.fixture
def basket(trader: Trader) -> Json:
    """An empty basket that trades on the first account."""
    targets = [{"account_id": trader.account_id, "multiplier": 1}]
    return trader.post("/baskets", {"name": "Evenings", "targets": targets})


def sample(trader: Trader) -> Json:
    """The basket that every new trader has, with its condor: their oldest."""
    return trader.items("/baskets")[0]


def showing(screen: Screen, basket: Json) -> Page:
    screen.enter(f"/baskets/{basket['basket_id']}")
    expect(screen.page.get_by_role("heading", name=basket["name"], level=1)).to_be_visible()
    return screen.page


def edited(trader: Trader, basket: Json, **changes: object) -> None:
    """Somebody else saves it."""
    path = f"/baskets/{basket['basket_id']}"
    now = trader.get(path)
    trader.client.put(path, json={**now, "status": None, **changes}).raise_for_status()


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def test_a_basket_is_composed_for_two_accounts_with_a_multiplier_each(
    screen: Screen, trader: Trader
) -> None:
    screen.enter("/baskets")
    page = screen.page
    page.get_by_role("link", name="New basket").click()

    page.get_by_role("textbox", name="Name").fill("Weekly income")
    accounts = page.get_by_role("group", name="Accounts")
    for box in accounts.get_by_role("checkbox").all():
        box.check()
    accounts.get_by_label("Multiplier of Second").fill("3")
    page.get_by_role("button", name="Compose it").click()

    expect(page.get_by_role("heading", name="Weekly income")).to_be_visible()
    expect(page.get_by_text("None yet: without strategies it trades nothing.")).to_be_visible()
    assert screen.faults_of_access() == []
    stored = trader.row("/baskets", name="Weekly income")
    assert sorted(each["multiplier"] for each in stored["targets"]) == [1, 3]
    assert stored["status"] == "DRAFT"


def test_what_the_platform_refuses_stands_at_its_field(screen: Screen, basket: Json) -> None:
    page = showing(screen, basket)
    multiplier = page.get_by_label("Multiplier of Paper")

    multiplier.fill("101")
    with screen.refusals():
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("less than or equal to 100").first).to_be_visible()
    multiplier.fill("2")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    expect(page.get_by_text("less than or equal to 100")).to_have_count(0)


def test_an_edit_that_comes_too_late_stands_beside_the_other_and_neither_is_lost(
    screen: Screen, trader: Trader, basket: Json
) -> None:
    page = showing(screen, basket)

    def overtaken(route: Route) -> None:
        edited(trader, basket, name="Theirs")
        route.continue_()

    page.get_by_role("textbox", name="Name").fill("Mine")
    page.route(re.compile("/baskets/"), overtaken, times=1)
    with screen.refusals():
        page.get_by_role("button", name="Save").click()
        told = page.get_by_role("alert", name="It was changed meanwhile")
        expect(told.get_by_role("row", name="Name Mine Theirs")).to_be_visible()
    expect(page.get_by_role("heading", name="Theirs", level=1)).to_be_visible()

    told.get_by_role("button", name="Go on with mine").click()
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name="Mine", level=1)).to_be_visible()
    assert trader.get(f"/baskets/{basket['basket_id']}")["name"] == "Mine"


def test_what_another_saves_is_seen_while_one_still_writes(
    screen: Screen, trader: Trader, basket: Json
) -> None:
    page = showing(screen, basket)
    page.get_by_label("Description").fill("My own words")

    edited(trader, basket, description="Other words")

    told = page.get_by_role("alert", name="It was changed meanwhile")
    expect(told.get_by_role("row", name="Description My own words Other words")).to_be_visible()
    told.get_by_role("button", name="Take what is there").click()
    expect(page.get_by_label("Description")).to_have_value("Other words")
    expect(told).to_have_count(0)


def test_a_basket_is_deactivated_and_activated_once_it_was_said_what_that_means(
    screen: Screen, trader: Trader
) -> None:
    trader.post(f"/baskets/{sample(trader)['basket_id']}/activate")
    page = showing(screen, sample(trader))

    page.get_by_role("button", name="Deactivate").click()
    expect(dialog(page)).to_contain_text("What is open stays open")
    dialog(page).get_by_role("button", name="Deactivate it").click()
    expect(page.get_by_text("Inactive", exact=True)).to_be_visible()
    expect(page.get_by_text("the basket is INACTIVE: activate it")).to_be_visible()
    page.get_by_role("button", name="Activate").click()
    dialog(page).get_by_role("button", name="Activate it").click()

    expect(page.get_by_text("Inactive", exact=True)).to_have_count(0)
    assert sample(trader)["status"] == "ACTIVE"


def test_a_basket_that_holds_strategies_is_not_deleted_and_an_empty_one_is(
    screen: Screen, trader: Trader, basket: Json
) -> None:
    page = showing(screen, sample(trader))
    page.get_by_role("button", name="Delete").click()
    with screen.refusals():
        dialog(page).get_by_role("button", name="Delete it").click()
        expect(dialog(page).get_by_role("alert")).to_contain_text("delete its 1 strategies first")
    dialog(page).get_by_role("button", name="Back").click()

    screen.open(f"/baskets/{basket['basket_id']}")
    expect(page.get_by_role("heading", name="Evenings", level=1)).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    dialog(page).get_by_role("button", name="Delete it").click()

    expect(page.get_by_role("heading", name="Baskets", level=1)).to_be_visible()
    gone = basket["basket_id"]
    trader.until(lambda: gone not in [row["basket_id"] for row in trader.items("/baskets")] or None)


def test_runs_and_orders_of_a_basket_stand_on_its_page(screen: Screen, trader: Trader) -> None:
    page = showing(screen, sample(trader))

    trader.entered()

    runs = page.get_by_role("table", name="Runs")
    expect(runs.get_by_text("Open", exact=True).first).to_be_visible()
    orders = page.get_by_role("table", name="Orders")
    expect(orders.get_by_role("link", name="Entry, 4 legs").first).to_be_visible()
    expect(orders.get_by_text("Filled").first).to_be_visible()
    expect(page.get_by_text("Today")).not_to_have_count(0)


def test_an_exported_basket_is_read_by_the_command_line_and_imported_again(
    screen: Screen, trader: Trader, tmp_path: Path
) -> None:
    page = showing(screen, sample(trader))
    with page.expect_download() as coming:
        page.get_by_role("button", name="Export").click()
    file = tmp_path / coming.value.suggested_filename
    coming.value.save_as(file)
    assert read_basket(file).strategies == patient_basket().strategies

    screen.open("/baskets/import")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("Nothing is wrong with it.")).to_be_visible()
    assert screen.faults_of_access() == []
    page.get_by_label("Second").check()
    page.get_by_role("button", name="Import it").click()

    expect(
        page.get_by_role("table", name="Strategies").get_by_text("Draft", exact=True)
    ).to_be_visible()
    imported = trader.get(f"/baskets/{page.url.rpartition('/')[2]}")
    assert (imported["status"], len(imported["strategies"])) == ("DRAFT", 1)


def test_a_bad_file_shows_what_is_wrong_and_changes_nothing(
    screen: Screen, trader: Trader, tmp_path: Path
) -> None:
    before = trader.items("/baskets")
    file = tmp_path / "bad.json"
    told = json.loads(CONDOR.read_text())
    del told["strategies"][0]["schedule"]["entry_time"]
    screen.enter("/baskets/import")
    page = screen.page

    with screen.refusals():
        file.write_text(json.dumps(told))
        page.locator("input[type=file]").set_input_files(file)
        faults = page.get_by_role("list", name="Faults of NIFTY Iron Condor")
        expect(faults).to_contain_text("schedule.entry_time: Field required")
    expect(page.get_by_role("alert")).to_contain_text("nothing was changed")
    expect(page.get_by_role("button", name="Import it")).to_have_count(0)
    file.write_text("{")
    page.locator("input[type=file]").set_input_files(file)

    expect(page.get_by_role("alert")).to_contain_text("The file is no JSON.")
    assert trader.items("/baskets") == before


def test_who_may_only_look_is_offered_nothing_that_changes(screen: Screen, trader: Trader) -> None:
    made = trader.admits(roles=["viewer"])
    screen.come_in(made["email"], made["one_time_password"], "/baskets")

    page = screen.page
    expect(page.get_by_role("heading", name="Baskets", level=1)).to_be_visible()
    expect(page.get_by_text("No baskets yet")).to_be_visible()
    for way in ("New basket", "Import", "Compose one"):
        expect(page.get_by_role("link", name=way)).to_have_count(0)
