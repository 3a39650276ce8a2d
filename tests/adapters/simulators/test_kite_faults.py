"""Faults to order: late and hidden orders, outages, hand trades, chance."""

from __future__ import annotations

import pytest
import requests
from kiteconnect import exceptions

from adapters.brokers.paper.ledger import PaperLedger
from adapters.simulators.kite.answers import KiteError
from adapters.simulators.kite.faults import Fault, FaultKind
from adapters.simulators.kite.orders import HandTrade
from domain.contract import Side
from tests.adapters.simulators.kite_stage import ACCOUNT, Stage, statuses

PLACE = "/orders/regular"

RESET = requests.exceptions.ConnectionError


def test_an_order_that_timed_out_is_placed_seconds_later(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.TIMED_OUT, seconds=10))

    with pytest.raises(exceptions.InputException, match="Order request timed out") as error:
        stage.client.place_order(**stage.order())
    stage.pass_time(9)
    before = stage.client.orders()
    stage.pass_time(2)

    assert error.value.code == 400
    assert before == []
    assert statuses(stage.client.orders()) == ["COMPLETE"]


def test_a_refused_order_that_times_out_is_only_refused(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.TIMED_OUT, seconds=10))

    with pytest.raises(exceptions.InputException, match="multiples of 65"):
        stage.client.place_order(**stage.order(quantity=66))


def test_an_order_may_surface_long_after_its_connection_broke(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.LATE, seconds=90))

    with pytest.raises(RESET):
        stage.client.place_order(**stage.order())
    before = stage.client.orders()
    stage.pass_time(91)

    assert before == []
    assert statuses(stage.client.orders()) == ["COMPLETE"]


def test_an_accepted_order_may_be_missing_from_the_book_for_a_while(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.HIDE, seconds=60))

    order_id = stage.place()
    hidden = (stage.client.orders(), stage.client.trades())
    with pytest.raises(exceptions.GeneralException):
        stage.client.order_history(order_id)
    held = stage.client.positions()["net"]
    stage.pass_time(60)

    assert hidden == ([], [])
    assert [position["quantity"] for position in held] == [65]
    assert stage.row(order_id)["status"] == "COMPLETE"


def test_risk_management_rejects_to_order(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.REFUSE, message="RMS: not today."))

    order_id = stage.place()

    row = stage.row(order_id)
    assert (row["status"], row["status_message"]) == ("REJECTED", "RMS: not today.")


def test_a_partly_filled_order_is_open_and_cancelled_it_has_fills(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.PARTIAL, quantity=65))
    order_id = stage.client.place_order(**stage.order(lots=3))
    stage.pass_time(0.25)
    while not stage.row(order_id)["filled_quantity"]:
        stage.pass_time(0.1)
    part = stage.row(order_id)
    stage.client.cancel_order("regular", order_id)
    stage.pass_time()

    row = stage.row(order_id)
    assert (part["status"], part["filled_quantity"], part["pending_quantity"]) in {
        ("OPEN", 65, 130),
        ("CANCEL PENDING", 65, 130),
    }
    assert row["status"] in ("CANCELLED", "COMPLETE")
    assert row["filled_quantity"] >= 65


def test_orders_are_not_taken_from_an_address_that_is_not_registered(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.ADDRESS, message="203.0.113.7", times=None))
    words = r"IP \(203\.0\.113\.7\) is not allowed to place orders for this app"

    with pytest.raises(exceptions.PermissionException, match=words) as placing:
        stage.place()
    with pytest.raises(exceptions.PermissionException, match=words) as cancelling:
        stage.client.cancel_order("regular", "1")
    assert (placing.value.code, cancelling.value.code) == (403, 403)

    assert stage.client.orders() == []
    stage.kite.faults.clear(FaultKind.ADDRESS)
    assert stage.place()


def test_a_token_may_die_at_any_call(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.TOKEN, path=PLACE))

    with pytest.raises(exceptions.TokenException):
        stage.client.place_order(**stage.order())
    with pytest.raises(exceptions.TokenException):
        stage.client.orders()
    stage.log_in()

    assert stage.client.orders() == []


