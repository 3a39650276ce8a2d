"""What is looked up for a decision: block, book, plan, and what nothing explains in the net."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from adapters.brokers.paper.faults import FaultKind
from commands.account import StopTrading
from domain.account import BrokerAccount
from domain.account_terms import Drift, Held
from domain.book import Ticket
from domain.contract import Product, Side
from domain.model import Origin, Refused, acting
from domain.run import Run
from domain.steps import Facts, Need, Plan
from domain.user import User
from tests.commands.pit import Pit


@pytest.fixture
def pit(tmp_path: Path) -> Pit:
    return Pit(tmp_path)


@pytest.fixture
def open_run(pit: Pit) -> Run:
    """A condor in the market."""
    return pit.follow(pit.opened(), until="09:22")


def gather(pit: Pit, run: Run, *needs: Need) -> Facts:
    facts = Facts(worker="W1")
    return pit.lookout(pit.trading).gather(run, frozenset(needs), facts, pit.clock.now())


def account(pit: Pit, run: Run) -> BrokerAccount:
    return pit.trading.load(run.terms.account_id, BrokerAccount)


def by_hand(pit: Pit, run: Run, leg: int, side: Side) -> None:
    """The trader deals in a contract of the run, past us."""
    contract = run.legs[leg].contract
    quote = pit.market.quotes([contract.key])[contract.key]
    price = quote.ask if side is Side.BUY else quote.bid
    assert price is not None
    broker = pit.broker(run.terms.account_id)
    broker.place(
        Ticket(
            tag="MANUAL",
            contract=contract,
            side=side,
            quantity=65,
            product=Product.MIS,
            price=price,
        )
    )
    pit.clock.sleep(1)
    broker.orders()


def test_what_was_asked_is_remembered(pit: Pit, open_run: Run) -> None:
    facts = gather(pit, open_run, Need.QUOTES, Need.BLOCK)

    assert facts.asked == {Need.QUOTES, Need.BLOCK}
    assert len(facts.quotes) == 4
    assert facts.next_tick is not None
    assert facts.block is None


def test_the_kill_switch_is_read_from_the_account_s_own_stream(pit: Pit, open_run: Run) -> None:
    other = pit.process()
    turned = other.load(open_run.terms.account_id, BrokerAccount)
    with acting(Origin(at=pit.clock.now(), actor="USER-1", correlation_id="K")):
        turned.stop("enough for today")
    other.save(turned)

    assert gather(pit, open_run, Need.BLOCK).block == "enough for today"


def test_drift_in_a_contract_of_the_run_blocks_new_risk_and_elsewhere_does_not(
    pit: Pit, open_run: Run
) -> None:
    key = open_run.legs[0].contract.key
    found = account(pit, open_run)
    with acting(Origin(at=pit.clock.now(), actor="system", correlation_id="R")):
        found.drift_found(Drift(key="NFO:OTHER", product="MIS", expected=0, found=65))
        pit.trading.save(found)
        assert gather(pit, open_run, Need.BLOCK).block is None
        found.drift_found(Drift(key=key, product="MIS", expected=-65, found=0))
        pit.trading.save(found)

    assert gather(pit, open_run, Need.BLOCK).block == f"drift in {key}"


def test_a_blocked_account_enters_nothing_and_leaves_what_it_has(pit: Pit, open_run: Run) -> None:
    user = pit.trading.load(open_run.owner, User)
    pit.bus.execute(
        StopTrading(account_id=open_run.terms.account_id, reason="stop"), pit.asked(user)
    )

    run = pit.follow(open_run.id)

    assert run.stage.ended
    assert pit.net(run.id) == {}


def test_what_the_run_s_own_fills_explain_is_no_drift(pit: Pit, open_run: Run) -> None:
    facts = gather(pit, open_run, Need.DRIFT)

    assert facts.drift is not None
    assert set(facts.drift.values()) == {0}
    assert facts.book is not None


def test_what_the_worker_knows_and_has_not_stored_yet_explains_the_net(
    pit: Pit, open_run: Run
) -> None:
    by_hand(pit, open_run, 0, Side.BUY)
    copy = pit.run(open_run.id)
    with acting(Origin(at=pit.clock.now(), actor="system", correlation_id="S")):
        copy.adjust(0, 65, Decimal(80), "filled yesterday")

    drift = gather(pit, copy, Need.DRIFT).drift

    assert drift is not None
    assert set(drift.values()) == {0}


def test_a_trade_by_hand_in_its_contract_is_drift(pit: Pit, open_run: Run) -> None:
    by_hand(pit, open_run, 0, Side.BUY)

    drift = gather(pit, open_run, Need.DRIFT).drift

    assert drift is not None
    assert {k: units for k, units in drift.items() if units} == {open_run.legs[0].contract.key: 65}


@pytest.mark.parametrize("how", ["adopted", "external"])
def test_what_the_trader_adopted_or_keeps_beside_is_no_drift(
    pit: Pit, open_run: Run, how: str
) -> None:
    by_hand(pit, open_run, 0, Side.BUY)
    held = Held(
        key=open_run.legs[0].contract.key,
        product="MIS",
        quantity=65,
        average_price=80,
    )
    found = account(pit, open_run)
    with acting(Origin(at=pit.clock.now(), actor="USER-1", correlation_id="A")):
        found.adopt(held) if how == "adopted" else found.ignore(held)
    pit.trading.save(found)

    drift = gather(pit, open_run, Need.DRIFT).drift

    assert drift is not None
    assert set(drift.values()) == {0}


@pytest.mark.parametrize("method", ["orders", "positions"])
@pytest.mark.parametrize("kind", [FaultKind.FAIL, FaultKind.THROTTLE, FaultKind.DROP_ANSWER])
def test_a_look_that_fails_says_so_in_the_facts(
    pit: Pit, open_run: Run, kind: FaultKind, method: str
) -> None:
    pit.fault(kind, open_run.id, method=method)

    facts = gather(pit, open_run, Need.DRIFT)

    assert facts.trouble
    assert facts.drift is None


def test_a_dead_session_is_trouble_too(pit: Pit, open_run: Run) -> None:
    pit.faults.expire_session(open_run.terms.account_id)

    assert "access_token" in (gather(pit, open_run, Need.BOOK).trouble or "")
    pit.faults.open_session(open_run.terms.account_id)
    assert gather(pit, open_run, Need.BOOK).trouble is None


def test_a_fill_between_the_two_looks_leaves_the_drift_open(pit: Pit, open_run: Run) -> None:
    contract = open_run.legs[0].contract
    broker = pit.broker(open_run.terms.account_id)
    ask = pit.market.quotes([contract.key])[contract.key].ask
    broker.place(
        Ticket(
            tag="MANUAL", contract=contract, side=Side.BUY, quantity=65, product=Product.MIS,
            price=ask,
        )
    )  # fmt: skip
    pit.fault(FaultKind.DELAY, open_run.id, method="positions", seconds=1)

    assert gather(pit, open_run, Need.DRIFT).drift is None


def test_a_plan_is_made_for_a_run_that_has_none(pit: Pit) -> None:
    run = pit.run(pit.opened())

    facts = gather(pit, run, Need.PLAN)

    assert isinstance(facts.plan, Plan)
    assert len(facts.quotes) == 4


def test_a_refusal_of_the_plan_is_a_fact(pit: Pit) -> None:
    run = pit.run(pit.opened())
    pit.faults.expire_session(run.terms.account_id)

    plan = gather(pit, run, Need.PLAN).plan

    assert isinstance(plan, Refused)
    assert plan.code == "not-connected"


def test_a_run_that_has_its_plan_keeps_it(pit: Pit, open_run: Run) -> None:
    assert gather(pit, open_run, Need.PLAN).plan is None


def test_settlement_prices_come_by_contract(pit: Pit, open_run: Run) -> None:
    found = gather(pit, open_run, Need.SETTLEMENT).settlement

    assert set(found) == {leg.contract.key for leg in open_run.legs}
