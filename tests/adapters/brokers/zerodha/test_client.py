"""Sessions: one account's token, from the login to the vault and to every process that trades."""

from __future__ import annotations

import logging
import traceback
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from adapters.brokers.zerodha.broker import ZerodhaBroker
from adapters.brokers.zerodha.client import Kite, UnsafePlace
from adapters.brokers.zerodha.session import App, KiteSession, read_session
from adapters.vault.file import FileVault
from adapters.vault.vault import Vault
from domain.book import AddressRefused, Rejected, SessionExpired, Unavailable, Unknown
from tests.adapters.brokers.zerodha.door import Answer, Door, error, page, silence, success, whole
from tests.adapters.brokers.zerodha.known_secrets import (
    API_KEY,
    API_SECRET,
    NEXT_TOKEN,
    TOKEN,
    log_in,
)
from tests.adapters.brokers.zerodha.recorded import body
from tests.adapters.brokers.zerodha.tickets import ticket

REFUSED = error(403, "TokenException", "Incorrect `api_key` or `access_token`.")
PLACED = success({"order_id": "2608040000000000101"})


def tokens(door: Door) -> list[str]:
    """The sessions under which was asked, in sequence."""
    return [asked.headers["authorization"].partition(":")[2] for asked in door.asked]


def test_the_login_is_at_zerodha_for_the_app_of_the_account(broker: ZerodhaBroker) -> None:
    assert broker.login_url() == f"https://kite.zerodha.com/connect/login?v=3&api_key={API_KEY}"


def test_what_the_login_returned_becomes_the_session_of_every_process(
    door: Door, broker: ZerodhaBroker, vault: Vault
) -> None:
    door.will(whole(200, body("session")), PLACED)

    opened = broker.exchange_token("requestTOKEN")
    broker.place(ticket())

    assert opened == "2026-08-04T02:15:10+00:00"
    kept = read_session(vault, "ACC-1")
    assert (kept.access_token, kept.user_id) == (NEXT_TOKEN, "AB1234")
    assert kept.opened_at.isoformat() == opened
    exchanged, placed = door.asked
    checksum = sha256(f"{API_KEY}requestTOKEN{API_SECRET}".encode()).hexdigest()
    assert exchanged.line == "POST /session/token HTTP/1.1"
    assert parse_qs(exchanged.body)["checksum"] == [checksum]
    assert placed.headers["authorization"] == f"token {API_KEY}:{NEXT_TOKEN}"


@pytest.mark.parametrize(
    "answer",
    [
        error(403, "TokenException", "Token is invalid or has expired."),
        error(403, "TokenException", "Invalid `checksum`."),
        error(400, "InputException", "Missing `request_token`."),
    ],
)
def test_a_refused_login_is_final_and_changes_nothing(
    door: Door, broker: ZerodhaBroker, vault: Vault, answer: Answer
) -> None:
    door.will(answer)

    with pytest.raises(Rejected):
        broker.exchange_token("requestTOKEN")

    assert read_session(vault, "ACC-1").access_token == TOKEN


@pytest.mark.parametrize(
    "answer",
    [silence, page(502), error(429, "NetworkException", "Too many requests"),
     success({"user_id": "AB1234", "login_time": "2026-08-04 07:45:10"}),
     success({"user_id": "AB1234", "access_token": "A", "login_time": ""}), success({})],
)  # fmt: skip
def test_a_login_without_a_clear_answer_has_to_be_repeated(
    door: Door, broker: ZerodhaBroker, vault: Vault, answer: Answer
) -> None:
    door.will(answer)

    with pytest.raises(Unavailable):
        broker.exchange_token("requestTOKEN")

    assert read_session(vault, "ACC-1").access_token == TOKEN


def test_a_login_in_another_process_is_noticed_when_the_old_session_is_refused(
    door: Door, broker: ZerodhaBroker, vault: Vault
) -> None:
    door.will(PLACED, REFUSED, PLACED, PLACED)
    broker.place(ticket())
    log_in(vault, NEXT_TOKEN)

    broker.place(ticket())
    broker.place(ticket())

    assert tokens(door) == [TOKEN, TOKEN, NEXT_TOKEN, NEXT_TOKEN]


def test_a_refused_session_is_told_and_asked_for_in_the_vault_again(
    door: Door, broker: ZerodhaBroker, vault: Vault
) -> None:
    door.will(REFUSED, PLACED)

    with pytest.raises(SessionExpired):
        broker.place(ticket())
    log_in(vault, NEXT_TOKEN)
    broker.place(ticket())

    assert tokens(door) == [TOKEN, NEXT_TOKEN]


def test_a_session_that_both_old_and_new_is_refused_is_asked_twice_and_no_more(
    door: Door, broker: ZerodhaBroker, vault: Vault
) -> None:
    door.will(PLACED, REFUSED, REFUSED)
    broker.place(ticket())
    log_in(vault, NEXT_TOKEN)

    with pytest.raises(SessionExpired):
        broker.orders()

    assert len(door.asked) == 3


