"""Broker against platform: what is drift and what is the trader's own, halted runs, and the end."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.brokers.paper.faults import FaultKind
from commands.drift import AdoptPosition
from commands.errors import Conflict, Refused
from commands.reconciling import Outcome
from domain.account_terms import DriftKind, Held, Where
from domain.contract import Product, Side
from domain.run import Run
from domain.run_terms import Stage
from tests.adapters.market.recorded_days import minute
from tests.commands.by_hand import Comparer
from tests.commands.pit import Pit

SHORT, HEDGE = 0, 1
"""The condor's short call and its hedge."""


@pytest.fixture
def pit(tmp_path: Path) -> Pit:
    return Pit(tmp_path)


@pytest.fixture
def run(pit: Pit) -> Run:
    """A condor in the market."""
    return pit.follow(pit.opened(), until="09:22")


@pytest.fixture
def desk(pit: Pit, run: Run) -> Comparer:
    return Comparer(pit, run)


def key(run: Run, leg: int = HEDGE) -> str:
    return run.legs[leg].contract.key


# ── what differs ──────────────────────────────────────────────────────────────────────────


def test_what_the_runs_hold_agrees_and_is_said_once_an_hour(pit: Pit, desk: Comparer) -> None:
    first = desk.look()
    desk.look()

    assert first.outcome is Outcome.AGREES
    assert desk.facts() == ["Reconciled"]
    pit.clock.sleep(3600)
    desk.look()
    assert desk.facts() == ["Reconciled", "Reconciled"]


def test_a_trade_by_hand_in_a_contract_of_ours_is_drift_once_it_was_seen_twice(
    run: Run, desk: Comparer
) -> None:
    desk.trade(run.legs[HEDGE].contract, Side.BUY)

    once, twice, again = desk.look(), desk.look(), desk.look()

    assert [each.outcome for each in (once, twice, again)] == ["AGAIN", "DIFFERS", "DIFFERS"]
    assert [(d.expected, d.found) for d in twice.news] == [(65, 130)]
    assert again.news == ()
    assert desk.facts() == ["Reconciled", "DriftFound"]


def test_a_trade_by_hand_in_another_contract_or_product_is_the_traders_own(
    pit: Pit, run: Run, desk: Comparer
) -> None:
    other = desk.contract("24500CE")
    desk.trade(other, Side.SELL)
    desk.trade(run.legs[HEDGE].contract, Side.BUY, product=Product.NRML)

    found = desk.look()

    assert found.outcome is Outcome.AGREES
    held = {place: each.quantity for place, each in desk.account.external.items()}
    assert held == {(other.key, "MIS"): -65, (key(run), "NRML"): 65}
    assert pit.run(run.id).alerts == {}


def test_what_was_the_traders_own_before_us_stays_it_when_a_run_comes(pit: Pit) -> None:
    run_id = pit.opened()
    desk = Comparer(pit, pit.run(run_id))
    desk.trade(desk.contract("25000CE"), Side.BUY)
    desk.look()

    run = pit.follow(run_id, until="09:22")

    assert run.stage is Stage.OPEN
    assert desk.look().outcome is Outcome.AGREES
    assert pit.net(run_id)["NFO:NIFTY2680425000CE"] == 130
    assert pit.follow(run_id).stage is Stage.CLOSED
    assert pit.net(run_id) == {"NFO:NIFTY2680425000CE": 65}


def test_units_taken_for_the_traders_own_before_their_run_was_known_are_the_runs_again(
    pit: Pit, run: Run, desk: Comparer
) -> None:
    taken = Held(key=key(run), product="MIS", quantity=65, average_price=Decimal(100))
    desk.record(external=(taken,))

    assert desk.look().outcome is Outcome.AGREES

    assert desk.account.external == {}
    assert pit.run(run.id).alerts == {}
    assert pit.follow(run.id).stage is Stage.CLOSED
    assert not any(pit.net(run.id).values())


