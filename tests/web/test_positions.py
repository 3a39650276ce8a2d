"""What is held, live: by underlying and by strategy, with what each source adds; and leaving it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.web.platform_at_work import SHARED
from tests.web.screen import Screen
from tests.web.trader import Json, Trader

PLATFORM = SHARED
PHONE = {"width": 390, "height": 844}


def word(position: Json) -> str:
    """What a contract is called on the screen, from its strike on."""
    contract = position["contract"]
    return f"{contract['strike']} {contract['option_type']}"


def figures(page: Page, position: Json) -> list[str]:
    """What stands in the line of a position."""
    cells = page.get_by_role("row", name=re.compile(word(position))).get_by_role("cell")
    return cells.all_inner_texts()


def test_positions_are_live_by_underlying_and_by_strategy_until_they_are_left(
    screen: Screen, trader: Trader
) -> None:
    page = screen.page
    screen.enter("/positions")
    expect(page.get_by_text("Nothing is held here.")).to_be_visible()

    run_id = trader.entered()

    table = page.get_by_role("table")
    expect(table.get_by_role("rowheader", name=re.compile(r" \d+ (CE|PE)$"))).to_have_count(4)
    expect(table.get_by_role("rowheader", name="NIFTY", exact=True)).to_be_visible()
    held = trader.items("/positions")
    for position in held:
        product, units, average = figures(page, position)[:3]
        assert product == "MIS"
        assert units.replace("−", "-") == str(position["quantity"])  # a minus
        assert average == f"{position['average_price']:.2f}"
    together = page.get_by_role("group", name="All that is shown")
    before = together.inner_text()
    expect(together).not_to_have_text(before)  # prices move by themselves
    assert screen.faults_of_access() == []

    page.get_by_text("By strategy").click()
    expect(table.get_by_role("rowheader", name="NIFTY Iron Condor")).to_be_visible()

    table.get_by_role("button", name=re.compile("^Exit ")).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 run of NIFTY Iron Condor holds it and leaves whole")
    expect(dialog.get_by_role("listitem")).to_have_count(3)
    assert screen.faults_of_access() == []
    sent: list[str] = []
    page.on("request", lambda each: sent.append(each.url) if each.method == "POST" else None)
    dialog.get_by_role("button", name="Exit now").dblclick()

    expect(page.get_by_text("Nothing is held here.")).to_be_visible()
    assert [url for url in sent if url.endswith("/positions/exit")] == sent
    assert len(sent) == 1
    page.get_by_role("switch", name="With those closed today").check()
    expect(table.get_by_role("rowheader", name=re.compile(r" \d+ (CE|PE)$"))).to_have_count(4)
    trader.closed(run_id)


def test_positions_fit_a_phone(screen: Screen, trader: Trader) -> None:
    page = screen.page
    trader.entered()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a size
    screen.enter(f"/positions?account={trader.account_id}")
    expect(page.get_by_role("button", name=re.compile("^Exit ")).first).to_be_attached()

    assert page.evaluate("() => document.documentElement.scrollWidth") == PHONE["width"]
