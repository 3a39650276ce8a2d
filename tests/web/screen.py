"""What a trader does on the desk, in their own words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, expect

from tests.web.platform_at_work import EMAIL, PASSWORD, PlatformAtWork

AXE: Final = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
#: What axe calls these is a fault of ours.
SERIOUS: Final = ("serious", "critical")


class Screen:
    """One page in a browser, before one platform."""

    def __init__(self, page: Page, platform: PlatformAtWork, complaints: list[str]) -> None:
        self.page = page
        self.platform = platform
        self.complaints = complaints

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """What is asked in here is refused on purpose: the browser notes each answer of 4xx."""
        before = len(self.complaints)
        yield
        said = self.complaints[before:]
        del self.complaints[before:]
        self.complaints += [each for each in said if "status of 4" not in each]

    def open(self, path: str = "/") -> None:
        """Go to a page, as its address after the `#` has it."""
        self.page.goto(f"/#{path}")

    def sign_in(self, password: str = PASSWORD, email: str = EMAIL) -> None:
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def choose_password(self, password: str = PASSWORD) -> None:
        """Change the one-time password for one's own."""
        told = self.platform.one_time_password
        self.page.get_by_label("One-time password").fill(told)
        self.page.get_by_label("New password", exact=True).fill(password)
        self.page.get_by_label("New password again").fill(password)
        self.page.get_by_role("button", name="Change it").click()

    def first_start(self) -> None:
        """From the one-time password to the first page."""
        self.open()
        self.sign_in(self.platform.one_time_password)
        self.choose_password()
        expect(self.page.get_by_role("navigation", name="Pages")).to_be_visible()

    def enter(self) -> None:
        """Be signed in, whether it is the first time on this platform or not."""
        if self.platform.one_time_password:
            self.first_start()
            self.platform.one_time_password = ""
            return
        self.open()
        self.sign_in()
        expect(self.page.get_by_role("navigation", name="Pages")).to_be_visible()

    def faults_of_access(self) -> list[str]:
        """What axe finds serious on what is shown now, each in a line."""
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("async () => (await axe.run()).violations")
        return [
            f"{each['id']}: {node['target']} {node['failureSummary']}"
            for each in found
            if each["impact"] in SERIOUS
            for node in each["nodes"]
        ]
