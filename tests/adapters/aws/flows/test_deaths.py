"""Functions that die, messages that are told twice, late or never: no order suffers from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest

from domain.calendar import at_ist
from domain.run import Run
from domain.run_terms import Stage
from tests.adapters.aws.flows.cloud import DAY, Cloud, Rules
from tests.adapters.aws.flows.conftest import Days
from tests.adapters.aws.flows.container import Container
from tests.adapters.aws.flows.post import Misfortune
from tests.adapters.aws.flows.trader import Trader, clock, condor, spread
from tests.adapters.aws.flows.verdict import case_of, faults, runs


def dies_once(function: str, where: str, n: int) -> tuple[list[str], Callable[[Container], None]]:
    """What makes the first container of that function die there; who is to die is noted."""
    doomed: list[str] = []

    def born(container: Container) -> None:
        if container.name.startswith(function) and not doomed:
            doomed.append(container.name)
            container.fate.die_in(n, where)

    return doomed, born


def workers(cloud: Cloud, run: Run) -> list[str]:
    """Who owned the run, one after the other."""
    events = cloud.desk.trading.history(run.id)
    return [event.worker for event in events if isinstance(event, Run.Claimed)]


@pytest.mark.parametrize(
    ("where", "n"),
    [
        ("before-append", 1),  # nothing is stored: the sweeper enters
        ("after-append", 1),  # released and not sent: unknown, and never sent by anybody else
        ("after-call", 2),  # the hedges are in the book
        ("before-answer", 2),  # so are the shorts, and their answers are lost
        ("before a call", 3),
    ],
)
def test_an_executor_that_dies_is_succeeded_by_the_sweep(days: Days, where: str, n: int) -> None:
    cloud = days(Rules())
    trader = Trader(cloud)
    trader.trade(condor("09:20", "09:26"))
    doomed, cloud.at_birth = dies_once("executor", where, n)

    cloud.pass_until(at_ist(DAY, clock("09:28")))

    assert faults(cloud) == ""
    assert doomed
    assert cloud.counts["deaths of executor"] == 1, cloud.told
    (run,) = runs(cloud)
    placed = [order for order in case_of(cloud).placed if order.at > run.due_at]
    if where == "before-append":
        assert min(order.at for order in placed) < run.due_at + timedelta(seconds=25)
    if where == "after-append":
        assert "UNKNOWN_ORDER" in {alert for s in run.slices.values() for alert in s.alerts}
    else:
        assert run.stage is Stage.CLOSED
        assert workers(cloud, run)[-1] != doomed[0]


@pytest.mark.parametrize("where", ["before-append", "after-append", "before-call", "after-call"])
def test_an_executor_that_stood_still_past_its_lease_sends_nothing_more(
    days: Days, where: str
) -> None:
    cloud = days(Rules())
    Trader(cloud).trade(condor("09:20", "09:26"))
    stood: list[str] = []

    def born(container: Container) -> None:
        def stand() -> None:
            stood.append(container.name)
            cloud.clock.sleep(45)

        if container.name.startswith("executor") and not stood:
            container.fate.stand_still_in(1, where, stand)

    cloud.at_birth = born
    cloud.pass_until(at_ist(DAY, clock("09:29")))

    assert faults(cloud) == ""
    assert stood
    late = [each for each in cloud.sent if each.at > at_ist(DAY, clock("09:20:11"))]
    assert stood[0] not in {each.worker for each in late}
    (run,) = runs(cloud)
    held = sum(abs(each.quantity) for each in cloud.exchange.positions(run.terms.account_id))
    assert held == 0, cloud.told


def test_a_monitor_that_dies_while_it_leaves_is_succeeded(days: Days) -> None:
    cloud = days(Rules())
    Trader(cloud).trade(condor("09:20", "09:24"))
    doomed, cloud.at_birth = dies_once("monitor", "after-call", 2)

    cloud.pass_until(at_ist(DAY, clock("09:26")))

    assert faults(cloud) == ""
    assert doomed
    (run,) = runs(cloud)
    assert (run.stage, run.outcome) == (Stage.CLOSED, "TIME")


def test_a_call_whose_time_is_up_hands_on_what_is_left(days: Days) -> None:
    cloud = days(Rules(timeouts={"executor": 66}))  # it must stop four seconds before the entry
    Trader(cloud).trade(condor("09:20", "09:24"))

    cloud.pass_until(at_ist(DAY, clock("09:26")))

    assert faults(cloud) == ""
    (run,) = runs(cloud)
    assert (run.stage, run.outcome) == (Stage.CLOSED, "TIME")
    first = min(order.at for order in case_of(cloud).placed)
    assert first - run.due_at < timedelta(seconds=1)
    assert cloud.counts["deaths of executor"] == 0


def test_a_schedule_that_slept_is_healed_when_it_wakes(days: Days) -> None:
    cloud = days(Rules())
    Trader(cloud).trade(condor("09:20", "09:26"), spread("09:22", "09:26"))
    cloud.pass_until(at_ist(DAY, clock("09:17:30")))
    cloud.woken = False
    cloud.pass_until(at_ist(DAY, clock("09:21:30")))
    cloud.woken = True

    cloud.pass_until(at_ist(DAY, clock("09:28")))

    assert faults(cloud) == ""
    missed, entered = sorted(runs(cloud), key=lambda run: run.due_at)
    assert (missed.stage, missed.skip_reason) == (Stage.SKIPPED, "MISSED")
    assert entered.stage is Stage.CLOSED


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_day_of_misfortunes_harms_nothing(days: Days, seed: int) -> None:
    bad = Misfortune(twice=0.4, late=0.3, lost=0.1, late_by=25)
    cloud = days(Rules(seed=seed, fates={"execute": bad, "dispatch": bad, "reconcile": bad}))
    chance = Random(f"deaths-{seed}")

    def born(container: Container) -> None:
        if chance.random() < 0.3:
            container.fate.die_in(chance.randint(1, 20))
        elif chance.random() < 0.2:
            seconds = chance.uniform(5, 60)
            container.fate.stand_still_in(
                chance.randint(1, 20), "", lambda: cloud.clock.sleep(seconds)
            )

    trader = Trader(cloud, accounts=2)
    trader.trade(condor("09:20", "09:25"), spread("09:21:15", "09:26"))
    cloud.at_birth = born
    cloud.pass_until(at_ist(DAY, clock("09:23")))
    trader.leave(runs(cloud)[0].id)

    cloud.pass_until(at_ist(DAY, clock("09:29")))

    assert faults(cloud) == "", cloud.counts
    assert len(runs(cloud)) == 4, cloud.told
