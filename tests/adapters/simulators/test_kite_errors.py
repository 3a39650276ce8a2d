"""Every way in which Kite fails, as the official client raises it."""

from __future__ import annotations

import socket

import pytest
import requests
from kiteconnect import exceptions

from adapters.simulators.kite.faults import Fault, FaultKind
from tests.adapters.simulators.kite_stage import ACCOUNT, Stage

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


@pytest.mark.parametrize(
    "line", ["GET / HTTP/1.1 and more", "\x16\x03\x01", "POST / HTTP/1.1\r\nContent-Length: -1"]
)
def test_what_is_no_request_is_left_unanswered(stage: Stage, line: str) -> None:
    host, port = stage.kite.root.removeprefix("http://").split(":")

    with socket.create_connection((host, int(port)), 5) as wire:
        wire.sendall(line.encode() + b"\r\n\r\n")
        heard = wire.recv(100)

    assert heard == b""
    assert stage.client.profile()
