"""What a trader does on the desk, in their own words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Locator, Page, Request, expect

from tests.web.platform_at_work import EMAIL, PASSWORD, PlatformAtWork
from tests.web.trader import signed_up

AXE: Final = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
#: The cookie by which a session goes on.
REFRESH: Final = "atp_refresh"
#: Once what changes colour, as from one scheme to the other, has done so.
STANDING: Final = """async () => {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const fading = document.getAnimations().filter((each) => each instanceof CSSTransition);
  await Promise.allSettled(fading.map((each) => each.finished));
}"""
#: What axe calls these is a fault of ours.
SERIOUS: Final = ("serious", "critical")


class Screen:
    """One page in a browser, before one platform."""

    def __init__(
        self, page: Page, platform: PlatformAtWork, complaints: list[str], email: str = EMAIL
    ) -> None:
        """`email` is who sits before it."""
        self.page = page
        self.platform = platform
        self.complaints = complaints
        self.email = email
        self.entered = False

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """What is asked in here is refused on purpose: the browser notes each answer of 4xx."""
        before, begun = len(self.complaints), list[Request]()

        def heard(request: Request) -> None:
            begun.append(request)

        self.page.on("request", heard)
        yield
        self.page.remove_listener("request", heard)
        for request in begun:
            request.response()  # noted in the console before it is answered here
        said = self.complaints[before:]
        del self.complaints[before:]
        self.complaints += [each for each in said if "status of 4" not in each]

    def open(self, path: str = "/") -> None:
        """Go to a page, as its address after the `#` has it."""
        self.page.goto(f"/#{path}")

    def sign_in(self, password: str = PASSWORD, email: str | None = None) -> None:
        self.page.get_by_label("E-mail address").fill(email or self.email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def choose_password(self, password: str = PASSWORD, told: str | None = None) -> None:
        """Change the one-time password that was told for one's own."""
        self.page.get_by_label("One-time password").fill(told or self.platform.one_time_password)
        self.page.get_by_label("New password", exact=True).fill(password)
        self.page.get_by_label("New password again").fill(password)
        self.page.get_by_role("button", name="Change it").click()

    def come_in(self, email: str, told: str, path: str = "/", password: str = PASSWORD) -> None:
        """Somebody's first time: with the password that they were told once, to that page."""
        self.open(path)
        self.sign_in(told, email)
        self.choose_password(password, told)
        self._is_in()

    def first_start(self) -> None:
        """From the one-time password that the platform told to the first page."""
        self.come_in(EMAIL, self.platform.one_time_password)
        self.platform.one_time_password = ""

    def enter(self, path: str = "/") -> None:
        """Be signed in on that page, whether it is the first time on this platform or not.

        Signing in is not what most tests are about: who has done so goes on with their session.
        """
        if self.platform.one_time_password and self.email == EMAIL:
            signed_up(self.platform)
        if cookies := self.platform.sessions.pop(self.email, None):
            self.page.context.add_cookies(cookies)
        self.open(path)
        door = self.page.get_by_role("heading", name="Sign in", exact=True)
        expect(door.or_(self._inside)).to_be_visible()
        if door.is_visible():
            self.sign_in()
        self._is_in()
        self.entered = True

    def leave(self) -> None:
        """Close the browser; whoever is still signed in is so in the next."""
        cookies = self.page.context.cookies()
        if self.entered and any(each["name"] == REFRESH for each in cookies):
            self.platform.sessions[self.email] = cookies
        self.page.context.close()

    @property
    def _inside(self) -> Locator:
        return self.page.get_by_role("banner").get_by_role("button", name="You", exact=True)

    def _is_in(self) -> None:
        expect(self._inside).to_be_visible()

    def faults_of_access(self, *rules: str) -> list[str]:
        """What axe finds serious on what is shown, by all its rules or these, each in a line."""
        self.page.evaluate(STANDING)
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text())
        chosen = {"runOnly": list(rules)} if rules else {}
        found = self.page.evaluate("async (chosen) => (await axe.run(chosen)).violations", chosen)
        return [
            f"{each['id']}: {node['target']} {node['failureSummary']}"
            for each in found
            if each["impact"] in SERIOUS
            for node in each["nodes"]
        ]
