"""What a family has of its own is watched like everybody's."""

from __future__ import annotations

import json
import re

import pytest

from tests.infra.templates import Stage, alarms

FAMILIES = ("Monitoring-family-rao", "Monitoring-desk")


@pytest.fixture(scope="module")
def families(spread: Stage) -> Stage:
    """A stage where two egresses are a family's own."""
    return spread.part(*FAMILIES)


def test_what_a_family_has_of_its_own_is_watched_as_well(families: Stage) -> None:
    found = set(alarms(families))

    for desk in ("family-rao", "desk"):
        for kind in ("errors-strategy-executor", "workflow-broken", "watcher-gone"):
            assert f"{kind}-{desk}" in found
        assert f"dead-letters-execute-{desk}" in found
    outages = families.properties("AWS::CloudWatch::CompositeAlarm").values()
    assert {one["AlarmName"] for one in outages} == {
        "atp-spread-outage-family-rao",
        "atp-spread-outage-desk",
    }


def test_a_familys_alarms_tell_the_same_people_and_watch_what_there_is(
    families: Stage, spread: Stage
) -> None:
    functions = spread.properties("AWS::Lambda::Function").values()
    of_families = {
        one["FunctionName"] for one in functions if one["FunctionName"].endswith(("-rao", "-desk"))
    }
    text = json.dumps(families.stacks)

    assert set(re.findall(r'"Name": "FunctionName", "Value": "([^"]+)"', text)) == of_families
    for one in alarms(families).values():
        (told,) = one["AlarmActions"]
        assert re.search(r":atp-spread-(urgent|routine)\"", json.dumps(told))


def test_nobody_is_called_of_a_region_in_which_nothing_trades(prod: Stage, families: Stage) -> None:
    here, elsewhere = alarms(prod).values(), alarms(families).values()

    assert {one.get("ActionsEnabled", True) for one in here} == {True}
    assert {one["ActionsEnabled"] for one in elsewhere} == {False}
    outages = families.properties("AWS::CloudWatch::CompositeAlarm").values()
    assert {one["ActionsEnabled"] for one in outages} == {False}
