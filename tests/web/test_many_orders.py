"""Five hundred open orders on one screen: all of them there, and every press answered at once."""

from __future__ import annotations

import random
import re
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Final

import pytest
from playwright.sync_api import Locator, expect

from adapters.halt import halt
from adapters.runtime import open_trading
from domain.book import OrderType
from domain.calendar import at_ist
from domain.model import acting
from domain.run import Run
from domain.run_terms import Reference
from domain.slices import Phase, Slice, tag_of
from tests.domain.adversary import at, condor, terms
from tests.web.platform_at_work import DAY, PlatformAtWork, Wanted
from tests.web.screen import Screen
from tests.web.trader import Json, Trader, signed_up

ORDERS: Final = 500
#: Rows that may be drawn at once, whatever their number.
DRAWN: Final = 60
ANSWERED_MS: Final = 100
SENT: Final = at_ist(DAY, time(9, 20))


PLATFORM = Wanted(at=time(10), speed=1)


@pytest.fixture(scope="module")
def platform(platform: PlatformAtWork) -> PlatformAtWork:
    """It stands still, as after a restore, with all these orders at the broker."""
    signed_up(platform)
    trader = Trader(platform)
    strategy = trader.strategy
    platform.stop()
    write_orders(platform.home, strategy, trader.account_id)
    halt(platform.home, "orders are looked at before anything is sent", SENT)
    platform.process = platform.start()
    return platform


def write_orders(home: Path, strategy: Json, account_id: str) -> None:
    """Entries whose hedges were accepted and have not filled, each of a run of its own."""
    trading = open_trading(home, random.Random(1).randbytes)
    whose = terms(
        strategy_id=strategy["strategy_id"],
        basket_id=strategy["basket_id"],
        user_id=strategy["user_id"],
        account_id=account_id,
    )
    runs: list[Run] = []
    for number in range(ORDERS):
        moment = SENT + timedelta(seconds=number)
        slot = f"M{number:04}"
        run_id = f"RUN-{whose.strategy_id}-{whose.account_id}-{slot}"
        with acting(at(moment)):
            run = Run.open(
                run_id, install="TEST", slot=slot, terms=whose, definition={}, due_at=moment,
                exit_at=None,
            )  # fmt: skip
            run.claim(1, "worker", moment)
            run.plan(condor(), Reference(price=Decimal(24_500), source="SPOT"), 0, None)
            hedges = tuple(intent(run, leg) for leg in (1, 3))
            run.release(Phase.ENTRY_BUY, hedges)
            for each in hedges:
                run.accepted(each.tag, f"2611180{number:05}{each.leg}")
            runs.append(run)
    trading.save(*runs)
    trading.close()


def intent(run: Run, leg: int) -> Slice:
    return Slice(
        tag=tag_of("TEST", run.id, Phase.ENTRY_BUY, leg, 1, 1), phase=Phase.ENTRY_BUY, leg=leg,
        number=1, attempt=1, side=run.legs[leg].side, quantity=65, order_type=OrderType.LIMIT,
        price=Decimal(20),
    )  # fmt: skip


WATCH: Final = """() => {
  window.answered = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.interactionId) window.answered.push(entry.duration);
    }
  }).observe({ type: "event", durationThreshold: 16, buffered: false });
}"""
#: Two frames later everything that was pressed has been painted and told to the observer.
PAINTED: Final = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))"""


def test_five_hundred_open_orders_answer_each_press_within_a_tenth_of_a_second(
    screen: Screen,
) -> None:
    page = screen.page
    screen.enter("/orders?status=WORKING")
    expect(page.get_by_text(f"{ORDERS} orders, {ORDERS} working")).to_be_visible()
    table = page.get_by_role("region", name="Orders, newest first")
    assert table.get_by_role("table").get_attribute("aria-rowcount") == str(ORDERS + 1)
    assert page.get_by_role("row").count() < DRAWN
    page.evaluate(WATCH)

    for number in range(8):
        toggle = toggles(table).nth(number % 4)
        toggle.click()
        page.evaluate(PAINTED)
    for key in ("End", "Home", "PageDown", "PageDown"):
        table.focus()
        page.keyboard.press(key)
        page.evaluate(PAINTED)
    expect(page.get_by_role("row").last).to_be_attached()

    # What took less than a frame is not told at all: those presses count as nothing.
    answered: list[float] = page.evaluate("() => window.answered")
    presses = [*answered, *[0.0] * max(12 - len(answered), 0)]
    assert median(presses) < ANSWERED_MS, sorted(presses)


def test_the_last_of_five_hundred_is_reached_and_filtered(screen: Screen) -> None:
    page = screen.page
    screen.enter("/orders")
    expect(page.get_by_text(f"{ORDERS} orders, {ORDERS} working")).to_be_visible()
    table = page.get_by_role("region", name="Orders, newest first")
    assert "09:28:19" in table.inner_text()  # the newest is first

    table.evaluate("(box) => box.scrollTo(0, box.scrollHeight)")
    expect(table.get_by_text("09:20:00")).to_be_visible()
    page.get_by_role("combobox", name="Status").click()
    page.get_by_role("option", name="Filled").click()

    expect(page.get_by_text("No order is like that")).to_be_visible()


def toggles(table: Locator) -> Locator:
    return table.get_by_role("button", name=re.compile("the legs of"))
