"""A trader with an account at Zerodha, and a Kite on this machine to log in at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx
from httpx import Response

from adapters.brokers.zerodha.broker import ZerodhaBroker
from adapters.simulators.kite.simulator import KiteSimulator
from domain.account import BrokerAccount
from tests.adapters.api.practice import Json, Person, Practice, made, ok

API_KEY, API_SECRET = "kitekey1", "kitesecret-that-nobody-may-see"
KEYS = {"api_key": API_KEY, "api_secret": API_SECRET}


@dataclass
class House:
    """Zerodha for one trader's account, with the platform in front of it."""

    practice: Practice
    kite: KiteSimulator
    trader: Person
    account_id: str

    @property
    def path(self) -> str:
        return f"/users/{self.trader.user_id}/broker-accounts/{self.account_id}"

    @property
    def account(self) -> BrokerAccount:
        return self.practice.platform.trading.load(self.account_id, BrokerAccount)

    def login_url(self) -> str:
        return str(ok(self.trader.get(self.path + "/login"))["login_url"])

    def at_kite(self, login_url: str) -> dict[str, str]:
        """Log in at Kite, which answers with what the redirect carries."""
        sent_back = httpx.get(login_url, follow_redirects=False).headers["Location"]
        return {name: each[0] for name, each in parse_qs(urlsplit(sent_back).query).items()}

    def connect(self) -> Json:
        """Log in as a client does that was sent back itself."""
        carried = self.at_kite(self.login_url())
        body = {"request_token": carried["request_token"], "state": carried["state"]}
        return ok(self.trader.post(self.path + "/connect", body))

    def funds(self) -> Response:
        return self.trader.get(f"/accounts/{self.account_id}/funds")

    def facts(self) -> list[str]:
        """What happened to the account."""
        history = self.practice.platform.trading.history(self.account_id)
        return [type(event).__name__ for event in history]

    def pass_chores(self) -> None:
        """Let the engine do what is due."""
        self.practice.platform.engine.turn(self.practice.clock.now())


@contextmanager
def opened(practice: Practice, trader: Person) -> Iterator[House]:
    """The trader links an account, whose keys nobody knows yet."""
    kite = KiteSimulator(practice.exchange, practice.market, practice.clock)
    kite.start()
    try:
        sent = {"broker": "zerodha", "account_name": "Mine", "static_ip": "203.0.113.7"}
        path = f"/users/{trader.user_id}/broker-accounts"
        account_id = str(made(trader.post(path, sent))["account_id"])
        places = {"root": kite.root, "login": kite.root}
        broker = ZerodhaBroker(account_id, places, practice.care.vault)
        practice.serve(account_id, broker)
        kite.add_app(account_id, API_KEY, API_SECRET, "AB1234")
        yield House(practice, kite, trader, account_id)
    finally:
        kite.stop()
