"""What a refusal by Kite means for an order, and for a look at the book."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kiteconnect import exceptions as kite

from adapters.brokers.zerodha.errors import Refusal, changed, unread, without
from domain.book import (
    AddressRefused,
    BrokerError,
    Rejected,
    SessionExpired,
    Throttled,
    TooFast,
    Unavailable,
    Unknown,
)

TIMED_OUT = "Order request timed out. Please check the order book and confirm before placing again."
TOO_LARGE = (
    "The order quantity 1000 (40 lots) is higher than the maximum quantity of 900 (36 lots)"
    " allowed by the exchanges."
)
PROTECTION = "Market orders without market protection are not allowed via API."
BEING_PROCESSED = "Order cannot be cancelled as it is being processed. Try later."
NO_FUNDS = (
    "Insufficient funds. Required margin is 95417.84 but available margin is 74251.80."
    " Check the orderbook for open orders."
)
WRONG_IP = "IP (203.0.113.7) is not allowed to place orders for this app. Add it on the console."

#: Status, error_type and message, and what becomes of an order: every row of Kite's own table.
MEANINGS: list[tuple[int, str | None, str | None, type[BrokerError]]] = [
    (403, "TokenException", "Incorrect `api_key` or `access_token`.", SessionExpired),
    (403, "TokenException", "Token is invalid or has expired.", SessionExpired),
    (403, "GeneralException", "Forbidden", SessionExpired),
    (403, None, "Forbidden", SessionExpired),
    (403, "UserException", "The account is blocked.", Rejected),
    (403, "PermissionException", "Insufficient permission for that call.", Rejected),
    (403, "PermissionException", WRONG_IP, AddressRefused),
    (400, "InputException", WRONG_IP, AddressRefused),
    (403, None, WRONG_IP, AddressRefused),
    (503, "GeneralException", WRONG_IP, Unknown),
    (400, "PermissionException", "No IPs are registered for this app.", AddressRefused),
    (400, "InputException", PROTECTION, Rejected),
    (400, "InputException", BEING_PROCESSED, Rejected),
    (400, "InputException", TOO_LARGE, Rejected),
    (400, "OrderException", "Trading is not allowed.", Rejected),
    (500, "OrderException", "Order could not be placed.", Unknown),
    (400, "MarginException", NO_FUNDS, Rejected),
    (400, "HoldingException", "Insufficient holdings.", Rejected),
    (428, "HoldingException", "Depository authorisation is needed.", Rejected),
    (400, "GeneralException", "Something is wrong with that.", Rejected),
    (400, None, "Something is wrong with that.", Rejected),
    (400, "InputException", TIMED_OUT, Unknown),
    (400, "OrderException", TIMED_OUT, Unknown),
    (400, "GeneralException", TIMED_OUT, Unknown),
    (400, None, TIMED_OUT, Unknown),
    (404, "GeneralException", "Couldn't find that `order_id`.", Rejected),
    (500, "GeneralException", "Couldn't find that `order_id`.", Rejected),
    (404, "GeneralException", "Route not found", Rejected),
    (405, "GeneralException", "Method not allowed", Rejected),
    (410, "GeneralException", "Gone", Rejected),
    (429, "NetworkException", "Too many requests", TooFast),
    (429, "GeneralException", "Slow down", TooFast),
    (429, None, None, TooFast),
    (503, "NetworkException", "Too many requests", TooFast),
    (400, "NetworkException", "Maximum allowed order modifications exceeded.", Rejected),
    (503, "NetworkException", "Maximum allowed order modifications exceeded.", Rejected),
    (503, "NetworkException", "The OMS could not be reached.", Unknown),
    (400, "NetworkException", "The OMS could not be reached.", Unknown),
    (502, "DataException", "The OMS answered strangely.", Unknown),
    (500, "GeneralException", "Something went wrong.", Unknown),
    (500, "MarginException", "Something went wrong.", Unknown),
    (500, None, "Something went wrong.", Unknown),
    (408, "GeneralException", "Took too long", Unknown),
    (504, "GeneralException", "Gateway time-out", Unknown),
    (200, "GeneralException", "An error that calls itself a success.", Unknown),
    (200, "InputException", "Missing quantity.", Rejected),
    (307, None, None, Unknown),
    (400, None, None, Unknown),
    (403, None, None, Unknown),
    (500, None, None, Unknown),
    (502, None, None, Unknown),
    (503, None, None, Unknown),
    (504, None, None, Unknown),
]


@pytest.mark.parametrize(("status", "kind", "message", "meaning"), MEANINGS)
def test_what_becomes_of_an_order(
    status: int, kind: str | None, message: str | None, meaning: type[BrokerError]
) -> None:
    found = changed(Refusal(status, kind, message))

    assert type(found) is meaning
    assert message is None or message in str(found)


@pytest.mark.parametrize(("status", "kind", "message", "meaning"), MEANINGS)
def test_a_look_at_the_book_fails_for_want_of_a_session_or_is_unavailable(
    status: int, kind: str | None, message: str | None, meaning: type[BrokerError]
) -> None:
    found = unread(Refusal(status, kind, message))

    told = {TooFast: Throttled, SessionExpired: SessionExpired, AddressRefused: AddressRefused}
    assert type(found) is told.get(meaning, Unavailable)


def test_a_refused_address_is_named() -> None:
    found = changed(Refusal(403, "PermissionException", WRONG_IP))

    assert "from the address 203.0.113.7:" in str(found)


def test_a_refused_ipv6_address_is_named() -> None:
    text = "IP (2401:4900:1c2a::7) is not allowed to place orders for this app."

    assert "from the address 2401:4900:1c2a::7:" in str(
        changed(Refusal(403, "PermissionException", text))
    )


@given(
    status=st.integers(500, 599),
    kind=st.sampled_from(
        ["InputException", "OrderException", "MarginException", "GeneralException", None]
    ),
    message=st.sampled_from(["", "Something", TIMED_OUT]),
)
def test_no_fault_of_the_server_is_taken_for_a_refusal(
    status: int, kind: str | None, message: str
) -> None:
    assert type(changed(Refusal(status, kind, message))) is Unknown


@pytest.mark.parametrize(
    ("raised", "meaning"),
    [
        (kite.InputException("Missing `quantity`."), Rejected),
        (kite.TokenException("Token is invalid or has expired."), SessionExpired),
        (kite.NetworkException("The OMS could not be reached."), Unknown),
        (kite.DataException("Unknown Content-Type (text/html) with response: (b'...')"), Unknown),
        (kite.GeneralException("Something went wrong."), Unknown),
    ],
)
def test_what_the_client_itself_raises_means_the_same(
    raised: kite.KiteException, meaning: type[BrokerError]
) -> None:
    assert type(changed(raised)) is meaning


def test_the_body_that_the_client_could_not_read_is_not_repeated() -> None:
    body = "Couldn't parse the JSON response received from the server: b'access_token'"

    assert "access_token" not in str(changed(kite.DataException(body)))


@pytest.mark.parametrize(
    "text",
    [
        "GET /session/token?api_key=KEYKEY&access_token=TOKTOK",
        '{"api_secret": "KEYKEY", "access_token":"TOKTOK"}',
        "Authorization: token KEYKEY:TOKTOK",
    ],
)
def test_keys_and_tokens_are_scrubbed(text: str) -> None:
    assert "TOKTOK" not in without(text, ())
    assert "KEYKEY" not in without(text, ())


def test_a_known_secret_is_scrubbed_wherever_it_stands() -> None:
    assert without("who is abcdef?", ("", "abc", "abcdef")) == "who is ***?"


def test_a_message_about_keys_stays_as_it_is() -> None:
    message = "Incorrect `api_key` or `access_token`."

    assert without(message, ()) == message
