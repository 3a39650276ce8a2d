"""Whether a platform that was just deployed is well: what any client would see of it.

`python -m scripts.smoke URL`, with `--desk` where the desk is shown there; with ATP_SMOKE_EMAIL,
ATP_SMOKE_PASSWORD and, where codes are asked for, ATP_SMOKE_TOTP (an authenticator's secret)
somebody also signs in: a viewer, who can trade nothing. Exit codes: 0 all is well, 1 something is
not.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import httpx
import pyotp

from adapters.api.desk import POLICY
from scripts.pages import FOR_EVER

#: A token that nobody signed: {"alg": "none"}, for nobody in particular.
UNSIGNED: Final = "eyJhbGciOiJub25lIn0." + "eyJzdWIiOiJVU0VSLTEifQ."
PROBLEM: Final = "application/problem+json"
SNIFF: Final = "nosniff"
#: How long a deployment may take to be felt, and between two looks.
PATIENCE_S, PAUSE_S = 60.0, 3.0


class Unwell(Exception):
    """The platform is not as it should be; the message says in what."""


@dataclass(frozen=True)
class Visitor:
    """Who signs in to look around."""

    email: str
    password: str = field(repr=False)
    totp: str | None = field(default=None, repr=False)

    @classmethod
    def of_environment(cls) -> Visitor | None:
        email, password = os.environ.get("ATP_SMOKE_EMAIL"), os.environ.get("ATP_SMOKE_PASSWORD")
        if not email or not password:
            return None
        return cls(email, password, os.environ.get("ATP_SMOKE_TOTP"))

    def credentials(self, now: datetime) -> dict[str, str]:
        told = {"email": self.email, "password": self.password}
        return told | ({"otp": pyotp.TOTP(self.totp).at(now)} if self.totp else {})


def expect(what: str, said: object, wanted: object) -> None:
    """Raises Unwell."""
    if said != wanted:
        raise Unwell(f"{what}: {said!r}, expected {wanted!r}")


def refused(answer: httpx.Response, status: int) -> None:
    """It was refused, in the form of all refusals; raises Unwell."""
    path = answer.request.url.path
    expect(path, answer.status_code, status)
    expect(f"{path} content type", answer.headers.get("content-type", "").split(";")[0], PROBLEM)


def healthy(client: httpx.Client) -> str:
    """The schedule beats."""
    answer = client.get("/health")
    expect("/health", answer.status_code, 200)
    status = answer.json()["status"]
    if status not in ("ok", "degraded"):
        raise Unwell(f"/health says {status}")
    return str(status)


def documented(client: httpx.Client) -> str:
    """What may be asked is told."""
    found: dict[str, Any] = client.get("/openapi.json").json()  # Any: JSON
    expect("title of the API", found["info"]["title"], "Algo Trading Platform")
    return f"{len(found['paths'])} paths, version {found['info']['version']}"


def closed(client: httpx.Client) -> str:
    """Nobody gets in without a token, nor with one that nobody signed."""
    for headers in ({}, {"Authorization": f"Bearer {UNSIGNED}"}, {"Authorization": "Basic eDp4"}):
        for path in ("/baskets", "/users/profile", "/audit"):
            refused(client.get(path, headers=headers), 401)
    wrong = {"email": "nobody@example.com", "password": "no such password"}
    refused(client.post("/auth/login", json=wrong), 401)
    return "401 for all who are not signed in"


def private(client: httpx.Client) -> str:
    """Answers are neither kept nor framed nor guessed at, and over TLS they stay there."""
    answer = client.get("/health")
    expect("Cache-Control", answer.headers.get("cache-control"), "no-store")
    expect("X-Content-Type-Options", answer.headers.get("x-content-type-options"), "nosniff")
    if client.base_url.scheme == "https" and "strict-transport-security" not in answer.headers:
        raise Unwell("Strict-Transport-Security is missing")
    return "headers as they should be"


def shown(client: httpx.Client) -> str:
    """The desk is there, under its policy, and finds what it asks for."""
    answer = client.get("/")
    expect("/", answer.status_code, 200)
    expect("policy of the desk", answer.headers.get("content-security-policy"), POLICY)
    expect(
        "X-Content-Type-Options of the desk", answer.headers.get("x-content-type-options"), SNIFF
    )
    assets = re.findall(r'(?:src|href)="(/assets/[^"]+)"', answer.text)
    if not any(each.endswith(".js") for each in assets):
        raise Unwell("the desk's page asks for no script")
    for each in assets:
        found = client.get(each)
        expect(each, found.status_code, 200)
        expect(f"{each} Cache-Control", found.headers.get("cache-control"), FOR_EVER)
    return f"a page and {len(assets)} files"


def lived_in(client: httpx.Client, visitor: Visitor, now: datetime) -> str:
    """Somebody signs in, looks around, may change nothing, and signs out."""
    login = client.post("/auth/login", json=visitor.credentials(now))
    expect("signing in", login.status_code, 200)
    headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
    profile = client.get("/users/profile", headers=headers)
    expect("/users/profile", profile.status_code, 200)
    expect("roles of whoever signs in here", profile.json()["roles"], ["viewer"])
    for path in ("/baskets", "/strategies", "/runs", "/orders", "/market/session"):
        expect(path, client.get(path, headers=headers).status_code, 200)
    refused(client.post("/baskets", json={"name": "smoke"}, headers=headers), 403)
    expect("signing out", client.post("/auth/logout", headers=headers).status_code, 204)
    return "a viewer looked around"


def smoke(
    client: httpx.Client, visitor: Visitor | None, now: Callable[[], datetime], *, desk: bool
) -> Iterator[str]:
    """One line for each thing that is well; raises Unwell at the first that is not."""
    looks = (healthy, documented, closed, private)
    for look in (*looks, shown) if desk else looks:
        yield f"{look.__name__}: {look(client)}"
    if visitor is not None:
        yield f"{lived_in.__name__}: {lived_in(client, visitor, now())}"


def well(
    url: str,
    visitor: Visitor | None = None,
    *,
    desk: bool = False,
    patience_s: float = PATIENCE_S,
    pause_s: float = PAUSE_S,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    say: Callable[[str], None] = print,
) -> bool:
    """Whether all is well within that time; says what is, and at last what is not."""
    until = time.monotonic() + patience_s
    while True:
        try:
            with httpx.Client(base_url=url.rstrip("/"), timeout=20) as client:
                told = list(smoke(client, visitor, now, desk=desk))
        except (Unwell, httpx.HTTPError, ValueError, LookupError) as trouble:
            if time.monotonic() + pause_s >= until:
                say(f"NOT well: {type(trouble).__name__}: {trouble}")
                return False
            time.sleep(pause_s)
        else:
            for line in told:
                say(line)
            return True


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts.smoke", description="Is a platform well?")
    parser.add_argument("url")
    parser.add_argument("--patience", type=float, default=PATIENCE_S, help="seconds")
    parser.add_argument("--desk", action="store_true", help="the desk is shown there as well")
    asked = parser.parse_args(arguments)
    visitor = Visitor.of_environment()
    return 0 if well(asked.url, visitor, desk=asked.desk, patience_s=asked.patience) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
