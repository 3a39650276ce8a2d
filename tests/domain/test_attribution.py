"""Whose units are: nothing is lost or counted twice, whatever the trader says of them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.account_terms import Held
from domain.attribution import Attribution, Seen, held_at, within
from domain.model import Refused

UNITS = st.integers(-4, 4).map(lambda lots: lots * 65)
ATTRIBUTIONS = st.builds(
    Attribution,
    key=st.just("NFO:X"),
    product=st.just("MIS"),
    found=UNITS,
    by_runs=UNITS,
    adopted=UNITS,
    external=UNITS,
)


def total(each: Attribution) -> int:
    return each.by_runs + each.adopted + each.external + each.drift


@given(before=ATTRIBUTIONS, units=UNITS.filter(bool))
def test_what_is_adopted_comes_out_of_the_drift_and_then_out_of_the_external(
    before: Attribution, units: int
) -> None:
    try:
        taken = before.adoptable(units)
    except Refused:
        return

    after = before.with_adopted(taken)

    assert total(after) == total(before) == before.found
    assert after.adopted == before.adopted + units
    assert abs(after.drift) <= abs(before.drift)
    assert abs(after.external) <= abs(before.external)


@given(before=ATTRIBUTIONS, units=UNITS.filter(bool))
def test_what_is_ignored_comes_out_of_the_drift_and_then_out_of_the_adopted(
    before: Attribution, units: int
) -> None:
    try:
        taken = before.ignorable(units)
    except Refused:
        return

    after = before.with_external(taken)

    assert total(after) == before.found
    assert after.external == before.external + units
    assert abs(after.drift) <= abs(before.drift)
    assert abs(after.adopted) <= abs(before.adopted)


@given(before=ATTRIBUTIONS)
def test_unless_told_how_many_the_whole_drift_is_meant(before: Attribution) -> None:
    if not before.drift:
        return

    assert before.with_adopted(before.adoptable(None)).drift == 0
    assert before.with_external(before.ignorable(None)).drift == 0
    assert before.with_run(before.drift).drift == 0


@given(units=UNITS, limit=UNITS)
def test_a_part_has_the_direction_of_its_whole_and_is_no_more(units: int, limit: int) -> None:
    part = within(units, limit)

    assert part * limit >= 0
    assert abs(part) <= min(abs(units), abs(limit))


@pytest.mark.parametrize(
    ("units", "before", "price", "average"),
    [(65, None, 10, "10"), (130, 65, 30, "20"), (65, 130, 30, "10"), (-65, 65, 30, "30")],
)
def test_the_average_price_is_of_what_is_held(
    units: int, before: int | None, price: int, average: str
) -> None:
    was = before and Held(key="NFO:X", product="MIS", quantity=before, average_price=Decimal(10))

    held = held_at(("NFO:X", "MIS"), units, was or None, Decimal(price))

    assert held is not None
    assert (held.quantity, held.average_price) == (units, Decimal(average))
    assert held_at(("NFO:X", "MIS"), 0, was or None, Decimal(price)) is None


def test_only_runs_that_hold_the_opposite_are_closed() -> None:
    seen = Seen(found=0, holdings={"RUN-B": -65, "RUN-A": 65, "RUN-C": 130})

    assert list(seen.opposing(-65)) == ["RUN-A", "RUN-C"]
    assert list(seen.opposing(65)) == ["RUN-B"]