def test_a_refused_address_does_not_end_the_session(door: Door, broker: ZerodhaBroker) -> None:
    told = "IP (203.0.113.7) is not allowed to place orders for this app."
    door.will(error(403, "PermissionException", told), whole(200, body("orders")))

    with pytest.raises(AddressRefused, match=r"203\.0\.113\.7"):
        broker.place(ticket())
    broker.orders()

    assert tokens(door) == [TOKEN, TOKEN]


def test_without_a_login_nothing_is_asked(door: Door, broker: ZerodhaBroker, vault: Vault) -> None:
    vault.forget("zerodha/ACC-1/session")

    with pytest.raises(SessionExpired, match="nobody is logged in"):
        broker.place(ticket())
    with pytest.raises(SessionExpired):
        broker.orders()
    with pytest.raises(SessionExpired):
        broker.kite.credentials()

    assert door.asked == []


@pytest.mark.parametrize(
    "kept",
    [
        {"access_token": TOKEN},
        {"access_token": "", "opened_at": "2026-08-04T02:15:10+00:00", "user_id": "AB1234"},
        {"access_token": TOKEN, "opened_at": "this morning", "user_id": "AB1234"},
    ],
)
def test_half_a_session_is_none(
    door: Door, broker: ZerodhaBroker, vault: Vault, kept: dict[str, str]
) -> None:
    vault.write("zerodha/ACC-1/session", kept)

    with pytest.raises(SessionExpired) as caught:
        broker.place(ticket())

    assert TOKEN not in str(caught.value)
    assert door.asked == []


def test_a_vault_that_cannot_be_opened_is_no_session(
    door: Door, broker: ZerodhaBroker, tmp_path: Path
) -> None:
    (tmp_path / "vault").write_text("{}")

    with pytest.raises(SessionExpired, match="cannot be read"):
        broker.place(ticket())

    assert door.asked == []


def test_a_session_that_is_ended_is_dead_at_kite_too(door: Door, broker: ZerodhaBroker) -> None:
    door.will(success(True))

    broker.end_session()

    (asked,) = door.asked
    assert asked.line == (f"DELETE /session/token?api_key={API_KEY}&access_token={TOKEN} HTTP/1.1")


def test_the_token_in_the_url_of_a_logout_is_in_no_log_and_in_no_error(
    door: Door, broker: ZerodhaBroker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    door.will(success(True), page(502))

    broker.end_session()
    with pytest.raises(Unknown) as caught:
        broker.end_session()

    assert "DELETE /session/token" in caplog.text
    text = caplog.text + "".join(traceback.format_exception(caught.value))
    assert [secret for secret in (API_KEY, TOKEN) if secret in text] == []


def test_a_session_that_is_over_is_ended_without_a_fault(
    door: Door, broker: ZerodhaBroker, vault: Vault
) -> None:
    door.will(REFUSED)

    broker.end_session()
    vault.forget("zerodha/ACC-1/session")
    broker.end_session()

    assert len(door.asked) == 1


def test_before_an_app_is_known_there_is_no_login(tmp_path: Path) -> None:
    empty = FileVault(tmp_path / "other", bytes(32))
    broker = ZerodhaBroker("ACC-1", {}, empty)

    with pytest.raises(Rejected, match="no Kite Connect app"):
        broker.login_url()
    with pytest.raises(Rejected, match="no Kite Connect app"):
        broker.exchange_token("requestTOKEN")
    with pytest.raises(SessionExpired):
        broker.orders()


def test_the_contracts_of_the_day_are_read_without_a_session(
    door: Door, broker: ZerodhaBroker, vault: Vault
) -> None:
    vault.forget("zerodha/ACC-1/session")
    dump = b"instrument_token,exchange_token\n1,2\n"
    door.will(whole(200, dump, "text/csv"), page(502), success([]))

    assert broker.kite.instruments("NFO") == dump
    for _ in range(2):
        with pytest.raises(Unavailable):
            broker.kite.instruments("NFO")
    assert door.asked[0].line == "GET /instruments/NFO HTTP/1.1"


def test_the_websocket_gets_the_same_session(broker: ZerodhaBroker) -> None:
    assert broker.kite.credentials() == (API_KEY, TOKEN)


@pytest.mark.parametrize(
    "root",
    ["https://api.kite.trade/v3", "http://api.kite.trade", "ftp://127.0.0.1", "api.kite.trade",
     "https://user:word@api.kite.trade", "https://", "http://127.0.0.1:1/x?y=1"],
)  # fmt: skip
def test_a_place_that_would_lose_its_path_or_show_the_token_is_not_asked(
    root: str, vault: Vault
) -> None:
    with pytest.raises(UnsafePlace):
        Kite("ACC-1", {"root": root}, vault)


def test_what_is_known_of_a_session_does_not_show_its_secrets(vault: Vault) -> None:
    session: KiteSession = read_session(vault, "ACC-1")
    app = App(api_key=API_KEY, api_secret=API_SECRET)

    assert TOKEN not in repr(session)
    assert API_SECRET not in repr(app)
