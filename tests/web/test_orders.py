"""Orders as they happen: legs, slices and fills, refusals in words, and what is done about them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from adapters.brokers.paper.faults import FaultKind
from tests.web.platform_at_work import SHARED
from tests.web.screen import Screen
from tests.web.trader import Trader

PLATFORM = SHARED
PHONE: ViewportSize = {"width": 390, "height": 844}
LIVE_MS = 1_000
"""What a change may take from the platform to the screen."""


@pytest.fixture(autouse=True)
def at_the_desk(screen: Screen) -> None:
    screen.enter("/orders")


def line(page: Page, run_id: str, of: str = "ENTRY") -> Locator:
    """An order in the list, with its legs where they are shown."""
    order = page.get_by_role("rowgroup").filter(
        has=page.locator(f'a[href="#/orders/{run_id}-{of}-1"]')
    )
    return order.first


def opened(page: Page, run_id: str, of: str = "ENTRY") -> Locator:
    """The same with its legs shown."""
    order = line(page, run_id, of)
    order.get_by_role("button", name=re.compile("^Show the legs")).click()
    expect(order.get_by_role("table")).to_be_visible()
    return order


def asked(page: Page, path: str) -> list[str]:
    """Requests to such a path, as they will be sent."""
    sent: list[str] = []
    page.on(
        "request",
        lambda request: (
            sent.append(request.url)
            if request.method != "GET" and re.search(path, request.url)
            else None
        ),
    )
    return sent


def moved_by_api(trader: Trader, path: str, price: float) -> None:
    """Somebody else changes the limit of the first slice that is open at the broker."""
    slices = [each for leg in trader.get(path)["legs"] for each in leg["slices"]]
    tag = next(each["tag"] for each in slices if each["status"] == "OPEN")
    trader.client.put(path, json={"price": price, "tag": tag}).raise_for_status()


def test_an_entry_and_its_exit_appear_as_they_happen_with_legs_slices_and_fills(
    screen: Screen, trader: Trader
) -> None:
    page = screen.page
    screen.open("/orders")
    expect(page.get_by_text("There are no orders yet")).to_be_visible()

    run_id = trader.entered()

    order = line(page, run_id)
    expect(order).to_contain_text("260 / 260", timeout=LIVE_MS)
    expect(order).to_contain_text("Filled")
    order = opened(page, run_id)
    for leg in trader.get(f"/orders/{run_id}-ENTRY-1")["legs"]:
        action = "Buy" if leg["action"] == "BUY" else "Sell"
        expect(order.get_by_role("rowheader", name=f"{action} {leg['symbol']}")).to_be_visible()
        for piece in leg["slices"]:
            sent = order.get_by_role("table").get_by_role("row", name=piece["tag"])
            expect(sent).to_contain_text(piece["broker_order_id"])
            expect(sent).to_contain_text(f"{piece['average_price']:.2f}")
    assert screen.faults_of_access() == []

    order.get_by_role("button", name="Exit the run").click()
    exits = asked(page, "/runs/.*/exit")
    page.get_by_role("dialog").get_by_role("button", name="Exit now").dblclick()

    expect(page.get_by_role("dialog")).to_be_hidden()
    trader.closed(run_id)
    expect(line(page, run_id, "EXIT")).to_contain_text("Filled", timeout=LIVE_MS)
    assert len(exits) == 1
    first = page.get_by_role("rowgroup").filter(has=page.locator("a")).first
    expect(first).to_contain_text("Exit")  # the newest stands first


def test_what_the_broker_refuses_is_told_in_its_words(screen: Screen, trader: Trader) -> None:
    words = "RMS: margin exceeds, required 41,000.00, available 12,000.00"
    trader.fault(FaultKind.REFUSE, message=words)
    screen.open("/orders?status=REJECTED")
    run_id = trader.start()

    order = line(screen.page, run_id)
    expect(order).to_contain_text("Rejected")
    expect(order).to_contain_text(words)
    screen.page.get_by_role("link", name="NIFTY Iron Condor").first.click()

    expect(screen.page.get_by_role("heading", name="Entry of NIFTY Iron Condor")).to_be_visible()
    expect(screen.page.get_by_role("table")).to_contain_text(words)
    assert screen.faults_of_access() == []


def test_orders_are_found_by_status_and_strategy(screen: Screen, trader: Trader) -> None:
    page, run_id = screen.page, trader.entered()
    screen.open("/orders")
    expect(line(page, run_id)).to_be_visible()

    page.get_by_role("combobox", name="Status").click()
    page.get_by_role("option", name="Unknown").click()
    expect(page.get_by_text("No order is like that")).to_be_visible()
    page.get_by_role("button", name="Show all orders").click()
    page.get_by_role("combobox", name="Strategy").click()
    page.get_by_role("option", name="NIFTY Iron Condor").click()

    expect(line(page, run_id)).to_be_visible()
    assert trader.strategy["strategy_id"] in page.url


def test_a_resting_entry_is_moved_and_cancelled_once(screen: Screen, trader: Trader) -> None:
    page = screen.page
    trader.resting(2)
    screen.open("/orders?status=WORKING")
    run_id = trader.start()
    expect(line(page, run_id)).to_contain_text("Open")
    order = opened(page, run_id)

    order.get_by_role("button", name=re.compile("Change the limit")).first.click()
    dialog = page.get_by_role("dialog")
    with screen.refusals():
        dialog.get_by_label("New limit price").fill("20.03")
        dialog.get_by_role("button", name="Change it").click()
        expect(dialog).to_contain_text("multiple of the tick")
    dialog.get_by_label("New limit price").fill("20.05")
    dialog.get_by_role("button", name="Change it").click()
    expect(dialog).to_be_hidden()
    expect(order).to_contain_text("20.05")

    order.get_by_role("button", name="Cancel the entry").click()
    sent = asked(page, "/cancel$")
    dialog.get_by_role("button", name="Cancel the entry").dblclick()

    expect(dialog).to_be_hidden()
    expect(line(page, run_id)).to_be_hidden()  # it is not working any more
    assert len(sent) == 1
    screen.open(f"/orders/{run_id}-ENTRY-1")
    expect(page.get_by_text("Cancelled").first).to_be_visible()


def test_a_stale_change_of_price_shows_both_and_loses_neither(
    screen: Screen, trader: Trader
) -> None:
    page = screen.page
    trader.resting(2)
    path = f"/orders/{trader.row(f'/runs/{trader.start()}/orders')['order_id']}"
    screen.open(path)
    page.get_by_role("button", name=re.compile("Change the limit")).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("New limit price").fill("21.05")
    expect(dialog.get_by_role("button", name="Change it")).to_be_enabled()

    moved_by_api(trader, path, 20.55)
    expect(dialog).to_contain_text("now at 20.55")
    with screen.refusals():
        dialog.get_by_role("button", name="Change it").click()
        expect(dialog).to_contain_text("Somebody changed this order meanwhile")
    expect(dialog).to_contain_text("Its limit now is 20.55; yours is 21.05")
    dialog.get_by_role("button", name="Send mine all the same").click()

    expect(dialog).to_be_hidden()
    expect(page.get_by_role("table")).to_contain_text("21.05")
    trader.post(f"{path}/cancel")


def test_an_order_of_unknown_outcome_is_explained_and_declared(
    screen: Screen, trader: Trader
) -> None:
    page = screen.page
    trader.fault(FaultKind.DROP_REQUEST)
    screen.open("/orders")
    run_id = trader.start()
    expect(line(page, run_id)).to_contain_text("Unknown")
    order = opened(page, run_id)
    expect(order).to_contain_text("never sent again")
    assert screen.faults_of_access() == []

    order.get_by_role("button", name="The broker never had it").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Say so")).to_be_disabled()
    dialog.get_by_label("What you have seen").fill("Not in the order book at 10:20")
    assert screen.faults_of_access() == []
    dialog.get_by_role("button", name="Say so").click()

    expect(dialog).to_be_hidden()
    expect(order).to_contain_text("Never there")
    expect(order).to_contain_text("Not in the order book at 10:20")


def test_orders_fit_a_phone(screen: Screen, trader: Trader) -> None:
    page, run_id = screen.page, trader.entered()
    page.set_viewport_size(PHONE)
    screen.open("/orders")
    opened(page, run_id)

    assert page.evaluate("() => document.documentElement.scrollWidth") == PHONE["width"]
