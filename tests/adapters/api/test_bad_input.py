"""Bad input: each gets a clear problem that names its field, and changes nothing."""

from __future__ import annotations

import copy

import pytest

from tests.adapters.api.practice import Json, Person, Practice, condor, fields, ok, refused
from tests.adapters.store.exposure import GrowthLimit

STRATEGIES = "/baskets/{basket}/strategies"


@pytest.fixture
def basket_id(trader: Person) -> str:
    found: str = trader.basket()["basket_id"]
    return found


def altered(place: str, value: object) -> Json:
    """A condor with one thing in it replaced."""
    body = copy.deepcopy(condor())
    *way, last = [int(part) if part.isdigit() else part for part in place.split(".")]
    where: Json = body
    for part in way:
        where = where[part]  # type: ignore[index]  # a list where the part is a number
    where[last] = value  # type: ignore[index]  # as above
    return body


@pytest.mark.parametrize(
    ("place", "value", "field"),
    [
        ("colour", "red", "colour"),
        ("legs.0.colour", "red", "legs[0].colour"),
        ("schedule.colour", "red", "schedule.colour"),
        ("risk_params.colour", "red", "risk_params.colour"),
        ("legs.0.selector.colour", "red", "legs[0].selector.colour"),
        ("name", 7, "name"),
        ("name", "", "name"),
        ("name", "x" * 201, "name"),
        ("type", "CONDOR", "type"),
        ("legs", "many", "legs"),
        ("legs.1.lots", "two", "legs[1].lots"),
        ("legs.1.lots", 1.5, "legs[1].lots"),
        ("legs.1.lots", -1, "legs[1].lots"),
        ("legs.1.lots", True, "legs[1].lots"),
        ("legs.1.action", "HOLD", "legs[1].action"),
        ("legs.1.option_type", "FUT", "legs[1].option_type"),
        ("legs.1.selector.expiry", "SOON", "legs[1].selector.expiry.date"),
        ("legs.0", {"action": "SELL"}, "legs[0]"),
        ("schedule.entry_time", "25:00", "schedule.entry_time"),
        ("schedule.entry_time", 920, "schedule.entry_time"),
        ("schedule.weekdays", ["SUN"], "schedule.weekdays[0]"),
        ("schedule.dte_min", -1, "schedule.dte_min"),
        ("risk_params.max_loss", 0, "risk_params.max_loss"),
        ("risk_params.max_loss", "much", "risk_params.max_loss"),
        ("risk_params.max_loss", "NaN", "risk_params.max_loss"),
    ],
)
def test_what_is_malformed_is_refused_with_its_field(
    trader: Person, basket_id: str, place: str, value: object, field: str
) -> None:
    sent = altered(place, value)

    problem = refused(trader.post(STRATEGIES.format(basket=basket_id), sent), 422, "invalid-fields")

    assert field in [name for name, _ in fields(problem)]
    assert ok(trader.get("/strategies"))["items"] == []


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        ("legs.0", {"symbol": "NIFTY99XXX1CE", "qty": 65, "action": "SELL"}, "unknown-symbol"),
        ("legs.0", {"symbol": "NIFTY2680424500CE", "qty": 60, "action": "SELL"},
         "not-a-lot-multiple"),
        ("legs.0.selector.underlying", "NOBODY", "no-options"),
        ("schedule.entry_time", "08:59", "outside-session"),
        ("schedule.exit_time", "15:45", "outside-session"),
        ("schedule.weekdays", [], "never-due"),
        ("risk_params.max_loss", None, None),
    ],
)  # fmt: skip
def test_what_cannot_be_traded_is_a_fault_of_the_draft_and_refused_at_activation(
    trader: Person, basket_id: str, place: str, value: object, fault: str | None
) -> None:
    drafted = trader.post(STRATEGIES.format(basket=basket_id), altered(place, value)).json()

    codes = [each["code"] for each in drafted["faults"]]

    if fault is None:
        assert codes == []
        return
    assert fault in codes
    answer = trader.post(f"/strategies/{drafted['strategy_id']}/activate")
    problem = refused(answer, 422, "strategy-has-faults")
    assert [code for _, code in fields(problem)] == codes
    assert ok(trader.get(f"/strategies/{drafted['strategy_id']}"))["status"] == "DRAFT"


