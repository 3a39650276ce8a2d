"""What a trader wishes, and what befalls an account, while functions are at work."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from adapters.simulators.kite.orders import HandTrade
from domain.account_terms import FlattenScope
from domain.calendar import MARKET, at_ist
from domain.contract import Product, Side
from domain.run import Run
from domain.run_terms import Stage
from tests.adapters.aws.flows.cloud import DAY, Cloud, Rules
from tests.adapters.aws.flows.conftest import Days
from tests.adapters.aws.flows.post import Misfortune
from tests.adapters.aws.flows.trader import Trader, clock, condor, spread
from tests.adapters.aws.flows.verdict import case_of, faults, runs


def at(text: str) -> datetime:
    return at_ist(DAY, clock(text))


def net(cloud: Cloud, account_id: str) -> dict[str, int]:
    return {
        each.key: each.quantity for each in cloud.exchange.positions(account_id) if each.quantity
    }


def said(cloud: Cloud, run: Run, kind: type) -> list[datetime]:
    """When this was recorded of the run."""
    return [e.timestamp for e in cloud.desk.trading.history(run.id) if isinstance(e, kind)]


def test_a_wish_to_leave_is_obeyed_within_seconds(days: Days) -> None:
    cloud = days(Rules())
    trader = Trader(cloud)
    trader.trade(condor("09:20", "15:00"))
    cloud.pass_until(at("09:22:10"))

    trader.leave(runs(cloud)[0].id)
    cloud.pass_until(at("09:23"))

    assert faults(cloud) == ""
    (run,) = runs(cloud)
    assert (run.stage, run.outcome) == (Stage.CLOSED, "REQUEST")
    assert said(cloud, run, Run.Closed)[0] - at("09:22:10") < timedelta(seconds=5)
    assert net(cloud, trader.accounts[0]) == {}


def test_a_wish_while_it_enters_reaches_the_executor_that_has_it(days: Days) -> None:
    cloud = days(Rules())
    trader = Trader(cloud)
    trader.trade(condor("09:20", "15:00"))
    cloud.pass_until(at("09:21"), lambda: bool(cloud.sent))

    trader.leave(runs(cloud)[0].id)
    cloud.pass_until(at("09:21:30"))

    assert faults(cloud) == ""
    (run,) = runs(cloud)
    assert run.stage is Stage.CLOSED
    assert net(cloud, trader.accounts[0]) == {}
    assert {claim.worker for claim in cloud.desk.trading.history(run.id)
            if isinstance(claim, Run.Claimed)} == {cloud.sent[0].worker}  # fmt: skip


@pytest.mark.parametrize("scope", list(FlattenScope))
def test_the_kill_switch_makes_an_account_flat_and_keeps_it_so(
    days: Days, scope: FlattenScope
) -> None:
    cloud = days(Rules())
    trader = Trader(cloud)
    trader.trade(condor("09:20", "15:00"), spread("09:20", "15:00"), spread("09:24", "15:00"))
    cloud.pass_until(at("09:22:10"))
    assert net(cloud, trader.accounts[0])

    trader.stop_trading(trader.accounts[0], scope)
    cloud.pass_until(at("09:25:30"))

    assert faults(cloud) == ""
    entered, late = [r for r in runs(cloud) if r.slices], [r for r in runs(cloud) if not r.slices]
    assert [(run.stage, run.outcome) for run in entered] == [(Stage.CLOSED, "KILL")] * 2
    assert [(run.stage, run.skip_reason) for run in late] == [(Stage.SKIPPED, "BLOCKED")]
    assert all(said(cloud, run, Run.Closed)[0] < at("09:22:20") for run in entered)
    assert net(cloud, trader.accounts[0]) == {}
    assert not any(each.in_hand for each in cloud.post.letters)


def test_a_kill_of_which_nobody_hears_is_done_by_the_reconciler(days: Days) -> None:
    cloud = days(Rules(fates={"dispatch": Misfortune(lost=1)}))
    trader = Trader(cloud)
    trader.trade(condor("09:20", "15:00"))
    cloud.pass_until(at("09:22:10"))

    trader.stop_trading(trader.accounts[0])
    cloud.pass_until(at("09:24:30"))

    assert faults(cloud) == ""
    assert [run.outcome for run in runs(cloud)] == ["KILL"]
    assert net(cloud, trader.accounts[0]) == {}


def test_a_run_that_is_carried_over_night_is_taken_up_in_the_morning(days: Days) -> None:
    cloud = days(Rules(begin=clock("15:07")))
    trader = Trader(cloud)
    lasting = {"holding": "POSITIONAL", "product": "NRML", "exit_after_sessions": 1}
    trader.trade(condor("15:10", "09:20", **lasting))
    cloud.pass_until(at("15:41"))
    (run,) = runs(cloud)
    assert run.stage is Stage.OPEN
    assert run.marks
    calls = cloud.counts["calls of monitor"]

    cloud.woken = False
    tomorrow = MARKET.next_session(DAY)
    cloud.pass_until(at_ist(tomorrow, clock("09:05")))
    assert cloud.counts["calls of monitor"] == calls  # nobody looks at it by night
    trader.log_in(trader.accounts[0])
    cloud.woken = True
    cloud.pass_until(at_ist(tomorrow, clock("09:22")))

    assert faults(cloud) == ""
    (run,) = runs(cloud)
    assert (run.stage, run.outcome) == (Stage.CLOSED, "TIME")
    (first, *_) = sorted(
        o.at for o in case_of(cloud).placed if o.at > at_ist(tomorrow, clock("09"))
    )
    assert timedelta() <= first - at_ist(tomorrow, clock("09:20")) < timedelta(seconds=1)


def test_what_the_trader_does_past_the_platform_is_noticed_within_two_minutes(days: Days) -> None:
    cloud = days(Rules())
    trader = Trader(cloud)
    trader.trade(condor("09:20", "15:00"))
    cloud.pass_until(at("09:22:10"))
    (run,) = runs(cloud)
    hedge = next(leg.contract for leg in run.legs if leg.side is Side.BUY)

    by_hand = HandTrade(key=hedge.key, side=Side.SELL, quantity=65, product=Product.MIS)
    cloud.kite.hand_trade(trader.accounts[0], by_hand)
    cloud.pass_until(at("09:24:30"))

    account = cloud.desk.account(trader.accounts[0])
    assert [drift.key for drift in account.drifts.values()] == [hedge.key]
    assert "HALTED" in runs(cloud)[0].alerts
