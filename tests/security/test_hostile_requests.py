"""Requests that no client of ours would send: each is answered by a problem, and breaks nothing."""

from __future__ import annotations

import asyncio
import gzip
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from typing import Any

import pytest
from httpx import Response

from adapters.notify.message import Message
from adapters.notify.target import checked, tell
from domain.gravity import Gravity
from domain.user import Role
from tests.adapters.api.practice import Person, Practice, condor, made, ok, refused
from tests.security.house import House

LISTS = ("/baskets", "/strategies", "/runs", "/orders", "/inbox", "/audit")


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Practice:
    """Shared: what is refused leaves nothing behind."""
    return Practice(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def trader(practice: Practice) -> Person:
    return practice.admit("trader@example.com", Role.TRADER)


def sane(answer: Response) -> None:
    """Refused as a client's fault, in the form of all refusals."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in answer.text


# ── paths ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path",
    [
        "//baskets", "/./baskets", "/health/../baskets", "/health/%2e%2e/baskets",
        "/health%2f..%2fbaskets", "/baskets;jsessionid=1", "/baskets%00", "/baskets%0d%0aX: y",
        "/BASKETS", "/baskets/..%5c..%5c", "/baskets/%252e%252e", "/api/baskets", "/.git/config",
        "/.env", "/openapi.json/../baskets", "/docs", "/redoc", "/users/profile/..",
        "/baskets?x=1/../../health", "/audit%2fverify", "/baskets/" + "a/" * 500,
    ],
)  # fmt: skip
def test_no_spelling_of_a_path_leads_in_without_a_token(practice: Practice, path: str) -> None:
    client = practice.anybody()
    request = client.build_request("GET", "http://testserver/")
    request.url = request.url.copy_with(raw_path=path.encode())

    answer = client.send(request)

    assert answer.status_code in (401, 404), (path, answer.status_code, answer.text)


@pytest.mark.parametrize(
    "header",
    [
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-Method-Override": "DELETE"},
        {"X-Original-URL": "/users"},
        {"X-Rewrite-URL": "/users"},
        {"X-Forwarded-Host": "attacker.example"},
        {"X-Forwarded-Prefix": "/users"},
        {"Host": "attacker.example"},
    ],
    ids=lambda header: next(iter(header)),
)
def test_a_header_makes_no_other_request_of_it(trader: Person, header: dict[str, str]) -> None:
    basket = trader.basket()["basket_id"]

    answer = trader.client.get(f"/baskets/{basket}", headers=header)

    assert ok(answer)["basket_id"] == basket
    created = trader.client.post("/baskets", json={"name": "y"}, headers=header)
    assert created.headers["location"].startswith("/baskets/BASK-")
    assert "attacker" not in str(created.headers) + created.text


# ── headers ───────────────────────────────────────────────────────────────────────────────


def raw(practice: Practice, path: str, headers: Iterable[tuple[bytes, bytes]]) -> dict[str, Any]:
    """The start of the answer to a request whose headers no client library would let pass."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "headers": list(headers), "client": ("192.0.2.1", 1), "server": ("x", 80),
    }  # fmt: skip
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    asyncio.run(practice.app(scope, receive, send))  # type: ignore[arg-type]  # plain dicts, as servers send
    return told[0]


@pytest.mark.parametrize(
    "name",
    [
        b"a\r\nSet-Cookie: x=y",
        b"a\nb",
        b"a\x00b",
        b"a" * 65,
        b"",
        b"caf\xc3\xa9",
        b"<script>",
        b" a",
    ],
)
def test_a_name_for_a_request_that_is_none_is_not_sent_back(
    practice: Practice, name: bytes
) -> None:
    start = raw(practice, "/health", [(b"x-request-id", name)])

    told = dict(start["headers"])[b"x-request-id"]
    assert told != name
    assert len(told) == 16
    assert b"set-cookie" not in dict(start["headers"])


@pytest.mark.parametrize("header", ["Idempotency-Key", "If-Match"])
@pytest.mark.parametrize(
    "value", [b"\xff\xfe", b"a" * 8000, b"'; DROP TABLE x; --", b"\t", b'"\xb2"']
)
def test_a_condition_that_is_none_is_a_problem(
    practice: Practice, trader: Person, header: str, value: bytes
) -> None:
    basket = trader.basket()["basket_id"]
    headers = [(header.encode(), value)]
    if header == "Idempotency-Key":
        answer = trader.client.post("/baskets", json={"name": "x"}, headers=headers)
        expected = {"422"}
    else:
        answer = trader.client.put(f"/baskets/{basket}", json={"name": "x"}, headers=headers)
        expected = {"412"}

    assert str(answer.status_code) in expected or answer.status_code == 201, answer.text
    assert practice.platform.trading.version_of(basket) == 1


# ── bodies ────────────────────────────────────────────────────────────────────────────────


