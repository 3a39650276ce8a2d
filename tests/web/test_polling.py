"""Where changes cannot be streamed, as through API Gateway, the desk asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time

import pytest
from playwright.sync_api import expect

from infra.front import PagesFront
from tests.web.platform_at_work import PlatformAtWork
from tests.web.screen import Screen
from tests.web.trader import Trader

#: A look each two seconds, and what a slow machine takes for it.
SOON_MS = 8_000


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformAtWork]:
    """A platform whose streams end at once, in the middle of a day."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ATP_STREAM_S", "0")
        started = PlatformAtWork(tmp_path_factory.mktemp("home") / "atp", at=time(10), speed=5)
    yield started
    started.stop()


def test_what_happens_elsewhere_is_seen_within_seconds(screen: Screen) -> None:
    page = screen.page
    screen.enter()
    expect(page.get_by_role("status", name="Connection: Polling")).to_be_visible()
    trader = Trader(screen.platform)

    screen.open("/baskets")
    expect(page.get_by_role("heading", name="Baskets", level=1)).to_be_visible()
    trader.post("/baskets", {"name": "Made elsewhere"})
    expect(page.get_by_role("link", name="Made elsewhere")).to_be_visible(timeout=SOON_MS)

    screen.open("/positions")
    expect(page.get_by_text("Nothing is held here.")).to_be_visible()
    trader.entered()
    expect(page.get_by_role("rowheader", name="NIFTY", exact=True)).to_be_visible(timeout=SOON_MS)


def test_it_goes_on_asking_and_never_says_that_it_is_live(screen: Screen) -> None:
    page = screen.page
    screen.enter()
    badge = page.get_by_role("status", name="Connection: Polling")
    expect(badge).to_be_visible()

    for _ in range(2):
        with page.expect_response("**/stream") as asked:
            pass
        assert asked.value.ok
        expect(badge).to_be_visible()


#: In the five minutes that the wall counts, a look each two seconds.
LOOKS = 150
TABS = 2


@pytest.mark.parametrize("path", ["/", "/positions", "/orders"])
def test_what_a_desk_asks_is_within_what_one_address_may(screen: Screen, path: str) -> None:
    page = screen.page
    screen.enter()
    screen.open(path)
    expect(page.get_by_role("status", name="Connection: Polling")).to_be_visible()
    asked: list[str] = []

    with page.expect_response("**/stream"):
        pass
    page.on("request", lambda request: asked.append(request.url))
    for _ in range(3):
        with page.expect_response("**/stream"):
            pass

    a_look = len(asked) / 3
    assert 1 <= a_look * LOOKS * TABS <= PagesFront().requests_per_viewer, sorted(asked)