def test_an_expired_contract_is_named_when_its_day_has_passed(
    practice: Practice, trader: Person, basket_id: str
) -> None:
    legs = [
        {"symbol": "NIFTY2680424500CE", "qty": 65, "action": "SELL"},
        {"symbol": "NIFTY2680424600CE", "qty": 65, "action": "BUY"},
    ]
    sent = condor(type="BEAR_CALL_SPREAD", legs=legs)
    drafted = trader.post(STRATEGIES.format(basket=basket_id), sent).json()
    assert drafted["faults"] == []
    practice.clock.sleep(2 * 24 * 3600)

    answer = trader.post(f"/strategies/{drafted['strategy_id']}/activate")

    problem = refused(answer, 422, "strategy-has-faults")
    assert {name for name, _ in fields(problem)} >= {"legs[0].symbol", "legs[1].symbol"}


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b"{", "application/json", "malformed-json"),
        (b"", "application/json", "invalid-fields"),
        (b"[]", "application/json", "invalid-fields"),
        (b"null", "application/json", "invalid-fields"),
        (b"name=x", "application/x-www-form-urlencoded", "invalid-fields"),
        (b'{"name": "\xff"}', "application/json", "malformed-body"),
        (b"[" * 4_000, "application/json", "malformed-body"),
        (b'{"name": ' + b"9" * 5000 + b"}", "application/json", "malformed-body"),
        (b'{"name": "\\ud800"}', "application/json", "invalid-fields"),
    ],
)
def test_a_body_that_is_none_is_refused(
    trader: Person, content: bytes, kind: str, code: str
) -> None:
    response = trader.client.post("/baskets", content=content, headers={"Content-Type": kind})

    refused(response, 400 if code == "malformed-body" else 422, code)
    assert ok(trader.get("/baskets"))["items"] == []


def test_a_body_that_is_too_large_is_not_read(trader: Person) -> None:
    large = b'{"name": "' + b"x" * 1_000_001 + b'"}'

    told = trader.client.post("/baskets", content=large)
    streamed = trader.client.post("/baskets", content=iter([large[:600_000], large[600_000:]]))

    refused(told, 413, "body-too-large")
    refused(streamed, 413, "body-too-large")


def test_what_was_sent_is_never_told_back(practice: Practice) -> None:
    sent = {"email": "x@x.xx", "password": ["secret phrase"], "otp": "secret code"}

    response = practice.anybody().post("/auth/login", json=sent)

    refused(response, 422, "invalid-fields")
    assert "secret" not in response.text


def test_a_path_that_is_none_and_a_method_that_is_none_are_problems(trader: Person) -> None:
    refused(trader.get("/nothing"), 404, "no-such-path")
    refused(trader.get("/baskets/"), 404, "no-such-path")
    wrong = trader.client.delete("/baskets")
    refused(wrong, 405, "method-not-allowed")
    assert set(wrong.headers["allow"].replace(" ", "").split(",")) <= {"GET", "POST"}


def test_unknown_parameters_are_refused_with_their_name(trader: Person) -> None:
    problem = refused(trader.get("/baskets", limt=3), 422, "invalid-fields")

    assert fields(problem)[0][0] == "limt"
    refused(trader.get("/baskets", limit=0), 422, "invalid-fields")
    refused(trader.get("/baskets", limit=1000), 422, "invalid-fields")


@pytest.mark.parametrize("name", ["STRAT-1", "%00", "..", "%F0%9F%92%A9", "a" * 500, "%FF"])
def test_an_id_that_is_none_is_not_found(trader: Person, name: str) -> None:
    for path in ("/baskets/", "/strategies/", "/runs/", "/orders/", "/streams/"):
        if name != "..":
            refused(trader.get(path + name), 404, "not-found")


def test_an_unknown_time_zone_is_refused_with_its_field(trader: Person) -> None:
    answer = trader.put("/users/profile", {"preferences": {"timezone": "Mars/Olympus"}})

    problem = refused(answer, 422, "unknown-timezone")
    assert fields(problem) == [("preferences.timezone", "unknown-timezone")]


def test_an_e_mail_address_stays(trader: Person) -> None:
    answer = trader.put("/users/profile", {"email": "other@example.com"})

    assert fields(refused(answer, 422, "email-fixed")) == [("email", "email-fixed")]


def test_every_answer_keeps_itself_private(practice: Practice) -> None:
    client = practice.anybody()

    answers = [client.get("/health"), client.get("/nothing"), client.get("/baskets")]

    for each in answers:
        assert each.headers["cache-control"] == "no-store"
        assert each.headers["x-content-type-options"] == "nosniff"
        assert each.headers["x-frame-options"] == "DENY"
        assert each.headers["x-request-id"]
        assert "access-control-allow-origin" not in each.headers
    named = client.get("/health", headers={"X-Request-ID": "mine-1"})
    assert named.headers["x-request-id"] == "mine-1"


def test_a_request_is_found_in_the_audit_by_its_name(trader: Person) -> None:
    trader.client.post("/baskets", json={"name": "x"}, headers={"X-Request-ID": "mine-1"})

    found = ok(trader.get("/audit", correlation_id="http-mine-1"))["items"]

    assert [each["topic"] for each in found] == ["basket.composed"]


def test_a_full_disk_is_told_as_such_and_changes_nothing(
    practice: Practice, trader: Person
) -> None:
    disk = GrowthLimit(practice.folder)
    disk.fill()

    try:
        answer = trader.post("/baskets", {"name": "x"})
    finally:
        disk.free()

    refused(answer, 503, "store-unavailable")
    assert answer.headers["retry-after"] == "1"
    assert ok(trader.get("/baskets"))["items"] == []
    assert trader.basket(name="x")
