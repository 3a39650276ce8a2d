"""Who may do what: every endpoint by every role, and nothing left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi.routing import APIRoute
from httpx import Response

from adapters.api.app import NOUNS
from domain.user import Role
from tests.adapters.api.practice import PASSWORD, Json, Person, Practice, condor

OPEN = frozenset(("nobody", *Role))
SIGNED_IN = frozenset(Role)
TRADERS = frozenset((Role.TRADER, Role.ADMIN))
ADMINS = frozenset((Role.ADMIN,))
AUDITORS = frozenset((Role.AUDITOR,))

RUN = "/runs/{run}"
ORDER = "/orders/{run}-ENTRY-1"
ACCOUNT = "/users/{user}/broker-accounts/{account}"

#: Each endpoint, who may use it, and what is sent; names in braces are the caller's own things.
MATRIX: dict[tuple[str, str], tuple[frozenset[str], str, Json | None]] = {
    ("GET", "/health"): (OPEN, "/health", None),
    ("POST", "/auth/login"): (OPEN, "/auth/login", {"email": "x@x.xx", "password": "wrong"}),
    ("POST", "/auth/refresh"): (OPEN, "/auth/refresh", {"refresh_token": "none"}),
    ("POST", "/auth/logout"): (SIGNED_IN, "/auth/logout", {}),
    ("POST", "/auth/password"): (
        SIGNED_IN, "/auth/password", {"current_password": PASSWORD, "new_password": "short"}),
    ("GET", "/auth/totp"): (SIGNED_IN, "/auth/totp", None),
    ("POST", "/auth/totp"): (SIGNED_IN, "/auth/totp", {"password": PASSWORD}),
    ("POST", "/auth/totp/confirm"): (SIGNED_IN, "/auth/totp/confirm", {"otp": "123456"}),
    ("POST", "/auth/totp/disable"): (
        SIGNED_IN, "/auth/totp/disable", {"password": PASSWORD, "otp": "123456"}),
    ("GET", "/users/profile"): (SIGNED_IN, "/users/profile", None),
    ("PUT", "/users/profile"): (SIGNED_IN, "/users/profile", {"name": "Asha"}),
    ("GET", "/users"): (ADMINS, "/users", None),
    ("POST", "/users"): (ADMINS, "/users", {"email": "new@example.com"}),
    ("GET", "/users/{user_id}"): (ADMINS, "/users/{other}", None),
    ("PUT", "/users/{user_id}/roles"): (ADMINS, "/users/{other}/roles", {"roles": ["viewer"]}),
    ("POST", "/users/{user_id}/disable"): (ADMINS, "/users/{other}/disable", {}),
    ("POST", "/users/{user_id}/enable"): (ADMINS, "/users/{other}/enable", {}),
    ("POST", "/users/{user_id}/reset-password"): (ADMINS, "/users/{other}/reset-password", {}),
    ("GET", "/brokers"): (SIGNED_IN, "/brokers", None),
    ("GET", "/users/{user_id}/broker-accounts"): (SIGNED_IN, "/users/{user}/broker-accounts", None),
    ("POST", "/users/{user_id}/broker-accounts"): (
        TRADERS, "/users/{user}/broker-accounts", {"broker": "paper", "account_name": "x"}),
    ("GET", "/users/{user_id}/broker-accounts/{account_id}"): (SIGNED_IN, ACCOUNT, None),
    ("PUT", "/users/{user_id}/broker-accounts/{account_id}"): (
        TRADERS, ACCOUNT, {"account_name": "x"}),
    ("DELETE", "/users/{user_id}/broker-accounts/{account_id}"): (TRADERS, ACCOUNT, None),
    ("PUT", "/users/{user_id}/broker-accounts/{account_id}/secrets"): (
        TRADERS, ACCOUNT + "/secrets", {"api_key": "key1", "api_secret": "secret1"}),
    ("GET", "/users/{user_id}/broker-accounts/{account_id}/login"): (
        TRADERS, ACCOUNT + "/login", None),
    ("POST", "/users/{user_id}/broker-accounts/{account_id}/connect"): (
        TRADERS, ACCOUNT + "/connect", {"request_token": "paper"}),
    ("POST", "/users/{user_id}/broker-accounts/{account_id}/disconnect"): (
        TRADERS, ACCOUNT + "/disconnect", {}),
    ("GET", "/accounts/callback"): (OPEN, "/accounts/callback?state=none&request_token=x", None),
    ("POST", "/accounts/{account_id}/postback"): (
        OPEN, "/accounts/{account}/postback",
        {"order_id": "1", "order_timestamp": "2026-08-03 09:20:00", "checksum": "wrong"}),
    ("GET", "/accounts/{account_id}/funds"): (SIGNED_IN, "/accounts/{account}/funds", None),
    ("GET", "/accounts/{account_id}/limits"): (SIGNED_IN, "/accounts/{account}/limits", None),
    ("PUT", "/accounts/{account_id}/limits"): (TRADERS, "/accounts/{account}/limits", {}),
    ("POST", "/accounts/{account_id}/block"): (
        TRADERS, "/accounts/{account}/block", {"reason": "x"}),
    ("POST", "/accounts/{account_id}/release"): (
        TRADERS, "/accounts/{account}/release", {"reason": "x"}),
    ("POST", "/accounts/{account_id}/resolve-drift"): (
        TRADERS, "/accounts/{account}/resolve-drift",
        {"key": "NFO:X", "product": "MIS", "how": "x"}),
    ("GET", "/accounts/{account_id}/drift"): (SIGNED_IN, "/accounts/{account}/drift", None),
    ("POST", "/accounts/{account_id}/reconcile"): (TRADERS, "/accounts/{account}/reconcile", {}),
    ("POST", "/accounts/{account_id}/adopt-position"): (
        TRADERS, "/accounts/{account}/adopt-position", {"key": "NFO:X", "product": "MIS"}),
    ("POST", "/accounts/{account_id}/ignore-position"): (
        TRADERS, "/accounts/{account}/ignore-position", {"key": "NFO:X", "product": "MIS"}),
    ("POST", "/accounts/{account_id}/flatten-position"): (
        TRADERS, "/accounts/{account}/flatten-position", {"key": "NFO:X", "product": "MIS"}),
    ("GET", "/baskets"): (SIGNED_IN, "/baskets", None),
    ("POST", "/baskets"): (TRADERS, "/baskets", {"name": "x"}),
    ("GET", "/baskets/{basket_id}"): (SIGNED_IN, "/baskets/{basket}", None),
    ("PUT", "/baskets/{basket_id}"): (TRADERS, "/baskets/{basket}", {"name": "x"}),
    ("DELETE", "/baskets/{basket_id}"): (TRADERS, "/baskets/{basket}", None),
    ("POST", "/baskets/{basket_id}/activate"): (TRADERS, "/baskets/{basket}/activate", {}),
    ("POST", "/baskets/{basket_id}/deactivate"): (TRADERS, "/baskets/{basket}/deactivate", {}),
    ("GET", "/baskets/{basket_id}/strategies"): (SIGNED_IN, "/baskets/{basket}/strategies", None),
    ("POST", "/baskets/{basket_id}/strategies"): (
        TRADERS, "/baskets/{basket}/strategies", condor()),
    ("GET", "/baskets/{basket_id}/orders"): (SIGNED_IN, "/baskets/{basket}/orders", None),
    ("GET", "/strategies"): (SIGNED_IN, "/strategies", None),
    ("GET", "/strategies/{strategy_id}"): (SIGNED_IN, "/strategies/{strategy}", None),
    ("PUT", "/strategies/{strategy_id}"): (TRADERS, "/strategies/{strategy}", condor()),
    ("DELETE", "/strategies/{strategy_id}"): (TRADERS, "/strategies/{strategy}", None),
    ("POST", "/strategies/{strategy_id}/activate"): (
        TRADERS, "/strategies/{strategy}/activate", {}),
    ("POST", "/strategies/{strategy_id}/deactivate"): (
        TRADERS, "/strategies/{strategy}/deactivate", {}),
    ("POST", "/strategies/{strategy_id}/duplicate"): (
        TRADERS, "/strategies/{strategy}/duplicate", {}),
    ("GET", "/strategies/{strategy_id}/versions"): (
        SIGNED_IN, "/strategies/{strategy}/versions", None),
    ("GET", "/strategies/{strategy_id}/versions/{version}"): (
        SIGNED_IN, "/strategies/{strategy}/versions/1", None),
    ("POST", "/strategies/{strategy_id}/versions/{version}/restore"): (
        TRADERS, "/strategies/{strategy}/versions/1/restore", {}),
    ("GET", "/strategies/{strategy_id}/schedule"): (
        SIGNED_IN, "/strategies/{strategy}/schedule", None),
    ("GET", "/strategies/{strategy_id}/orders"): (SIGNED_IN, "/strategies/{strategy}/orders", None),
    ("GET", "/strategies/{strategy_id}/runs"): (SIGNED_IN, "/strategies/{strategy}/runs", None),
    ("POST", "/strategies/{strategy_id}/runs"): (TRADERS, "/strategies/{strategy}/runs", {}),
    ("GET", "/runs"): (SIGNED_IN, "/runs", None),
    ("GET", "/runs/due"): (SIGNED_IN, "/runs/due", None),
    ("GET", "/runs/reasons"): (SIGNED_IN, "/runs/reasons", None),
    ("GET", "/runs/{run_id}"): (SIGNED_IN, RUN, None),
    ("GET", "/runs/{run_id}/orders"): (SIGNED_IN, RUN + "/orders", None),
    ("GET", "/runs/{run_id}/limits"): (SIGNED_IN, RUN + "/limits", None),
    ("POST", "/runs/{run_id}/exit"): (TRADERS, RUN + "/exit", {}),
    ("GET", "/orders"): (SIGNED_IN, "/orders", None),
    ("GET", "/orders/{order_id}"): (SIGNED_IN, ORDER, None),
    ("GET", "/orders/{order_id}/why"): (SIGNED_IN, ORDER + "/why", None),
    ("PUT", "/orders/{order_id}"): (TRADERS, ORDER, {"price": 10, "tag": "NONE"}),
    ("POST", "/orders/{order_id}/cancel"): (TRADERS, ORDER + "/cancel", {}),
    ("POST", "/orders/{order_id}/absent"): (
        TRADERS, ORDER + "/absent", {"tag": "NONE", "why": "x"}),
    ("POST", "/orders/{order_id}/filled"): (
        TRADERS, ORDER + "/filled",
        {"tag": "NONE", "quantity": 65, "average_price": 10, "why": "x"}),
    ("GET", "/positions"): (SIGNED_IN, "/positions", None),
    ("POST", "/positions/exit"): (
        TRADERS, "/positions/exit", {"account_id": "{account}", "key": "NFO:X"}),
    ("GET", "/pnl/daily"): (SIGNED_IN, "/pnl/daily", None),
    ("GET", "/pnl/now"): (SIGNED_IN, "/pnl/now", None),
    ("GET", "/pnl/limits"): (SIGNED_IN, "/pnl/limits", None),
    ("GET", "/market/session"): (SIGNED_IN, "/market/session", None),
    ("GET", "/market/underlyings"): (SIGNED_IN, "/market/underlyings", None),
    ("GET", "/market/expiries/{underlying}"): (SIGNED_IN, "/market/expiries/NIFTY", None),
    ("GET", "/market/chain/{underlying}"): (SIGNED_IN, "/market/chain/NIFTY", None),
    ("POST", "/preview/payoff"): (SIGNED_IN, "/preview/payoff", {"definition": condor()}),
    ("POST", "/preview/margin"): (SIGNED_IN, "/preview/margin", {"definition": condor()}),
    ("POST", "/preview/schedule"): (SIGNED_IN, "/preview/schedule", condor()),
    ("GET", "/audit"): (AUDITORS, "/audit?actor={other}", None),
    ("GET", "/audit/verify"): (AUDITORS, "/audit/verify", None),
    ("GET", "/audit/export"): (AUDITORS, "/audit/export?actor={other}", None),
    ("GET", "/audit/why"): (SIGNED_IN, "/audit/why?stream={user}&version=1", None),
    ("GET", "/streams/{stream_id}"): (SIGNED_IN, "/streams/{user}", None),
    ("GET", "/streams/{stream_id}/verify"): (SIGNED_IN, "/streams/{user}/verify", None),
    ("GET", "/inbox"): (SIGNED_IN, "/inbox", None),
    ("POST", "/inbox/acknowledge"): (SIGNED_IN, "/inbox/acknowledge", {"notices": ["x"]}),
    ("GET", "/notifications/targets"): (SIGNED_IN, "/notifications/targets", None),
    ("PUT", "/notifications/targets/{name}"): (
        SIGNED_IN, "/notifications/targets/chat", {"url": "nowhere://to.be/found"}),
    ("DELETE", "/notifications/targets/{name}"): (
        SIGNED_IN, "/notifications/targets/chat", None),
    ("POST", "/notifications/test"): (SIGNED_IN, "/notifications/test", {}),
    ("GET", "/stream"): (SIGNED_IN, "/stream?seconds=0", None),
}  # fmt: skip


def endpoints() -> Iterator[tuple[str, str]]:
    for noun in NOUNS:
        for route in noun.router.routes:
            assert isinstance(route, APIRoute)
            yield from ((method, route.path) for method in route.methods or ())


def test_every_endpoint_has_a_row() -> None:
    assert set(endpoints()) == set(MATRIX)


@dataclass
class Crowd:
    """One person of each role, and the things that somebody owns."""

    practice: Practice
    people: dict[str, Person]
    things: dict[str, str]

    def call(self, role: str, method: str, path: str, body: Json | None) -> Response:
        """Call as that role, signed in afresh, about one's own things where one has any."""
        self.practice.wall += timedelta(seconds=2)  # nobody signs in sixty times a minute
        person = self.people.get(role)
        client = self.practice.anybody()
        own = dict(self.things)
        if person is not None:
            person.sign_in()
            client = person.client
            own |= {"user": person.user_id, "account": person.account_id}
        filled = {k: v.format(**own) if v == "{account}" else v for k, v in (body or {}).items()}
        sent = None if body is None else filled
        response: Response = client.request(method, path.format(**own), json=sent)
        return response


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    practice = Practice(tmp_path_factory.mktemp("roles"))
    owner = practice.admit("owner@example.com", Role.TRADER)
    basket, strategy = owner.active_condor()
    things = {
        "basket": basket,
        "strategy": strategy,
        "run": f"RUN-{strategy}-{owner.account_id}-20260803T092000",
        "other": practice.admit("other@example.com", Role.VIEWER).user_id,
        "user": owner.user_id,
        "account": owner.account_id,
    }
    people: dict[str, Person] = {role: practice.admit(f"{role}@example.com", role) for role in Role}
    return Crowd(practice, people, things)


