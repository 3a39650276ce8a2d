from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.listing import Change, ChangeKind, Listing, Touched
from domain.model import Origin, acting

DAY, NEXT = date(2026, 8, 17), date(2026, 8, 18)


def lot_of(underlying: str = "NIFTY", now: str = "65") -> Change:
    return Change(
        kind=ChangeKind.LOT,
        underlying=underlying,
        expiry=date(2026, 12, 29),
        was="75",
        now=now,
        count=1,
        symbols=(f"{underlying}26DEC25000CE",),
    )


@pytest.fixture
def listing() -> Listing:
    with acting(Origin(at=datetime(2026, 8, 17, 3, tzinfo=UTC), actor="T", correlation_id="T")):
        return Listing.follow("LIST-NFO", "NFO")


def told(listing: Listing, day: date, *changes: Change) -> list[str]:
    """The events that these changes give rise to."""
    with acting(Origin(at=datetime(2026, 8, 17, 3, tzinfo=UTC), actor="T", correlation_id="T")):
        before = len(listing.pending_events)
        listing.change(day, changes)
    return [type(event).__name__ for event in list(listing.pending_events)[before:]]


def test_changes_of_a_day_are_one_event(listing: Listing) -> None:
    assert told(listing, DAY, lot_of("NIFTY"), lot_of("BANKNIFTY")) == ["Changed"]
    assert listing.of_day == (lot_of("NIFTY"), lot_of("BANKNIFTY"))


def test_nothing_changed_is_nothing_recorded(listing: Listing) -> None:
    assert told(listing, DAY) == []


def test_what_was_told_already_is_no_news(listing: Listing) -> None:
    told(listing, DAY, lot_of())

    assert told(listing, DAY, lot_of()) == []
    assert told(listing, DAY, lot_of(), lot_of(now="60")) == ["Changed"]
    assert listing.of_day == (lot_of(), lot_of(now="60"))


def test_the_same_change_on_another_day_is_another_change(listing: Listing) -> None:
    told(listing, DAY, lot_of())

    assert told(listing, NEXT, lot_of()) == ["Changed"]
    assert listing.of_day == (lot_of(),)


def test_a_list_of_an_earlier_day_comes_too_late(listing: Listing) -> None:
    told(listing, NEXT, lot_of())

    assert told(listing, DAY, lot_of(now="60")) == []


def test_who_names_a_symbol_or_chooses_on_an_underlying_is_concerned() -> None:
    touched = Touched(frozenset({"NIFTY26DEC25000CE"})) | Touched(underlyings=frozenset({"M&M"}))

    assert touched.concerns(["NIFTY26DEC25000CE"], [])
    assert touched.concerns([], ["M&M"])
    assert not touched.concerns(["NIFTY26DEC25100CE"], ["NIFTY"])
    assert not Touched()