def posted(person: Person, content: bytes, **headers: str) -> Response:
    told = {"Content-Type": "application/json", **headers}
    response: Response = person.client.post("/baskets", content=content, headers=told)
    return response


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 400_000,
        b'{"a":' * 150_000,
        b'{"name":' + b"[" * 400_000,
        b'{"name": "x", "targets": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"name": "x", "targets": [' + b"{}," * 300_000 + b"{}]}",
        b'{"name": ' + b"1" * 900_000 + b"}",
        b'{"name": 1e999999999}',
        b'{"name": NaN}',
        b'{"name": Infinity}',
        b'{"name": "\\u0000"' + b" " * 900_000 + b"x}",
        b'{"na\\u006de": 1}',
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        b'{"name": "x"}{"name": "y"}',
        b'{"__proto__": {"roles": ["admin"]}, "name": "x"}',
        b"\x00" * 1000,
    ],
    ids=lambda content: repr(content[:24]),
)
def test_a_body_made_to_break_its_reader_is_only_refused(
    practice: Practice, trader: Person, content: bytes
) -> None:
    before = dict(practice.platform.reads.source.heads())

    answer = posted(trader, content)

    sane(answer)
    assert len(answer.content) < 200_000
    assert dict(practice.platform.reads.source.heads()) == before


def test_a_compressed_body_is_not_unpacked(trader: Person) -> None:
    bomb = gzip.compress(b'{"name": "' + b"x" * 50_000_000 + b'"}')
    assert len(bomb) < 100_000

    sane(posted(trader, bomb, **{"Content-Encoding": "gzip"}))


@pytest.mark.parametrize("told", ["-1", "1e3", "0x10", "999999999999999999999999", "", "1 1", "²"])
def test_a_length_that_is_a_lie_does_not_get_more_read(practice: Practice, told: str) -> None:
    headers = [(b"content-length", told.encode("latin-1"))]

    start = raw(practice, "/health", headers)

    assert start["status"] in (200, 400, 413)


def test_of_one_name_given_twice_one_value_counts_and_it_is_checked(trader: Person) -> None:
    sent = b'{"name": "first", "name": "second", "user_id": "USER-X", "user_id": "USER-Y"}'

    basket = made(posted(trader, sent))

    assert (basket["name"], basket["user_id"]) == ("second", trader.user_id)


@pytest.mark.parametrize(
    "name",
    [
        "\x00", "a\x00b", "\u202eevil", "\u200b", "Ｎ" * 200, "𝕏" * 200, "é́́́́́",
        "'; DROP TABLE events; --", "<script>alert(1)</script>", "${jndi:ldap://x}", "{{7*7}}",
        "%s%n", "../../etc/passwd", "=1+1", "\r\nSet-Cookie: x=y", "\ufeff", "\U0010ffff",
    ],
    ids=ascii,
)  # fmt: skip
def test_text_is_only_text(practice: Practice, trader: Person, name: str) -> None:
    basket = made(trader.post("/baskets", {"name": name}))
    practice.catch_up()

    again = ok(trader.get(f"/baskets/{basket['basket_id']}"))

    assert again["name"] == name
    listed = ok(trader.get("/baskets", limit=200))["items"]
    assert name in [each["name"] for each in listed]
    assert practice.platform.reads.projector.parked() == []


@pytest.mark.parametrize(
    "number",
    ["1e400", "1E+999999", "1e-400", "-1", "0", "123456789012345678901234567890", "0.1e1_0",
     "Infinity", "-0", "1" * 4000],
)  # fmt: skip
def test_an_amount_beyond_all_sense_is_refused_or_kept_but_never_breaks(
    practice: Practice, trader: Person, number: str
) -> None:
    basket = trader.basket()["basket_id"]
    path = f"/accounts/{trader.account_id}/limits"

    drafted = trader.post(f"/baskets/{basket}/strategies", condor(risk_params={"max_loss": number}))
    limited = trader.put(path, {"max_daily_loss": number, "max_notional": number})

    for answer in (drafted, limited):
        assert answer.status_code in (200, 201, 422), answer.text
        json.loads(answer.text)
    practice.catch_up()
    ok(trader.get("/strategies"))
    ok(trader.get(path))
    if drafted.status_code == 201:
        activated = trader.post(f"/strategies/{drafted.json()['strategy_id']}/activate")
        assert activated.status_code in (200, 422), activated.text


@pytest.mark.parametrize("lots", [10**9, 10**18, 10**30, 2**63, -(2**63), 0])
def test_a_number_of_lots_beyond_all_sense_never_breaks(trader: Person, lots: int) -> None:
    basket = trader.basket()["basket_id"]
    sent = condor()
    sent["legs"][0]["lots"] = lots

    drafted = trader.post(f"/baskets/{basket}/strategies", sent)
    previewed = [
        trader.post(f"/preview/{what}", {"definition": sent} if what != "schedule" else sent)
        for what in ("payoff", "margin", "schedule")
    ]

    for answer in (drafted, *previewed):
        assert answer.status_code < 500, answer.text


