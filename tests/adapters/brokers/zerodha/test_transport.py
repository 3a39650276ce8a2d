"""The way to Kite and back, when it works and when it does not: with the client as it is."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import traceback
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any  # Any: what getaddrinfo takes and gives
from urllib.parse import parse_qs

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from adapters.brokers.zerodha import transport
from adapters.brokers.zerodha.broker import ZerodhaBroker
from adapters.vault.vault import Vault
from domain.book import (
    BrokerError,
    Margin,
    NotSent,
    Rejected,
    SessionExpired,
    Unavailable,
    Unknown,
)
from tests.adapters.brokers.zerodha.door import (
    Answer,
    Door,
    cut,
    error,
    hang_up,
    page,
    redirect,
    reset,
    silence,
    success,
    whole,
)
from tests.adapters.brokers.zerodha.known_secrets import API_KEY, API_SECRET, TOKEN
from tests.adapters.brokers.zerodha.recorded import body, told
from tests.adapters.brokers.zerodha.tickets import STOCK_CALL, ticket

ORDER_ID = "2608040000000000101"
PLACED = success({"order_id": ORDER_ID})

#: Everything of which it is not known whether the order was placed.
AMBIGUOUS: dict[str, Answer] = {
    "silence": silence,
    "hung up": hang_up,
    "reset": reset,
    "page of a gateway, 502": page(502),
    "page of a gateway, 503": page(503),
    "page of a gateway, 504": page(504),
    "page that calls itself a success": page(200),
    "page without a type": whole(500, b"oops", None),
    "success without a type": whole(200, b"{}", None),
    "cut in the middle": cut(b'{"status":"success","data":{"order_id":"2608040000000000101"}}'),
    "JSON that ends too early": whole(200, b'{"status":"success","data":{"order_'),
    "error without an error_type": whole(500, b'{"status":"error","message":"Oops"}'),
    "error without type or message": whole(200, b'{"status":"error"}'),
    "neither success nor error": whole(200, b"{}"),
    "a list": whole(200, b"[]"),
    "null": whole(200, b"null"),
    "success without data": success(None),
    "success without an id": success({}),
    "success with an empty id": success({"order_id": ""}),
    "redirection": redirect("/orders/regular"),
    "the OMS is away": error(503, "NetworkException", "The OMS could not be reached."),
    "the OMS is not understood": error(502, "DataException", "Unintelligible."),
    "a general fault": error(500, "GeneralException", "Something went wrong."),
    "the 400 that may yet come": error(400, "OrderException", "Order request timed out."),
}


@pytest.mark.parametrize("answer", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_an_order_without_a_clear_answer_is_unknown_and_was_sent_once(
    door: Door, broker: ZerodhaBroker, answer: Answer
) -> None:
    door.will(answer, PLACED, PLACED)

    with pytest.raises(Unknown):
        broker.place(ticket())

    assert [asked.line for asked in door.asked] == ["POST /orders/regular HTTP/1.1"]


@pytest.mark.parametrize("answer", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_a_book_without_a_clear_answer_is_unavailable(
    door: Door, broker: ZerodhaBroker, answer: Answer
) -> None:
    door.will(answer)

    with pytest.raises(Unavailable):
        broker.orders()

    assert len(door.asked) == 1


@pytest.mark.parametrize("answer", [silence, reset, page(502)], ids=["silence", "reset", "page"])
def test_a_change_without_a_clear_answer_is_unknown_and_was_asked_once(
    door: Door, broker: ZerodhaBroker, answer: Answer
) -> None:
    door.will(answer, answer)

    with pytest.raises(Unknown):
        broker.modify(ORDER_ID, Decimal("112.40"))
    with pytest.raises(Unknown):
        broker.cancel(ORDER_ID)

    assert [asked.line.split()[0] for asked in door.asked] == ["PUT", "DELETE"]


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (page(429), NotSent),
        (error(429, "NetworkException", "Too many requests"), NotSent),
        (error(400, "MarginException", "Insufficient funds."), Rejected),
        (error(400, "HoldingException", "Insufficient holdings."), Rejected),
        (error(403, "UserException", "The account is blocked."), Rejected),
        (whole(400, b'{"status":"error","message":"Missing"}'), Rejected),
        (error(403, "TokenException", "Token is invalid or has expired."), SessionExpired),
    ],
)
def test_what_the_client_would_have_hidden_is_told(
    door: Door, broker: ZerodhaBroker, answer: Answer, meaning: type[BrokerError]
) -> None:
    door.will(answer)

    with pytest.raises(meaning):
        broker.place(ticket())


def test_where_nobody_listens_nothing_was_sent(vault: Vault) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    broker = ZerodhaBroker("ACC-1", {"root": f"http://127.0.0.1:{port}"}, vault)

    with pytest.raises(NotSent):
        broker.place(ticket())
    with pytest.raises(Unavailable):
        broker.orders()


def test_a_host_that_has_no_address_was_sent_nothing(vault: Vault) -> None:
    broker = ZerodhaBroker("ACC-1", {"root": "https://kite.invalid"}, vault)

    with pytest.raises(NotSent):
        broker.place(ticket())


def self_signed(folder: Path) -> ssl.SSLContext:
    """The certificate of somebody who says to be this machine, and is vouched for by nobody."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2126, 1, 1, tzinfo=UTC))
        .sign(key, SHA256())
    )
    open_key = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "certificate.pem"
    file.write_bytes(certificate.public_bytes(Encoding.PEM) + open_key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_whoever_is_not_kite_by_certificate_is_sent_nothing(vault: Vault, tmp_path: Path) -> None:
    with closing(Door(tls=self_signed(tmp_path))) as stranger:
        broker = ZerodhaBroker("ACC-1", {"root": f"https://127.0.0.1:{stranger.port}"}, vault)

        with pytest.raises(NotSent, match="SSLError"):
            broker.place(ticket())

    assert (stranger.connections, stranger.asked) == (1, [])


def test_a_connection_that_came_too_late_is_not_used(
    door: Door, broker: ZerodhaBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "READY_S", -1.0)

    with pytest.raises(NotSent, match="ConnectTimeout"):
        broker.place(ticket())

    assert door.asked == []


def test_calls_go_out_over_ipv4_where_a_host_has_both(
    door: Door, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    six = socket.socket(socket.AF_INET6)
    six.bind(("::1", 0))
    six.listen()
    known = {
        (socket.AF_INET6, ("::1", six.getsockname()[1], 0, 0)),
        (socket.AF_INET, ("127.0.0.1", door.port)),
    }

    def both(*_: Any, **__: Any) -> Iterable[tuple[Any, ...]]:
        """A dual-stack host, IPv6 first, as resolvers have it."""
        ordered = sorted(known, key=lambda one: one[0], reverse=True)
        return [(family, socket.SOCK_STREAM, 6, "", place) for family, place in ordered]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    broker = ZerodhaBroker("ACC-1", {"root": f"http://localhost:{door.port}"}, vault)
    door.will(PLACED)

    with closing(six):
        six.setblocking(False)
        order_id = broker.place(ticket())
        with pytest.raises(BlockingIOError):
            six.accept()

    assert order_id == ORDER_ID
    assert door.connections == 1


def test_a_host_with_ipv6_only_is_sent_nothing(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(socket.socket(socket.AF_INET6)) as six:
        six.bind(("::1", 0))
        six.listen()
        place = six.getsockname()
        only = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", place)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: only)
        broker = ZerodhaBroker("ACC-1", {"root": f"http://localhost:{place[1]}"}, vault)

        with pytest.raises(NotSent):
            broker.place(ticket())


def test_one_connection_serves_many_calls(door: Door, broker: ZerodhaBroker) -> None:
    door.will(PLACED, whole(200, body("orders")), whole(200, body("trades")), PLACED, PLACED)

    broker.place(ticket())
    broker.orders()
    broker.trades()
    broker.modify(ORDER_ID, Decimal("112.40"))
    broker.cancel(ORDER_ID)

    assert door.connections == 1
    assert len(door.asked) == 5


def test_no_proxy_of_the_surroundings_is_asked(
    door: Door, broker: ZerodhaBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    door.will(PLACED)

    assert broker.place(ticket()) == ORDER_ID


def test_what_is_sent_is_a_form_with_the_session_in_its_header(
    door: Door, broker: ZerodhaBroker
) -> None:
    door.will(PLACED)

    broker.place(ticket(contract=STOCK_CALL, quantity=400))

    (asked,) = door.asked
    assert asked.headers["authorization"] == f"token {API_KEY}:{TOKEN}"
    assert asked.headers["x-kite-version"] == "3"
    assert "tradingsymbol=M%26M26AUG3000CE&" in asked.body
    assert parse_qs(asked.body)["tradingsymbol"] == ["M&M26AUG3000CE"]
    assert parse_qs(asked.body)["price"] == ["112.35"]


def test_a_symbol_with_an_ampersand_is_encoded_in_a_query_too(
    door: Door, broker: ZerodhaBroker
) -> None:
    door.will(success({}))

    broker.kite.reading(lambda client: client.quote([STOCK_CALL.key]))

    assert door.asked[0].line == "GET /quote?i=NFO%3AM%26M26AUG3000CE HTTP/1.1"


def test_the_margin_of_a_basket_is_asked_order_by_order(door: Door, broker: ZerodhaBroker) -> None:
    needs = [Decimal("14605.50"), Decimal("160496.70"), Decimal("35453.21")]
    door.will(*(success({"final": {"total": float(need)}}) for need in needs))

    margin = broker.basket_margin([ticket(tag=""), ticket(tag=""), ticket(tag="")])

    assert (margin.final, margin.peak) == (needs[2], needs[1])
    assert [len(json.loads(asked.body)) for asked in door.asked] == [1, 2, 3]
    assert "consider_positions=True" in door.asked[0].line


def test_a_basket_of_nothing_needs_nothing(broker: ZerodhaBroker) -> None:
    margin = broker.basket_margin([])

    assert margin == Margin(final=Decimal(0), peak=Decimal(0))


def test_books_money_and_the_trader_are_read(door: Door, broker: ZerodhaBroker) -> None:
    names = ("orders", "trades", "positions", "margins", "profile")
    door.will(*(whole(200, body(name)) for name in names))

    found = (broker.orders(), broker.trades(), broker.positions())
    money, trader = broker.funds(), broker.profile()

    assert [len(rows) for rows in found] == [len(told("orders")), 3, 2]
    assert money.available == Decimal("874215.35")
    assert trader.broker_user_id == "AB1234"
    assert [asked.line.split()[1] for asked in door.asked] == [
        "/orders", "/trades", "/portfolio/positions", "/user/margins/equity", "/user/profile",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [
        silence, reset, page(502), cut(b'{"data":' + TOKEN.encode() + b"}"),
        whole(200, f'{{"access_token":"{TOKEN}"'.encode()),
        error(500, "GeneralException", f"api_key={API_KEY}&access_token={TOKEN}"),
        error(403, "TokenException", f"Incorrect {API_KEY} or {TOKEN}"),
    ],
)  # fmt: skip
def test_no_secret_is_in_an_error_or_in_a_log(
    door: Door, broker: ZerodhaBroker, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    door.will(answer, answer)

    raised = []
    for ask in (lambda: broker.place(ticket()), broker.orders):
        with pytest.raises(BrokerError) as caught:
            ask()
        raised.append(caught.value)

    for failure in raised:
        chain = failure
        while (behind := chain.__cause__ or chain.__context__) is not None:
            chain = behind  # type: ignore[assignment]  # whatever it came of
            assert not hasattr(chain, "request")
        text = "".join(traceback.format_exception(failure)) + repr(failure) + caplog.text
        assert [s for s in (API_KEY, API_SECRET, TOKEN) if s in text] == []
