"""Postbacks: believed for their checksum, and then only to read the book; replays do nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256

import pytest
from httpx import Response

from adapters.brokers.zerodha.session import app_ref
from tests.adapters.api.practice import MORNING, Json, Person, Practice, ok, refused

SECRET = "SECRETOFTHEAPP"
IN_MARKET = MORNING + timedelta(minutes=52)


def posted(**changes: object) -> Json:
    """What Kite posts when an order is complete."""
    told: Json = {
        "user_id": "AB1234",
        "app_id": 1234,
        "order_id": "220303000308932",
        "order_timestamp": "2026-08-03 09:22:07",
        "status": "COMPLETE",
        "tradingsymbol": "NIFTY2680424500CE",
        "filled_quantity": 75,
        "unfilled_quantity": 0,
        "guid": None,
        "meta": {},
    }
    told |= changes
    signed = f"{told['order_id']}{told['order_timestamp']}{SECRET}"
    return {"checksum": sha256(signed.encode()).hexdigest(), **told}


class Kite:
    """Whoever posts to the trader's account."""

    def __init__(self, practice: Practice, account_id: str) -> None:
        self.practice = practice
        self.client = practice.anybody()
        self.account_id = account_id

    def post(self, body: Json, account_id: str | None = None) -> Response:
        return self.send(json.dumps(body).encode(), account_id=account_id)

    def send(
        self, body: bytes, headers: Mapping[str, str] | None = None, account_id: str | None = None
    ) -> Response:
        path = f"/accounts/{account_id or self.account_id}/postback"
        response: Response = self.client.post(path, content=body, headers=headers)
        return response

    def looks(self) -> int:
        """How many runs are due to be looked at now; looks at them."""
        engine, now = self.practice.platform.engine, self.practice.clock.now()
        followed = 0
        while due := engine.wheel.pop_due(now):
            for each in due:
                engine.do(each)
                followed += each.what == "follow"
        return followed

    def pause(self) -> None:
        """Let more time pass than lies between two looks, but nothing else."""
        self.looks()
        self.practice.clock.sleep(0.5)
        self.looks()


@pytest.fixture
def quiet(practice: Practice, trader: Person) -> Kite:
    """An account with keys in the vault."""
    practice.vault.write(app_ref(trader.account_id), {"api_key": "key", "api_secret": SECRET})
    return Kite(practice, trader.account_id)


@pytest.fixture
def kite(quiet: Kite, practice: Practice, trader: Person) -> Kite:
    """The same, with a run that is in the market."""
    trader.active_condor()
    practice.pass_until(IN_MARKET)
    quiet.pause()
    return quiet


def test_a_postback_has_the_runs_of_its_account_looked_at_now(kite: Kite) -> None:
    assert kite.looks() == 0

    answer = ok(kite.post(posted()))

    assert answer == {"heard": True}
    assert kite.looks() == 1


@pytest.mark.parametrize("kind", ["application/json", "text/plain", None])
def test_kite_may_call_its_body_what_it_likes(kite: Kite, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}

    ok(kite.send(json.dumps(posted()).encode(), headers))

    assert kite.looks() == 1


def test_a_replay_has_no_effect_however_late(kite: Kite) -> None:
    ok(kite.post(posted()))
    assert kite.looks() == 1

    for _ in range(5):
        kite.pause()
        ok(kite.post(posted()))

        assert kite.looks() == 0


def test_the_next_state_of_an_order_is_news_though_its_checksum_is_the_same(kite: Kite) -> None:
    ok(kite.post(posted(status="UPDATE", filled_quantity=25)))
    kite.pause()

    ok(kite.post(posted(status="COMPLETE")))

    assert kite.looks() == 1


def test_a_storm_of_genuine_postbacks_is_one_look_now_and_one_after_a_pause(kite: Kite) -> None:
    for number in range(50):
        ok(kite.post(posted(filled_quantity=number)))

    assert kite.looks() == 1
    for number in range(50, 100):
        ok(kite.post(posted(filled_quantity=number)))
    assert kite.looks() == 0
    kite.practice.clock.sleep(0.25)
    assert kite.looks() == 1


def test_a_checksum_of_another_secret_is_refused(kite: Kite) -> None:
    forged = sha256(f"2203030003089322026-08-03 09:22:07{SECRET}x".encode()).hexdigest()

    refused(kite.post(posted(checksum=forged)), 403, "postback-refused")

    assert kite.looks() == 0


@pytest.mark.parametrize("change", [{"order_id": "2"}, {"order_timestamp": "2026-08-04 09:22:07"}])
def test_a_checksum_does_not_serve_for_another_order(quiet: Kite, change: Json) -> None:
    body = posted() | change

    refused(quiet.post(body), 403, "postback-refused")


def test_an_unknown_account_and_one_without_keys_are_answered_as_a_wrong_checksum_is(
    quiet: Kite, stranger: Person
) -> None:
    wrong = quiet.post(posted(checksum="wrong"))
    nobodys = sha256(("2203030003089322026-08-03 09:22:07" + "0" * 32).encode()).hexdigest()

    for account in ("ACC-NONE", stranger.account_id, "ACC%20NONE", "x" * 900):
        answers = [quiet.post(posted(checksum=c), account) for c in ("wrong", nobodys)]

        for answer in answers:
            assert (answer.status_code, answer.json()) == (wrong.status_code, wrong.json())


@pytest.mark.parametrize(
    "body",
    [
        b"", b"nonsense", b"[]", b"null", b"{}", b'"x"', b"\xff\xfe",
        b"[" * 4_000, b'{"a":' * 3_000,
        b'{"order_id": 1, "order_timestamp": "x", "checksum": "x"}',
        b'{"order_id": "1", "order_timestamp": "x", "checksum": null}',
        b'{"order_id": "1", "order_timestamp": "", "checksum": "x"}',
        b'{"order_id": "\\ud800", "order_timestamp": "x", "checksum": "x"}',
        b'{"order_id": "1", "order_timestamp": "x", "checksum": "' + b"x" * 200 + b'"}',
    ],
    ids=lambda body: repr(body[:24]),
)  # fmt: skip
def test_what_is_no_postback_is_malformed_whoever_it_is_for(quiet: Kite, body: bytes) -> None:
    refused(quiet.send(body), 400, "malformed-postback")
    refused(quiet.send(body, account_id="ACC-NONE"), 400, "malformed-postback")


def test_a_body_that_is_too_large_is_not_read(quiet: Kite) -> None:
    refused(quiet.post(posted(status_message="x" * 20_000)), 413, "body-too-large")


def test_letters_beyond_ascii_in_a_checksum_are_only_wrong(quiet: Kite) -> None:
    refused(quiet.post(posted(checksum="सही")), 403, "postback-refused")


def test_nothing_that_is_answered_holds_the_secret(quiet: Kite) -> None:
    answers = [quiet.post(posted()), quiet.post(posted(checksum="x")), quiet.send(b"x")]

    assert all(SECRET not in answer.text + str(answer.headers) for answer in answers)
