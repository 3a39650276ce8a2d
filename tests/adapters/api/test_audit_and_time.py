"""The audit, the time machine, versions, the inbox and the stream of changes over HTTP."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from adapters.api.app import create_app
from adapters.api.context import Pulse
from adapters.api.stream import changes
from tests.adapters.api.practice import MORNING, Person, Practice, condor, ok, refused

ENTERED = MORNING + timedelta(minutes=52)


@pytest.fixture
def entered(practice: Practice, trader: Person) -> str:
    """The run of a condor that was entered at 09:20."""
    trader.active_condor()
    practice.pass_until(ENTERED)
    run_id: str = ok(trader.get("/runs"))["items"][0]["run_id"]
    return run_id


def test_an_order_is_explained_back_to_who_activated_its_basket(
    trader: Person, stranger: Person, entered: str
) -> None:
    order_id = f"{entered}-ENTRY-1"

    causes = ok(trader.get(f"/orders/{order_id}/why"))["items"]

    topics = [each["topic"] for each in causes]
    assert topics[0] == "run.slice_seen"
    assert {"run.phase_released", "run.planned", "run.opened", "strategy.drafted",
            "strategy.activated", "basket.activated"} <= set(topics)  # fmt: skip
    assert causes[-1]["actor"] == trader.user_id
    refused(stranger.get(f"/orders/{order_id}/why"), 404, "not-found")
    refused(trader.get(f"/orders/{order_id}/why", tag="NONE"), 404, "not-found")
    fill = causes[0]
    asked = {"stream": fill["stream"], "version": fill["version"]}
    assert ok(trader.get("/audit/why", **asked))["items"] == causes
    refused(trader.get("/audit/why", stream=entered, version=9999), 404, "not-found")


def test_an_exit_is_explained_by_what_made_it_leave(
    practice: Practice, trader: Person, entered: str
) -> None:
    ok(trader.post(f"/runs/{entered}/exit", {"detail": "enough"}))
    practice.pass_until(ENTERED + timedelta(minutes=5))

    causes = ok(trader.get(f"/orders/{entered}-EXIT-1/why"))["items"]

    asked = next(each for each in causes if each["topic"] == "run.exit_requested")
    assert (asked["actor"], asked["text"]) == (trader.user_id, "leaving (REQUEST): enough")


def test_an_auditor_finds_what_others_did_and_they_find_their_own(
    trader: Person, stranger: Person, auditor: Person, entered: str
) -> None:
    found = ok(auditor.get("/audit", actor=trader.user_id, limit=200))["items"]

    assert {"basket.composed", "strategy.activated"} <= {each["topic"] for each in found}
    own = ok(trader.get("/audit", limit=200))["items"]
    assert own == found
    of_run = ok(trader.get("/audit", stream=entered, limit=200))["items"]
    assert [each["version"] for each in of_run] == list(range(1, len(of_run) + 1))
    assert of_run[0]["event"]["slot"] == "20260803T092000"
    refused(stranger.get("/audit", stream=entered), 404, "not-found")
    refused(stranger.get("/audit", actor=trader.user_id), 403, "forbidden")
    refused(auditor.get("/audit"), 422, "search-too-wide")
    span = {"since": "2026-08-03T00:00:00Z", "until": "2026-08-04T00:00:00Z"}
    assert ok(auditor.get("/audit", **span, topic="run.opened"))["items"][0]["stream"] == entered
    assert ok(auditor.get("/audit", **span, limit=5))["next_cursor"]


@pytest.mark.usefixtures("entered")
def test_the_audit_is_sound_until_somebody_alters_it(practice: Practice, auditor: Person) -> None:
    practice.seal()
    practice.catch_up()
    report = ok(auditor.get("/audit/verify"))
    assert (report["sound"], report["findings"], report["first"]) == (True, [], None)
    assert report["events"] > 20

    with sqlite3.connect(practice.folder / "events.sqlite") as store:
        store.execute(
            "UPDATE stored_events"
            " SET state=CAST(replace(state, 'NIFTY Iron', 'NIFTY Lead') AS BLOB)"
            " WHERE topic='strategy.drafted'"
        )

    report = ok(auditor.get("/audit/verify"))
    assert report["sound"] is False
    assert report["findings"][0]["kind"] == "altered"


def test_the_chain_of_one_stream_is_verified_for_whoever_may_read_it(
    practice: Practice, trader: Person, stranger: Person, auditor: Person, entered: str
) -> None:
    practice.seal()
    practice.catch_up()

    found = ok(trader.get(f"/streams/{entered}/verify"))

    assert (found["sound"], found["flaw"], found["seal_faults"]) == (True, None, [])
    assert found["events"] == found["sealed"] > 10
    assert ok(auditor.get(f"/streams/{entered}/verify")) == found
    refused(stranger.get(f"/streams/{entered}/verify"), 404, "not-found")


def test_an_altered_event_is_found_in_its_stream_alone(
    practice: Practice, trader: Person, entered: str
) -> None:
    practice.catch_up()
    strategy_id = ok(trader.get(f"/runs/{entered}"))["strategy_id"]

    with sqlite3.connect(practice.folder / "events.sqlite") as store:
        store.execute(
            "UPDATE stored_events"
            " SET state=CAST(replace(state, 'NIFTY Iron', 'NIFTY Lead') AS BLOB)"
            " WHERE topic='strategy.drafted'"
        )

    found = ok(trader.get(f"/streams/{strategy_id}/verify"))
    assert (found["sound"], found["flaw"]["version"], found["flaw"]["kind"]) == (
        False, 1, "altered")  # fmt: skip
    assert ok(trader.get(f"/streams/{entered}/verify"))["sound"]


def test_where_seals_are_kept_elsewhere_a_stream_is_held_against_its_rows(
    practice: Practice, trader: Person, entered: str
) -> None:
    context = replace(practice.context(), verified_by="another command")
    practice.app.state.context = context

    found = ok(trader.get(f"/streams/{entered}/verify"))

    assert (found["sound"], found["sealed"]) == (True, None)


def test_an_export_has_an_event_a_line_and_is_recorded(
    practice: Practice, trader: Person, auditor: Person, entered: str
) -> None:
    response = auditor.get("/audit/export", stream=entered)

    lines = [json.loads(line) for line in response.text.splitlines()]
    assert response.headers["content-type"].startswith("application/x-ndjson")
    assert [each["version"] for each in lines] == list(range(1, len(lines) + 1))
    last = practice.platform.trading.history(auditor.user_id)[-1]
    assert type(last).__name__ == "Exported"
    assert trader.get("/audit/export").text.count("\n") > 3


def test_a_strategy_is_seen_as_it_was(practice: Practice, trader: Person, auditor: Person) -> None:
    strategy = trader.strategy(trader.basket()["basket_id"])
    before = practice.clock.now()
    practice.clock.sleep(60)
    path = f"/strategies/{strategy['strategy_id']}"
    ok(trader.put(path, condor(name="Another")))

    machine = f"/streams/{strategy['strategy_id']}"
    then = ok(trader.get(machine, at=before.isoformat()))
    first = ok(trader.get(machine, version=1))
    now = ok(auditor.get(machine))

    assert then["views"]["strategies"][0]["name"] == "NIFTY Iron Condor"
    assert first["views"] == then["views"]
    assert now["views"]["strategies"][0]["name"] == "Another"
    assert (first["version"], first["newest_version"]) == (1, 2)
    refused(trader.get(machine, version=3), 404, "not-found")
    refused(trader.get(machine, at="2020-01-01T00:00:00Z"), 404, "not-found")
    refused(trader.get(machine, at="2026-01-01T00:00:00"), 422, "invalid-fields")


def test_a_run_is_seen_as_it_was_with_orders_and_positions(
    trader: Person, stranger: Person, entered: str
) -> None:
    views = ok(trader.get(f"/streams/{entered}"))["views"]

    assert {len(views["runs"]), len(views["orders"]), len(views["positions"])} == {1, 4}
    assert ok(trader.get(f"/streams/{entered}", version=1))["views"]["orders"] == []
    refused(stranger.get(f"/streams/{entered}"), 404, "not-found")


def test_what_was_deleted_is_still_seen(trader: Person) -> None:
    basket_id = trader.basket()["basket_id"]
    assert trader.delete(f"/baskets/{basket_id}").status_code == 204

    then = ok(trader.get(f"/streams/{basket_id}"))

    assert (then["deleted"], then["views"]["baskets"]) == (True, [])
    assert ok(trader.get(f"/streams/{basket_id}", version=1))["deleted"] is False


def test_former_versions_are_listed_and_restored(trader: Person) -> None:
    strategy = trader.strategy(trader.basket()["basket_id"])
    path = f"/strategies/{strategy['strategy_id']}"
    ok(trader.put(path, condor(name="Another")))

    restored = ok(trader.post(f"{path}/versions/1/restore"))

    assert (restored["name"], restored["definition_version"]) == ("NIFTY Iron Condor", 3)
    versions = ok(trader.get(f"{path}/versions"))["items"]
    assert [(v["version"], v["restored"]) for v in versions] == [(1, None), (2, None), (3, 1)]
    assert ok(trader.get(f"{path}/versions/2"))["name"] == "Another"
    refused(trader.get(f"{path}/versions/9"), 404, "not-found")
    refused(trader.post(f"{path}/versions/9/restore"), 422, "no-such-version")


def test_the_inbox_holds_what_happened_until_it_is_acknowledged(
    trader: Person, stranger: Person, entered: str
) -> None:
    ok(trader.post(f"/accounts/{trader.account_id}/block", {"reason": "enough"}))
    notices = ok(trader.get("/inbox"))["items"]
    told = [(each["kind"], each["gravity"], each["acknowledged"]) for each in notices]
    assert told == [("BLOCKED", "ALARM", False), ("ENTERED", "INFO", False)]
    assert notices[1]["run_id"] == entered

    ok(trader.post("/inbox/acknowledge", {"notices": [notices[0]["notice_id"]]}))

    assert [each["kind"] for each in ok(trader.get("/inbox", unread=True))["items"]] == ["ENTERED"]
    assert [each["acknowledged"] for each in ok(trader.get("/inbox"))["items"]] == [True, False]
    assert ok(stranger.get("/inbox"))["items"] == []
    foreign = {"notices": [notices[1]["notice_id"], entered]}
    problem = refused(stranger.post("/inbox/acknowledge", foreign), 422, "unknown-notice")
    assert [each["field"] for each in problem["errors"]] == ["notices[0]", "notices[1]"]


def test_the_stream_is_one_of_server_sent_events(trader: Person) -> None:
    response = trader.get("/stream", seconds=0)

    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.text.startswith("event: ready\ndata: {")


def test_the_stream_tells_changes_of_ones_own_and_nobody_elses(
    practice: Practice, trader: Person, stranger: Person
) -> None:
    async def listen() -> list[bytes]:
        told = changes(practice.caller(trader), 1)
        await anext(told)  # it listens from here on
        stranger.basket(name="not mine")
        basket_id = trader.basket(name="mine")["basket_id"]
        assert trader.delete(f"/baskets/{basket_id}").status_code == 204
        return [each async for each in told]

    events = [event.decode().splitlines() for event in asyncio.run(listen())]

    bodies = [json.loads(lines[2].removeprefix("data: ")) for lines in events]
    baskets = [each["row"] and each["row"]["name"] for each in bodies if each["view"] == "baskets"]
    assert baskets == ["mine", None]
    assert {lines[0] for lines in events} == {"event: change"}


def test_an_admin_hears_of_every_user_and_nobody_else_does(
    practice: Practice, admin: Person, trader: Person, stranger: Person
) -> None:
    async def listen() -> dict[str, list[str]]:
        heard = {each.email: changes(practice.caller(each), 1) for each in (admin, stranger)}
        for told in heard.values():
            await anext(told)  # they listen from here on
        ok(admin.post(f"/users/{trader.user_id}/disable", {"reason": "left"}))
        return {who: [each.decode() async for each in told] for who, told in heard.items()}

    heard = asyncio.run(listen())

    assert any("DISABLED" in each for each in heard[admin.email])
    assert heard[stranger.email] == []


def test_health_is_open_to_all_and_says_when_the_schedule_stands_still(
    practice: Practice,
) -> None:
    health = ok(practice.anybody().get("/health"))

    assert (health["status"], health["schedule"]["late_s"]) == ("ok", 0)


def test_the_stream_ends_with_the_session(
    practice: Practice, trader: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.api.stream.BEAT_S", 0.0)

    async def listen() -> list[bytes]:
        told = changes(practice.caller(trader), 60)
        heard = [await anext(told), await anext(told)]
        trader.client.post("/auth/logout")
        return heard + [each async for each in told]

    heard = asyncio.run(listen())

    assert heard[1] == b": still here\n\n"
    assert len(heard) < 10


def test_a_schedule_that_stands_still_fails(practice: Practice) -> None:
    last = practice.clock.now() - timedelta(minutes=10)
    context = replace(practice.context(), pulse=lambda: Pulse(beat=last, troubles=("x",)))

    answer = TestClient(create_app(context)).get("/health")

    body = answer.json()
    assert (answer.status_code, body["status"]) == (503, "failing")
    assert body["schedule"]["late_s"] == 600


def test_troubles_are_told_to_whom_they_are_about_and_to_who_looks_after_all(
    practice: Practice, admin: Person, trader: Person, stranger: Person
) -> None:
    own, other = trader.account_id, stranger.account_id
    troubles = ("prices stand still", f"{own} differs from its broker", f"{other} is silent")
    pulse = Pulse(beat=practice.clock.now(), troubles=troubles)
    client = TestClient(create_app(replace(practice.context(), pulse=lambda: pulse)))

    def told(authorization: str | None) -> list[str]:
        headers = {"Authorization": authorization} if authorization else {}
        body = ok(client.get("/health", headers=headers))
        assert body["status"] == "degraded"
        shown: list[str] = body["troubles"]
        return shown

    def told_to(person: Person) -> list[str]:
        return told(person.client.headers["Authorization"])

    assert told(None) == told("Bearer forged") == []
    assert told_to(trader) == list(troubles[:2])
    assert told_to(stranger) == [troubles[0], troubles[2]]
    assert told_to(admin) == list(troubles)


def test_a_parked_stream_is_a_degraded_platform(practice: Practice) -> None:
    pulse = Pulse(beat=practice.clock.now(), parked=1)
    context = replace(practice.context(), pulse=lambda: pulse)

    assert ok(TestClient(create_app(context)).get("/health"))["status"] == "degraded"
