"""After a day with logins, faults and notifications no secret is anywhere but in the vault."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest

from adapters.rehearsal import Rehearsal
from adapters.simulators.kite.faults import Fault, FaultKind
from adapters.simulators.kite.process import KiteProcess, start_kite_process
from adapters.simulators.kite.spec import KiteSpec
from adapters.vault.file import FileVault
from domain.calendar import at_ist
from tests.live.own_process import VAULT_KEY, LiveProcess, unguessable
from tests.live.stage import RULES, wait
from tests.live.trader import API_SECRET, DAY, PASSWORD, condor

SPEED = 30.0


class Web:
    """Somewhere outside: it takes notifications and heartbeats, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
                web.asked.append(f"{self.path} {body}")
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                web.asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def heard(self, secret: str) -> bool:
        return any(secret in each for each in self.asked)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def web() -> Iterator[Web]:
    made = Web()
    yield made
    made.close()


@pytest.fixture
def rehearsal() -> Rehearsal:
    begin = datetime.now(UTC) + timedelta(seconds=4)
    return Rehearsal(wall_start=begin, market_start=at_ist(DAY, time_of_day(9, 14)), speed=SPEED)


@pytest.fixture
def kite(tmp_path: Path, rehearsal: Rehearsal) -> Iterator[KiteProcess]:
    told = {"rules": RULES, **rehearsal.model_dump()}
    started = start_kite_process(tmp_path / "kite", KiteSpec.model_validate(told))
    yield started
    started.stop()


@pytest.fixture
def hook() -> str:
    return unguessable("hook")


@pytest.fixture
def heart() -> str:
    return unguessable("heart")


@pytest.fixture
def platform(
    tmp_path: Path, kite: KiteProcess, rehearsal: Rehearsal, web: Web, heart: str
) -> Iterator[LiveProcess]:
    beat = f"http://{web.place}/{heart}"
    started = LiveProcess(tmp_path, kite, rehearsal, ATP_HEARTBEAT_URL=beat)
    yield started
    started.close()


def troubled_day(platform: LiveProcess, hook: str, web: Web) -> list[str]:
    """A day on which everything is said that may be said; answers the tokens of it."""
    trader, kite = platform.trader, platform.kite
    target = {"url": f"json://{web.place}/{hook}"}
    assert trader.asked("PUT", "/notifications/targets/hook", target).status_code == 200
    account_id = trader.link()
    trader.keep("wrong0secret0of0this0trader0001")
    refused = trader.at_kite()
    trader.asked("POST", f"{trader.path}/connect", refused)
    trader.keep(API_SECRET)
    first, second = trader.at_kite(), trader.at_kite()
    trader.asked("POST", f"{trader.path}/connect", first)
    trader.post(f"{trader.path}/connect", second)
    tokens = [access_token(platform)]
    trader.await_lists()
    trader.trade(account_id, condor(*trader.times(2, 7)))
    wait(lambda: stages(platform) == ["OPEN"], "the entry")
    for kind in (FaultKind.PAGE, FaultKind.NO_ERROR_TYPE, FaultKind.RESET, FaultKind.ERROR):
        kite.inject(Fault(kind=kind, path="/user/margins*", error_type="OrderException"))
        trader.asked("GET", f"/accounts/{account_id}/funds")
    kite.expire_session(account_id)
    wait(lambda: status_of(platform) == "EXPIRED", "the loss of the session")
    trader.asked("GET", f"/accounts/{account_id}/funds")
    last = trader.at_kite()
    trader.post(f"{trader.path}/connect", last)
    trader.post("/notifications/test")
    wait(lambda: stages(platform) == ["CLOSED"], "the exit")
    wait(lambda: web.heard(hook), "a notification")
    tokens.append(access_token(platform))
    return [*tokens, *(each["request_token"] for each in (refused, first, second, last))]


def access_token(platform: LiveProcess) -> str:
    """Of the session that is open now, as only the vault knows it."""
    vault = FileVault(platform.home / "vault.json", b64decode(VAULT_KEY))
    return vault.read(f"zerodha/{platform.trader.account_id}/session")["access_token"]


def stages(platform: LiveProcess) -> list[str]:
    return [str(each["stage"]) for each in platform.trader.get("/runs")["items"]]


def status_of(platform: LiveProcess) -> str:
    return str(platform.trader.get(platform.trader.path)["status"])


def everything_asked(platform: LiveProcess) -> None:
    """Every list that the API has is heard once more."""
    trader = platform.trader
    for path in (
        trader.path, f"/users/{trader.user_id}/broker-accounts", "/runs", "/orders", "/positions",
        "/audit", "/audit/verify", "/inbox", "/health", "/openapi.json", "/users/profile",
        "/notifications/targets", f"/accounts/{trader.account_id}/drift",
        f"/accounts/{trader.account_id}/funds", "/pnl/daily", "/baskets",
    ):  # fmt: skip
        answer = trader.asked("GET", path)
        assert answer.status_code < 500, (path, answer.text)


def spellings(secret: str) -> set[bytes]:
    """The secret as it may stand in a text, in a URL, or in JSON."""
    return {each.encode() for each in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1])}


def found(secrets: Mapping[str, str], texts: Iterator[tuple[str, bytes]]) -> list[str]:
    """Where which secret is; its name only."""
    return [
        f"{name} is in {where}"
        for where, text in texts
        for name, secret in secrets.items()
        if any(spelling in text for spelling in spellings(secret))
    ]


def texts_of(platform: LiveProcess, web: Web, hook: str, heart: str) -> Iterator[tuple[str, bytes]]:
    """Every file of the home, everything that was said, answered, or sent elsewhere."""
    for path in sorted(platform.home.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(platform.home)), path.read_bytes()
    yield "what it said", platform.said.read_bytes()
    yield "an answer of the API", "\n".join(platform.trader.heard).encode()
    elsewhere = "\n".join(web.asked).replace(f"/{hook}", "").replace(f"/{heart}", "")
    yield "a notification", elsewhere.encode()


def test_after_a_troubled_day_no_secret_is_anywhere_but_in_the_vault(
    platform: LiveProcess, web: Web, hook: str, heart: str
) -> None:
    tokens = troubled_day(platform, hook, web)
    everything_asked(platform)
    for words in (("account", "list"), ("run", "list"), ("audit", "show"), ("halt", "show")):
        platform.trader.heard.append(platform.command(*words))
    wait(lambda: web.heard(heart), "a heartbeat")

    ended = platform.end()

    secrets = {
        "the app's secret": API_SECRET,
        "the wrong secret": "wrong0secret0of0this0trader0001",
        "the vault's key": VAULT_KEY,
        "the vault's key in hex": b64decode(VAULT_KEY).hex(),
        "the address of notifications": hook,
        "the address of the heartbeat": heart,
        "the password": PASSWORD,
        **{f"token {n}": token for n, token in enumerate(tokens)},
    }
    assert ended == 0, platform.words()
    assert found(secrets, texts_of(platform, web, hook, heart)) == []
    assert found(secrets, iter([("this", API_SECRET.encode())])) == ["the app's secret is in this"]
