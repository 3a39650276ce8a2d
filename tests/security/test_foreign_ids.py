"""Somebody else's ids: in the path, in the body, as a filter, in a cursor; nothing opens a door."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from httpx import Response

from domain.user import Role
from tests.adapters.api.practice import Json, condor, made, ok, refused
from tests.adapters.api.test_roles import MATRIX
from tests.security.house import House

#: Every endpoint whose path names something that belongs to somebody.
NAMING = sorted(
    endpoint
    for endpoint, (_, path, _) in MATRIX.items()
    if "{" in path and not path.startswith("/audit?") and "export" not in path
)
AUDITED = {
    ("GET", "/streams/{stream_id}"),
    ("GET", "/streams/{stream_id}/verify"),
    ("GET", "/audit/why"),
}
OWN_CHECKSUM = ("POST", "/accounts/{account_id}/postback")


def asked(house: House, role: str, endpoint: tuple[str, str]) -> Response:
    """Somebody of this role asks it of the owner's things."""
    _, path, body = MATRIX[endpoint]
    person = house.sign_in(role)
    sent = None if body is None else {k: _filled(house, v) for k, v in body.items()}
    response: Response = person.client.request(endpoint[0], path.format(**house.things), json=sent)
    return response


def _filled(house: House, value: object) -> object:
    return value.format(**house.things) if value == "{account}" else value


def expected(role: str, endpoint: tuple[str, str]) -> set[tuple[int, str]]:
    """What this role is told: that there is no such thing, or that it may not ask at all."""
    allowed = MATRIX[endpoint][0]
    if endpoint == OWN_CHECKSUM:
        return {(403, "postback-refused")}
    if role not in allowed:
        return {(403, "forbidden"), (404, "not-found")}
    return {(404, "not-found")}


@pytest.mark.parametrize("role", [Role.TRADER, Role.VIEWER, Role.ADMIN, Role.AUDITOR])
@pytest.mark.parametrize("endpoint", NAMING, ids=" ".join)
def test_what_belongs_to_somebody_else_is_not_there(
    house: House, endpoint: tuple[str, str], role: Role
) -> None:
    if role is Role.AUDITOR and endpoint in AUDITED:
        return  # reading the audit of all is what an auditor is for
    if role is Role.ADMIN and MATRIX[endpoint][0] == {Role.ADMIN}:
        return  # users and roles are an admin's to see and change

    with house.untouched():
        response = asked(house, role, endpoint)

    problem = response.json()
    code = problem["type"].removeprefix("urn:atp:problem:")
    assert (response.status_code, code) in expected(role, endpoint), response.text
    house.tells_nothing(response)


@pytest.mark.parametrize("path", ["/orders", "/runs", "/positions", "/pnl/daily"])
def test_a_listing_is_not_narrowed_to_somebody_elses_account(house: House, path: str) -> None:
    trader = house.sign_in(Role.TRADER)

    refused(trader.get(path, account_id=house.things["account"]), 404, "not-found")


@pytest.mark.parametrize(
    ("path", "name", "thing"),
    [("/runs", "basket_id", "basket"), ("/pnl/daily", "strategy_id", "strategy")],
)
def test_a_listing_is_not_narrowed_to_somebody_elses_basket_or_strategy(
    house: House, path: str, name: str, thing: str
) -> None:
    trader = house.sign_in(Role.TRADER)

    refused(trader.get(path, **{name: house.things[thing]}), 404, "not-found")


@pytest.mark.parametrize(
    "path", ["/baskets", "/strategies", "/runs", "/orders", "/positions", "/inbox", "/audit"]
)
def test_a_listing_holds_nothing_of_anybody_else(house: House, path: str) -> None:
    trader = house.sign_in(Role.TRADER)

    answer = trader.get(path)

    ok(answer)
    house.tells_nothing(answer)
    if path != "/audit":  # there one's own refused attempts are told, with what they named
        assert [thing for thing in house.things.values() if thing in answer.text] == []


def cursor_of(house: House, path: str) -> str:
    """A cursor as the owner is given it."""
    house.owner.sign_in()
    for number in range(2):
        house.owner.basket(name=f"another {number}")
    return str(ok(house.owner.get(path, limit=1))["next_cursor"])


def test_a_cursor_of_somebody_elses_listing_leads_nowhere(house: House) -> None:
    stolen = cursor_of(house, "/baskets")
    trader = house.sign_in(Role.TRADER)

    refused(trader.get("/baskets", cursor=stolen), 422, "bad-cursor")


def test_a_cursor_that_is_rewritten_for_oneself_shows_only_ones_own(house: House) -> None:
    stolen = cursor_of(house, "/baskets")
    trader = house.sign_in(Role.TRADER)
    index, _, after = json.loads(urlsafe_b64decode(stolen + "=" * (-len(stolen) % 4)))
    mine = json.dumps([index, trader.user_id, ["", after[1], after[2]]]).encode()

    answer = trader.get("/baskets", cursor=urlsafe_b64encode(mine).decode().rstrip("="))

    house.tells_nothing(answer)
    assert ok(answer)["items"] == []


# ── ids in bodies ─────────────────────────────────────────────────────────────────────────


