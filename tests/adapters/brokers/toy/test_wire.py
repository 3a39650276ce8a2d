"""Answers that are late, cut, foreign and empty: each asked for once, and no key in any error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.vault.file import FileVault
from domain.book import BrokerError, Rejected, SessionExpired, Unavailable, Unknown
from tests.adapters.brokers.toy.broker import ToyBroker
from tests.adapters.brokers.zerodha.door import Answer, Door, cut, hang_up, page, reset, whole
from tests.adapters.brokers.zerodha.tickets import ticket

KEY = "K-only-the-vault-knows"
UNCLEAR = [cut(b'{"no": 1}'), hang_up, reset, page(502), whole(200, b""), whole(200, b"{}"),
           whole(500, b'{"why": "no idea"}')]  # fmt: skip


@pytest.fixture
def door() -> Iterator[Door]:
    with closing(Door()) as door:
        yield door


@pytest.fixture
def broker(door: Door, tmp_path: Path) -> ToyBroker:
    vault = FileVault(tmp_path / "vault", bytes(32))
    vault.write("toy/ACC-1/session", {"key": KEY})
    return ToyBroker("ACC-1", {"root": door.root}, vault)


@pytest.mark.parametrize("answer", UNCLEAR)
def test_an_order_without_a_clear_answer_is_unknown_and_was_sent_once(
    broker: ToyBroker, door: Door, answer: Answer
) -> None:
    door.will(answer)

    with pytest.raises(Unknown):
        broker.place(ticket())

    assert len(door.asked) == 1
    assert door.asked[0].headers["x-key"] == KEY


@pytest.mark.parametrize("answer", UNCLEAR)
def test_a_book_without_a_clear_answer_is_unavailable(
    broker: ToyBroker, door: Door, answer: Answer
) -> None:
    door.will(answer)

    with pytest.raises(Unavailable):
        broker.orders()

    assert len(door.asked) == 1


@pytest.mark.parametrize("ask", [lambda it: it.place(ticket()), lambda it: it.orders()])
@pytest.mark.parametrize("answer", [*UNCLEAR, whole(401, b'{"why": "log in"}')])
def test_no_key_is_in_an_error_or_behind_it(
    broker: ToyBroker, door: Door, answer: Answer, ask: Callable[[ToyBroker], object]
) -> None:
    door.will(answer)

    with pytest.raises(BrokerError) as refused:
        ask(broker)

    error = refused.value
    assert KEY not in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None


def test_a_login_is_kept_in_the_vault_and_answers_when_it_was_opened(
    broker: ToyBroker, door: Door, tmp_path: Path
) -> None:
    told = {"key": "K-new", "since": "2026-08-04T08:31:00+05:30"}
    door.will(whole(200, json.dumps(told).encode()))

    opened = broker.exchange_token("code")

    assert opened == told["since"]
    vault = FileVault(tmp_path / "vault", bytes(32))
    assert vault.read("toy/ACC-1/session")["key"] == "K-new"


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [(whole(422, b'{"why": "no such code"}'), Rejected), (hang_up, Unavailable)],
)
def test_a_refused_login_is_final_and_an_unclear_one_is_repeated(
    broker: ToyBroker, door: Door, answer: Answer, meaning: type[BrokerError]
) -> None:
    door.will(answer)

    with pytest.raises(meaning):
        broker.exchange_token("code")


def test_a_session_that_is_over_is_said(broker: ToyBroker, door: Door) -> None:
    door.will(whole(401, b'{"why": "log in"}'))

    with pytest.raises(SessionExpired):
        broker.place(ticket())