@pytest.mark.parametrize("number", [10**5, 10**13, 2**63, 10**30])
def test_a_count_beyond_all_sense_never_breaks_a_view(
    practice: Practice, trader: Person, number: int
) -> None:
    basket = trader.basket()["basket_id"]
    far, long = condor(), condor()
    far["legs"][0]["selector"]["atm_offset"] = number
    long["schedule"]["dte_max"] = number

    answers = [trader.post(f"/baskets/{basket}/strategies", sent) for sent in (far, long)]
    answers.append(trader.put(f"/accounts/{trader.account_id}/limits", {"max_lots": number}))
    targets = [{"account_id": trader.account_id, "multiplier": number}]
    answers.append(trader.post("/baskets", {"name": "x", "targets": targets}))

    assert {each.status_code for each in answers} <= {200, 201, 422}
    practice.catch_up()
    assert practice.platform.reads.projector.parked() == []


@pytest.mark.parametrize("path", ["/auth/login", "/auth/refresh", "/baskets"])
def test_a_body_of_many_wrong_fields_costs_no_more_than_a_few(trader: Person, path: str) -> None:
    wrong = {f"wrong{n}": n for n in range(40_000)}

    answer = trader.client.post(path, json=wrong)

    refused(answer, 413, "body-too-large")
    assert len(answer.content) < 1000


# ── cursors and parameters ────────────────────────────────────────────────────────────────


def cursor(content: object) -> str:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return urlsafe_b64encode(text).decode().rstrip("=")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "content",
    [
        b"[" * 1400,
        b"9" * 1400,
        b"\xff",
        b"{}",
        b"null",
        ["owner", "USER", ["\ud800", "a", "b"]],
        ["owner", "USER", ["a", "b"]],
        ["owner", "USER", [1, 2, 3]],
        ["owner", "USER", [["a"], "b", "c"]],
        [None, "USER", ["a", "b", "c"]],
        ["sqlite_master", "USER", ["a", "b", "c"]],
    ],
    ids=lambda content: repr(content)[:30],
)
def test_a_cursor_that_was_never_given_out_is_refused(
    house: House, path: str, content: object
) -> None:
    owner = house.sign_in("trader")
    if isinstance(content, list):
        content = [owner.user_id if part == "USER" else part for part in content]

    answer = owner.get(path, cursor=cursor(content))

    refused(answer, 422, "bad-cursor")


def test_a_cursor_longer_than_any_is_not_even_read(house: House) -> None:
    answer = house.sign_in("trader").get("/baskets", cursor="A" * 50_000)

    refused(answer, 422, "invalid-fields")


@pytest.mark.parametrize(
    "query",
    [
        "limit=999999999999999999999", "limit=-1", "limit=1&limit=2&limit=x", "limit[]=1",
        "newest_first=maybe", "account_id=%00", "account_id=" + "a" * 9000, "account_id=%FF%FE",
        "&" * 900, "=", "%", "limit=%", "x" * 9000,
    ],
)  # fmt: skip
def test_parameters_made_to_break_their_reader_are_refused(house: House, query: str) -> None:
    answer = house.sign_in("trader").client.get(f"/orders?{query}")

    assert answer.status_code in (200, 404, 422), answer.text
    if answer.status_code != 200:
        sane(answer)


@pytest.mark.parametrize(
    "name", ["%00", "a%00b", "%ED%A0%80", "%F0%9F%92%A5", "x" * 5000, "%0d%0aX:%20y", "..%2f..%2fx"]
)
@pytest.mark.parametrize(
    "path",
    ["/streams/{}", "/runs/{}/orders", "/orders/{}/why", "/accounts/{}/funds", "/market/chain/{}",
     "/market/expiries/{}", "/audit/why?version=1&stream={}", "/strategies/{}/versions/1"],
)  # fmt: skip
def test_an_id_made_to_break_its_reader_is_of_nothing(house: House, path: str, name: str) -> None:
    answer = house.sign_in("trader").client.get(path.format(name))

    sane(answer)
    assert answer.status_code in (404, 422)


# ── where the platform would call on somebody's behalf ────────────────────────────────────


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254", "2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "169.254.43518",
        "[::ffff:169.254.169.254]", "[fe80::1]", "metadata.google.internal",
        "METADATA.google.internal.", "169.254.170.2",
    ],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["json", "xmls", "form"])
def test_a_notification_does_not_ask_the_machine_for_its_credentials(
    house: House, scheme: str, host: str
) -> None:
    trader = house.sign_in("trader")

    answer = trader.put("/notifications/targets/chat", {"url": f"{scheme}://{host}/latest"})

    assert answer.status_code == 422, answer.text
    assert host not in answer.text


def test_a_name_that_has_come_to_lead_there_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    def leads(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", ("169.254.169.254", 0))]

    url = "json://innocent.example.com/hook"
    checked(url)
    monkeypatch.setattr("socket.getaddrinfo", leads)
    monkeypatch.setattr("requests.sessions.Session.send", lambda *_, **__: pytest.fail("called"))

    assert tell(url, Message(title="t", body="b", gravity=Gravity.INFO)) is False