def test_the_traders_own_units_sold_by_hand_beside_a_runs_are_drift(pit: Pit) -> None:
    run_id = pit.opened()
    desk = Comparer(pit, pit.run(run_id))
    desk.trade(desk.contract("25000CE"), Side.BUY)
    desk.look()
    run = pit.follow(run_id, until="09:22")
    desk.trade(run.legs[HEDGE].contract, Side.SELL)
    desk.look()

    found = desk.look()

    assert [(d.expected, d.found) for d in found.news] == [(130, 65)]


def test_a_reading_that_raced_with_a_fill_is_taken_again(
    pit: Pit, run: Run, desk: Comparer
) -> None:
    desk.order(run.legs[HEDGE].contract, Side.BUY)
    pit.fault(FaultKind.DELAY, run.id, method="positions", seconds=1)

    assert desk.look().outcome is Outcome.AGAIN
    assert desk.account.drifts == {}


@pytest.mark.parametrize("method", ["orders", "positions", "trades"])
def test_a_broker_that_cannot_be_read_proves_nothing(
    pit: Pit, run: Run, desk: Comparer, method: str
) -> None:
    desk.trade(run.legs[HEDGE].contract, Side.BUY)
    pit.fault(FaultKind.FAIL, run.id, method=method)

    found = desk.look()

    assert (found.outcome, bool(found.trouble)) == (Outcome.SILENT, True)
    assert desk.facts() == []


def test_a_live_order_of_somebody_else_in_a_contract_of_ours_is_reported(
    run: Run, desk: Comparer
) -> None:
    order = desk.order(run.legs[SHORT].contract, Side.BUY, price=Decimal("1.00"))
    desk.order(desk.contract("24500CE"), Side.BUY, price=Decimal("1.00"))

    (drift,) = desk.settled().drifts

    assert drift.where == Where(DriftKind.ORDER, key(run, SHORT), "MIS", order)
    assert drift.found == 65


def test_an_order_with_a_tag_like_ours_that_no_run_knows_is_reported_wherever_it_is(
    run: Run, desk: Comparer
) -> None:
    other = desk.contract("24500CE")
    order = desk.order(other, Side.BUY, tag="ABCDEFGHIJKLMNOPQRST", price=Decimal("1.00"))

    found = desk.settled()

    assert [drift.where for drift in found.drifts] == [
        Where(DriftKind.ORDER, other.key, "MIS", order)
    ]
    assert run.stage is Stage.OPEN


def test_an_order_that_was_explained_is_not_reported_again(
    pit: Pit, run: Run, desk: Comparer
) -> None:
    order = desk.order(run.legs[SHORT].contract, Side.BUY, price=Decimal("1.00"))
    desk.settled()

    desk.explain(key(run, SHORT), DriftKind.ORDER, order)

    assert desk.settled().outcome is Outcome.AGREES
    pit.broker(desk.account_id).cancel(order)
    pit.clock.sleep(1)
    desk.settled()
    assert desk.account.explained == {}


