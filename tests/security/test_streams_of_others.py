"""The stream of changes: one's own, for as long as one is signed in, and in its own form."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from adapters.api.stream import changes
from tests.adapters.api.practice import MORNING, Json, Person, Practice, ok, refused


def heard(
    practice: Practice, listener: Person, happens: Callable[[], object], seconds: int = 1
) -> list[bytes]:
    """What the listener is told while something happens."""

    async def listen() -> list[bytes]:
        told = changes(practice.caller(listener), seconds)
        await anext(told)  # it listens from here on
        await asyncio.to_thread(happens)
        return [each async for each in told]

    return asyncio.run(listen())


def rows(told: list[bytes]) -> list[Json]:
    return [
        json.loads(line.removeprefix("data: "))
        for event in told
        for line in event.decode().split("\n")  # as browsers do: nothing else ends a line
        if line.startswith("data: ")
    ]


def test_a_whole_trading_morning_of_somebody_else_is_not_heard(
    practice: Practice, trader: Person, stranger: Person
) -> None:
    def morning() -> None:
        basket, strategy = trader.active_condor()
        practice.pass_until(MORNING + timedelta(minutes=52))
        ok(trader.post(f"/accounts/{trader.account_id}/block", {"reason": "enough"}))
        trader.put(f"/strategies/{strategy}", {"name": "x"})
        trader.delete(f"/baskets/{basket}")

    assert rows(heard(practice, stranger, morning)) == []


def test_an_admin_and_an_auditor_watch_nobody(
    practice: Practice, trader: Person, admin: Person
) -> None:
    assert rows(heard(practice, admin, trader.active_condor)) == []


@pytest.mark.parametrize("name", ["x\n\nevent: change\ndata: {}", "\r\n\r\n", "\u2028", "\x85"])
def test_a_name_cannot_make_an_event_of_its_own(
    practice: Practice, trader: Person, name: str
) -> None:
    told = heard(practice, trader, lambda: trader.basket(name=name))

    named = [each["row"]["name"] for each in rows(told) if each["view"] == "baskets"]
    assert named == [name]
    for event in told:
        assert event.count(b"\n\n") == 1
        assert event.endswith(b"\n\n")


def test_without_a_token_or_with_somebody_elses_nothing_is_opened(
    practice: Practice, trader: Person
) -> None:
    client = practice.anybody()
    refused(client.get("/stream?seconds=0"), 401, "not-signed-in")
    token = str(trader.client.headers["Authorization"]).removeprefix("Bearer ")
    answer = client.get("/stream", params={"seconds": 0, "access_token": token})
    assert answer.status_code in (401, 422), answer.text


@pytest.mark.parametrize("seconds", ["-1", "901", "1e9", "x"])
def test_nobody_keeps_a_stream_open_for_ever(trader: Person, seconds: str) -> None:
    refused(trader.client.get(f"/stream?seconds={seconds}"), 422, "invalid-fields")