@pytest.mark.parametrize(("status", "raised"), [(503, exceptions.DataException), (0, RESET)])
def test_an_outage_lasts_as_long_as_it_was_said(
    stage: Stage, status: int, raised: type[Exception]
) -> None:
    stage.inject(Fault(kind=FaultKind.OUTAGE, seconds=600, status=status, path="/user/profile"))

    for call in (stage.client.profile, stage.client.orders, stage.place):
        with pytest.raises(raised):
            call()
    stage.clock.sleep(600)

    assert stage.client.orders() == []


def test_the_trader_trades_by_hand_just_before_a_call(stage: Stage) -> None:
    contract = stage.listed()
    stage.inject(
        Fault(kind=FaultKind.HAND_TRADE, path="/orders", key=contract.key, side=Side.SELL,
              quantity=65, skip=1)
    )  # fmt: skip

    assert stage.client.orders() == []
    (row,) = stage.client.orders()

    assert (row["tradingsymbol"], row["transaction_type"]) == (contract.tradingsymbol, "SELL")


def test_a_fault_meets_the_call_it_was_meant_for(stage: Stage) -> None:
    stage.inject(
        Fault(kind=FaultKind.THROTTLE, method="DELETE", path="/orders/regular/*", skip=1),
        Fault(kind=FaultKind.THROTTLE, account="ACC-2"),
    )
    order_id = stage.place(away="0.7")

    stage.client.cancel_order("regular", order_id)
    with pytest.raises(exceptions.NetworkException):
        stage.client.cancel_order("regular", order_id)

    (struck,) = stage.kite.struck
    assert (struck.kind, struck.method, struck.account) == (FaultKind.THROTTLE, "DELETE", ACCOUNT)


def test_chance_falls_the_same_way_for_the_same_calls() -> None:
    def played() -> list[bool]:
        stage = Stage(Fault(kind=FaultKind.THROTTLE, path="/orders", chance=0.3, times=None))
        stage.log_in()
        found = []
        for _ in range(40):
            stage.pass_time(1)
            try:
                stage.client.orders()
                found.append(True)
            except exceptions.NetworkException:
                found.append(False)
        stage.stop()
        return found

    first = played()

    assert played() == first
    assert 4 < first.count(False) < 25


def test_the_ledger_has_every_order_that_any_fault_left_in_doubt(stage: Stage) -> None:
    doubtful = (FaultKind.RESET, FaultKind.CUT, FaultKind.TRUNCATED, FaultKind.PAGE)
    for number, kind in enumerate(doubtful):
        stage.inject(Fault(kind=kind, path=PLACE, accepted=True))
        with pytest.raises((exceptions.KiteException, requests.exceptions.RequestException)):
            stage.client.place_order(**stage.order(tag=f"B{number}"))
        stage.pass_time(1)

    ledger: PaperLedger = stage.exchange.ledger
    tags = [line.ticket.tag for line in ledger.lines() if line.kind == "placed"]
    assert tags == ["B0", "B1", "B2", "B3"]
    assert [row["tag"] for row in stage.client.orders()] == tags


def test_a_hand_trade_that_is_refused_harms_no_call(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.HAND_TRADE, path="/orders", key="NFO:X", quantity=65))

    assert stage.client.orders() == []
    with pytest.raises(KiteError, match="does not exist"):
        stage.kite.hand_trade(ACCOUNT, HandTrade(key="NFO:X", side=Side.BUY, quantity=65))


def test_a_simulator_ends_once_and_hangs_up_on_everybody() -> None:
    stage = Stage()
    stage.log_in()
    stage.kite.stop()
    stage.kite.stop()

    with pytest.raises(RESET):
        stage.client.orders()
    stage.client.reqsession.close()


def test_a_request_may_be_long_on_its_way(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.DELAY, path=PLACE, seconds=5))
    before = stage.clock.now()

    order_id = stage.client.place_order(**stage.order())

    assert (stage.clock.now() - before).total_seconds() == 5
    assert str(stage.row(order_id)["order_timestamp"]) == "2026-11-18 10:00:05"


def test_an_answer_may_be_slow_while_the_order_fills(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.SLOW_ANSWER, path=PLACE, seconds=5))

    order_id = stage.client.place_order(**stage.order())

    row = stage.row(order_id)
    assert str(row["order_timestamp"]) == "2026-11-18 10:00:00"
    assert row["status"] == "COMPLETE"
