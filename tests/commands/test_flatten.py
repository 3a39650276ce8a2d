"""The kill switch, and leaving what no run holds: reduce-only, once, and nothing beside it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.brokers.paper.faults import FaultKind
from commands.flatten import Flattening
from domain.account import BrokerAccount
from domain.account_terms import Drift, FlattenScope, Held
from domain.book import Ticket, Unavailable
from domain.contract import Product, Side
from domain.model import Origin, acting
from domain.run import Run
from domain.run_terms import Stage
from tests.commands.pit import Pit


@pytest.fixture
def pit(tmp_path: Path) -> Pit:
    return Pit(tmp_path)


@pytest.fixture
def open_run(pit: Pit) -> Run:
    """A condor in the market."""
    return pit.follow(pit.opened(), until="09:22")


class Hall:
    """Flattening with a note of whom it woke."""

    def __init__(self, pit: Pit) -> None:
        self.pit = pit
        self.woken: list[str] = []
        self.flattening = Flattening(
            pit.trading, pit.market, pit.broker, pit.runs, self.woken.append, "TEST"
        )

    def follow_all(self) -> list[Run]:
        woken = list(dict.fromkeys(self.woken))
        for _ in range(3):
            for run_id in woken:
                wake = self.pit.follower.follow(run_id)
                if wake is None:
                    self.pit.runs.ended(run_id)
            self.pit.clock.sleep(1)
        return [self.pit.run(run_id) for run_id in woken]


@pytest.fixture
def hall(pit: Pit) -> Hall:
    return Hall(pit)


def account(pit: Pit, run: Run) -> BrokerAccount:
    return pit.trading.load(run.terms.account_id, BrokerAccount)


def buy_by_hand(pit: Pit, run: Run, leg: int = 1) -> str:
    """The trader buys a contract, past us; answers its key."""
    contract = run.legs[leg].contract
    ask = pit.market.quotes([contract.key])[contract.key].ask
    ticket = Ticket(
        tag="MANUAL",
        contract=contract,
        side=Side.BUY,
        quantity=65,
        product=Product.MIS,
        price=ask,
    )
    pit.broker(run.terms.account_id).place(ticket)
    pit.clock.sleep(1)
    pit.broker(run.terms.account_id).orders()
    return contract.key


def known_as(pit: Pit, run: Run, key: str, how: str) -> None:
    held = Held(key=key, product="MIS", quantity=65, average_price=Decimal(20))
    found = account(pit, run)
    with acting(Origin(at=pit.clock.now(), actor="system", correlation_id="R")):
        if how == "adopted":
            found.adopt(held)
        else:
            drift = Drift(key="NFO:OTHER", product="MIS", expected=0, found=1)
            found.reconciled([held], [drift])
    pit.trading.save(found)


def stop(pit: Pit, run: Run, scope: FlattenScope) -> None:
    found = account(pit, run)
    with acting(Origin(at=pit.clock.now(), actor="USER-1", correlation_id="K")):
        found.stop("enough", scope)
    pit.trading.save(found)


def watch(pit: Pit, hall: Hall, run: Run) -> bool:
    """Whether the block has to be watched on."""
    return hall.flattening.watch(run.terms.account_id, pit.clock.now()) is not None


def test_an_account_that_is_not_blocked_is_left_alone(pit: Pit, hall: Hall, open_run: Run) -> None:
    assert not watch(pit, hall, open_run)
    assert hall.woken == []


def test_every_open_run_of_a_blocked_account_leaves(pit: Pit, hall: Hall, open_run: Run) -> None:
    stop(pit, open_run, FlattenScope.OWN)

    assert watch(pit, hall, open_run)
    (run,) = hall.follow_all()

    assert (run.stage, run.outcome) == (Stage.CLOSED, "KILL")
    assert pit.net(run.id) == {}
    assert not watch(pit, hall, run)


def test_what_the_trader_holds_beside_is_left_alone_by_default(
    pit: Pit, hall: Hall, open_run: Run
) -> None:
    key = buy_by_hand(pit, open_run, leg=1)
    known_as(pit, open_run, key, "external")
    stop(pit, open_run, FlattenScope.OWN)

    watch(pit, hall, open_run)
    hall.follow_all()

    assert pit.net(open_run.id) == {key: 65}


@pytest.mark.parametrize("how", ["external", "adopted", "unknown"])
def test_with_scope_all_everything_is_left_by_a_run_of_its_own(
    pit: Pit, hall: Hall, open_run: Run, how: str
) -> None:
    key = buy_by_hand(pit, open_run, leg=1)
    if how != "unknown":
        known_as(pit, open_run, key, how)
    stop(pit, open_run, FlattenScope.ALL)

    watch(pit, hall, open_run)
    runs = hall.follow_all()

    assert [run.stage for run in runs] == [Stage.CLOSED, Stage.CLOSED]
    assert pit.net(open_run.id) == {}
    found = account(pit, open_run)
    assert found.adopted == found.external == {}
    assert bool(found.drifts) is (how == "external")  # another contract's drift is still there


def test_a_position_that_one_asks_to_leave_is_left_and_nothing_else(
    pit: Pit, hall: Hall, open_run: Run
) -> None:
    key, other = buy_by_hand(pit, open_run, leg=1), buy_by_hand(pit, open_run, leg=3)
    for each in (key, other):
        known_as(pit, open_run, each, "adopted")

    (run_id,) = hall.flattening.leave_positions(
        account(pit, open_run), [key], "REQUEST", pit.clock.now()
    )
    hall.follow_all()

    assert pit.run(run_id).outcome == "REQUEST"
    assert pit.net(open_run.id)[key] == 65  # the condor's own
    assert pit.net(open_run.id)[other] == 130
    assert list(account(pit, open_run).adopted) == [(other, "MIS")]


def test_what_runs_hold_is_not_left_a_second_time(pit: Pit, hall: Hall, open_run: Run) -> None:
    found = hall.flattening.leave_positions(
        account(pit, open_run), None, "REQUEST", pit.clock.now()
    )

    assert found == []


def test_asked_twice_in_a_second_it_is_one_run(pit: Pit, hall: Hall, open_run: Run) -> None:
    buy_by_hand(pit, open_run, leg=1)
    copies = [account(pit, open_run), account(pit, open_run)]
    pit.runs.ended(open_run.id)
    pit.runs.add(open_run)

    first = hall.flattening.leave_positions(copies[0], None, "REQUEST", pit.clock.now())
    second = hall.flattening.leave_positions(copies[1], None, "REQUEST", pit.clock.now())

    assert len(first) == 1
    assert second in ([], first)
    assert pit.kinds(first[0]).count("Opened") == 1


def test_while_orders_fill_nothing_is_concluded(pit: Pit, hall: Hall, open_run: Run) -> None:
    for _ in range(8):
        contract = open_run.legs[1].contract
        ask = pit.market.quotes([contract.key])[contract.key].ask
        ticket = Ticket(
            tag="MANUAL",
            contract=contract,
            side=Side.BUY,
            quantity=65,
            product=Product.MIS,
            price=ask,
        )
        pit.broker(open_run.terms.account_id).place(ticket)
    pit.fault(FaultKind.DELAY, open_run.id, method="positions", times=1, seconds=1)

    (run_id,) = hall.flattening.leave_positions(
        account(pit, open_run), None, "REQUEST", pit.clock.now()
    )

    assert pit.run(run_id).legs[0].quantity == 8 * 65


def test_a_broker_that_is_away_is_asked_again(pit: Pit, hall: Hall, open_run: Run) -> None:
    stop(pit, open_run, FlattenScope.ALL)
    pit.fault(FaultKind.FAIL, open_run.id, method="orders")

    again = hall.flattening.watch(open_run.terms.account_id, pit.clock.now())

    assert again == pit.clock.now() + timedelta(seconds=1)
    pit.fault(FaultKind.FAIL, open_run.id, method="positions")
    with pytest.raises(Unavailable):
        hall.flattening.leave_positions(account(pit, open_run), None, "KILL", pit.clock.now())
