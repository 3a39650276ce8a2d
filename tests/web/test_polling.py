"""Where changes cannot be streamed, as through API Gateway, the desk asks for them."""

from __future__ import annotations

from datetime import time

from playwright.sync_api import Page, Request, expect

from infra.front import PagesFront
from tests.web.platform_at_work import Wanted
from tests.web.screen import Screen
from tests.web.trader import Trader

#: A platform whose streams end at once, in the middle of a day.
PLATFORM = Wanted(at=time(10), speed=5, environment={"ATP_STREAM_S": "0"})
#: A look each two seconds, and what a slow machine takes for it.
SOON_MS = 8_000


def test_what_happens_elsewhere_is_seen_within_seconds(screen: Screen, trader: Trader) -> None:
    page = screen.page
    screen.enter("/baskets")
    expect(page.get_by_role("status", name="Connection: Polling")).to_be_visible()
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
#: How many of them are counted.
COUNTED = 3
PATHS = ("/", "/positions", "/orders")


class Counted:
    """What a page asks from one look to another: from the first ask for the stream that is seen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.looks = -1
        self.asked: list[str] = []
        page.on("request", self._asks)

    def _asks(self, request: Request) -> None:
        self.looks += request.url.endswith("/stream")
        if 0 <= self.looks < COUNTED:
            self.asked.append(request.url)

    def done(self) -> None:
        if self.looks < COUNTED:
            self.page.wait_for_event("request", lambda _: self.looks >= COUNTED)


def test_what_a_desk_asks_is_within_what_one_address_may(screen: Screen) -> None:
    screen.enter(PATHS[0])
    pages = [screen.page, *(screen.page.context.new_page() for _ in PATHS[1:])]
    for page, path in zip(pages, PATHS, strict=True):
        page.goto(f"/#{path}")
        expect(page.get_by_role("status", name="Connection: Polling")).to_be_visible()

    counted = [Counted(page) for page in pages]
    for each in counted:
        each.done()

    for each in counted:
        a_look = len(each.asked) / COUNTED
        assert 1 <= a_look * LOOKS * TABS <= PagesFront().requests_per_viewer, sorted(each.asked)
