"""The day on Today's page."""

from __future__ import annotations

from playwright.sync_api import Locator, Page


def lane(page: Page, name: str) -> Locator:
    """The lines of the day that say this."""
    return (
        page.get_by_label("The day in its order, IST").get_by_role("listitem").filter(has_text=name)
    )
