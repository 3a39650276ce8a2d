"""Whole days on AWS, judged by the simulator's ledger."""

from __future__ import annotations

from datetime import timedelta

from adapters.aws.measured import Name
from domain.calendar import at_ist
from domain.run_terms import Stage
from tests.adapters.aws.flows.cloud import DAY, Rules
from tests.adapters.aws.flows.conftest import Days
from tests.adapters.aws.flows.trader import Trader, clock, condor, spread
from tests.adapters.aws.flows.verdict import case_of, faults, runs


def test_a_good_day_enters_at_the_second_and_ends_flat(days: Days) -> None:
    cloud = days(Rules())
    trader = Trader(cloud, accounts=2)
    trader.trade(condor("09:20", "09:30"), spread("09:20:30", "09:29:10"))

    cloud.pass_until(at_ist(DAY, clock("09:32")))

    assert faults(cloud) == ""
    found = runs(cloud)
    assert [run.stage for run in found] == [Stage.CLOSED] * 4, faults(cloud) or cloud.told
    assert {run.outcome for run in found} == {"TIME"}
    case = case_of(cloud)
    for run in found:
        mine = [order.at for order in case.placed if order.ticket.tag in run.slices]
        assert timedelta() <= min(mine) - run.due_at < timedelta(seconds=1)
    late = [one for one in cloud.measured if one.name is Name.DUE_TO_BROKER]
    assert {one.about["run_id"] for one in late} == {run.id for run in found}
    assert max(one.value for one in late) < 1000
    # What a life costs in calls: an entry and its sweeps, and the looks of ten minutes.
    assert cloud.counts["calls of executor"] <= len(found)
    assert cloud.counts["calls of monitor"] <= 5 * len(found)
    assert cloud.counts["calls of dispatcher"] == 0


def test_after_the_close_books_are_compared_once_more_and_every_workflow_is_over(
    days: Days,
) -> None:
    cloud = days(Rules(begin=clock("14:55")))
    trader = Trader(cloud)
    trader.trade(condor("14:58", "15:05"), spread("14:59", "15:20"))

    cloud.pass_until(at_ist(DAY, clock("15:40")))

    assert faults(cloud) == ""
    assert [(run.stage, run.outcome) for run in runs(cloud)] == [(Stage.CLOSED, "TIME")] * 2
    account = cloud.desk.account(trader.accounts[0])
    assert account.last_sync is not None
    assert account.last_sync > at_ist(DAY, clock("15:36"))
    assert not account.drifts
    assert all(flow.asking for flow in cloud.workflows.values())
    assert not cloud.post.letters