def test_trades_that_do_not_add_up_to_the_book_are_reported(
    pit: Pit, run: Run, desk: Comparer, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pit.exchange.trades
    monkeypatch.setattr(pit.exchange, "trades", lambda account: whole(account)[1:])

    (drift,) = desk.settled().drifts

    assert (drift.kind, drift.expected, drift.found) == (DriftKind.TRADES, 65, 0)
    monkeypatch.undo()
    assert desk.settled().outcome is Outcome.AGREES
    assert pit.run(run.id).alerts == {}


# ── what it stops ─────────────────────────────────────────────────────────────────────────


def test_drift_halts_the_run_it_touches_which_goes_on_watching_and_leaves_only_what_is_there(
    pit: Pit, run: Run, desk: Comparer
) -> None:
    desk.trade(run.legs[HEDGE].contract, Side.SELL)
    desk.settled()

    assert "HALTED" in pit.run(run.id).alerts
    assert desk.woken == [run.id]
    assert pit.run(run.id).stage is Stage.OPEN
    left = pit.follow(run.id)
    assert left.exit_reason == "TIME"
    assert left.stage is Stage.EXITING
    assert set(pit.net(run.id).values()) == {0} or pit.net(run.id) == {}


def test_a_run_that_is_entering_when_its_contract_drifts_is_undone(tmp_path: Path) -> None:
    pit = Pit(tmp_path)
    run = pit.follow(pit.opened(), until=minute("09:20"))
    desk = Comparer(pit, run)
    assert run.stage is Stage.ENTERING
    desk.order(run.legs[SHORT].contract, Side.BUY, price=Decimal("1.00"))
    pit.fault(FaultKind.DELAY, run.id, method="trades", seconds=0)

    desk.settled()
    run = pit.follow(run.id, until="09:22")

    assert (run.exit_reason, run.stage) == ("DRIFT", Stage.CLOSED)
    assert pit.net(run.id) == {}


def test_another_run_does_not_enter_a_contract_that_drifts(pit: Pit, run: Run) -> None:
    desk = Comparer(pit, run)
    desk.trade(run.legs[HEDGE].contract, Side.BUY)
    desk.settled()

    started = pit.planner.start(run.terms.strategy_id, "K2", "USER-1", pit.clock.now())
    pit.runs.add(pit.run(started[0]))
    other = pit.follow(started[0], until=pit.clock.now() + timedelta(seconds=5))

    assert (other.stage, other.skip_reason) == (Stage.SKIPPED, "BLOCKED")


def test_when_both_agree_again_the_halt_is_lifted(pit: Pit, run: Run, desk: Comparer) -> None:
    desk.trade(run.legs[HEDGE].contract, Side.BUY)
    desk.settled()

    desk.trade(run.legs[HEDGE].contract, Side.SELL)
    found = desk.settled()

    assert found.outcome is Outcome.AGREES
    assert pit.run(run.id).alerts == {}
    assert desk.facts()[-1] == "DriftResolved"


def test_what_is_left_of_a_drift_when_the_run_has_ended_is_the_traders_own(
    pit: Pit, run: Run, desk: Comparer
) -> None:
    desk.trade(run.legs[HEDGE].contract, Side.BUY)
    desk.settled()
    pit.runs.ended(pit.follow(run.id).id)

    found = desk.settled()

    assert found.outcome is Outcome.AGREES
    assert [each.quantity for each in desk.account.external.values()] == [65]


# ── what the trader says of it ────────────────────────────────────────────────────────────


def test_a_hedge_sold_by_hand_is_adopted_by_the_run_at_the_price_of_the_trade(
    pit: Pit, run: Run, desk: Comparer
) -> None:
    desk.trade(run.legs[HEDGE].contract, Side.SELL)
    desk.settled()

    account = desk.adopt(key(run))

    assert (account.drifts, account.adopted) == ({}, {})
    assert pit.run(run.id).adjusted == {HEDGE: -65}
    assert pit.run(run.id).adjustment_cash == 65 * Decimal("19.95")
    assert desk.settled().outcome is Outcome.AGREES
    left = pit.follow(run.id)
    assert left.stage is Stage.CLOSED
    assert pit.net(run.id) == {}


def test_what_was_bought_beside_the_run_is_adopted_by_the_account(
    pit: Pit, run: Run, desk: Comparer
) -> None:
    desk.trade(run.legs[HEDGE].contract, Side.BUY, 130)
    desk.settled()

    part = desk.adopt(key(run), quantity=65, reason="a bit")
    rest = desk.ignore(key(run))

    assert [each.quantity for each in part.adopted.values()] == [65]
    assert [(d.expected, d.found) for d in part.drifts.values()] == [(130, 195)]
    assert [each.quantity for each in rest.external.values()] == [65]
    assert rest.drifts == {}
    assert pit.follow(run.id).stage is Stage.CLOSED
    assert pit.net(run.id) == {key(run): 130}


def test_the_traders_own_is_adopted_and_given_back(run: Run, desk: Comparer) -> None:
    other = desk.contract("24500CE")
    desk.trade(other, Side.SELL)
    desk.settled()

    adopted = desk.adopt(other.key)
    ignored = desk.ignore(other.key)

    assert (list(adopted.adopted), adopted.external) == ([(other.key, "MIS")], {})
    assert (ignored.adopted, list(ignored.external)) == ({}, [(other.key, "MIS")])
    assert run.stage is Stage.OPEN


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"key": "NFO:NIFTY2680424500CE"}, "key"),
        ({"quantity": 130}, "quantity"),
        ({"quantity": -65}, "quantity"),
        ({"product": "NRML"}, "key"),
        ({"run_id": "RUN-OTHER"}, "run_id"),
    ],
)
def test_what_is_not_there_is_not_adopted(
    run: Run, desk: Comparer, said: dict[str, object], field: str
) -> None:
    desk.trade(run.legs[HEDGE].contract, Side.BUY)
    desk.settled()
    before = desk.facts()

    with pytest.raises(Refused) as refused:
        desk.adopt(**{"key": key(run), **said})  # type: ignore[arg-type]  # as a client sends it

    assert refused.value.field == field
    assert desk.facts() == before


