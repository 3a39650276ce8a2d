"""Makes the pictures of the desk: `make screens` plays a practice day and writes docs/screens/.

Each page light and dark at 1280 px, two of them as a phone shows them; pngquant reduces colours.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import time as time_of_day
from pathlib import Path
from typing import Final, Literal

import httpx
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.web.conftest import CHROMIUM, FLAGS
from tests.web.platform_at_work import EMAIL, PASSWORD, PlatformAtWork
from tests.web.screen import Screen

SCREENS: Final = Path(__file__).parents[2] / "docs" / "screens"
Scheme = Literal["light", "dark"]
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
DESK: Final = {"width": 1280, "height": 800}
PHONE: Final = {"width": 390, "height": 844}
ON_A_PHONE: Final = ("today", "strategy")
#: Seconds a page has to show its figures after it has stopped asking.
SETTLED_S: Final = 2
SHOWN_MS: Final = 20_000
ENTERED_WITHIN_S: Final = 120


def main() -> None:
    """Play a day until its condor is entered, and keep what every page shows."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        platform = PlatformAtWork(Path(folder) / "atp", at=time_of_day(9, 12), speed=12)
        try:
            for picture in pictures(browser, platform):
                reduced(picture)
                print(f"{picture.name} {picture.stat().st_size // 1024} KB")
        finally:
            platform.stop()
            browser.close()


def pictures(browser: Browser, platform: PlatformAtWork) -> Iterator[Path]:
    """Every page in both schemes; the first is what stands before them all."""
    entered = False
    for scheme in SCHEMES:
        context = browser.new_context(viewport=DESK, color_scheme=scheme, base_url=platform.url)  # type: ignore[arg-type]  # a size
        page = context.new_page()
        screen = Screen(page, platform, [])
        screen.open()
        page.get_by_label("E-mail address").wait_for()
        yield taken(page, "sign-in", scheme)
        screen.enter()
        pages = shown(platform) if entered else waited(platform)
        entered = True
        for name, path in pages.items():
            screen.open(path)
            yield taken(page, name, scheme)
            if name in ON_A_PHONE:
                page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a size
                yield taken(page, f"{name}-phone", scheme)
                page.set_viewport_size(DESK)  # type: ignore[arg-type]  # a size
        context.close()


def waited(platform: PlatformAtWork) -> Mapping[str, str]:
    """The pages, once the day's run is entered."""
    until = time.monotonic() + ENTERED_WITHIN_S
    while True:
        try:
            return shown(platform)
        except LookupError:
            if time.monotonic() > until:
                raise
            time.sleep(1)


def shown(platform: PlatformAtWork) -> Mapping[str, str]:
    """Each page's name and address; raises LookupError while nothing is entered."""
    with httpx.Client(base_url=platform.url) as client:
        credentials = {"email": EMAIL, "password": PASSWORD}
        token = client.post("/auth/login", json=credentials).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        runs = client.get("/runs").json()["items"]
        run = next((each for each in runs if each["stage"] == "OPEN"), None)
        if run is None:
            raise LookupError(f"nothing is entered: {runs}")
        order = client.get(f"/runs/{run['run_id']}/orders").json()["items"][0]
    return {
        "today": "/",
        "start": "/start",
        "strategies": "/strategies",
        "strategy": f"/strategies/{run['strategy_id']}",
        "versions": f"/strategies/{run['strategy_id']}/versions",
        "baskets": "/baskets",
        "basket": f"/baskets/{run['basket_id']}",
        "orders": "/orders",
        "order": f"/orders/{order['order_id']}",
        "positions": "/positions",
        "time-machine": f"/history/{run['run_id']}",
        "accounts": "/accounts",
        "account": f"/accounts/{run['account_id']}",
        "inbox": "/inbox",
        "audit": "/audit",
        "settings": "/settings",
    }


def taken(page: Page, name: str, scheme: Scheme) -> Path:
    """What is shown now, once figures have come."""
    expect(page.get_by_text("Waiting for", exact=False)).to_have_count(0, timeout=SHOWN_MS)
    page.wait_for_timeout(SETTLED_S * 1000)
    SCREENS.mkdir(parents=True, exist_ok=True)
    path = SCREENS / f"{re.sub('[^a-z-]', '', name)}-{scheme}.png"
    page.screenshot(path=path)
    return path


def reduced(picture: Path) -> None:
    """To a palette: a third of the size, and no difference to the eye."""
    subprocess.run(
        ["pngquant", "--force", "--skip-if-larger", "--strip", "--output", picture, picture],
        check=False,  # 98: it was small already
    )


if __name__ == "__main__":
    main()
