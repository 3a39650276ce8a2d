"""Orders of unknown outcome: what the trader saw at the broker is said on the desk, and counts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from adapters.brokers.paper.faults import FaultKind
from domain.contract import Side
from tests.web.platform_at_work import SHARED
from tests.web.screen import Screen
from tests.web.trader import Json, Trader

PLATFORM = SHARED


@pytest.fixture(autouse=True)
def at_the_desk(screen: Screen) -> None:
    """A trader at their desk; their runs wait while a person looks at the broker."""
    screen.enter()


def lost(trader: Trader) -> Json:
    """The order, with a leg whose request never reached the broker."""
    trader.fault(FaultKind.DROP_REQUEST)
    run_id = trader.start()
    return trader.row(f"/runs/{run_id}/orders", status="UNKNOWN")


def doubtful_leg(order: Json) -> Json:
    (leg,) = (each for each in order["legs"] if each["status"] == "UNKNOWN")
    found: Json = leg
    return found


def shown(screen: Screen, order: Json) -> Locator:
    """What the order's own page says of it."""
    screen.open(f"/orders/{order['order_id']}")
    expect(screen.page.get_by_text("Nobody knows whether the broker has it")).to_be_visible()
    return screen.page.get_by_role("row").filter(has_text=doubtful_leg(order)["slices"][0]["tag"])


def test_what_was_bought_by_hand_instead_is_said_to_have_filled_and_the_run_goes_on(
    screen: Screen, trader: Trader
) -> None:
    page, order = screen.page, lost(trader)
    leg, run_id = doubtful_leg(order), order["run_id"]
    slice_row = shown(screen, order)
    trader.deal(f"NFO:{leg['symbol']}", Side(leg["action"]), leg["qty"])

    page.get_by_role("button", name="It has filled").click()
    dialog = page.get_by_role("dialog", name="This order has filled")
    expect(dialog.get_by_label("Units that filled")).to_have_value(str(leg["qty"]))
    expect(dialog.get_by_role("button", name="Say so")).to_be_disabled()
    dialog.get_by_label("What you have seen").fill("Bought on the broker's phone at 10:20")
    dialog.get_by_label("Average price").fill("31.15")
    with screen.refusals():
        dialog.get_by_label("Units that filled").fill("7")
        dialog.get_by_role("button", name="Say so").click()
        expect(dialog).to_contain_text("lots are 65 units")
    dialog.get_by_label("Units that filled").fill(str(leg["qty"]))
    sent: list[str] = []
    page.on("request", lambda each: sent.append(each.url) if each.method == "POST" else None)
    dialog.get_by_role("button", name="Say so").dblclick()

    expect(dialog).to_have_count(0)
    expect(slice_row).to_contain_text("Filled")
    expect(slice_row).to_contain_text("31.15")
    expect(slice_row).to_contain_text("Bought on the broker's phone at 10:20")
    expect(page.get_by_text("Nobody knows whether the broker has it")).to_have_count(0)
    assert len([each for each in sent if each.endswith("/filled")]) == 1
    trader.until(lambda: trader.get(f"/runs/{run_id}")["stage"] == "OPEN" or None)
    expect(page.get_by_role("button", name="Exit the run")).to_be_visible()
    screen.open("/positions")
    page.get_by_role("button", name="Compare now").click()
    expect(page.get_by_text("both agree")).to_be_visible()
    trader.left(run_id)


def test_an_entry_with_an_order_that_was_never_there_is_given_up(
    screen: Screen, trader: Trader
) -> None:
    page, order = screen.page, lost(trader)
    run_id = order["run_id"]
    slice_row = shown(screen, order)

    page.get_by_role("button", name="The broker never had it").click()
    dialog = page.get_by_role("dialog", name="The broker never had this order")
    expect(dialog).to_contain_text("it gives the entry up and undoes what has filled")
    dialog.get_by_label("What you have seen").fill("Not in the order book at 10:25")
    dialog.get_by_role("button", name="Say so").dblclick()

    expect(dialog).to_have_count(0)
    expect(slice_row).to_contain_text("Never there")
    expect(slice_row).to_contain_text("Not in the order book at 10:25")
    assert trader.closed(run_id)["exit_reason"] == "ENTRY_ABSENT"
    trader.until(lambda: trader.items("/positions") == [] or None)
    screen.open(f"/history/{run_id}")
    facts = page.get_by_label("The run as it is now")
    expect(facts).to_contain_text(
        re.compile("Left because.*never reached the broker .*Not in the order book at 10:25")
    )
