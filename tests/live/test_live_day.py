"""A day on the trader's own account, from the login to equal books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from domain.run_terms import Stage
from tests.live.stage import LiveDay
from tests.live.trader import condor


def test_a_condor_is_entered_at_its_second_followed_left_and_in_the_brokers_books(
    begun: Callable[..., LiveDay],
) -> None:
    day = begun(9, 14, 20)
    trader = day.trader()
    account_id = trader.logged_in()

    trader.trade(account_id, condor(*trader.times(0.5, 2.5)))
    day.wait(lambda: day.stage() is Stage.OPEN, "the entry")
    entered = day.run()
    day.wait(lambda: day.run().stage.ended, "the exit")

    left = day.run()
    assert left.stage is Stage.CLOSED, day.told()
    assert left.exit_reason == "TIME"
    first = min(each.released_at for each in entered.slices.values() if each.released_at)
    grace = timedelta(seconds=entered.terms.entry_grace_s)
    assert entered.due_at <= first <= entered.due_at + grace, day.told()
    assert day.net(account_id) == {}
    assert day.faults(account_id) == [], day.told()
