"""Building a strategy: from a template or a blank, on the payoff chart and on the option chain."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.web.platform_at_work import SHARED
from tests.web.screen import Screen

PLATFORM = SHARED
#: From the list of strategies to an active one: clicks and fields filled, and changes asked for.
STEPS_TO_ACTIVE, CHANGES_TO_ACTIVE = 4, 4


@pytest.fixture
def builder(screen: Screen) -> Screen:
    """The builder with an iron condor on it, drawn and priced."""
    screen.enter("/strategies/new?template=iron-condor")
    expect(handles(screen.page)).to_have_count(4)
    return screen


def handles(page: Page) -> Locator:
    return page.get_by_role("slider")


def handle(page: Page, words: str) -> Locator:
    return page.get_by_role("slider", name=re.compile(words))


def figure(page: Page, name: str) -> Locator:
    """What stands under this name among the numbers."""
    numbers = page.get_by_label("What it takes and makes")
    return numbers.locator("div", has=page.get_by_text(name, exact=True)).locator("dd")


def panel(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def strike_of(found: Locator) -> int:
    return int(found.get_attribute("aria-valuenow") or 0)


def test_a_condor_from_the_template_is_drawn_priced_and_dated(builder: Screen) -> None:
    page = builder.page

    strikes = [strike_of(each) for each in handles(page).all()]
    sold_call, bought_call, sold_put, bought_put = strikes
    assert bought_put < sold_put < sold_call < bought_call
    expect(figure(page, "Net premium taken")).to_contain_text("₹")
    expect(figure(page, "Breakevens")).to_contain_text("·")
    expect(figure(page, "Margin")).to_contain_text("of ₹")
    expect(
        page.get_by_role("list", name="The next ten days").get_by_role("listitem")
    ).to_have_count(10)
    expect(panel(page, "Schedule")).to_contain_text("exchange holiday")
    assert builder.faults_of_access() == []


def test_a_strike_dragged_on_the_chart_changes_what_is_made_and_lost(builder: Screen) -> None:
    page = builder.page
    expect(figure(page, "Margin")).to_contain_text("of ₹")
    sold = handle(page, "sell CE")
    expect(sold).to_have_attribute("aria-valuetext", re.compile("OTM 3"))
    was, margin = figure(page, "Most to lose").inner_text(), figure(page, "Margin").inner_text()
    breakevens = figure(page, "Breakevens").inner_text()

    sold.hover()
    page.mouse.down()
    box = sold.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2 - 55, box["y"] + 60, steps=6)
    page.mouse.up()

    # Counted from the money, which may move by a strike meanwhile.
    expect(sold).not_to_have_attribute("aria-valuetext", re.compile("OTM 3"))
    assert strike_of(sold) % 50 == 0, "only listed strikes are taken"
    expect(figure(page, "Most to lose")).not_to_have_text(was)
    expect(figure(page, "Breakevens")).not_to_have_text(breakevens)
    expect(figure(page, "Margin")).not_to_have_text(margin)
    expect(panel(page, "Legs").get_by_role("row").nth(1)).not_to_contain_text("OTM 3")


def test_arrow_keys_move_a_strike_by_one_that_is_listed(builder: Screen) -> None:
    bought = handle(builder.page, "buy PE")
    expect(bought).to_have_attribute("aria-valuetext", re.compile("OTM 7"))

    bought.press("ArrowLeft")
    expect(bought).to_have_attribute("aria-valuetext", re.compile("OTM 8"))
    bought.press("PageUp")
    expect(bought).to_have_attribute("aria-valuetext", re.compile("OTM 3"))

    expect(bought).to_be_focused()


def test_what_cannot_be_traded_is_told_at_its_field_in_the_platforms_words(builder: Screen) -> None:
    page = builder.page

    page.get_by_label("Exit, IST").fill("09:00")
    expect(page.get_by_text("09:00 is not between 09:15 and 15:20 IST")).to_be_visible()
    expect(page.get_by_label("Exit, IST")).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Take leg 2 out").click()
    expect(page.get_by_text("can lose without limit: accept it, or cover them")).to_be_visible()
    expect(page.get_by_text("IRON_CONDOR is a put and a call sold")).to_be_visible()
    expect(figure(page, "Most to lose")).to_have_text("No limit")

    with builder.refusals():
        page.get_by_label("Entry, IST").fill("9")
        expect(page.get_by_text("a time of day in India is HH:MM or HH:MM:SS")).to_be_visible()


def test_a_draft_is_not_left_by_mistake(builder: Screen) -> None:
    page = builder.page
    page.get_by_label("Max loss, ₹").fill("4,000")

    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Strategies").click()
    page.get_by_role("button", name="Stay").click()

    expect(page.get_by_label("Max loss, ₹")).to_have_value("4,000")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Strategies").click()
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading", name="Strategies", level=1)).to_be_visible()


def test_a_limit_is_drawn_where_the_platform_reckons_it(builder: Screen) -> None:
    page = builder.page

    page.get_by_label("Stop loss, % of the net premium").fill("50")
    page.get_by_label("Max loss, ₹").fill("")

    expect(page.get_by_label("Limits")).to_contain_text("Stop loss −₹")
    expect(page.get_by_label("Limits")).not_to_contain_text("Max loss")


def test_from_nothing_to_an_active_strategy_is_a_matter_of_few_steps(screen: Screen) -> None:
    page = screen.page
    screen.enter("/strategies")
    changes: list[str] = []

    def seen(request: Request) -> None:
        if request.method != "GET" and "/preview/" not in request.url:
            changes.append(request.url)

    page.on("request", seen)
    steps = 0
    for press in (
        page.get_by_role("link", name="New strategy"),
        page.get_by_role("button", name=re.compile("^Iron condor")),
        page.get_by_role("button", name="Save and activate"),
        page.get_by_role("dialog").get_by_role("button", name="Activate"),
    ):
        press.click()
        steps += 1

    expect(page.get_by_role("heading", name="NIFTY iron condor", level=1)).to_be_visible()
    expect(page.get_by_text("Active", exact=True).first).to_be_visible()
    assert steps <= STEPS_TO_ACTIVE
    assert len(changes) <= CHANGES_TO_ACTIVE, changes


def test_legs_are_picked_on_the_chain(screen: Screen) -> None:
    page = screen.page
    screen.enter("/strategies/new?template=blank")
    strikes = panel(page, "Option chain").get_by_role("row")
    expect(strikes.nth(30)).to_be_visible()

    page.get_by_role("button", name=re.compile(r"^Sell \d+ CE$")).nth(15).click()
    page.get_by_text("stays at its strike").click()
    name = (
        page.get_by_role("button", name=re.compile(r"^Buy \d+ CE$"))
        .nth(19)
        .get_attribute("aria-label")
    )
    bought = page.get_by_role("button", name=name or "", exact=True)
    bought.click()
    bought.click()

    expect(handles(page)).to_have_count(2)
    legs = panel(page, "Legs")
    expect(legs.get_by_label("Lots of leg 1")).to_have_value("1")
    expect(legs.get_by_label("Units of leg 2")).to_have_value("130")
    expect(legs).to_contain_text("fixed")
    assert screen.faults_of_access() == []


def test_an_edit_that_came_too_late_is_shown_beside_the_other_and_loses_nothing(
    screen: Screen,
) -> None:
    page = screen.page
    screen.enter("/strategies")
    page.get_by_role("link", name="NIFTY Iron Condor", exact=True).click()
    page.get_by_label("Max loss, ₹").fill("4,200")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Target profit, ₹").fill("1,800")
    other.get_by_role("button", name="Save", exact=True).click()
    other.get_by_role("button", name="Save it").click()
    page.bring_to_front()
    expect(page.get_by_text("Changed elsewhere while you edit it")).to_be_visible()

    with screen.refusals():
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("button", name="Save it").click()
        told = page.get_by_role("dialog", name="Yours beside what is stored")
        expect(told.get_by_role("row", name=re.compile("Max loss"))).to_contain_text("4,200")
    expect(told.get_by_role("row", name=re.compile("Target profit"))).to_contain_text("1,800")
    told.get_by_role("button", name="Go on editing").click()

    expect(page.get_by_label("Max loss, ₹")).to_have_value("4,200")
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("button", name="Save mine over it").click()
    expect(page.get_by_text("version 3")).to_be_visible()


def test_a_copy_is_a_draft_of_its_own(screen: Screen) -> None:
    page = screen.page
    screen.enter("/strategies")
    expect(
        page.get_by_role("row", name=re.compile("NIFTY Iron Condor Iron condor"))
    ).to_contain_text("09:20")
    assert screen.faults_of_access() == []
    page.get_by_role("button", name="More for NIFTY Iron Condor", exact=True).click()
    page.get_by_role("menuitem", name="Duplicate").click()

    expect(page.get_by_role("heading", name="NIFTY Iron Condor (copy)", level=1)).to_be_visible()
    expect(page.get_by_text("Draft", exact=True)).to_be_visible()
    page.get_by_role("button", name="Activate", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("It enters for the first time on")
    page.get_by_role("button", name="Not now").click()


def test_on_a_phone_the_builder_is_one_column_without_sideways_scroll(screen: Screen) -> None:
    page = screen.page
    screen.enter()
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    screen.open("/strategies/new?template=short-strangle")

    expect(handles(page)).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert screen.faults_of_access() == []
    screen.open("/strategies")
    expect(page.get_by_role("heading", name="Strategies", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