def kind_of(response: Response) -> str | None:
    """The problem's kind; None where there is none."""
    if response.headers.get("content-type") != "application/problem+json":
        return None
    return str(response.json()["type"]).removeprefix("urn:atp:problem:")


@pytest.mark.parametrize("role", ["nobody", *Role])
@pytest.mark.parametrize("endpoint", MATRIX, ids=" ".join)
def test_a_role_may_do_what_it_may_and_nothing_else(
    crowd: Crowd, endpoint: tuple[str, str], role: str
) -> None:
    allowed, path, body = MATRIX[endpoint]

    response = crowd.call(role, endpoint[0], path, body)

    kind = kind_of(response)
    if role in allowed:
        assert kind not in ("forbidden", "not-signed-in", "internal-error"), response.text
    elif role == "nobody":
        assert (response.status_code, kind) == (401, "not-signed-in")
    else:
        assert (response.status_code, kind) == (403, "forbidden"), response.text


#: What somebody may do who has not chosen a password yet.
BEFORE = frozenset(
    (
        ("GET", "/health"),
        ("POST", "/accounts/{account_id}/postback"),
        ("POST", "/auth/login"),
        ("POST", "/auth/refresh"),
        ("POST", "/auth/logout"),
        ("POST", "/auth/password"),
        ("GET", "/accounts/callback"),
    )
)


@pytest.mark.parametrize("endpoint", MATRIX, ids=" ".join)
def test_before_choosing_a_password_nothing_else_is_done(
    crowd: Crowd, endpoint: tuple[str, str]
) -> None:
    _, path, body = MATRIX[endpoint]
    admin = crowd.people[Role.ADMIN]
    crowd.practice.wall += timedelta(seconds=2)
    told = crowd.practice.identity.reset(admin.user_id)

    sent = {"email": admin.email, "password": told}
    token = admin.client.post("/auth/login", json=sent).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    path = path.format(**crowd.things)
    response = crowd.practice.anybody().request(endpoint[0], path, json=body, headers=headers)
    crowd.practice.identity.change_password(admin.user_id, told, PASSWORD)

    assert (kind_of(response) == "password-change-required") is (endpoint not in BEFORE)