def test_what_closes_a_run_cannot_be_ignored_for_its_exit_would_trade_again(
    run: Run, desk: Comparer
) -> None:
    desk.trade(run.legs[HEDGE].contract, Side.SELL)
    desk.settled()

    with pytest.raises(Refused, match="adopt it, or flatten it"):
        desk.ignore(key(run))

    assert len(desk.account.drifts) == 1


def test_of_two_runs_the_trader_says_which_one_was_closed(pit: Pit, run: Run) -> None:
    started = pit.planner.start(run.terms.strategy_id, "K2", "USER-1", pit.clock.now())
    pit.runs.add(pit.run(started[0]))
    other = pit.follow(started[0], until=pit.clock.now() + timedelta(seconds=30))
    assert other.stage is Stage.OPEN
    desk = Comparer(pit, run)
    desk.trade(run.legs[HEDGE].contract, Side.SELL)
    desk.settled()

    with pytest.raises(Refused) as refused:
        desk.adopt(key(run))
    desk.adopt(key(run), run_id=other.id)

    assert refused.value.field == "run_id"
    assert (pit.run(other.id).adjusted, pit.run(run.id).adjusted) == ({HEDGE: -65}, {})
    assert desk.settled().outcome is Outcome.AGREES


def test_a_run_that_moved_on_since_the_look_is_not_closed_twice(
    pit: Pit, run: Run, desk: Comparer
) -> None:
    desk.trade(run.legs[HEDGE].contract, Side.SELL)
    seen = desk.reconciling.seen(desk.account_id, (key(run), "MIS"), pit.clock.now())
    desk.adopt(key(run))

    late = AdoptPosition(account_id=desk.account_id, key=key(run), product="MIS", seen=seen)
    with pytest.raises(Conflict, match="look again"):
        pit.bus.execute(late, pit.asked(desk.user))

    assert pit.run(run.id).adjusted == {HEDGE: -65}


def test_a_drift_that_was_explained_is_let_be_until_it_changes(
    pit: Pit, run: Run, desk: Comparer
) -> None:
    desk.trade(run.legs[HEDGE].contract, Side.BUY)
    desk.settled()

    desk.explain(key(run))
    desk.explain(key(run))

    assert desk.settled().outcome is Outcome.AGREES
    assert pit.run(run.id).alerts == {}
    desk.trade(run.legs[HEDGE].contract, Side.BUY)
    assert desk.settled().outcome is Outcome.DIFFERS
    with pytest.raises(Refused):
        desk.explain(key(run, SHORT))


def test_a_difference_is_flattened_by_a_run_of_its_own_once(
    pit: Pit, run: Run, desk: Comparer
) -> None:
    desk.trade(run.legs[HEDGE].contract, Side.SELL)
    desk.settled()

    run_id = desk.flatten(key(run))
    assert desk.flatten(key(run)) == run_id
    with pytest.raises(Refused, match="nothing differs"):
        desk.flatten(key(run), "K2")
    flattened = pit.follow(run_id, until=pit.clock.now() + timedelta(seconds=30))

    assert flattened.outcome == "DRIFT"
    assert pit.net(run.id)[key(run)] == 65
    pit.runs.ended(run_id)
    assert desk.settled().outcome is Outcome.AGREES
    assert pit.follow(run.id).stage is Stage.CLOSED
    assert pit.net(run.id) == {}
