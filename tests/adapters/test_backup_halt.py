"""A platform that was restored sends nothing until every account agrees with its broker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.backup import backup
from adapters.brokers.paper.faults import Fault, FaultKind
from adapters.halt import HALTED, Halt, halt, is_halted, release_halt
from adapters.reconciling import StillHalted, lift_halt, reconcile, reconcile_all
from adapters.restore import restore
from commands.application import Trading
from domain.account import BrokerAccount
from domain.account_terms import Held
from domain.contract import Side
from domain.model import acting
from domain.run import Run
from tests.adapters.backed_up import EVENING, at_work
from tests.adapters.brokers.paper.venue import ACCOUNT, CALL, PUT, Venue
from tests.adapters.market.recorded_days import DAY, row
from tests.adapters.store.exposure import open_run
from tests.domain.adversary import at

DEPTH = {"bid": 99.5, "ask": 100.5, "bid_qty": 650, "ask_qty": 650}
RUN = "RUN-STRAT-1-ACC-1-20260804T0920"
LEFT = f"ACC-1 {CALL} MIS -65"


def test_a_halt_stands_until_it_is_released_and_leaves_its_record(tmp_path: Path) -> None:
    halt(tmp_path, "restored from a backup", EVENING)
    halt(tmp_path, "and once more", EVENING)
    reason = Halt(tmp_path).reason()

    record = release_halt(tmp_path, "compared by hand", EVENING + timedelta(hours=1))

    assert reason == "restored from a backup"
    assert Halt(tmp_path).reason() is None
    assert not is_halted(tmp_path)
    assert record is not None
    assert json.loads(record.read_text())["released"] == "compared by hand"
    assert release_halt(tmp_path, "again", EVENING) is None


def test_a_platform_that_was_never_halted_may_send(tmp_path: Path) -> None:
    assert Halt(tmp_path).reason() is None


@pytest.mark.parametrize("text", ["", "{}", "halted, somehow", '{"reason": 7}'])
def test_a_marker_that_cannot_be_understood_halts_all_the_same(tmp_path: Path, text: str) -> None:
    (tmp_path / HALTED).write_text(text)

    assert is_halted(tmp_path)
    assert Halt(tmp_path).reason() == f"{HALTED} cannot be read"


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    """The broker, which goes on whatever becomes of us."""
    (tmp_path / "market").mkdir()
    rows = [row("09:20") | DEPTH, row("09:20", PUT.removeprefix("NFO:")) | DEPTH]
    venue = Venue(tmp_path / "market", rows)
    venue.at("09:20", 1)
    return venue


@pytest.fixture
def restored(tmp_path: Path, venue: Venue) -> Path:
    """A platform that was backed up while its run held 65 calls, and then was lost."""
    home = tmp_path / "home"
    home.mkdir()
    venue.buy(1, "101")
    venue.at("09:20", 500)
    with acting(at(EVENING)):
        account = BrokerAccount.link(
            ACCOUNT, user_id="USER-1", broker="paper", account_name="Paper"
        )
    with at_work(home) as trading:
        trading.save(account)
        open_run(trading, contract=venue.market.chain(DAY).get(CALL))
    backup(home, tmp_path / "backup", EVENING)
    restore(tmp_path / "backup", tmp_path / "again", EVENING)
    return tmp_path / "again"


@pytest.fixture
def trading(restored: Path) -> Iterator[Trading]:
    """The restored write side."""
    with at_work(restored) as trading:
        yield trading


@pytest.fixture
def run(trading: Trading) -> Run:
    """The run as it was when the backup was made."""
    return trading.load(RUN, Run)


@pytest.fixture
def account(trading: Trading) -> BrokerAccount:
    """Its account."""
    return trading.load(ACCOUNT, BrokerAccount)


def test_the_halt_is_lifted_when_every_account_agrees(
    restored: Path, run: Run, account: BrokerAccount, venue: Venue
) -> None:
    reports = reconcile_all([account], lambda _: [run], lambda _: venue.broker)

    record = lift_halt(restored, reports, "the day may go on", EVENING)

    assert [report.agrees for report in reports] == [True]
    assert not is_halted(restored)
    assert record is not None


def test_what_was_sold_after_the_backup_keeps_the_halt_until_it_is_named(
    restored: Path, run: Run, account: BrokerAccount, venue: Venue
) -> None:
    venue.sell(1, "99")
    venue.at("09:20", 900)
    reports = reconcile_all([account], lambda _: [run], lambda _: venue.broker)

    with pytest.raises(StillHalted, match=LEFT):
        lift_halt(restored, reports, "the day may go on", EVENING)
    with pytest.raises(StillHalted, match=LEFT):
        lift_halt(restored, reports, "", EVENING, accepted=[LEFT.replace("-65", "-130")])

    assert is_halted(restored)
    record = lift_halt(restored, reports, "sold by hand", EVENING, accepted=[LEFT])
    assert not is_halted(restored)
    assert record is not None
    assert json.loads(record.read_text())["released"] == f"sold by hand; accepted: {LEFT}"


def test_a_position_opened_after_the_backup_is_a_difference_until_it_is_adopted(
    run: Run, account: BrokerAccount, venue: Venue
) -> None:
    venue.buy(2, "101", key=PUT)
    venue.at("09:20", 900)

    before = reconcile(account, [run], venue.broker)
    with acting(at(EVENING)):
        account.adopt(Held(key=PUT, product="MIS", quantity=130, average_price=Decimal("100.5")))
    after = reconcile(account, [run], venue.broker)

    assert before.names == (f"ACC-1 {PUT} MIS +130",)
    assert after.agrees


def test_accepting_what_was_not_found_lifts_nothing(
    restored: Path, run: Run, account: BrokerAccount, venue: Venue
) -> None:
    reports = [reconcile(account, [run], venue.broker)]

    with pytest.raises(StillHalted, match="accepted, but not found"):
        lift_halt(restored, reports, "", EVENING, accepted=[LEFT])

    assert is_halted(restored)


@pytest.mark.parametrize("method", ["orders", "positions"])
def test_a_broker_that_cannot_be_read_keeps_the_halt(
    restored: Path, run: Run, account: BrokerAccount, venue: Venue, method: str
) -> None:
    venue.desk.faults.inject(ACCOUNT, Fault(kind=FaultKind.FAIL, method=method))

    report = reconcile(account, [run], venue.broker)

    with pytest.raises(StillHalted, match="ACC-1: the broker cannot be read"):
        lift_halt(restored, [report], "the day may go on", EVENING)
    assert is_halted(restored)


def test_a_live_order_that_no_run_knows_keeps_the_halt(
    restored: Path, run: Run, account: BrokerAccount, venue: Venue
) -> None:
    order = venue.broker.place(venue.ticket(Side.SELL, 1, "150", tag="SENTAFTERTHEBACKUP"))
    venue.at("09:20", 900)

    report = reconcile(account, [run], venue.broker)

    assert report.strange_orders == (order,)
    with pytest.raises(StillHalted, match=f"ACC-1 order {order}"):
        lift_halt(restored, [report], "", EVENING)
    assert lift_halt(restored, [report], "mine", EVENING, accepted=[f"ACC-1 order {order}"])


def test_an_account_that_was_unlinked_need_not_agree(account: BrokerAccount, venue: Venue) -> None:
    with acting(at(EVENING)):
        account.unlink([])

    assert reconcile_all([account], lambda _: [], lambda _: venue.broker) == ()
