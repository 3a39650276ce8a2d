"""Who may only look sees everything of their own, is offered nothing, and is refused the rest."""

from __future__ import annotations

import re
from typing import Final

import httpx
import pytest
from playwright.sync_api import expect

from tests.web.platform_at_work import PASSWORD, SHARED
from tests.web.screen import Screen
from tests.web.trader import Trader

PLATFORM = SHARED


class Asha:
    """Whoever sits before the screens: they traded, have a condor open, and then may only look."""

    def __init__(self, trader: Trader) -> None:
        self.trader = trader
        self.strategy = trader.strategy
        self.run_id = trader.entered()

    def becomes(self, *roles: str) -> None:
        admin, who = Trader(self.trader.platform), self.trader
        changed = admin.client.put(f"/users/{who.user_id}/roles", json={"roles": roles})
        changed.raise_for_status()
        token = who.post("/auth/login", {"email": who.email, "password": PASSWORD})["access_token"]
        who.client.headers["Authorization"] = f"Bearer {token}"

    def addresses(self) -> list[str]:
        """All pages of the desk that are theirs."""
        condor = self.strategy
        return [
            "/",
            "/start",
            "/strategies",
            "/strategies/new",
            f"/strategies/{condor['strategy_id']}",
            f"/strategies/{condor['strategy_id']}/versions",
            "/baskets",
            "/baskets/new",
            "/baskets/import",
            f"/baskets/{condor['basket_id']}",
            "/orders",
            f"/orders/{self.run_id}-ENTRY-1",
            "/positions",
            "/history",
            f"/history/{self.run_id}",
            "/accounts",
            f"/accounts/{self.trader.account_id}",
            "/inbox",
            "/audit",
            "/settings/users",
        ]


@pytest.fixture(scope="module")
def asha(trader: Trader) -> Asha:
    return Asha(trader)


#: What begins so would trade or change something; events that happened are told in other words.
CHANGES: Final = re.compile(
    r"^(stop|release|exit|leave|cancel|change the|move|start|enter|activate|deactivate|switch|link"
    r"|unlink|connect|disconnect|log in|save|delete|remove|new|add|build|duplicate|restore|compose"
    r"|import|choose|compare|count it|it is mine|trade it|let it|it has filled|the broker never"
    r"|lots|side|option|take|pick|higher|lower|more|limit)\b",
    re.IGNORECASE,
)
#: What can be used on a page, its own settings and the ways around it left out.
OFFERED: Final = """() =>
  [...document.querySelectorAll("main :is(button, a[href], input, textarea):enabled, main a[href]")]
    .filter((each) => each.checkVisibility())
    .map((each) => (each.getAttribute("aria-label") || each.innerText || "").trim())
"""


def offered(screen: Screen, address: str) -> list[str]:
    """What would trade or change something, on that page."""
    page = screen.page
    screen.open(address)
    expect(page.locator("#main[aria-busy=false]")).to_be_attached()
    expect(page.locator("#main :is(h1, [role=alert])").first).to_be_visible()
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)
    names: list[str] = page.evaluate(OFFERED)
    return [each for each in names if CHANGES.match(each)]


def test_whoever_may_trade_is_offered_it(screen: Screen, asha: Asha) -> None:
    screen.enter()
    expect(screen.page.get_by_role("button", name="Stop trading")).to_be_visible()

    assert "Exit the run…" in offered(screen, f"/orders/{asha.run_id}-ENTRY-1")
    assert "Compose it" in offered(screen, "/baskets/new")
    assert "Choose a file" in offered(screen, "/baskets/import")


@pytest.mark.parametrize("role", ["viewer", "auditor"])
def test_nothing_that_trades_or_changes_is_offered_on_any_page(
    screen: Screen, asha: Asha, role: str
) -> None:
    page = screen.page
    asha.becomes(role)
    screen.enter()
    expect(page.get_by_role("article", name="NIFTY Iron Condor")).to_be_visible()
    expect(page.get_by_role("button", name="Stop trading")).to_have_count(0)

    found = {address: offered(screen, address) for address in asha.addresses()}

    assert {address: names for address, names in found.items() if names} == {}


def test_who_may_only_look_sees_their_orders_positions_and_history(
    screen: Screen, asha: Asha
) -> None:
    page = screen.page
    asha.becomes("viewer")
    screen.enter()

    screen.open(f"/orders/{asha.run_id}-ENTRY-1")
    expect(page.get_by_role("heading", name="Entry of NIFTY Iron Condor")).to_be_visible()
    expect(page.get_by_role("table")).to_contain_text("65 / 65")
    screen.open("/positions")
    held = page.get_by_role("table").get_by_role("rowheader", name=re.compile(r" \d+ (CE|PE)$"))
    expect(held).to_have_count(4)
    screen.open(f"/history/{asha.run_id}")
    expect(page.get_by_role("region", name="Where it stood")).to_contain_text("Open")
    expect(page.get_by_role("button", name=re.compile("^Leg filled"))).to_have_count(4)


@pytest.mark.parametrize("role", ["viewer", "auditor"])
def test_who_asks_all_the_same_is_refused_and_nothing_happens(asha: Asha, role: str) -> None:
    asha.becomes(role)
    order, strategy_id = f"/orders/{asha.run_id}-ENTRY-1", asha.strategy["strategy_id"]
    link = {"broker": "paper", "account_name": "Another"}
    asked = [
        ("POST", f"/accounts/{asha.trader.account_id}/block", {"reason": "x"}),
        ("POST", f"{order}/cancel", {}),
        ("PUT", order, {"price": 10}),
        ("POST", f"/runs/{asha.run_id}/exit", {}),
        ("POST", f"/strategies/{strategy_id}/runs", {}),
        ("POST", f"/strategies/{strategy_id}/deactivate", {}),
        ("POST", f"/strategies/{strategy_id}/activate", {}),
        ("POST", f"/users/{asha.trader.user_id}/broker-accounts", link),
        ("POST", "/baskets", {"name": "Mine"}),
    ]

    answers = [asha.trader.client.request(how, path, json=body) for how, path, body in asked]

    assert {answer.status_code for answer in answers} == {httpx.codes.FORBIDDEN}
    assert asha.trader.get(f"/runs/{asha.run_id}")["stage"] == "OPEN"
    assert asha.trader.get(f"/strategies/{strategy_id}")["status"] == "ACTIVE"
