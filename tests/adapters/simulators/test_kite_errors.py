"""Every way in which Kite fails, as the official client raises it."""

from __future__ import annotations

import pytest
import requests
from kiteconnect import exceptions

from adapters.brokers.paper.ledger import PaperLedger
from adapters.simulators.kite.faults import Fault, FaultKind
from domain.contract import Side
from tests.adapters.simulators.kite_stage import ACCOUNT, Stage, statuses

PLACE = "/orders/regular"
RESET = requests.exceptions.ConnectionError


def placed(stage: Stage) -> int:
    """How many orders the exchange has, whatever anybody was told."""
    return len(stage.exchange.account(ACCOUNT).orders.get(stage.clock.now().date(), []))


@pytest.mark.parametrize(
    ("error_type", "status", "raised"),
    [
        ("TokenException", 403, exceptions.TokenException),
        ("UserException", 403, exceptions.GeneralException),
        ("PermissionException", 403, exceptions.PermissionException),
        ("InputException", 400, exceptions.InputException),
        ("OrderException", 400, exceptions.OrderException),
        ("OrderException", 500, exceptions.OrderException),
        ("MarginException", 400, exceptions.GeneralException),
        ("HoldingException", 400, exceptions.GeneralException),
        ("NetworkException", 503, exceptions.NetworkException),
        ("DataException", 502, exceptions.DataException),
        ("GeneralException", 500, exceptions.GeneralException),
    ],
)
@pytest.mark.parametrize("accepted", [False, True])
def test_an_error_of_each_type_is_raised_with_its_status(
    stage: Stage,
    error_type: str,
    status: int,
    raised: type[exceptions.KiteException],
    accepted: bool,
) -> None:
    stage.inject(
        Fault(
            kind=FaultKind.ERROR,
            path=PLACE,
            error_type=error_type,
            status=status,
            message="So it is.",
            accepted=accepted,
        )
    )

    with pytest.raises(raised, match=r"So it is\.") as error:
        stage.client.place_order(**stage.order())

    assert error.value.code == status
    assert placed(stage) == int(accepted)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_page_of_html_is_a_data_exception_with_code_502(stage: Stage, status: int) -> None:
    stage.inject(Fault(kind=FaultKind.PAGE, path=PLACE, status=status))

    with pytest.raises(exceptions.DataException, match="Unknown Content-Type") as error:
        stage.client.place_order(**stage.order())

    assert error.value.code == 502
    assert placed(stage) == 0


def test_behind_a_page_of_html_the_order_may_be_placed(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.PAGE, path=PLACE, status=504, accepted=True))

    with pytest.raises(exceptions.DataException):
        stage.client.place_order(**stage.order())

    assert placed(stage) == 1


def test_an_error_without_a_type_is_a_type_error(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.NO_ERROR_TYPE, path=PLACE, status=500))

    with pytest.raises(TypeError):
        stage.client.place_order(**stage.order())


def test_an_answer_without_content_type_is_a_key_error(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.NO_CONTENT_TYPE, path=PLACE, accepted=True))

    with pytest.raises(KeyError):
        stage.client.place_order(**stage.order())

    assert placed(stage) == 1


def test_half_a_document_is_a_data_exception(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.TRUNCATED, path=PLACE, accepted=True))

    with pytest.raises(exceptions.DataException, match="Couldn't parse"):
        stage.client.place_order(**stage.order())

    assert placed(stage) == 1


@pytest.mark.parametrize("accepted", [False, True])
@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.CUT])
def test_a_broken_connection_is_no_exception_of_kites(
    stage: Stage, kind: FaultKind, accepted: bool
) -> None:
    stage.inject(Fault(kind=kind, path=PLACE, accepted=accepted))

    with pytest.raises(requests.exceptions.RequestException) as error:
        stage.client.place_order(**stage.order())

    assert isinstance(error.value, RESET | requests.exceptions.ChunkedEncodingError)
    assert placed(stage) == int(accepted)


def test_a_connection_is_reset_and_not_closed(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.RESET, path="/orders"))

    with pytest.raises(RESET, match=r"Connection reset by peer"):
        stage.client.orders()


def test_an_answer_later_than_the_client_waits_is_a_timeout(stage: Stage) -> None:
    stage.client.timeout = 0.2
    stage.inject(Fault(kind=FaultKind.STUCK, path=PLACE, accepted=True))

    with pytest.raises(requests.exceptions.ReadTimeout):
        stage.client.place_order(**stage.order())

    assert placed(stage) == 1


def test_a_throttled_call_places_nothing(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.THROTTLE, path=PLACE))

    with pytest.raises(exceptions.NetworkException, match="Too many requests") as error:
        stage.client.place_order(**stage.order())

    assert error.value.code == 429
    assert placed(stage) == 0


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


def test_an_unknown_place_and_a_wrong_method_are_errors_of_kites(stage: Stage) -> None:
    stage.client._routes = {
        **stage.client._routes,
        "orders": "/nowhere",
        "trades": "/margins/basket",
    }

    with pytest.raises(exceptions.GeneralException, match="Route not found") as absent:
        stage.client.orders()
    with pytest.raises(exceptions.GeneralException, match="Method not allowed") as wrong:
        stage.client.trades()

    assert (absent.value.code, wrong.value.code) == (404, 405)


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
