"""DynamoDB turns requests away at the worst moments."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

import pytest
from botocore.retries.standard import ExponentialBackoff

from domain.calendar import at_ist
from domain.run_terms import Stage
from tests.adapters.aws.flows.cloud import DAY, Rules
from tests.adapters.aws.flows.conftest import Days
from tests.adapters.aws.flows.trader import Trader, clock, condor
from tests.adapters.aws.flows.verdict import faults, runs
from tests.adapters.store.unreliable import Unreliable, answers
from tests.dynamodb_local import DynamoDBLocal

THROTTLED = answers(400, "ThrottlingException")


@pytest.fixture
def network(
    dynamodb: DynamoDBLocal,
    aws: None,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Unreliable]:
    """A way to DynamoDB on which requests may be turned away; they are tried again at once."""
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)
    with Unreliable(dynamodb.port).serving() as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{proxy.port}")
        yield proxy


#: While it is planned, armed, entered and left.
MOMENTS = ("09:18:00", "09:19:16", "09:19:59.5", "09:23:58")


def test_what_was_throttled_is_done_a_moment_later(days: Days, network: Unreliable) -> None:
    cloud = days(Rules())
    Trader(cloud).trade(condor("09:20", "09:24"))

    for moment in MOMENTS:
        cloud.pass_until(at_ist(DAY, clock(moment)))
        network.fates.extend(repeat(THROTTLED, 12))  # four requests, each tried three times
    cloud.pass_until(at_ist(DAY, clock("09:26")))

    assert faults(cloud) == ""
    assert not network.fates
    assert [(run.stage, run.outcome) for run in runs(cloud)] == [(Stage.CLOSED, "TIME")]