def test_a_copy_cannot_be_put_into_somebody_elses_basket(house: House) -> None:
    trader = house.sign_in(Role.TRADER)
    own = trader.strategy(trader.basket()["basket_id"])["strategy_id"]

    with house.untouched():
        answer = trader.post(f"/strategies/{own}/duplicate", {"basket_id": house.things["basket"]})

    refused(answer, 404, "not-found")


def test_somebody_elses_account_as_a_target_is_a_fault_and_never_traded(house: House) -> None:
    trader = house.sign_in(Role.TRADER)
    foreign = {"account_id": house.things["account"], "multiplier": 1}

    basket = trader.basket(name="greedy", targets=[foreign])
    strategy = trader.strategy(basket["basket_id"])["strategy_id"]

    assert [each["code"] for each in basket["faults"]] != []
    for path in (f"/strategies/{strategy}/activate", f"/baskets/{basket['basket_id']}/activate"):
        assert trader.post(path).status_code == 422
    with house.untouched():
        answer = trader.post(f"/strategies/{strategy}/runs")
    assert answer.status_code in (409, 422), answer.text
    house.tells_nothing(answer)


def test_somebody_elses_strategies_are_unknown_to_ones_basket(house: House) -> None:
    trader = house.sign_in(Role.TRADER)

    with house.untouched():
        basket = made(
            trader.post("/baskets", {"name": "mine", "strategies": [house.things["strategy"]]})
        )

    assert basket["unknown"] == [house.things["strategy"]]
    assert [each["code"] for each in basket["faults"]] == ["unknown-strategy"]


@pytest.mark.parametrize("verb", ["adopt-position", "ignore-position"])
def test_a_position_is_not_attributed_to_somebody_elses_run(house: House, verb: str) -> None:
    held = house.held()
    trader = house.sign_in(Role.TRADER)
    body: Json = {"key": held["key"], "product": held["product"], "quantity": -65}
    if verb == "adopt-position":
        body |= {"run_id": house.things["run"], "price": 1}

    with house.untouched():
        answer = trader.post(f"/accounts/{trader.account_id}/{verb}", body)

    assert answer.status_code in (404, 409, 422), answer.text


def test_somebody_elses_notices_cannot_be_acknowledged(house: House) -> None:
    house.owner.sign_in()
    notice = ok(house.owner.get("/inbox"))["items"][0]["notice_id"]
    trader = house.sign_in(Role.TRADER)

    with house.untouched():
        answer = trader.post("/inbox/acknowledge", {"notices": [notice]})

    refused(answer, 422, "unknown-notice")


def test_a_correlation_of_somebody_elses_request_finds_nothing(house: House) -> None:
    house.owner.sign_in()
    first = ok(house.owner.get("/audit", limit=1))["items"][0]["correlation_id"]
    trader = house.sign_in(Role.TRADER)

    assert ok(trader.get("/audit", correlation_id=first))["items"] == []
    refused(trader.get("/audit", actor=house.owner.user_id), 403, "forbidden")
    refused(trader.get("/audit/export", actor=house.owner.user_id), 403, "forbidden")
    refused(trader.get("/audit/export", stream=house.things["run"]), 404, "not-found")


# ── keys and editions ─────────────────────────────────────────────────────────────────────


def test_an_idempotency_key_of_somebody_else_answers_nothing_of_theirs(house: House) -> None:
    house.owner.sign_in()
    theirs = made(house.owner.post("/baskets", {"name": "theirs"}, key="GUESSED-KEY"))
    trader = house.sign_in(Role.TRADER)

    with house.untouched():
        mine = made(trader.post("/baskets", {"name": "theirs"}, key="GUESSED-KEY"))

    assert mine["basket_id"] != theirs["basket_id"]
    assert mine["user_id"] == trader.user_id


def test_knowing_the_edition_of_somebody_elses_thing_opens_nothing(house: House) -> None:
    house.owner.sign_in()
    basket = f"/baskets/{house.things['basket']}"
    edition = int(house.owner.get(basket).headers["ETag"].strip('"'))
    trader = house.sign_in(Role.TRADER)

    with house.untouched():
        refused(trader.put(basket, {"name": "taken over"}, edition), 404, "not-found")
        refused(trader.put(basket, {"name": "taken over"}, edition + 7), 404, "not-found")
        refused(trader.delete(basket, edition), 404, "not-found")


def test_an_id_that_is_taken_and_one_that_is_free_are_answered_alike(house: House) -> None:
    trader = house.sign_in(Role.TRADER)

    taken = trader.get(f"/strategies/{house.things['strategy']}")
    free = trader.get("/strategies/STRAT-NOBODYS")

    def shape(answer: Response, name: str) -> str:
        return answer.text.replace(name, "…")

    assert taken.status_code == free.status_code == 404
    assert shape(taken, house.things["strategy"]) == shape(free, "STRAT-NOBODYS")


def test_a_strategy_is_not_drafted_into_somebody_elses_basket_by_its_read_only_fields(
    house: House,
) -> None:
    trader = house.sign_in(Role.TRADER)
    own = trader.basket(name="own")["basket_id"]

    with house.untouched():
        sent = condor(basket_id=house.things["basket"], user_id=house.owner.user_id)
        drafted = made(trader.post(f"/baskets/{own}/strategies", sent))

    assert (drafted["basket_id"], drafted["user_id"]) == (own, trader.user_id)
